"""An adopted plan is reopened as a new version: the old one stays as it was adopted, whole and readable."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import models, transaction
from simple_history.utils import bulk_create_with_history

from actions.models import Action, ActionPlan, Objective
from actions.services.writing import locked
from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.dates import french_date
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked

Follow = Callable[[ActionPlan, ActionPlan], None]
FOLLOWERS: list[Follow] = []
ACTION_ROWS = ("partnerships", "steps", "costs", "financings", "in_kind", "levers", "marks", "opinions", "targets")
ACTION_LINKS = ("themes", "findings", "communes")


def on_reopening(follow: Follow) -> None:
    """For the rooms above: what hangs on the plan follows its new version, or refuses that it be reopened."""
    FOLLOWERS.append(follow)


@transaction.atomic
def reopen_plan(plan: ActionPlan, *, reason: str, by: User | None, on: date, back_to: str = "adopted") -> ActionPlan:
    """``back_to`` is the first closure to be decided again; those before it keep their decision."""
    plan = locked(plan)
    _refuse_reopening(plan, reason, on)
    new = ActionPlan(diagnosis=plan.diagnosis, version=plan.version + 1, previous=plan, reopened_on=on)
    new.reopening_reason, new.introduction, new.level_names = reason.strip(), plan.introduction, plan.level_names
    for closure in ActionPlan.CLOSURES[: ActionPlan.CLOSURES.index(back_to)]:
        setattr(new, f"{closure}_on", getattr(plan, f"{closure}_on"))
        setattr(new, f"{closure}_decision", getattr(plan, f"{closure}_decision"))
    save_checked(new, by=by)
    _copy_actions(plan, new, _copy_objectives(plan, new, by), by)
    for follow in FOLLOWERS:
        follow(plan, new)
    record(by, "plan.reopened", new, ctg=new.ctg, reason=new.reopening_reason, version=new.version, back_to=back_to)
    return new


def _refuse_reopening(plan: ActionPlan, reason: str, on: date) -> None:
    if plan.adopted_on is None:
        raise RuleBroken("Le plan n’est pas adopté : il se modifie sans être rouvert.")
    if plan.signed_on:
        raise RuleBroken("Le plan est signé : il se modifie par un avenant à la convention, pas par une réouverture.")
    if ActionPlan.objects.filter(previous=plan).exists():
        raise RuleBroken("Une version plus récente de ce plan existe déjà : c’est elle qui se modifie.")
    if not reason.strip():
        raise RuleBroken("Dites pourquoi le plan est rouvert : le motif reste dans son histoire.")
    if on < plan.adopted_on:
        raise RuleBroken(f"Le plan ne se rouvre pas avant d’avoir été adopté, le {french_date(plan.adopted_on)}.")


def _copy_objectives(plan: ActionPlan, new: ActionPlan, by: User | None) -> dict[int, Objective]:
    """Level by level, so that each finds its parent; old number → new row."""
    copies: dict[int, Objective] = {}
    rows = list(plan.objectives.prefetch_related("priorities").order_by("pk"))
    priorities = {row.pk: list(row.priorities.all()) for row in rows}
    while rows:
        level = [row for row in rows if row.parent_id is None or row.parent_id in copies]
        rows = [row for row in rows if row not in level]
        made = _create([_copy(row, plan=new, parent=copies.get(row.parent_id or 0)) for row in level], by)
        copies.update(zip([row.pk for row in level], made, strict=True))
    for pk, chosen in priorities.items():
        copies[pk].priorities.set(chosen)
    return copies


def _copy_actions(plan: ActionPlan, new: ActionPlan, objectives: dict[int, Objective], by: User | None) -> None:
    parts: list[str] = [*ACTION_ROWS, *ACTION_LINKS]
    rows = list(plan.actions.prefetch_related(*parts).order_by("pk"))
    made = _create([_copy(row, plan=new, objective=objectives[row.objective_id]) for row in rows], by)
    copies = dict(zip([row.pk for row in rows], made, strict=True))
    for name in ACTION_ROWS:
        model: Any = Action._meta.get_field(name).related_model
        model._base_manager.bulk_create(
            [_copy(part, action=copies[row.pk]) for row in rows for part in getattr(row, name).all()]
        )
    for name in ACTION_LINKS:
        _copy_links(name, rows, copies)


def _create(rows: list[Any], by: User | None) -> list[Any]:
    """With the first line of their history."""
    return bulk_create_with_history(rows, type(rows[0]), default_user=by) if rows else []


def _copy_links(name: str, rows: list[Action], copies: dict[int, Action]) -> None:
    through = getattr(Action, name).through
    target = Action._meta.get_field(name).m2m_reverse_field_name()  # type: ignore[union-attr]
    through.objects.bulk_create(
        [
            through(**{"action": copies[row.pk], f"{target}_id": linked.pk})
            for row in rows
            for linked in getattr(row, name).all()
        ]
    )


def _copy(row: models.Model, **changes: Any) -> Any:
    """The same row with its key, in the new version."""
    values = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    copy = type(row)(**values)
    for name, value in changes.items():
        setattr(copy, name, value)
    return copy
