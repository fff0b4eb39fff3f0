"""What the Caf pays here in a year: lines, totals, the gap said and never hidden."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ctg_site.lib import numbers
from territory.models import Caf, ControlTotal, FundingLine, Territory
from territory.reconciliation import Reconciliation, reconcile

_BEST_FIRST = [FundingLine.State.ACTUAL, FundingLine.State.UPDATED, FundingLine.State.PLANNED]


@dataclass(frozen=True)
class Line:
    label: str
    amount: Decimal | None  # None: à chiffrer
    share: Decimal  # of the largest line, from 0 to 100: the length of its bar
    is_demo: bool

    @property
    def text(self) -> str:
        return "à chiffrer" if self.amount is None else numbers.euros(self.amount)


@dataclass(frozen=True)
class Money:
    year: int
    state: str
    services: list[Line]
    projects: list[Line]
    total: Decimal
    totals: list[ControlTotal]
    reconciliation: Reconciliation | None
    sources: list[str]

    @property
    def total_text(self) -> str:
        return numbers.euros(self.total)

    @property
    def caption(self) -> str:
        return f"Financements {self.year} par service ({FundingLine.State(self.state).label.lower()})"

    @property
    def source_text(self) -> str:
        word = "Sources" if len(self.sources) > 1 else "Source"
        return f"{word}{numbers.NBSP}: {f'{numbers.NBSP}; '.join(self.sources)}."

    @property
    def with_projects(self) -> Decimal:
        return self.total + sum((line.amount or Decimal(0) for line in self.projects), Decimal(0))

    @property
    def with_projects_text(self) -> str:
        return numbers.euros(self.with_projects)

    @property
    def headline(self) -> str:
        return numbers.money_short(self.with_projects)

    @property
    def sentence(self) -> str:
        """« En 2019, la Caf a versé 1 089 800 € aux partenaires. Le premier poste : …, 520 600 €. »"""
        first = self.services[0] if self.services else self.projects[0]
        total = self.total_text if self.services else self.with_projects_text
        verb = "a versé" if self.state == FundingLine.State.ACTUAL else "prévoit de verser"
        largest = f"Le premier poste{numbers.NBSP}: {lower_first(first.label)}, {first.text}."
        return f"En {self.year}, la Caf {verb} {total} aux partenaires. {largest}"

    @property
    def gap_note(self) -> tuple[str, str] | None:
        """The gap, then its explanation; None when there is nothing to reconcile or no gap."""
        return gap_in_words(self.reconciliation, self.totals)


def gap_in_words(reconciliation: Reconciliation | None, totals: Sequence[ControlTotal]) -> tuple[str, str] | None:
    if reconciliation is None or reconciliation.gap == 0:
        return None
    stated = " + ".join(f"{lower_first(str(total.scheme))} {numbers.euros(total.amount)}" for total in totals)
    can = reconciliation.rounding_can_explain
    reason = "les arrondis peuvent l’expliquer" if can else "les arrondis ne suffisent pas à l’expliquer"
    percent = numbers.signed(reconciliation.gap_percent, 3)
    gap = numbers.euros(abs(reconciliation.gap))
    return f"Écart de {gap}", f"avec les totaux annoncés ({stated}), soit {percent}\u00a0%\u00a0: {reason}."


def read_money(territory: Territory, caf: Caf) -> Money | None:
    """Two queries: the lines of the territory, the totals that a document states."""
    lines = list(FundingLine.objects.filter(territory=territory, caf=caf).for_list())
    totals = list(
        ControlTotal.objects.filter(territory=territory, caf=caf).select_related("scheme").order_by("scheme", "pk")
    )
    if not lines:
        return None
    year, state = _latest(lines)
    lines = [line for line in lines if (line.year, line.state) == (year, state)]
    services = [line for line in lines if not line.service.is_project]
    projects = [line for line in lines if line.service.is_project]
    totals = [total for total in totals if total.year == year]
    largest = max(line.amount or Decimal(0) for line in lines) or Decimal(1)
    return Money(
        year=year,
        state=state,
        services=_bars(services, largest),
        projects=_bars(projects, largest),
        total=sum((line.amount or Decimal(0) for line in services), Decimal(0)),
        totals=totals,
        reconciliation=reconcile(services, totals),
        sources=sorted({line.source for line in lines} | {total.source for total in totals}),
    )


def lower_first(label: str) -> str:
    """« Relais » inside a sentence is « relais »; an acronym keeps its capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _latest(lines: Sequence[FundingLine]) -> tuple[int, str]:
    """The last year really paid; without one, the last year forecast. States are never mixed."""
    for state in _BEST_FIRST:
        years = [line.year for line in lines if line.state == state]
        if years:
            return max(years), state
    raise AssertionError("a line has a state")


def _bars(lines: Sequence[FundingLine], largest: Decimal) -> list[Line]:
    """One scale for services and projects: a longer bar is always more money."""
    return [
        Line(_label(line), line.amount, (line.amount or Decimal(0)) / largest * 100, line.is_demo) for line in lines
    ]


def _label(line: FundingLine) -> str:
    """Posts are told in full-time equivalents; other quantities are already in the words of the line."""
    if line.quantity is None or line.unit.upper() != "ETP":
        return line.label
    return f"{line.label}, {numbers.fte(line.quantity)}"
