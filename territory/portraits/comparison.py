"""Here beside the département and France, indicator by indicator: the values, the gap, one sentence."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from ctg_site.lib import numbers
from ctg_site.lib.charts import DotPlot, Point, Scale, dot_plot
from territory.models import Indicator, Territory
from territory.portraits import sentences
from territory.portraits.stage import Stage
from territory.secrecy import NOT_COMPUTABLE, PublicValue, State, marks_of

Values = tuple[PublicValue, PublicValue, PublicValue]

COMPARABLE = (Indicator.Unit.PERCENT, Indicator.Unit.RATE)
REMARKABLE = 5  # points of gap from which a figure is worth the headline


class Comparable(Protocol):
    """The figures of today, or those photographed another day."""

    @property
    def keys(self) -> list[Indicator]: ...

    def shown(
        self, indicator: Indicator, territory: Territory | None, like: PublicValue | None = None
    ) -> PublicValue: ...

    def middle(self, indicator: Indicator, like: PublicValue) -> PublicValue: ...


@dataclass(frozen=True)
class Row:
    indicator: Indicator
    here: PublicValue
    department: PublicValue
    france: PublicValue
    sentence: str
    plot: DotPlot

    @property
    def label(self) -> str:
        """An evolution says its years: « Évolution du nombre d’allocataires, 2014-2019 »."""
        here = self.here
        if here.year and here.start_year and here.start_year < here.year:
            return f"{self.indicator.label}, {here.start_year}-{here.year}"
        return self.indicator.label

    @property
    def gap(self) -> Decimal | None:
        """In points, between figures of the same years only (rule R44)."""
        return gap_between(self.here, self.france)

    @property
    def gap_text(self) -> str:
        return "" if self.gap is None else numbers.points(self.gap, self.indicator.decimals)

    @property
    def values(self) -> Values:
        return self.here, self.department, self.france

    @property
    def is_shown(self) -> bool:
        return any(value.is_shown for value in self.values)


@dataclass(frozen=True)
class Comparison:
    """``year`` is the year of most figures; a figure of another year says its own beside it."""

    rows: list[Row]
    year: int | None
    headline: str

    @property
    def caption(self) -> str:
        return f"Indicateurs clés {self.year}" if self.year else "Indicateurs clés"

    @property
    def marks(self) -> list[tuple[str, str]]:
        return marks_of(value for row in self.rows for value in row.values)


def compare(figures: Comparable, stage: Stage) -> Comparison:
    """The key indicators known somewhere."""
    rows = rows_of(figures.keys, figures, stage)
    years = Counter(row.here.year for row in rows if row.here.year)
    year = years.most_common(1)[0][0] if years else None
    return Comparison([_dated(row, year) for row in rows], year, headline(rows))


def rows_of(indicators: Iterable[Indicator], figures: Comparable, stage: Stage) -> list[Row]:
    """The indicators known somewhere; their dots share one scale, or they would not compare."""
    found = [(indicator, _values(indicator, figures, stage)) for indicator in indicators]
    found = [(indicator, values) for indicator, values in found if any(_is_told(value) for value in values)]
    scale = Scale.covering(value.number for indicator, values in found for value in values if is_drawn(indicator))
    return [_row(indicator, values, stage, scale) for indicator, values in found]


def _is_told(value: PublicValue) -> bool:
    """What cannot be computed here is worth a line only beside a figure of elsewhere."""
    return value.state != State.MISSING and value.text != NOT_COMPUTABLE.text


def gap_between(one: PublicValue, other: PublicValue) -> Decimal | None:
    if one.number is None or other.number is None or one.unit not in COMPARABLE:
        return None
    return one.number - other.number if (one.year, one.start_year) == (other.year, other.start_year) else None


def _values(indicator: Indicator, figures: Comparable, stage: Stage) -> Values:
    here = figures.shown(indicator, stage.here)
    return (
        here,
        figures.middle(indicator, like=here),
        figures.shown(indicator, stage.france, like=here),
    )


def _row(indicator: Indicator, values: Values, stage: Stage, scale: Scale) -> Row:
    sentence = sentences.line(indicator, stage, *values)
    return Row(indicator, *values, sentence, _plot(indicator, values, stage, scale))


def _plot(indicator: Indicator, values: Values, stage: Stage, scale: Scale) -> DotPlot:
    names = stage.names
    columns = zip(("here", "dept", "france"), names.values(), values, strict=True)
    points = [
        Point(role, name, value.text, value.number if is_drawn(indicator) else None)
        for role, name, value in columns
        if name
    ]
    return dot_plot(indicator.label, points, scale)


def _dated(row: Row, year: int | None) -> Row:
    """A figure of another year than the table's says its own beside it (rule R44)."""

    def dated(value: PublicValue) -> PublicValue:
        is_other = value.is_shown and value.year != year
        return replace(value, text=f"{value.text} ({value.year})") if is_other else value

    return replace(row, here=dated(row.here), department=dated(row.department), france=dated(row.france))


def is_drawn(indicator: Indicator) -> bool:
    """Counts of places of all sizes have no common scale: only shares and rates have dots."""
    return indicator.unit in COMPARABLE


def headline(rows: Iterable[Row]) -> str:
    """The sentence of the first remarkable gap in the order of the catalogue, else of the widest."""
    steady = [(row, row.gap) for row in rows if row.gap is not None and row.here.year == row.here.start_year]
    if not steady:
        return ""
    widest = max(steady, key=lambda pair: abs(pair[1]))
    row, _ = next((pair for pair in steady if abs(pair[1]) >= REMARKABLE), widest)
    return row.sentence
