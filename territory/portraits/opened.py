"""One indicator opened: what it is, its curve over ten years, the places inside as bars and as a map."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from ctg_site.lib.charts import (
    EVERYWHERE,
    WHERE_SHOWN,
    Area,
    Bar,
    Choropleth,
    LineChart,
    Series,
    bars,
    choropleth,
    line_chart,
)
from ctg_site.lib.text import search_key
from territory.models import Caf, Indicator, Territory
from territory.portraits.figures import Figures
from territory.portraits.parts import LAST_KNOWN, NOTHING
from territory.portraits.stage import Stage
from territory.portraits.stored import values_by_place
from territory.portraits.themes import TEN_YEARS, Line, ThemeTables, tables_of, years_of
from territory.secrecy import PublicValue, State, marks_of, text_of

MOST_AT_ONCE, FIRST = 60, 30  # places inside


@dataclass(frozen=True)
class Part:
    """A place inside, its figure, and its bar."""

    territory: Territory
    value: PublicValue
    share: Decimal
    geometry: dict[str, Any] | None

    @property
    def years(self) -> str:
        return years_of(self.value)


@dataclass(frozen=True)
class Inside:
    """The highest first; what may not be shown comes last, by name, so that the order tells nothing."""

    indicator: Indicator
    level: str
    rows: list[Part]
    outline_source: str

    @property
    def title(self) -> str:
        year = f", {self.year}" if self.year else ""
        return f"{self.indicator.label} par {self.level}{year}"

    @cached_property
    def year(self) -> str:
        """The only year of these figures; empty when they mix several, each then says its own."""
        years = {row.years for row in self.rows if row.years}
        return years.pop() if len(years) == 1 else ""

    @property
    def sentence(self) -> str:
        shown = [row for row in self.rows if row.value.is_shown]
        if len(shown) < 2:
            return ""
        high, low = shown[0], next(row for row in shown if row.value.number == shown[-1].value.number)
        if high is low:
            return f"{high.value.text}{EVERYWHERE if len(shown) == len(self.rows) else WHERE_SHOWN}."
        return f"De {low.value.text} ({low.territory.name}) à {high.value.text} ({high.territory.name})."

    @property
    def first(self) -> list[Part]:
        """All of them, unless they would take ten screens: then the first ones, the others being folded."""
        return self.rows if len(self.rows) <= MOST_AT_ONCE else self.rows[:FIRST]

    @property
    def others(self) -> list[Part]:
        return self.rows[len(self.first) :]

    @cached_property
    def map(self) -> Choropleth | None:
        areas = [_area(row, row.geometry) for row in self.rows if row.geometry]
        if len(areas) < 2 or not any(area.number is not None for area in areas):
            return None
        return choropleth(self.title, areas, write=lambda number: text_of(Decimal(number), self.indicator))

    @property
    def marks(self) -> list[tuple[str, str]]:
        return marks_of(row.value for row in self.rows)

    @property
    def bars(self) -> list[Bar]:
        return [Bar(row.territory.name, row.value.text, row.share) for row in self.rows]


@dataclass(frozen=True)
class YearRow:
    year: int
    values: list[PublicValue]


@dataclass(frozen=True)
class Opened:
    indicator: Indicator
    figures: Figures
    tables: ThemeTables
    histories: list[tuple[str, str, list[PublicValue]]]
    inside: Inside | None

    @property
    def stage(self) -> Stage:
        return self.tables.stage

    @property
    def line(self) -> Line | None:
        return next(iter(self.tables.lines), None)

    @property
    def names(self) -> list[str]:
        return [name for _, name, _ in self.histories]

    @cached_property
    def table(self) -> list[YearRow]:
        """Ten years, the last first, in the order of the columns."""
        known = [{value.year: value for value in history} for _, _, history in self.histories]
        years = sorted({year for one in known for year in one if year}, reverse=True)[:TEN_YEARS]
        nothing = PublicValue(State.MISSING, text="n.d.")
        return [YearRow(year, [one.get(year, nothing) for one in known]) for year in years]

    @property
    def marks(self) -> list[tuple[str, str]]:
        return marks_of(value for row in self.table for value in row.values)

    @cached_property
    def curve(self) -> LineChart | None:
        """A count is drawn alone: beside the whole of France nothing would be seen of it."""
        drawn = self.histories[:1] if self.indicator.is_additive else self.histories
        since = min((row.year for row in self.table), default=0)
        series = [Series(kind, name, _points(history, since)) for kind, name, history in drawn]
        series = [one for one in series if sum(number is not None for _, number in one.values) > 1]
        if not series or series[0].kind != "here":
            return None
        return line_chart(
            f"{self.indicator.label}, année par année", self.sentence, series, places=self.indicator.decimals
        )

    @property
    def sentence(self) -> str:
        """« De 2017 à 2023, de 20 391 à 21 102. Sans point : 2020 (secret statistique). » Then the sources, if they change."""
        shown = [value for value in self._drawn_years if value.is_shown]
        if len(shown) < 2:
            return ""
        first, last = shown[0], shown[-1]
        change = f"reste à {last.text}" if first.text == last.text else f"passe de {first.text} à {last.text}"
        said = f"De {first.year} à {last.year}, {self.stage.here.name} {change}."
        gaps = [f"{value.year} ({value.words})" for value in self._drawn_years if not value.is_shown]
        if gaps:
            said = f"{said} Sans point\u00a0: {', '.join(gaps)}."
        sources = list(dict.fromkeys(value.source for value in shown))
        if len(sources) > 1:
            said = f"{said} Les sources changent en chemin ({', puis '.join(sources)})\u00a0: ces années se comparent avec prudence."
        return said

    @property
    def _drawn_years(self) -> list[PublicValue]:
        return self.histories[0][2][-TEN_YEARS:]


def open_indicator(indicator: Indicator, figures: Figures, on: date) -> Opened:
    """One query for the ranks, two at most for the places inside; the figures of the columns are already read."""
    tables = tables_of(figures, [indicator], on)
    line = next(iter(tables.lines), None)
    return Opened(
        indicator,
        figures,
        tables,
        _histories(indicator, figures),
        read_inside(indicator, figures, line.row.here if line else None),
    )


def read_inside(indicator: Indicator, figures: Figures, like: PublicValue | None) -> Inside | None:
    """The places one level below, of the year shown for the whole where they have it."""
    level, places = places_inside(figures)
    if not places:
        return None
    is_read = indicator.pk in figures.parts.known
    values = shown_in_communes(figures, indicator) if is_read else shown_inside(indicator, figures.caf, places, like)
    if all(value.state == State.MISSING for value in values):
        return None
    drawn = bars([(place.name, value.text, value.number) for place, value in zip(places, values, strict=True)])
    rows = [
        Part(place, value, bar.share, _geometry(place)) for place, value, bar in zip(places, values, drawn, strict=True)
    ]
    return Inside(indicator, level, sorted(rows, key=_order), _outline_source(places))


def places_inside(figures: Figures) -> tuple[str, list[Territory]]:
    """One query, none where the communes were read with the figures."""
    here, kinds = figures.stage.here, Territory.Kind
    if figures.parts.communes:
        return "commune", list(figures.parts.communes)
    if here.kind == kinds.COMMUNE:
        return "", []
    if here.kind == kinds.FRANCE:
        return "région", list(here.children.filter(kind=kinds.REGION, valid_to=None).order_by("name", "pk"))
    if here.kind == kinds.REGION:
        return "département", list(here.children.filter(kind=kinds.DEPARTEMENT, valid_to=None).order_by("name", "pk"))
    return "commune", list(here.communes_on(LAST_KNOWN).select_related("outline").order_by("name", "pk"))


def shown_inside(
    indicator: Indicator, caf: Caf | None, places: Sequence[Territory], like: PublicValue | None
) -> list[PublicValue]:
    """One query."""
    return _side_by_side(figures_inside(indicator, caf, places), indicator, places, like)


def shown_in_communes(figures: Figures, indicator: Indicator) -> list[PublicValue]:
    """The same without a query, for an indicator that was read in the communes."""
    here, places = figures.stage.here, figures.parts.communes
    inside = replace(figures, stage=Stage(places[0], None, None), parts=NOTHING)
    return _side_by_side(inside, indicator, places, figures.shown(indicator, here))


def _side_by_side(
    known: Figures, indicator: Indicator, places: Sequence[Territory], like: PublicValue | None
) -> list[PublicValue]:
    return [known.shown(indicator, place, like) for place in places]


def histories_inside(indicator: Indicator, caf: Caf | None, places: Sequence[Territory]) -> list[list[PublicValue]]:
    """For each year known, one figure a place in their order."""
    known = figures_inside(indicator, caf, places)
    histories = [{value.year: value for value in known.history(indicator, place)} for place in places]
    years = sorted({year for history in histories for year in history if year})
    nothing = PublicValue(State.MISSING, text="n.d.", unit=indicator.unit)
    return [
        [history.get(year, replace(nothing, year=year, start_year=year)) for history in histories] for year in years
    ]


def figures_inside(indicator: Indicator, caf: Caf | None, places: Sequence[Territory]) -> Figures:
    wanted = [term for term in (indicator, indicator.numerator, indicator.denominator) if term]
    return Figures(Stage(places[0], None, None), {indicator.code: indicator}, caf, values_by_place(places, wanted, caf))


def _histories(indicator: Indicator, figures: Figures) -> list[tuple[str, str, list[PublicValue]]]:
    stage = figures.stage
    columns = zip(
        ("here", "dept", "france"), stage.names.values(), (stage.here, stage.department, stage.france), strict=True
    )
    return [(kind, name, figures.history(indicator, place)) for kind, name, place in columns if place]


def _points(history: Sequence[PublicValue], since: int) -> tuple[tuple[int, Decimal | None], ...]:
    return tuple((value.year, value.number) for value in history if value.year and value.year >= since)


def _order(row: Part) -> tuple[bool, Decimal, str]:
    number = row.value.number
    return number is None, -(number or Decimal(0)), search_key(row.territory.name)


def _area(row: Part, geometry: dict[str, Any]) -> Area:
    value = row.value
    return Area(row.territory.name, geometry, value.words, value.number, value.state.value)


def _geometry(place: Territory) -> dict[str, Any] | None:
    return place.outline.geometry if place.kind == Territory.Kind.COMMUNE and hasattr(place, "outline") else None


def _outline_source(places: Sequence[Territory]) -> str:
    return next((p.outline.source for p in places if p.kind == Territory.Kind.COMMUNE and hasattr(p, "outline")), "")
