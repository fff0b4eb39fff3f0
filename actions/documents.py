"""The plan on paper: the annex that the convention prints, the whole plan, one fiche."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.template.loader import render_to_string

from actions.budgets import Section, action_section, plan_budget
from actions.content import PlanContent, read_plan
from actions.models import Action, ActionPlan
from actions.readings import cube, schedule


def plan_annex(plan: ActionPlan) -> dict[str, Any]:
    """For ``actions/pdf/_annex.html``, given as ``annex``: what is retained, and the budget that ties."""
    content = read_plan(plan, only_retained=True, parts=["partners", "targets"])
    return {"plan": plan, "axes": content.axes, "budget": plan_budget(content)}


@dataclass(frozen=True)
class Fiche:
    """An action and the table of its money: funders by year, balanced with the costs."""

    action: Action
    years: tuple[int, ...]
    section: Section


def plan_document(content: PlanContent, *, on: date, inside: bool) -> bytes:
    """``inside`` prints the person to call, whom the public does not read."""
    return _rendered("actions/pdf/plan.html", plan_context(content, on=on, inside=inside))


def plan_context(content: PlanContent, *, on: date, inside: bool) -> dict[str, Any]:
    found, budget = cube.plan_cube(content), plan_budget(content)
    return {
        "plan": content.plan,
        "ctg": content.plan.ctg,
        "axes": [
            (axis, [fiche(action) for action in axis.all_actions()], money)
            for axis, money in zip(content.axes, budget.axes, strict=True)
        ],
        "schedule": schedule.plan_schedule(content, on=on),
        "sentence": schedule.plan_sentence(content),
        "cube": found,
        "chart": cube.cube_chart(found),
        "budget": budget,
        "is_draft": not content.plan.is_adopted,
        "inside": inside,
        "on": on,
    }


def action_document(action: Action, *, on: date, inside: bool) -> bytes:
    context = {
        "plan": action.plan,
        "ctg": action.plan.ctg,
        "fiche": fiche(action),
        "is_draft": not action.plan.is_adopted,
        "inside": inside,
        "on": on,
    }
    return _rendered("actions/pdf/action.html", context)


def fiche(action: Action) -> Fiche:
    years, section = action_section(action)
    return Fiche(action, years, section)


def _rendered(template: str, context: dict[str, Any]) -> bytes:
    from ctg_site.lib.pdf import (
        render_pdf,  # WeasyPrint takes a second to load, which no other page or command should wait for
    )

    return render_pdf(render_to_string(template, context))
