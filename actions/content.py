"""A plan read whole, in a constant number of queries: the page, the sheets, the annex and the missing lists start here."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ctg_site.lib.numbers import whole_number

if TYPE_CHECKING:
    from actions.models import Action, ActionPlan, Objective
    from ctg_site.accounts.models import User


@dataclass
class Node:
    """An axis or an objective, what it holds, and the actions that hang on it."""

    objective: "Objective"
    level: int
    children: list["Node"] = field(default_factory=list)
    actions: list["Action"] = field(default_factory=list)

    @property
    def is_leaf(self) -> bool:
        return not self.children

    def walk(self) -> Iterator["Node"]:
        yield self
        for child in self.children:
            yield from child.walk()

    def all_actions(self) -> list["Action"]:
        return [action for node in self.walk() for action in node.actions]


@dataclass
class PlanContent:
    plan: "ActionPlan"
    axes: list[Node]
    actions: list["Action"]

    def nodes(self) -> Iterator[Node]:
        for axis in self.axes:
            yield from axis.walk()

    @property
    def counted_actions(self) -> list["Action"]:
        """Those that the budget adds up: neither postponed nor dropped."""
        return [action for action in self.actions if not action.is_set_aside]


def code_key(code: str) -> list[tuple[int, int, str]]:
    """1.2 comes before 1.10; letters are compared as letters, and so is « ² », which is a digit and no number."""
    parts = [(part, whole_number(part)) for part in re.findall(r"[0-9]+|[^0-9.]+", code)]
    return [(1, 0, part) if number is None else (0, number, "") for part, number in parts]


def next_code(prefix: str, taken: Iterable[str]) -> str:
    """« 1.2.4 » under « 1.2 » after « 1.2.3 »: the number after the greatest, since one once given is not given again."""
    stem = f"{prefix}." if prefix else ""
    ends = [whole_number(code.removeprefix(stem)) for code in taken if code.startswith(stem)]
    return f"{stem}{max((end for end in ends if end is not None), default=0) + 1}"


IN_FULL = (
    "partnerships__organisation",
    "partners",
    "themes",
    "communes",
    "steps",
    "in_kind__giver",
    "levers__scheme",
    "targets",
)


def read_plan(
    plan: "ActionPlan",
    *,
    only_retained: bool = False,
    in_full: bool = False,
    led_by: "User | None" = None,
    parts: Sequence[str] = (),
    without: Collection[str] = (),
    commune: str = "",
) -> PlanContent:
    """Six queries, whatever the size of the plan; one more for each of the ``parts``, or for all of them ``in_full``.

    A page spares what it does not show: ``without`` holds « priorities », « costs », « financings » or « funders ».
    ``commune`` is a code: each action says whether it concerns it.

    A reader from outside sees what is retained; who only leads actions, theirs (``led_by``).
    """
    objectives = plan.objectives.order_by("position", "pk")
    if "priorities" not in without:
        objectives = objectives.prefetch_related("priorities")
    actions = plan.actions.retained() if only_retained else plan.actions.all()
    if led_by:
        actions = actions.filter(lead_user=led_by)
    if commune:
        actions = actions.concerning(commune)
    actions = actions.with_money(without=without).select_related("lead", "lead_user", "priority").order_by("code", "pk")
    actions = actions.prefetch_related(*(IN_FULL if in_full else parts))
    return _assemble(plan, list(objectives), sorted(actions, key=lambda action: code_key(action.code)))


def _assemble(plan: "ActionPlan", objectives: list["Objective"], actions: list["Action"]) -> PlanContent:
    ordered = sorted(objectives, key=lambda objective: (objective.position, code_key(objective.code)))
    nodes = {objective.pk: Node(objective, 0) for objective in ordered}
    for objective in ordered:
        if objective.parent_id:
            objective.parent = nodes[objective.parent_id].objective
            nodes[objective.parent_id].children.append(nodes[objective.pk])
    for action in actions:
        action.plan, action.objective = plan, nodes[action.objective_id].objective
        nodes[action.objective_id].actions.append(action)
    axes = [nodes[objective.pk] for objective in ordered if objective.parent_id is None]
    for axis in axes:
        _number_levels(axis, 0)
    return PlanContent(plan, axes, [action for axis in axes for action in axis.all_actions()])


def _number_levels(node: Node, level: int) -> None:
    node.level = level
    for child in node.children:
        _number_levels(child, level + 1)
