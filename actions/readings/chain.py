"""Why an action is there and how we shall know: priority → action → cost → indicator, and what the chain leaves aside."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from actions.content import PlanContent
from actions.models import Action, Target
from diagnostic.models import Priority


@dataclass(frozen=True)
class Link:
    """An action and the priorities it answers: the one it was born of, those of its objective and of what holds it."""

    action: Action
    priorities: tuple[Priority, ...]

    @property
    def cost(self) -> Decimal:
        return self.action.cost_total

    @property
    def targets(self) -> list[Target]:
        return list(self.action.targets.all())


@dataclass(frozen=True)
class Strand:
    """A priority and the actions that answer it."""

    priority: Priority
    links: list[Link]

    @property
    def cost(self) -> Decimal:
        return sum((link.cost for link in self.links), Decimal("0.00"))

    @property
    def target_count(self) -> int:
        return sum(len(link.targets) for link in self.links)


@dataclass(frozen=True)
class Chain:
    strands: list[Strand]
    links: list[Link]

    @property
    def priorities_alone(self) -> list[Priority]:
        return [strand.priority for strand in self.strands if not strand.links]

    @property
    def without_priority(self) -> list[Action]:
        return [link.action for link in self.links if not link.priorities]

    @property
    def without_cost(self) -> list[Action]:
        return [link.action for link in self.links if not link.action.costs.all()]

    @property
    def without_target(self) -> list[Action]:
        return [link.action for link in self.links if not link.targets]

    @property
    def is_whole(self) -> bool:
        return not (self.priorities_alone or self.without_priority or self.without_cost or self.without_target)


def plan_chain(content: PlanContent, priorities: Iterable[Priority]) -> Chain:
    """Without what is postponed or dropped: it answers nothing any more."""
    links = [Link(action, _answered(content, action)) for action in content.counted_actions]
    strands = [Strand(priority, [link for link in links if priority in link.priorities]) for priority in priorities]
    return Chain(strands, links)


def _answered(content: PlanContent, action: Action) -> tuple[Priority, ...]:
    by_pk = {node.objective.pk: node.objective for node in content.nodes()}
    found: dict[int, Priority] = {action.priority.pk: action.priority} if action.priority else {}
    place = by_pk.get(action.objective_id)
    while place is not None:
        found |= {priority.pk: priority for priority in place.priorities.all()}
        place = by_pk.get(place.parent_id) if place.parent_id else None
    return tuple(sorted(found.values(), key=lambda priority: (priority.position, priority.pk)))
