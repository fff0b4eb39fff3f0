"""The figures of here, the département and France, read at once; the best one of each is picked in memory."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from territory.models import Caf, Indicator, Source, Territory, Value
from territory.portraits.stage import Stage
from territory.secrecy import MISSING, PublicValue, public_value, ratio

POPULATION, HOUSEHOLDS, PEOPLE, COVERAGE = (
    "population",
    "foyers-allocataires",
    "personnes-couvertes",
    "taux-couverture-population",
)
MOST_NAMED = 3
BRIEF = (POPULATION, HOUSEHOLDS, PEOPLE, COVERAGE)


@dataclass
class Figures:
    """Values by (indicator, territory), the best first: the Caf's own before open data, newest year, last delivery."""

    stage: Stage
    indicators: dict[str, Indicator]
    caf: Caf | None
    values: dict[tuple[int, int], list[Value]]
    used: dict[int, Value] = field(default_factory=dict)

    @property
    def keys(self) -> list[Indicator]:
        return [indicator for indicator in self.indicators.values() if indicator.is_key]

    def here(self, code: str) -> PublicValue | None:
        indicator = self.indicators.get(code)
        return self.shown(indicator, self.stage.here) if indicator else None

    def series(self, code: str) -> list[PublicValue]:
        """One figure a year, the oldest first."""
        indicator = self.indicators.get(code)
        if indicator is None:
            return []
        best = {value.year: value for value in reversed(self._all(indicator, self.stage.here))}
        return [self._public(best[year], indicator) for year in sorted(best)]

    def shown(self, indicator: Indicator, territory: Territory | None, like: PublicValue | None = None) -> PublicValue:
        """The published figure, else the ratio of its terms; of the same years as ``like`` when there is one."""
        if territory is None:
            return MISSING
        value = self._best(indicator, territory, like)
        if value is None and indicator.numerator and indicator.denominator:
            above = self._best(indicator.numerator, territory, like)
            below = self._denominator(indicator.denominator, territory, above)
            self._remember(above, below)
            return ratio(above, below, indicator)
        return self._public(value, indicator)

    def sources(self) -> list[dict[str, Any]]:
        """The sources of the figures shown, each with its deliveries and what must be said beside it."""
        grouped: dict[Source, list[Value]] = defaultdict(list)
        for value in self.used.values():
            grouped[value.release.source].append(value)
        return [_source(source, grouped[source]) for source in sorted(grouped, key=lambda source: source.name)]

    def value(self, indicator: Indicator, territory: Territory) -> Value | None:
        """The row behind a figure, for who corrects it; None when it is computed or unknown."""
        return self._best(indicator, territory, None)

    def _all(self, indicator: Indicator, territory: Territory) -> list[Value]:
        return self.values.get((indicator.pk, territory.pk), [])

    def _best(self, indicator: Indicator, territory: Territory, like: PublicValue | None) -> Value | None:
        rows = self._all(indicator, territory)
        if like and like.year:
            same = [value for value in rows if (value.year, value.start_year) == (like.year, like.start_year)]
            rows = same or rows
        return rows[0] if rows else None

    def _denominator(self, indicator: Indicator, territory: Territory, above: Value | None) -> Value | None:
        """What was known when the numerator was counted, rather than a later year."""
        rows = self._all(indicator, territory)
        known = [value for value in rows if above and value.year <= above.year]
        return next(iter(known or rows), None)

    def _public(self, value: Value | None, indicator: Indicator) -> PublicValue:
        self._remember(value)
        return public_value(value, indicator)

    def _remember(self, *values: Value | None) -> None:
        self.used |= {value.pk: value for value in values if value}


def read_figures(stage: Stage, caf: Caf | None) -> Figures:
    """Two queries: the catalogue, then the values."""
    catalogue = Indicator.objects.filter(Q(is_key=True) | Q(code__in=BRIEF)).select_related("numerator", "denominator")
    indicators = {indicator.code: indicator for indicator in catalogue}
    wanted = {
        term
        for indicator in indicators.values()
        for term in (indicator, indicator.numerator, indicator.denominator)
        if term
    }
    return Figures(stage, indicators, caf, values_by_place(stage.all, wanted, caf))


def values_by_place(
    territories: Iterable[Territory], indicators: Iterable[Indicator], caf: Caf | None, year: int | None = None
) -> dict[tuple[int, int], list[Value]]:
    rows = Value.objects.filter(territory__in=territories, indicator__in=indicators)
    rows = rows.visible_to_caf(caf) if caf else rows.filter(release__caf=None)
    if year:
        rows = rows.filter(year=year)
    grouped: dict[tuple[int, int], list[Value]] = defaultdict(list)
    for value in sorted(rows.select_related("release__source"), key=_rank, reverse=True):
        grouped[value.indicator_id, value.territory_id].append(value)
    return grouped


def _source(source: Source, values: list[Value]) -> dict[str, Any]:
    """Deliveries are named while they are few; a long series is told by its years."""
    releases, years = sorted({value.release.name for value in values}), [value.year for value in values]
    if len(releases) > MOST_NAMED:
        releases = [f"années {min(years)} à {max(years)}"]
    return {"source": source, "releases": releases, "is_demo": any(value.release.is_demo for value in values)}


def _rank(value: Value) -> tuple[Any, ...]:
    return (value.release.caf_id is not None, value.year, value.release.loaded_at, value.pk)
