"""The money of a plan, read: what balances, and totals that tie whichever way they are added. Decimal from end to end."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from ctg_site.lib.numbers import euros
from ctg_site.lib.text import search_key

if TYPE_CHECKING:
    from actions.content import PlanContent
    from actions.models import Action

K = TypeVar("K", bound=Hashable)
NOTHING = Decimal("0.00")
NATURES = {"running": "fonctionnement", "investment": "investissement"}


@dataclass(frozen=True)
class Balance:
    """What an action costs and who pays, for a year and a section."""

    year: int
    nature: str
    cost: Decimal
    funding: Decimal

    @property
    def gap(self) -> Decimal:
        """Below zero, money is missing."""
        return self.funding - self.cost

    @property
    def is_even(self) -> bool:
        return self.gap == 0

    @property
    def nature_label(self) -> str:
        return NATURES[self.nature]

    @property
    def note(self) -> str:
        return f"{self.sentence[0].upper()}{self.sentence[1:]}."

    @property
    def sentence(self) -> str:
        where = f"en {self.year} ({self.nature_label})"
        if self.gap < 0:
            return f"il manque {euros(-self.gap)} de financement {where}"
        if self.gap > 0:
            return f"il y a {euros(self.gap)} de financement en trop {where}"
        return f"dépenses et financements s’équilibrent {where}"


def balances(action: "Action") -> list[Balance]:
    """One line for each year and section where the action has a cost or a funder."""
    costs: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    funding: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for cost in action.costs.all():
        costs[cost.year, cost.nature] += cost.amount
    for financing in action.financings.all():
        funding[financing.year, financing.nature] += financing.planned
    keys = sorted(costs.keys() | funding.keys(), key=lambda key: (key[0], list(NATURES).index(key[1])))
    return [Balance(*key, cost=costs[key], funding=funding[key]) for key in keys]


@dataclass(frozen=True)
class Line:
    """An amount and everything it may be added up by."""

    axis: int
    funder: str
    year: int
    amount: Decimal


@dataclass(frozen=True)
class Row:
    """A line of a table by year, with its total."""

    label: str
    amounts: tuple[Decimal, ...]

    @property
    def total(self) -> Decimal:
        return sum(self.amounts, NOTHING)


@dataclass(frozen=True)
class Section:
    """The money of an axis or of the whole plan: a row a funder, their total, the costs, the gap."""

    label: str
    funders: tuple[Row, ...]
    funding: Row
    costs: Row

    @property
    def gap(self) -> Row:
        amounts = zip(self.funding.amounts, self.costs.amounts, strict=True)
        return Row("Écart", tuple(funding - cost for funding, cost in amounts))

    @property
    def is_even(self) -> bool:
        return not any(self.gap.amounts)


@dataclass(frozen=True)
class Budget:
    years: tuple[int, ...]
    axes: tuple[Section, ...]
    whole: Section
    paid: Row

    def __bool__(self) -> bool:
        return bool(self.whole.funders or self.whole.costs.total)


def action_section(action: "Action") -> tuple[tuple[int, ...], Section]:
    """The years and the money of one action."""
    costs, planned, _paid = _action_lines(action, axis_pk=0)
    years = tuple(sorted({*action.plan.ctg.years, *(line.year for line in [*costs, *planned])}))
    return years, section(str(action), planned, costs, years)


def plan_budget(content: "PlanContent") -> Budget:
    """No query: adds up what was read. Postponed and dropped actions are left out."""
    costs, planned, paid = _lines(content)
    years = tuple(sorted({*content.plan.ctg.years, *(line.year for line in [*costs, *planned])}))
    by_axis = _grouped(planned, lambda line: line.axis), _grouped(costs, lambda line: line.axis)
    return Budget(
        years=years,
        axes=tuple(
            section(str(axis.objective), by_axis[0][axis.objective.pk], by_axis[1][axis.objective.pk], years)
            for axis in content.axes
        ),
        whole=section("Ensemble du plan", planned, costs, years),
        paid=row("Réalisé", paid, years),
    )


def section(label: str, planned: Iterable[Line], costs: Iterable[Line], years: tuple[int, ...]) -> Section:
    planned = list(planned)
    by_funder = sorted(_grouped(planned, lambda line: line.funder).items(), key=lambda group: search_key(group[0]))
    return Section(
        label,
        funders=tuple(row(name, lines, years) for name, lines in by_funder),
        funding=row("Total des financements", planned, years),
        costs=row("Total des dépenses", costs, years),
    )


def row(label: str, lines: Iterable[Line], years: tuple[int, ...]) -> Row:
    by_year: dict[int, Decimal] = defaultdict(lambda: NOTHING)
    for line in lines:
        by_year[line.year] += line.amount
    return Row(label, tuple(by_year[year] for year in years))


def _lines(content: "PlanContent") -> tuple[list[Line], list[Line], list[Line]]:
    costs: list[Line] = []
    planned: list[Line] = []
    paid: list[Line] = []
    for axis in content.axes:
        for action in axis.all_actions():
            if not action.is_set_aside:
                lines = _action_lines(action, axis.objective.pk)
                costs, planned, paid = costs + lines[0], planned + lines[1], paid + lines[2]
    return costs, planned, paid


def _action_lines(action: "Action", axis_pk: int) -> tuple[list[Line], list[Line], list[Line]]:
    """Costs, planned financings, payments."""
    financings = list(action.financings.all())
    return (
        [Line(axis_pk, "", cost.year, cost.amount) for cost in action.costs.all()],
        [Line(axis_pk, f.funder.name, f.year, f.planned) for f in financings],
        [Line(axis_pk, f.funder.name, f.year, f.paid) for f in financings if f.paid is not None],
    )


def _grouped(lines: Iterable[Line], key: Callable[[Line], K]) -> dict[K, list[Line]]:
    groups: dict[K, list[Line]] = defaultdict(list)
    for line in lines:
        groups[key(line)].append(line)
    return groups
