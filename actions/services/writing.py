"""What every gesture on a plan does first: take the plan, check that it can still be written, say no in French."""

from django.core.exceptions import ValidationError
from django.db import models

from actions.models import ActionPlan
from ctg_site.lib.errors import RuleBroken

FROZEN = "Le plan est adopté : il ne se modifie plus. Seuls les montants réalisés s’enregistrent encore."


def locked(plan: ActionPlan) -> ActionPlan:
    """The plan as it is now, kept for this transaction."""
    return ActionPlan.objects.select_for_update(of=("self",)).for_page().get(pk=plan.pk)


def draft(plan: ActionPlan) -> ActionPlan:
    """The locked plan, refused once adopted."""
    plan = locked(plan)
    if plan.is_adopted:
        raise RuleBroken(FROZEN)
    return plan


def write(row: models.Model, *, exclude: tuple[str, ...] = ()) -> None:
    """Save a row that its own constraints accept; otherwise refuse with their sentences."""
    try:
        row.full_clean(exclude=exclude)
    except ValidationError as error:
        raise RuleBroken(" ".join(error.messages), missing=error.messages) from error
    row.save()
