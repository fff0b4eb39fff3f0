"""The plan as a workbook: one sheet an object, one column a heading and how to read it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from actions.budgets import Budget, Row, Section, plan_budget
from actions.content import PlanContent
from actions.models import Action, ActionPlan
from ctg_site.lib.sheets import Cell, Sheet, euro, shortest, workbook, year

Columns = Mapping[str, Callable[[Any], Any]]


@dataclass(frozen=True)
class ActionLine:
    """An action and where it stands in the tree."""

    axis: str
    objective: str
    action: Action


@dataclass(frozen=True)
class BudgetLine:
    section: str
    label: str
    row: Row


def plan_sheets(content: PlanContent, *, on: date) -> bytes:
    plan, budget = content.plan, plan_budget(content)
    actions = list(_action_lines(content))
    sheets = [
        Sheet("Actions", action_columns(plan), actions, note="Une ligne par action, dans l’ordre du plan."),
        Sheet("Dépenses", COST_COLUMNS, [cost for line in actions for cost in line.action.costs.all()]),
        Sheet(
            "Financements",
            FINANCING_COLUMNS,
            [financing for line in actions for financing in line.action.financings.all()],
            note="Le prévu et le réalisé restent côte à côte.",
        ),
        Sheet("Indicateurs", TARGET_COLUMNS, [target for line in actions for target in line.action.targets.all()]),
        Sheet(
            "Budget",
            budget_columns(budget),
            list(_budget_lines(budget)),
            note="Par axe puis pour l’ensemble du plan, sans les actions reportées ou écartées. Écart : financements moins dépenses.",
        ),
    ]
    return workbook(f"{plan} : {state_of(plan)}", sheets, source=f"Plan d’actions de {plan.ctg}", on=on)


def state_of(plan: ActionPlan) -> str:
    if plan.adopted_on is None:
        return "projet"
    return f"adopté le {plan.adopted_on:%d/%m/%Y} ({plan.adopted_decision})"


def action_columns(plan: ActionPlan) -> Columns:
    """The territory gives their names to the levels of its tree."""
    return {
        "Numéro": lambda line: line.action.code,
        "Intitulé": lambda line: line.action.title,
        plan.level_name(0): lambda line: line.axis,
        plan.level_name(1): lambda line: line.objective,
        "Description": lambda line: line.action.description,
        "Public": lambda line: line.action.audience,
        "Porteur": lambda line: line.action.lead,
        "Partenaires": lambda line: _names(line.action.partners),
        "Communes": lambda line: _names(line.action.communes) or "Tout le territoire",
        "Début": lambda line: line.action.starts_on,
        "Fin": lambda line: line.action.ends_on,
        "Avis": lambda line: line.action.get_verdict_display(),
        "Motif": lambda line: line.action.verdict_reason,
        "Coût total": lambda line: euro(line.action.cost_total),
        "Donnée de démonstration": lambda line: line.action.is_demo,
    }


COST_COLUMNS: Columns = {
    "Action": lambda cost: cost.action.code,
    "Année": lambda cost: year(cost.year),
    "Section": lambda cost: cost.get_nature_display(),
    "Poste": lambda cost: cost.label,
    "Coût": lambda cost: euro(cost.amount),
}
FINANCING_COLUMNS: Columns = {
    "Action": lambda financing: financing.action.code,
    "Année": lambda financing: year(financing.year),
    "Section": lambda financing: financing.get_nature_display(),
    "Financeur": lambda financing: financing.funder,
    "Prévu": lambda financing: euro(financing.planned),
    "Réalisé": lambda financing: euro(financing.paid),
}
TARGET_COLUMNS: Columns = {
    "Action": lambda target: target.action.code,
    "Indicateur": lambda target: target.label,
    "Unité": lambda target: target.unit,
    "Sens voulu": lambda target: target.get_direction_display(),
    "Valeur de départ": lambda target: shortest(target.baseline),
    "Pourquoi pas de valeur de départ": lambda target: target.baseline_reason,
    "Cible": lambda target: shortest(target.goal),
    "Source": lambda target: target.source,
    "Donnée de démonstration": lambda target: target.is_demo,
}


def budget_columns(budget: Budget) -> Columns:
    years = {f"{year}": _amount(place) for place, year in enumerate(budget.years)}
    return {
        "Partie": lambda line: line.section,
        "Ligne": lambda line: line.label,
        **years,
        "Total": lambda line: euro(line.row.total),
    }


def _action_lines(content: PlanContent) -> Iterator[ActionLine]:
    for axis in content.axes:
        for node in axis.walk():
            for action in node.actions:
                yield ActionLine(str(axis.objective), str(node.objective), action)


def _budget_lines(budget: Budget) -> Iterator[BudgetLine]:
    for section in [*budget.axes, budget.whole]:
        for row in _rows(section):
            yield BudgetLine(section.label, row.label, row)
    yield BudgetLine(budget.whole.label, budget.paid.label, budget.paid)


def _rows(section: Section) -> list[Row]:
    return [*section.funders, section.funding, section.costs, section.gap]


def _amount(place: int) -> Callable[[BudgetLine], Cell]:
    return lambda line: euro(line.row.amounts[place])


def _names(rows: Any) -> str:
    return ", ".join(sorted(row.name for row in rows.all()))
