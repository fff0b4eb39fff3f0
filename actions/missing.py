"""What a plan lacks before each of its four closures: one list, shown on the page and refused by the service."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import prefetch_related_objects

from actions.budgets import balances
from actions.content import PlanContent, read_plan

if TYPE_CHECKING:
    from actions.models import Action, ActionPlan


@dataclass(frozen=True)
class Lack:
    """A sentence, and where to go to mend it; no place when only a committee can."""

    text: str
    place: str = ""
    pk: int | None = None


def texts_before(plan: "ActionPlan", closure: str) -> list[str]:
    return [lack.text for lack in read_lacks(plan, closure)]


def read_lacks(plan: "ActionPlan", closure: str) -> list[Lack]:
    return lacks_before(closure, read_plan(plan, without=("funders",)))


def lacks_before(closure: str, content: PlanContent) -> list[Lack]:
    return list(BEFORE[closure](content))


def _before_axes(content: PlanContent) -> Iterator[Lack]:
    if not content.plan.diagnosis.is_validated:
        yield Lack("Le diagnostic partagé n’est pas encore validé", "diagnosis")
    if not content.plan.introduction.strip():
        yield Lack("Le projet de territoire n’est pas encore rédigé", "plan")
    axis_name = content.plan.level_name(0)
    if not content.axes:
        yield Lack(f"Le plan n’a encore rien au niveau « {axis_name} »", "new_objective")
    for axis in content.axes:
        if not axis.objective.priorities.all():
            text = f"{axis_name} {axis.objective.code} : aucune priorité du diagnostic n’y est rattachée"
            yield Lack(text, "objective", axis.objective.pk)


def _before_formalisation(content: PlanContent) -> Iterator[Lack]:
    if content.plan.axes_fixed_on is None:
        yield Lack("Les axes ne sont pas encore fixés")
    yield from _tree_lacks(content)
    prefetch_related_objects(content.actions, "themes")
    for action in content.counted_actions:
        yield from _fiche_lacks(content.plan, action)


def _before_costing(content: PlanContent) -> Iterator[Lack]:
    if content.plan.formalised_on is None:
        yield Lack("Le plan d’actions n’est pas encore formalisé")
    yield from _verdict_lacks(content)
    yield from _money_lacks(content)


def _before_adoption(content: PlanContent) -> Iterator[Lack]:
    """The last door looks at everything again: the plan may have been edited since the closures before it."""
    if content.plan.costed_on is None:
        yield Lack("La faisabilité et le chiffrage ne sont pas encore clos")
    yield from _tree_lacks(content)
    yield from _verdict_lacks(content)
    prefetch_related_objects(content.actions, "themes", "targets")
    for action in content.actions:
        if action.is_retained:
            yield from _fiche_lacks(content.plan, action)
    yield from _money_lacks(content)
    for action in content.actions:
        if action.is_retained:
            yield from _target_lacks(action)


def _tree_lacks(content: PlanContent) -> Iterator[Lack]:
    for node in content.nodes():
        name = f"{content.plan.level_name(node.level)} {node.objective.code}"
        if node.is_leaf and node.level == 0:
            yield Lack(f"{name} : aucun objectif", "new_objective", node.objective.pk)
        elif node.is_leaf and not node.actions:
            yield Lack(f"{name} : aucune action", "new_action", node.objective.pk)


def _fiche_lacks(plan: "ActionPlan", action: "Action") -> Iterator[Lack]:
    name = f"Action {action.code}"
    if not action.themes.all():
        yield Lack(f"{name} : il manque la thématique", "fiche_theme", action.pk)
    if action.lead_id is None:
        yield Lack(f"{name} : il manque le porteur", "fiche_lead", action.pk)
    elif action.is_draft:
        yield Lack(f"{name} : la fiche est encore un brouillon, proposez-la à l’étude", "fiche", action.pk)
    if not action.description.strip():
        yield Lack(f"{name} : il manque la description", "fiche_text", action.pk)
    if action.starts_on is None or action.ends_on is None:
        yield Lack(f"{name} : il manque la date de début ou de fin", "fiche_dates", action.pk)
    elif action.starts_on < plan.ctg.starts_on or action.ends_on > plan.ctg.ends_on:
        yield Lack(f"{name} : ses dates sortent de la période de la Ctg ({plan.ctg.period})", "fiche_dates", action.pk)


def _verdict_lacks(content: PlanContent) -> Iterator[Lack]:
    for action in content.actions:
        if action.lead_id is None:
            yield Lack(f"Action {action.code} : il manque le porteur", "fiche_lead", action.pk)
        elif action.is_undecided:
            state = action.get_verdict_display().lower()
            yield Lack(f"Action {action.code} : l’avis de faisabilité n’est pas rendu ({state})", "verdict", action.pk)
    if not any(action.is_retained for action in content.actions):
        yield Lack("Aucune action n’est retenue")


def _money_lacks(content: PlanContent) -> Iterator[Lack]:
    years = content.plan.ctg.years
    for action in content.actions:
        if not action.is_retained:
            continue
        name = f"Action {action.code}"
        if not action.costs.all():
            yield Lack(f"{name} : aucune dépense n’est chiffrée (0 € si elle ne coûte rien)", "budget", action.pk)
        for balance in balances(action):
            if balance.year not in years:
                yield Lack(
                    f"{name} : l’année {balance.year} sort de la période de la Ctg ({content.plan.ctg.period})",
                    "budget",
                    action.pk,
                )
            elif not balance.is_even:
                yield Lack(f"{name} : {balance.sentence}", "budget", action.pk)


def _target_lacks(action: "Action") -> Iterator[Lack]:
    name = f"Action {action.code}"
    targets = list(action.targets.all())
    if not targets:
        yield Lack(f"{name} : il manque un indicateur d’évaluation", "targets", action.pk)
    for target in targets:
        if target.baseline is None and not target.baseline_reason.strip():
            yield Lack(f"{name} : l’indicateur « {target.label} » n’a pas de valeur de départ", "targets", action.pk)
        if not target.source.strip():
            yield Lack(f"{name} : l’indicateur « {target.label} » n’a pas de source", "targets", action.pk)


BEFORE: dict[str, Callable[[PlanContent], Iterator[Lack]]] = {
    "axes_fixed": _before_axes,
    "formalised": _before_formalisation,
    "costed": _before_costing,
    "adopted": _before_adoption,
}
