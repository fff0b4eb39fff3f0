"""Where each thing that a plan lacks is mended."""

from collections.abc import Iterable

from django.urls import reverse

from actions import perms
from actions.missing import Lack, read_lacks
from actions.models import ActionPlan
from ctg_site.accounts.models import User
from ctg_site.lib.lacks import ShownLack

STEPS = {
    "fiche_lead": "acteurs",
    "fiche_text": "contenu",
    "fiche_dates": "calendrier",
    "fiche_theme": "essentiel",
}
PAGES = {
    "plan": "actions:plan_edit",
    "diagnosis": "diagnostic:diagnosis",
    "objective": "actions:objective_edit",
    "fiche": "actions:action",
    "verdict": "actions:action_verdict",
    "budget": "actions:budget",
    "targets": "actions:target_new",
}


def shown_lacks(lacks: Iterable[Lack], user: User, plan: ActionPlan) -> list[ShownLack]:
    """Without the page for those who only read."""
    can_edit = perms.can_edit_plan(user, plan.ctg) and not plan.is_adopted
    return [ShownLack(lack.text, _url(lack, plan.ctg.slug) if can_edit else "") for lack in lacks]


def lacks_of_plan(plan: ActionPlan, user: User) -> list[ShownLack]:
    """Before the closure that comes next."""
    return shown_lacks(read_lacks(plan, plan.next_closure), user, plan) if plan.next_closure else []


def _url(lack: Lack, slug: str) -> str:
    """Nothing when only a committee can."""
    if lack.place == "new_objective":
        return f"{reverse('actions:objective_new', args=[slug])}?parent={lack.pk or ''}"
    if lack.place == "new_action":
        return f"{reverse('actions:action_new', args=[slug])}?objective={lack.pk}"
    if lack.place in STEPS:
        return reverse("actions:action_step", args=[slug, lack.pk, STEPS[lack.place]])
    page = PAGES.get(lack.place)
    return reverse(page, args=[slug, lack.pk] if lack.pk else [slug]) if page else ""
