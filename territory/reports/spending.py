"""The money of the Caf on a territory: by service, by scheme, by year, per inhabitant and per child."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ctg_site.lib import numbers
from territory.bonus import by_civil_year
from territory.models import Caf, ControlTotal, FundingLine, Indicator, Territory, Value
from territory.portraits.money import gap_in_words
from territory.reconciliation import Reconciliation, reconcile
from territory.secrecy import MISSING, PublicValue, State, public_value

ZERO = Decimal(0)
BEST_FIRST = (FundingLine.State.ACTUAL, FundingLine.State.UPDATED, FundingLine.State.PLANNED)
_UNKNOWN = (Value.Quality.MISSING, Value.Quality.NOT_APPLICABLE)
PEOPLE = {"population": "habitants", "enfants-moins-18-ans": "enfants"}


@dataclass(frozen=True)
class Slice:
    """One bar: its amount, its length against the longest, its part of the whole."""

    label: str
    amount: Decimal | None
    share: Decimal
    percent: Decimal | None
    note: str = ""
    is_demo: bool = False

    @property
    def text(self) -> str:
        return to_be_priced(self.amount)


@dataclass(frozen=True)
class Ratio:
    """Euros for each person; ``of`` is the number of people, of its own year."""

    amount: Decimal | None
    of: PublicValue
    people: str
    indicator_id: int | None = None

    @property
    def text(self) -> str:
        return "n.d." if self.amount is None else numbers.euros(self.amount, cents=True)

    @property
    def is_missing(self) -> bool:
        return self.of.state == State.MISSING

    @property
    def note(self) -> str:
        if self.amount is not None:
            return f"pour {self.of.text} {self.people}{f' en {self.of.year}' if self.of.year else ''}"
        if self.of.state == State.MASKED:
            return f"nombre d’{self.people} couvert par le secret statistique"
        return f"nombre d’{self.people} pas encore connu pour ce territoire"


@dataclass(frozen=True)
class YearRow:
    """A scheme year by year; None where it has no line."""

    label: str
    amounts: list[Decimal | None]


@dataclass(frozen=True)
class Spending:
    """A year in one state: states are never mixed, nor running with projects."""

    year: int
    state: str
    choices: list[tuple[int, str]]
    lines: list[FundingLine]
    totals: list[ControlTotal]
    by_subject: list[Slice]
    by_service: list[Slice]
    by_scheme: list[Slice]
    projects: list[Slice]
    years: list[int]
    by_year: list[YearRow]
    per_inhabitant: Ratio
    per_child: Ratio
    reconciliation: Reconciliation | None
    sources: list[str] = field(default_factory=list)

    @property
    def state_label(self) -> str:
        return str(FundingLine.State(self.state).label)

    @property
    def total(self) -> Decimal:
        return _sum(line for line in self.lines if not line.service.is_project)

    @property
    def projects_total(self) -> Decimal:
        return _sum(line for line in self.lines if line.service.is_project)

    @property
    def with_projects(self) -> Decimal:
        return self.total + self.projects_total

    @property
    def unpriced(self) -> int:
        return sum(line.amount is None for line in self.lines)

    @property
    def stated_with_projects(self) -> Decimal | None:
        """The stated totals and the project aids: both readings stand side by side."""
        return self.reconciliation.stated + self.projects_total if self.reconciliation else None

    @property
    def headline(self) -> str:
        """« Plus de 1 million d’euros d’aides ont été versés en 2019 aux partenaires du territoire. »"""
        verb = "ont été versés" if self.state == FundingLine.State.ACTUAL else "sont prévus"
        return f"{in_round_words(self.total or self.with_projects)} d’aides {verb} en {self.year} aux partenaires du territoire."

    @property
    def gap_note(self) -> tuple[str, str] | None:
        return gap_in_words(self.reconciliation, self.totals)


def spending_of(
    territory: Territory, caf: Caf, *, year: int | None = None, state: str | None = None
) -> Spending | None:
    """Four queries; None when nothing is entered for that year and that state."""
    every = list(FundingLine.objects.filter(territory=territory, caf=caf).for_list())
    totals = list(
        ControlTotal.objects.filter(territory=territory, caf=caf)
        .select_related("scheme")
        .order_by("scheme__position", "scheme__label", "pk")
    )
    choices = _choices(every)
    chosen = next((c for c in choices if year in (None, c[0]) and state in (None, c[1])), None)
    if chosen is None:
        return None
    lines = [line for line in every if (line.year, line.state) == chosen]
    stated = [total for total in totals if total.year == chosen[0]]
    services = [line for line in lines if not line.service.is_project]
    projects = [line for line in lines if line.service.is_project]
    by_subject = _slices(services, lambda line: line.label, with_notes=True)
    total = _sum(services)
    per_inhabitant, per_child = _ratios(total, territory, caf, chosen[0])
    return Spending(
        year=chosen[0],
        state=chosen[1],
        choices=choices,
        lines=lines,
        totals=stated,
        by_subject=by_subject,
        by_service=_slices(services, lambda line: line.service.label),
        by_scheme=_slices(services, lambda line: line.scheme.label),
        projects=_slices(projects, lambda line: line.label, beside=by_subject),
        years=sorted({line.year for line in every if line.state == chosen[1]}),
        by_year=_by_year([line for line in every if line.state == chosen[1]]),
        per_inhabitant=per_inhabitant,
        per_child=per_child,
        reconciliation=reconcile(services, stated),
        sources=sorted({line.source for line in lines} | {total.source for total in stated}),
    )


def to_be_priced(amount: Decimal | None) -> str:
    return "à chiffrer" if amount is None else numbers.euros(amount)


def in_round_words(amount: Decimal) -> str:
    """1 089 800 → « Plus de 1 million d’euros »; 490 787 → « Plus de 490 000 euros »."""
    whole = int(amount)
    step = 1_000_000 if whole >= 1_000_000 else 10 ** max(len(str(whole)) - 2, 0)
    floor = whole // step * step
    said = numbers.integer(floor // 1_000_000 if step == 1_000_000 else floor)
    if step == 1_000_000:
        said += f"\u00a0million{'s' if floor >= 2_000_000 else ''} d’euros"
    else:
        said += f"\u00a0euro{'s' if floor >= 2 else ''}"
    return f"Plus de {said}" if amount > floor else said


def _choices(lines: Iterable[FundingLine]) -> list[tuple[int, str]]:
    """The years and states that have lines: what is best known first, then the newest."""
    found = {(line.year, line.state) for line in lines}
    return sorted(found, key=lambda c: (BEST_FIRST.index(FundingLine.State(c[1])), -c[0]))


def _sum(lines: Iterable[FundingLine]) -> Decimal:
    return sum((line.amount for line in lines if line.amount is not None), ZERO)


def _slices(
    lines: Sequence[FundingLine],
    label_of: Callable[[FundingLine], str],
    *,
    with_notes: bool = False,
    beside: Sequence[Slice] = (),
) -> list[Slice]:
    """Longest first; the parts are shown rounded and never corrected to make 100; one bar alone is no part.
    Bars shown ``beside`` share one scale: a longer one is always more money."""
    groups: dict[str, list[FundingLine]] = defaultdict(list)
    for line in lines:
        groups[label_of(line)].append(line)
    amounts = {label: _sum(rows) if any(r.amount is not None for r in rows) else None for label, rows in groups.items()}
    shown = [*amounts.values(), *(slice.amount for slice in beside)]
    longest = max((amount or ZERO for amount in shown), default=ZERO) or Decimal(1)
    whole = _sum(lines)
    slices = [
        Slice(
            label,
            amount,
            (amount or ZERO) / longest * 100,
            amount / whole * 100 if amount is not None and whole and len(amounts) > 1 else None,
            _note(groups[label]) if with_notes else "",
            any(line.is_demo for line in groups[label]),
        )
        for label, amount in amounts.items()
    ]
    return sorted(slices, key=lambda s: (-(s.amount or ZERO), s.label))


def _note(lines: Sequence[FundingLine]) -> str:
    """What the label does not say: the price of a unit, a school year, an amount à chiffrer beside others."""
    notes = []
    line = lines[0]
    if len(lines) == 1 and line.per_unit is not None and line.quantity is not None and line.quantity != 1:
        one = "ETP" if line.unit.upper() == "ETP" else "unité"
        notes.append(f"{numbers.shortest(line.quantity)} {line.unit}, {numbers.euros(line.per_unit)} par {one}")
    if any(line.period == FundingLine.Period.SCHOOL for line in lines):
        notes.append(_school_year(line) if len(lines) == 1 else "dont des années scolaires")
    unpriced = sum(line.amount is None for line in lines)
    if unpriced and unpriced < len(lines):
        notes.append(f"{unpriced} ligne{'s' if unpriced > 1 else ''} à chiffrer en plus")
    return ", ".join(notes)


def _school_year(line: FundingLine) -> str:
    """Its name, and what it weighs in each of its two civil years."""
    if line.amount is None:
        return line.period_label
    parts = [f"{numbers.euros(amount)} en {year}" for year, amount in by_civil_year(line.amount, line.year).items()]
    return f"{line.period_label}\u00a0: {', '.join(parts)}"


def _by_year(lines: Sequence[FundingLine]) -> list[YearRow]:
    """Schemes by years, then the total of each year; the columns add up to their total."""
    years = sorted({line.year for line in lines})
    cells: dict[str, dict[int, Decimal]] = defaultdict(dict)
    for line in sorted(lines, key=lambda line: (line.scheme.position, line.scheme.label)):
        if line.amount is not None:
            row = cells[line.scheme.label]
            row[line.year] = row.get(line.year, ZERO) + line.amount
    rows = [YearRow(label, [row.get(year) for year in years]) for label, row in cells.items()]
    totals: list[Decimal | None] = [sum((row.get(year, ZERO) for row in cells.values()), ZERO) for year in years]
    return [*rows, YearRow("Total", totals)]


def _ratios(amount: Decimal, territory: Territory, caf: Caf, year: int) -> list[Ratio]:
    """Euros for each inhabitant, then for each child, counted in the known year that is closest to the year of the money."""
    indicators = Indicator.objects.filter(code__in=PEOPLE).in_bulk(field_name="code")
    values = Value.objects.filter(indicator__in=indicators.values(), territory=territory)
    own = values.filter(release__caf=caf) | values.filter(release__caf=None)
    rows = list(own.select_related("release__source").order_by("pk"))
    return [_ratio(amount, indicators.get(code), people, rows, year) for code, people in PEOPLE.items()]


def _ratio(amount: Decimal, indicator: Indicator | None, people: str, rows: Sequence[Value], year: int) -> Ratio:
    own = [row for row in rows if indicator and row.indicator_id == indicator.pk and row.quality not in _UNKNOWN]
    closest = min(own, key=lambda row: (abs(row.year - year), row.release.caf_id is None, -row.pk), default=None)
    count = public_value(closest, indicator) if indicator else MISSING
    euros = numbers.rounded(amount / count.number, 2) if count.number else None
    return Ratio(euros, count, people, indicator.pk if indicator else None)
