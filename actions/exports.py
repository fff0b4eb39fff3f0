"""The plan as a workbook: one sheet an object, one column a heading and how to read it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from actions.budgets import Budget, Row, Section, plan_budget
from actions.content import PlanContent
from actions.imports.columns import SheetSpec
from actions.imports.layout import IDENTIFIER
from actions.imports.marks import PLAN_MARK, plan_mark, row_mark
from actions.imports.sheets import sheet_specs
from actions.models import ActionPlan
from ctg_site.lib.sheets import Cell, Sheet, euro, workbook

Columns = Mapping[str, Callable[[Any], Any]]
HOW_TO = [
    (
        "Renvoyer ce classeur",
        "Modifiez, ajoutez des lignes, puis déposez le fichier sur la page « Classeur » du plan.",
    ),
    ("Identifiant", "Il relie la ligne au plan : ne le changez pas. Vide, la ligne est nouvelle."),
    ("Supprimer", "Une ligne retirée du classeur reste dans le plan : elle se supprime sur la page de l’action."),
    ("Montants et dates", "Des nombres et des dates d’Excel : 12000,50 et 15/12/2023."),
]


@dataclass(frozen=True)
class BudgetLine:
    section: str
    label: str
    row: Row


def plan_sheets(content: PlanContent, *, on: date, inside: bool = False) -> bytes:
    """What can be filled in Excel and sent back: a line each action, step, line of money and indicator.

    ``inside`` writes the person to call, whom the public does not read.
    """
    plan, budget = content.plan, plan_budget(content)
    sheets = [_sheet(spec, content, inside=inside) for spec in sheet_specs(plan)]
    sheets.append(
        Sheet(
            "Budget",
            budget_columns(budget),
            list(_budget_lines(budget)),
            note="Se lit seulement. Par axe puis pour le plan, sans les actions reportées ou écartées. Écart : financements moins dépenses.",
        )
    )
    title, source = f"{plan} : {state_of(plan)}", f"Plan d’actions de {plan.ctg}"
    return workbook(title, sheets, source=source, on=on, facts=[(PLAN_MARK, plan_mark(plan)), *HOW_TO])


def _sheet(spec: SheetSpec, content: PlanContent, *, inside: bool) -> Sheet:
    plan = content.plan
    identifier = {IDENTIFIER: lambda row: row_mark(plan, spec.prefix, row.pk)}
    return Sheet(spec.title, identifier | spec.written(inside=inside), spec.rows(content), note=spec.note)


def state_of(plan: ActionPlan) -> str:
    if plan.adopted_on is None:
        return "projet"
    return f"adopté le {plan.adopted_on:%d/%m/%Y} ({plan.adopted_decision})"


def budget_columns(budget: Budget) -> Columns:
    years = {f"{year}": _amount(place) for place, year in enumerate(budget.years)}
    return {
        "Partie": lambda line: line.section,
        "Ligne": lambda line: line.label,
        **years,
        "Total": lambda line: euro(line.row.total),
    }


def _budget_lines(budget: Budget) -> Iterator[BudgetLine]:
    for section in [*budget.axes, budget.whole]:
        for row in _rows(section):
            yield BudgetLine(section.label, row.label, row)
    yield BudgetLine(budget.whole.label, budget.paid.label, budget.paid)


def _rows(section: Section) -> list[Row]:
    return [*section.funders, section.funding, section.costs, section.gap]


def _amount(place: int) -> Callable[[BudgetLine], Cell]:
    return lambda line: euro(line.row.amounts[place])
