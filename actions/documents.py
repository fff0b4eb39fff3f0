"""What the convention says of its plan: the annex that governance prints."""

from typing import Any

from actions.budgets import plan_budget
from actions.content import read_plan
from actions.models import ActionPlan


def plan_annex(plan: ActionPlan) -> dict[str, Any]:
    """For ``actions/pdf/_annex.html``, given as ``annex``: what is retained, and the budget that ties."""
    content = read_plan(plan, only_retained=True, parts=["partners", "targets"])
    return {"plan": plan, "axes": content.axes, "budget": plan_budget(content)}
