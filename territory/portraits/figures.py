"""The figures of here, the département and France, read at once; the best one of each is picked in memory."""

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from django.db.models import Q, QuerySet

from territory.models import Caf, Indicator, Rank, Source, Territory, Value
from territory.portraits.parts import NOTHING, POPULATION, Parts, is_perimeter, parts_of, read_parts, with_parts
from territory.portraits.stage import Stage
from territory.portraits.stored import Rows, read_packs, values_by_place
from territory.secrecy import MISSING, NOT_COMPUTABLE, PublicValue, State, public_value, ratio

HOUSEHOLDS, PEOPLE, COVERAGE = "foyers-allocataires", "personnes-couvertes", "taux-couverture-population"
MOST_NAMED = 3
_A_FILE = re.compile(r"\.(csv|txt|xlsx?|zip|ods)\b", re.IGNORECASE)
RankKey = tuple[int, int, int, int, int | None]  # indicator, year, start year, source, Caf
BRIEF = (POPULATION, HOUSEHOLDS, PEOPLE, COVERAGE)


class Group(Protocol):
    """Several places that stand for one column (portraits/similar.py)."""

    def median(self, indicator: Indicator, like: PublicValue) -> PublicValue: ...


@dataclass
class Figures:
    """Values by (indicator, territory), the best first: the Caf's own before open data, newest year, last delivery."""

    stage: Stage
    indicators: dict[str, Indicator]
    caf: Caf | None
    values: Rows
    parts: Parts = NOTHING
    group: Group | None = None
    ranks: dict[RankKey, Rank] | None = None
    used: dict[int, Value] = field(default_factory=dict)

    @property
    def keys(self) -> list[Indicator]:
        return [indicator for indicator in self.indicators.values() if indicator.is_key]

    def here(self, code: str) -> PublicValue | None:
        indicator = self.indicators.get(code)
        return self.shown(indicator, self.stage.here) if indicator else None

    def series(self, code: str) -> list[PublicValue]:
        """One figure a year for here, the oldest first."""
        indicator = self.indicators.get(code)
        return self.history(indicator, self.stage.here) if indicator else []

    def history(self, indicator: Indicator, territory: Territory) -> list[PublicValue]:
        """One figure a year, the oldest first: those published, else the ratios of the terms of each year."""
        best = {value.year: value for value in reversed(self._all(indicator, territory))}
        if best or not (indicator.numerator and indicator.denominator):
            return [self._public(best[year], indicator) for year in sorted(best)]
        above = {value.year: value for value in reversed(self._all(indicator.numerator, territory))}
        return [self._ratio(indicator, territory, above[year]) for year in sorted(above)]

    def shown(self, indicator: Indicator, territory: Territory | None, like: PublicValue | None = None) -> PublicValue:
        """The published figure, else the ratio of its terms; of the same years as ``like`` when there is one."""
        if territory is None:
            return MISSING
        value, above = self._best(indicator, territory, like), None
        if indicator.numerator and indicator.denominator and not _is_like(value, like):
            above = self._best(indicator.numerator, territory, like)
        if above and (value is None or _is_like(above, like)):
            return self._ratio(indicator, territory, above)
        if value is None and is_perimeter(territory) and not indicator.is_additive:
            return NOT_COMPUTABLE
        return self._public(value, indicator)

    def middle(self, indicator: Indicator, like: PublicValue) -> PublicValue:
        """The column between here and France: the département, another place, or the places alike."""
        if self.group:
            return self.group.median(indicator, like)
        return self.shown(indicator, self.stage.department, like=like)

    def _ratio(self, indicator: Indicator, territory: Territory, above: Value) -> PublicValue:
        assert indicator.denominator is not None
        below = self._denominator(indicator.denominator, territory, above)
        found = ratio(above, below, indicator)
        if found.state != State.MISSING:  # what is not shown has no source
            self._remember(above, below)
        return found

    def sources(self) -> list[dict[str, Any]]:
        """The sources of the figures shown, each with its deliveries and what must be said beside it."""
        grouped: dict[Source, list[Value]] = defaultdict(list)
        for value in self.used.values():
            grouped[value.release.source].append(value)
        return [_source(source, grouped[source]) for source in sorted(grouped, key=lambda source: source.name)]

    def value(self, indicator: Indicator, territory: Territory) -> Value | None:
        """The row behind a figure, for who corrects it; None when it is computed, unknown, or that of an EPCI of the same
        communes."""
        value = self._best(indicator, territory, None)
        return value if value and value.pk and value.territory_id == territory.pk else None

    def origin(self, indicator: Indicator, territory: Territory, like: PublicValue) -> Value | None:
        """What says the source of a figure: its own row, or that of its numerator."""
        value = self._best(indicator, territory, like)
        return value or (self._best(indicator.numerator, territory, like) if indicator.numerator else None)

    def _all(self, indicator: Indicator, territory: Territory) -> list[Value]:
        """The rows of a territory; without any for here, the sums of its parts."""
        rows = self.values.get((indicator.pk, territory.pk), [])
        return rows if rows or territory != self.stage.here else self.parts.sums(indicator)

    def _best(self, indicator: Indicator, territory: Territory, like: PublicValue | None) -> Value | None:
        rows = self._all(indicator, territory)
        if like and like.year:
            same = [value for value in rows if _is_like(value, like)]
            rows = same or rows
        return rows[0] if rows else None

    def _denominator(self, indicator: Indicator, territory: Territory, above: Value) -> Value | None:
        """The last that was known when the numerator was counted, as the definitions say; else the nearest of the later ones.

        What everyone has counted is divided by what everyone knows: so are the ranks (ranking.py).
        """
        rows = self._all(indicator, territory)
        if above.release.caf_id is None:
            rows = [value for value in rows if value.release.caf_id is None] or rows
        known = [value for value in rows if value.year <= above.year]
        if known:
            return max(known, key=lambda value: value.year)
        return min(rows, key=lambda value: (value.release.caf_id is None, value.year), default=None)

    def _public(self, value: Value | None, indicator: Indicator) -> PublicValue:
        self._remember(value)
        return public_value(value, indicator)

    def _remember(self, *values: Value | None) -> None:
        """A sum has no row of its own: its releases are those of its terms."""
        self.used |= {value.pk or -id(value): value for value in values if value}


