"""What happens around the plans of the demonstration: a fiche from the library, a workbook received, a plan reopened."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from actions.imports import receive_import
from actions.models import Action, ActionPlan, Financing, ModelAction, Target
from actions.services import (
    next_action_code,
    reopen_plan,
    save_action,
    save_cost,
    save_financing,
    sources,
    submit_action,
)
from ctg_site.demonstration.rooms import Furnisher, day
from ctg_site.lib.sheets import Sheet, workbook
from territory.loading import FIXTURES


def read_plan_work(key: str) -> dict[str, Any]:
    rows = json.loads((FIXTURES / "demo" / "plan_work.json").read_text(encoding="utf-8"))
    return rows["ctgs"].get(key, {})


class Planner:
    """On the current plan of one Ctg, once its calendar is played."""

    def __init__(self, furnisher: Furnisher, key: str) -> None:
        self.furnisher, self.cast, self.data = furnisher, furnisher.cast, read_plan_work(key)
        self.plan = ActionPlan.objects.current().for_page().get(diagnosis__ctg=furnisher.ctg)

    def play(self) -> None:
        for row in self.data.get("from_library", []):
            self._take_from_library(row)
        for row in self.data.get("workbooks", []):
            self._receive(row)

    def _take_from_library(self, row: dict[str, Any]) -> None:
        source = sources.Source("model", ModelAction.objects.get(code=row["model"]))
        objective = self.plan.objectives.get(code=row["objective"])
        action = Action(
            plan=self.plan,
            objective=objective,
            code=next_action_code(objective),
            title=source.row.title,
            lead=self.cast.organisation(row["lead"]),
            starts_on=day(row["starts_on"]),
            ends_on=day(row["ends_on"]),
            is_demo=True,
        )
        themes = list(self.furnisher.ctg.groups.filter(name__in=row["themes"]))
        submit_action(
            sources.create_action(action, source=source, themes=themes, by=self.cast.operator), by=self.cast.operator
        )

    def _receive(self, row: dict[str, Any]) -> None:
        """A workbook that a person of the Ctg kept on their side, sent and looked at; nothing is applied."""
        columns = {heading: lambda cells, rank=rank: cells[rank] for rank, heading in enumerate(row["headings"])}
        content = workbook(
            "Budget", [Sheet("Actions", columns, row["rows"])], source=self.plan.ctg.name, on=self.plan.ctg.starts_on
        )
        receive_import(self.plan, name=row["name"], content=content, by=self.cast.users[row["by"]])


def reopen(furnisher: Furnisher, row: dict[str, Any]) -> None:
    """The adopted plan is opened again, changed, and what was kept of the old version is looked for in the new one."""
    old = ActionPlan.objects.current().for_page().get(diagnosis__ctg=furnisher.ctg)
    by = furnisher.cast.operator
    new = reopen_plan(old, reason=row["reason"], by=by, on=date.fromisoformat(row["on"]))
    furnisher.actions = {action.code: action for action in new.actions.select_related("plan__diagnosis__ctg")}
    targets = {target.key: target for target in Target.objects.filter(action__plan=new)}
    furnisher.targets = {name: targets[target.key] for name, target in furnisher.targets.items()}
    furnisher.payments = [(_same(furnisher, line), paid) for line, paid in furnisher.payments]
    for code, changes in row["actions"].items():
        _change(furnisher, furnisher.actions[code], changes)


def _same(furnisher: Furnisher, line: Financing) -> Financing:
    action = furnisher.actions[line.action.code]
    return action.financings.get(year=line.year, nature=line.nature, funder=line.funder)


def _change(furnisher: Furnisher, action: Action, changes: dict[str, Any]) -> None:
    by = furnisher.cast.operator
    action.ends_on = day(changes.get("ends_on")) or action.ends_on
    action.expected_results = changes.get("expected_results", action.expected_results)
    save_action(action, by=by)
    for year, amount in changes.get("costs", {}).items():
        cost = action.costs.get(year=int(year))
        cost.amount = Decimal(amount)
        save_cost(cost, by=by)
    for line in changes.get("financings", []):
        financing = action.financings.get(year=line["year"], funder=furnisher.cast.organisations[line["funder"]])
        financing.planned = Decimal(line["planned"])
        save_financing(financing, by=by)
