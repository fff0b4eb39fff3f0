from collections.abc import Iterable

from django.db import models, transaction

from actions.content import code_key, next_code
from actions.models import Action, ActionPlan, Objective
from actions.services.writing import draft
from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.ranks import moved
from ctg_site.lib.saving import save_checked
from diagnostic.models import Priority

AXES_FIXED = (
    "Les axes sont fixés par une décision : ils ne se modifient plus, ne s’ajoutent plus et ne se suppriment plus."
)


@transaction.atomic
def save_objective(objective: Objective, *, by: User | None, priorities: Iterable[Priority] | None = None) -> Objective:
    """Write an axis or an objective; ``priorities`` replaces those it answers, None leaves them."""
    plan = draft(objective.plan)
    is_new = objective.pk is None
    _refuse_a_frozen_axis(plan, objective)
    _refuse_a_bad_parent(objective)
    if Action.objects.filter(plan=plan, code=objective.code).exists():
        raise RuleBroken(f"Le numéro {objective.code} est déjà celui d’une action du plan.")
    if is_new:
        objective.position = _last_position(objective) + 1
    save_checked(objective, by=by)
    if priorities is not None:
        _set_priorities(plan, objective, priorities)
    record(by, "objective.created" if is_new else "objective.changed", objective, ctg=plan.ctg)
    return objective


@transaction.atomic
def delete_objective(objective: Objective, *, by: User | None) -> None:
    plan = draft(objective.plan)
    _refuse_a_frozen_axis(plan, objective)
    if objective.children.exists() or objective.actions.exists():
        raise RuleBroken("Déplacez ou supprimez d’abord les objectifs et les actions qui en dépendent.")
    record(by, "objective.deleted", objective, ctg=plan.ctg)
    objective.delete()


@transaction.atomic
def move_objective(objective: Objective, *, ranks: int, by: User | None, seen_at: int | None = None) -> Objective:
    """Some places up or down among its siblings; its number stays, since minutes may quote it."""
    plan = draft(objective.plan)
    _refuse_a_frozen_axis(plan, objective)
    siblings = sorted(_siblings(objective), key=lambda sibling: (sibling.position, code_key(sibling.code)))
    siblings = moved(siblings, objective, ranks, seen_at=seen_at)
    for position, sibling in enumerate(siblings, start=1):
        sibling.position = position
    Objective.objects.bulk_update(siblings, ["position"])
    record(by, "objective.moved", objective, ctg=plan.ctg, ranks=ranks)
    return objective


def next_objective_code(plan: ActionPlan, parent: Objective | None = None) -> str:
    siblings = plan.objectives.filter(parent=parent)
    return next_code(parent.code if parent else "", siblings.values_list("code", flat=True))


def next_action_code(objective: Objective) -> str:
    return next_code(objective.code, objective.actions.values_list("code", flat=True))


def _refuse_a_frozen_axis(plan: ActionPlan, objective: Objective) -> None:
    if plan.axes_fixed_on is None:
        return
    was_axis = objective.pk is not None and Objective.objects.filter(pk=objective.pk, parent=None).exists()
    if objective.parent_id is None or was_axis:
        raise RuleBroken(AXES_FIXED)


def _refuse_a_bad_parent(objective: Objective) -> None:
    parent = objective.parent
    if objective.pk and objective.parent_id is None and objective.actions.exists():
        raise RuleBroken("Des actions en dépendent : une action se rattache à un objectif, pas à un axe.")
    if parent is None:
        return
    if parent.plan_id != objective.plan_id:
        raise RuleBroken("Cet axe appartient à un autre plan.")
    if parent.actions.exists():
        raise RuleBroken(f"Des actions sont déjà rattachées à « {parent} » : déplacez-les avant de le subdiviser.")
    if _is_inside(parent, objective):
        raise RuleBroken("Un objectif ne peut pas être rangé dans lui-même.")
    if parent.level + 1 + _height(objective) > objective.plan.depth:
        raise RuleBroken(f"Le projet de territoire a {objective.plan.depth} niveaux au plus.")


def _is_inside(place: Objective | None, objective: Objective) -> bool:
    while place is not None:
        if objective.pk is not None and place.pk == objective.pk:
            return True
        place = place.parent
    return False


def _height(objective: Objective) -> int:
    """How many levels it takes by itself."""
    if objective.pk is None:
        return 1
    return 1 + max((_height(child) for child in objective.children.all()), default=0)


def _siblings(objective: Objective) -> models.QuerySet[Objective]:
    return Objective.objects.filter(plan_id=objective.plan_id, parent_id=objective.parent_id)


def _last_position(objective: Objective) -> int:
    return _siblings(objective).aggregate(last=models.Max("position"))["last"] or 0


def _set_priorities(plan: ActionPlan, objective: Objective, priorities: Iterable[Priority]) -> None:
    chosen = list(priorities)
    if any(priority.diagnosis_id != plan.diagnosis_id for priority in chosen):
        raise RuleBroken("Une de ces priorités n’appartient pas au diagnostic de ce plan.")
    objective.priorities.set(chosen)
