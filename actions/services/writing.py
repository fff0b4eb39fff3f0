"""What every gesture on a plan does first: take the plan as it is now and check that it can still be written."""

from actions.models import FROZEN, ActionPlan
from ctg_site.lib.errors import RuleBroken


def locked(plan: ActionPlan) -> ActionPlan:
    """The plan as it is now, kept for this transaction, with what the rules of a gesture read: no page is drawn from it."""
    return ActionPlan.objects.select_for_update(of=("self",)).select_related("diagnosis__ctg__caf").get(pk=plan.pk)


def draft(plan: ActionPlan) -> ActionPlan:
    """The locked plan, refused once adopted."""
    plan = locked(plan)
    if plan.is_adopted:
        raise RuleBroken(FROZEN)
    return plan
