"""The actions of a plan put in columns: by axis, by lead, by state."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from actions.content import PlanContent
from actions.models import Action
from ctg_site.lib.text import search_key

NO_LEAD = "À désigner"
BY = {"axe": "Par axe", "porteur": "Par porteur", "etat": "Par état"}


@dataclass(frozen=True)
class Column:
    title: str
    actions: list[Action]

    @property
    def cost(self) -> Decimal:
        """Without what is postponed or dropped, as everywhere."""
        return sum((action.cost_total for action in self.actions if not action.is_set_aside), Decimal("0.00"))


def board(content: PlanContent, by: str) -> list[Column]:
    columns: dict[str, Callable[[PlanContent], Iterable[Column]]] = {
        "axe": _by_axis,
        "porteur": _by_lead,
        "etat": _by_verdict,
    }
    return list(columns[by](content))


def _by_axis(content: PlanContent) -> Iterable[Column]:
    return (Column(str(axis.objective), axis.all_actions()) for axis in content.axes)


def _by_lead(content: PlanContent) -> Iterable[Column]:
    """What nobody leads yet comes first: that is what there is to do."""
    leads: dict[str, list[Action]] = {}
    for action in content.actions:
        leads.setdefault(str(action.lead or NO_LEAD), []).append(action)
    names = sorted(leads, key=lambda name: (name != NO_LEAD, search_key(name)))
    return (Column(name, leads[name]) for name in names)


def _by_verdict(content: PlanContent) -> Iterable[Column]:
    """Every state has its column, even empty, so that the board always reads the same way."""
    for verdict in Action.Verdict:
        yield Column(str(verdict.label), [action for action in content.actions if action.verdict == verdict])
