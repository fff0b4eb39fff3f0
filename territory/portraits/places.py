"""The communes inside a territory, with their outline and their population."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from territory.models import Territory, Value
from territory.portraits.figures import POPULATION, Figures, values_by_place
from territory.secrecy import MISSING, PublicValue, hide_deducible, public_value, total

LAST_KNOWN = date.max  # the composition that has no end: the last one known, without a clock


@dataclass(frozen=True)
class Place:
    territory: Territory
    population: PublicValue
    geometry: dict[str, Any] | None


@dataclass(frozen=True)
class Places:
    """The communes by name, their population of one year; ``totals`` sums them year by year when nobody published the sum."""

    rows: list[Place]
    year: int | None
    totals: list[PublicValue]
    outline_source: str

    @property
    def has_map(self) -> bool:
        return len(self.rows) > 1 and any(row.geometry for row in self.rows)


def read_places(territory: Territory, figures: Figures, on: date) -> Places:
    """Two queries: the communes with their outline, then their population, of the year shown for the whole."""
    communes = list(territory.communes_on(on).select_related("outline").order_by("name", "pk"))
    here = figures.here(POPULATION)
    by_year = _by_year(communes, figures, here.year if here else None)
    year = max(by_year, default=None)
    shown = hide_deducible(by_year[year]) if year else [MISSING] * len(communes)
    rows = [Place(commune, value, _geometry(commune)) for commune, value in zip(communes, shown, strict=True)]
    known = here is not None and here.year is not None
    totals = [] if known else [total(by_year[y], figures.indicators[POPULATION]) for y in sorted(by_year)]
    return Places(rows, year, totals, _outline_source(communes))


def _by_year(communes: Sequence[Territory], figures: Figures, year: int | None) -> dict[int, list[PublicValue]]:
    """For each year known, one figure per commune, in their order."""
    indicator = figures.indicators.get(POPULATION)
    if not communes or indicator is None:
        return {}
    values = values_by_place(communes, {indicator}, figures.caf, year)
    best: dict[tuple[int, int], Value] = {}
    for rows in values.values():
        best |= {(value.year, value.territory_id): value for value in reversed(rows)}
    years = {year for year, _ in best}
    return {year: [public_value(best.get((year, commune.pk)), indicator) for commune in communes] for year in years}


def _geometry(commune: Territory) -> dict[str, Any] | None:
    return commune.outline.geometry if hasattr(commune, "outline") else None


def _outline_source(communes: Sequence[Territory]) -> str:
    return next((commune.outline.source for commune in communes if hasattr(commune, "outline")), "")
