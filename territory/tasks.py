"""What the worker does for the territory once a gesture is committed: mails, and judging again what is masked everywhere."""

from django.db.models import QuerySet
from django_tasks import task

from ctg_site.lib.dates import now
from ctg_site.lib.letters import letter, send_letter
from territory.links import invitation_url
from territory.models import Caf, Invitation, Value
from territory.ranking import refresh_ranks
from territory.withholding import settle, settle_everywhere


@letter
def send_invitation(invitation_id: int, reminder: bool = False) -> None:
    """Nothing is sent to someone who has answered, or is no longer invited, since the mail was queued."""
    rows = Invitation.objects.pending().select_related("ctg__caf", "invited_by", "organisation")
    invitation = rows.filter(pk=invitation_id).first()
    if invitation is None:
        return
    context = {"invitation": invitation, "ctg": invitation.ctg, "url": invitation_url(invitation), "reminder": reminder}
    subject = f"{'Rappel : ' if reminder else ''}Invitation à la Ctg {invitation.ctg}"
    send_letter(invitation.email, subject, "territory/emails/invitation", context)
    Invitation.objects.filter(pk=invitation.pk).update(sent_at=now())


@task()
def settle_source(source_id: int, first_year: int) -> None:
    _settle(Value.objects.filter(release__source=source_id, year__gte=first_year))


@task()
def settle_indicators(ids: list[int]) -> None:
    """What they count, and of what they are parts, decides what is masked."""
    _settle(Value.objects.filter(indicator__in=ids))


@task()
def settle_cafs() -> None:
    """What each Caf brought: figures that came beside it, or sets made otherwise, may now tell what is masked."""
    for caf in Caf.objects.filter(releases__isnull=False).distinct().order_by("pk"):
        own = Value.objects.filter(release__caf=caf).order_by()
        settle(caf, own.values_list("indicator", flat=True).distinct(), own.values_list("year", flat=True).distinct())


def _settle(values: "QuerySet[Value]") -> None:
    """And the ranks of what was masked at once, which is no news to ``settle_everywhere``."""
    concerned = set(values.order_by().values_list("indicator", flat=True).distinct())
    settle_everywhere(values)
    refresh_ranks(concerned)
