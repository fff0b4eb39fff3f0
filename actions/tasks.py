"""Mails of the plan, sent by the worker once the gesture is committed."""

from django.conf import settings

from actions.models import Step
from ctg_site.accounts.models import User
from ctg_site.lib.letters import letter, send_letter


@letter
def send_late_steps(user_id: int, step_ids: list[int]) -> None:
    """What was done, or given to somebody else, since the mail was queued is left out; nothing left, nothing sent."""
    user = User.objects.get(pk=user_id)
    rows = Step.objects.filter(pk__in=step_ids, done_on=None, action__lead_user=user)
    steps = list(rows.select_related("action__plan__diagnosis__ctg").order_by("due_on", "pk"))
    if not steps:
        return
    ctg = steps[0].action.plan.ctg
    context = {"user": user, "ctg": ctg, "steps": steps, "site": settings.SITE_URL}
    subject = f"Des étapes de vos actions sont en retard – {ctg}"
    send_letter(user.email, subject, "actions/emails/late_steps", context)
