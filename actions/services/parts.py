"""The rows of a fiche: steps, partners with their role, contributions in kind, levers of the Caf."""

from collections.abc import Iterable

from django.db import transaction

from actions.models import Action, ActionPlan, InKind, Lever, Partnership, Step
from actions.services.money import refuse_a_year_outside
from actions.services.writing import draft
from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked

Part = Step | Partnership | InKind | Lever


@transaction.atomic
def save_part(part: Part, *, by: User | None) -> Part:
    plan = draft(part.action.plan)
    _refuse_a_bad_part(plan, part)
    is_new = part.pk is None
    save_checked(part, by=by)
    record(by, f"action.{part._meta.model_name}", part.action, ctg=plan.ctg, row=str(part), created=is_new)
    return part


@transaction.atomic
def delete_part(part: Part, *, by: User | None) -> None:
    plan = draft(part.action.plan)
    record(by, f"action.{part._meta.model_name}_deleted", part.action, ctg=plan.ctg, row=str(part))
    part.delete()


@transaction.atomic
def save_parts(action: Action, *, rows: Iterable[Part], deleted: Iterable[Part], by: User | None) -> None:
    """The rows of a fiche as one gesture: a row refused leaves everything as it was."""
    for row in deleted:
        delete_part(row, by=by)
    for row in rows:
        row.action = action
        save_part(row, by=by)


def _refuse_a_bad_part(plan: ActionPlan, part: Part) -> None:
    if isinstance(part, Step):
        _refuse_days_outside(plan, part)
    if isinstance(part, InKind):
        refuse_a_year_outside(plan, part.year)
    organisation = getattr(part, "organisation", None) or getattr(part, "giver", None)
    if organisation and organisation.caf_id != plan.ctg.caf_id:
        raise RuleBroken(f"« {organisation} » n’est pas dans l’annuaire de cette Caf.")


def _refuse_days_outside(plan: ActionPlan, step: Step) -> None:
    first, last = plan.ctg.starts_on, plan.ctg.ends_on
    if any(day and not first <= day <= last for day in (step.starts_on, step.due_on)):
        raise RuleBroken(
            f"L’étape « {step.title} » doit tenir dans la période de la Ctg, du {first:%d/%m/%Y} au {last:%d/%m/%Y}."
        )