def _is_like(value: Value | None, like: PublicValue | None) -> bool:
    """Of the years of another figure; without another one, any figure will do."""
    if value is None:
        return False
    return not (like and like.year) or (value.year, value.start_year) == (like.year, like.start_year)


KEYS = Q(is_key=True) | Q(code__in=BRIEF)


def read_figures(
    stage: Stage,
    caf: Caf | None,
    which: Q = KEYS,
    *,
    lender: Caf | None = None,
    with_communes: bool = False,
    whole: bool = False,
) -> Figures:
    """Three queries: the catalogue, the values, the deliveries they come from.

    Two more for the communes and their figures, whose sums stand for what nobody published (``with_communes``); a perimeter
    always takes two, its communes and the EPCIs made of the same; ``whole`` reads what every commune has of the years shown.
    ``lender`` is the Caf whose figures of the other place chosen may be shown: never simply that of here.
    """
    catalogue = Indicator.objects.filter(which)
    return read_catalogue(catalogue, stage, caf, lender=lender, with_communes=with_communes, whole=whole)


def read_catalogue(catalogue: QuerySet[Indicator], stage: Stage, caf: Caf | None, **options: Any) -> Figures:
    """The same for indicators already chosen, that bring what the page says of each."""
    rows = catalogue.select_related("numerator", "denominator", "source")
    return read_known(stage, caf, {indicator.code: indicator for indicator in rows}, **options)


def read_known(
    stage: Stage,
    caf: Caf | None,
    indicators: dict[str, Indicator],
    *,
    lender: Caf | None = None,
    with_communes: bool = False,
    whole: bool = False,
) -> Figures:
    """The same for a catalogue already read."""
    wanted = {
        term
        for indicator in indicators.values()
        for term in (indicator, indicator.numerator, indicator.denominator)
        if term
    }
    parts = parts_of(stage.here, wanted) if is_perimeter(stage.here) and not whole else NOTHING
    rows = _rows(stage, None if whole else wanted, caf, lender, parts)
    if whole or (with_communes and parts is NOTHING):
        parts, inside = read_parts(stage.here, wanted, rows, caf, whole=whole)
        rows.add(inside)
    return Figures(stage, indicators, caf, rows, replace(parts, values=rows))


def _rows(stage: Stage, wanted: set[Indicator] | None, caf: Caf | None, lender: Caf | None, parts: Parts) -> Rows:
    inside, which = with_parts(parts)
    if not (stage.against and stage.department):
        return values_by_place([*stage.all, *inside], wanted, caf, which)
    own = [place for place in stage.all if place != stage.department]
    rows = values_by_place([*own, *inside], wanted, caf, which)
    rows.add(read_packs([stage.department], wanted, lender))
    return rows


def _source(source: Source, values: list[Value]) -> dict[str, Any]:
    """Deliveries are named while they are few; a long series is told by its years, and so is a file: its name tells nothing."""
    releases = sorted({value.release.name for value in values})
    if len(releases) > MOST_NAMED:
        releases = [_years(values)]
    elif files := [name for name in releases if _A_FILE.search(name)]:
        told = _years([value for value in values if value.release.name in files])
        releases = [told, *(name for name in releases if name not in files)]
    return {"source": source, "releases": releases, "is_demo": any(value.release.is_demo for value in values)}


def _years(values: list[Value]) -> str:
    first, last = min(value.year for value in values), max(value.year for value in values)
    return f"année {first}" if first == last else f"années {first} à {last}"
