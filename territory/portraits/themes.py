"""One theme of a territory: every indicator known, compared, with its trend, its ranks and its years."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.conf import settings

from ctg_site.lib import numbers
from territory.models import Indicator, Rank, Territory
from territory.portraits.comparison import Row, headline, is_drawn, rows_of
from territory.portraits.figures import Figures, RankKey
from territory.portraits.naming import ordinal
from territory.portraits.sentences import years_in_words
from territory.portraits.similar import Similar, median_of
from territory.portraits.stage import Stage
from territory.secrecy import PublicValue, marks_of, text_of

TEN_YEARS = 10


@dataclass(frozen=True)
class Line:
    """A line of the table of a theme; ``row`` compares, the rest is said beside."""

    row: Row
    trend: str
    ranks: list[str]
    is_old: bool
    caveat: str = ""

    @property
    def indicator(self) -> Indicator:
        return self.row.indicator

    @property
    def years(self) -> str:
        return years_of(self.row.here)

    @property
    def gap_text(self) -> str:
        return gap_text(self.row)


@dataclass(frozen=True)
class ThemeTables:
    """``compared`` are shares, rates and amounts that one place can hold against another; ``counted`` are numbers of heads."""

    stage: Stage
    compared: list[Line]
    counted: list[Line]
    sources: list[dict[str, Any]]
    on: date

    @property
    def lines(self) -> list[Line]:
        return [*self.compared, *self.counted]

    @property
    def headline(self) -> str:
        return headline(line.row for line in self.compared)

    @cached_property
    def year(self) -> int | None:
        """The only year of the page, None when it mixes several."""
        years = {value.year for line in self.lines for value in line.row.values if value.year}
        return years.pop() if len(years) == 1 else None

    @property
    def marks(self) -> list[tuple[str, str]]:
        columns = [i for i, name in enumerate(self.stage.names.values()) if name]
        return marks_of(line.row.values[i] for line in self.lines for i in columns)

    @property
    def compared_has_aside(self) -> bool:
        return any(line.trend or line.ranks for line in self.compared)

    @property
    def counted_has_aside(self) -> bool:
        return any(line.trend or line.ranks for line in self.counted)

    @property
    def has_aside(self) -> bool:
        return self.compared_has_aside or self.counted_has_aside

    @property
    def has_ranks(self) -> bool:
        return any(line.ranks for line in self.lines)

    @property
    def old_note(self) -> str:
        """When every figure is old it is said once, else beside each."""
        if not self.lines or not all(line.is_old for line in self.lines):
            return ""
        return f"Tous ces chiffres ont {old_words()}\u00a0: ce sont les derniers publiés ici."

    @property
    def old_mark(self) -> str:
        """Beside each old figure, when others are recent."""
        return "" if self.old_note else old_words()


def face(figures: Figures, similar: Similar) -> None:
    """The median of the places alike takes the place of the département: one query."""
    figures.group = median_of(similar, figures.indicators)
    figures.stage = replace(figures.stage, department=None, against=similar.name)


def tables_of(figures: Figures, indicators: Iterable[Indicator], on: date) -> ThemeTables:
    """The ranks are read once for all the indicators of ``figures``."""
    indicators = list(indicators)
    if figures.ranks is None:
        figures.ranks = read_ranks(figures)
    ranks = figures.ranks
    rows = rows_of([i for i in indicators if not i.is_additive], figures, figures.stage)
    counts = rows_of([i for i in indicators if i.is_additive], figures, figures.stage)
    return ThemeTables(
        figures.stage,
        [_line(row, figures, ranks, on) for row in rows],
        [_line(row, figures, ranks, on) for row in counts],
        figures.sources(),
        on,
    )


def read_ranks(figures: Figures) -> dict[RankKey, Rank]:
    """Of the years shown here, and of them alone."""
    here, known = figures.stage.here, figures.indicators.values()
    rows = Rank.objects.visible_to_caf(figures.caf).filter(
        territory=here, year__in=figures.values.years_of(here), indicator__in=known
    )
    return {(row.indicator_id, row.year, row.start_year, row.source_id, row.caf_id): row for row in rows.order_by()}


def rank_texts(value: PublicValue, indicator: Indicator, figures: Figures, ranks: dict[RankKey, Rank]) -> list[str]:
    """« 3e sur 11 EPCI du département », « 812e sur 1 240 EPCI de France », the highest being first."""
    origin = figures.origin(indicator, figures.stage.here, value)
    if origin is None or not value.is_shown:
        return []
    key = (indicator.pk, origin.year, origin.start_year, origin.release.source_id, origin.release.caf_id)
    rank = ranks.get(key)
    if rank is None:
        return []
    level = "départements" if figures.stage.here.kind == Territory.Kind.DEPARTEMENT else "EPCI"
    found = [
        (rank.in_department, rank.department_count, f"{level} du département"),
        (rank.in_country, rank.country_count, f"{level} de France"),
    ]
    return [f"{ordinal(one)} sur {numbers.integer(count)} {words}" for one, count, words in found if count > 1]


def trend_of(history: Sequence[PublicValue], indicator: Indicator, here: PublicValue) -> str:
    """« +3 pts depuis 2014 », over ten years at most and within one source: two sources do not count alike. An evolution
    has no trend of its own; « de 2014 à 2023 » when the figure shown is not the last one."""
    shown = [value for value in history if value.number is not None and value.year == value.start_year]
    last = shown[-1] if shown else None
    alike = [value for value in shown if last and value.source == last.source]
    first = next((v for v in alike if last and v.year and last.year and last.year - v.year <= TEN_YEARS), None)
    if not (first and last and first.year != last.year and first.number is not None and last.number is not None):
        return ""
    since = f"depuis {first.year}" if last.year == here.year else f"de {first.year} à {last.year}"
    if is_drawn(indicator):
        return f"{numbers.points(last.number - first.number, indicator.decimals)} {since}"
    if min(first.number, last.number) < 0:  # a balance that goes from −10 to −5 has not changed by −50 %
        return f"{numbers.signed(last.number - first.number, indicator.decimals)} {since}"
    if not first.number:
        return ""
    change = (last.number - first.number) / first.number * 100
    return f"{numbers.signed(change, 1)}\u00a0% {since}"


def gap_text(row: Row) -> str:
    """In points for shares, in the unit of the indicator for the others; nothing for numbers of heads."""
    here, france = row.here, row.france
    if row.gap is not None or row.indicator.is_additive or here.number is None or france.number is None:
        return row.gap_text
    if (here.year, here.start_year) != (france.year, france.start_year):
        return ""
    gap = numbers.rounded(here.number - france.number, row.indicator.decimals)
    return f"{'+' if gap > 0 else ''}{text_of(gap, row.indicator)}"


def years_of(value: PublicValue) -> str:
    if value.year is None:
        return ""
    is_span = value.start_year is not None and value.start_year < value.year
    return f"{value.start_year}-{value.year}" if is_span else str(value.year)


def old_words() -> str:
    """« plus de trois ans »."""
    return f"plus de {years_in_words(settings.OLD_FIGURE_YEARS)}"


def old_ones(values: Iterable[PublicValue], on: date) -> str:
    """« Tous ces chiffres », « Les chiffres de 2014, 2017 »: those that are old that day; empty when none is."""
    years = {value.year: is_old(value, on) for value in values if value.year}
    old = sorted(year for year, is_past in years.items() if is_past)
    if not old:
        return ""
    return "Tous ces chiffres" if len(old) == len(years) else f"Les chiffres de {', '.join(map(str, old))}"


def is_old(value: PublicValue, on: date) -> bool:
    """More than three years (a setting) have passed since the end of its year."""
    return value.year is not None and on.year - value.year > settings.OLD_FIGURE_YEARS


def _line(row: Row, figures: Figures, ranks: dict[RankKey, Rank], on: date) -> Line:
    history = figures.history(row.indicator, figures.stage.here)
    origin = figures.origin(row.indicator, figures.stage.here, row.here)
    return Line(
        row,
        trend_of(history, row.indicator, row.here),
        rank_texts(row.here, row.indicator, figures, ranks),
        is_old(row.here, on),
        origin.release.source.caveat if origin else "",
    )
