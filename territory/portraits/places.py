"""The communes inside a territory, with their outline and their population."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from ctg_site.lib.charts import Area, Choropleth, choropleth
from territory.models import Territory
from territory.portraits.figures import POPULATION, Figures
from territory.portraits.stored import values_by_place
from territory.secrecy import MISSING, PublicValue, public_value


@dataclass(frozen=True)
class Place:
    territory: Territory
    population: PublicValue
    geometry: dict[str, Any] | None


@dataclass(frozen=True)
class Places:
    """The communes by name, their population of one year."""

    rows: list[Place]
    year: int | None
    outline_source: str

    @property
    def has_several(self) -> bool:
        return len(self.rows) > 1

    @property
    def caption(self) -> str:
        return f"Population municipale par commune, {self.year}" if self.year else "Communes"

    @property
    def sentence(self) -> str:
        """« 45 communes. De 18 habitants (…) à 6 089 habitants (Prades). »"""
        return f"{len(self.rows)} communes. {self.map.sentence if self.map else ''}".strip()

    @cached_property
    def map(self) -> Choropleth | None:
        """The population of the communes that have an outline; nothing to draw with a single one."""
        areas = [_area(row, row.geometry) for row in self.rows if row.geometry]
        if len(areas) < 2:
            return None
        return choropleth("Population municipale par commune", areas, thresholds=_thresholds(areas))


def read_places(territory: Territory, figures: Figures, on: date) -> Places:
    """Two queries (the communes, their population of the year shown for the whole), none where ``figures`` has read them."""
    communes = list(figures.parts.communes) or communes_of(territory, on)
    here = figures.here(POPULATION)
    year, shown = _population(communes, figures, here.year if here else None)
    rows = [Place(commune, value, _geometry(commune)) for commune, value in zip(communes, shown, strict=True)]
    return Places(rows, year, _outline_source(communes))


def communes_of(territory: Territory, on: date) -> list[Territory]:
    """With their outline; a région or France has too many to be listed."""
    if territory.kind in (Territory.Kind.REGION, Territory.Kind.FRANCE):
        return []
    return list(territory.communes_on(on).select_related("outline").order_by("name", "pk"))


def _population(
    communes: Sequence[Territory], figures: Figures, year: int | None
) -> tuple[int | None, list[PublicValue]]:
    """Of one year for all the communes: that of the whole, else the last one known."""
    indicator = figures.indicators.get(POPULATION)
    if not communes or indicator is None:
        return None, [MISSING] * len(communes)
    read = (
        figures.parts.values if figures.parts.knows(indicator) else values_by_place(communes, [indicator], figures.caf)
    )
    known = [read.get((indicator.pk, commune.pk), []) for commune in communes]
    year = year or max((rows[0].year for rows in known if rows), default=None)
    best = [next((value for value in rows if value.year == year), None) for rows in known]
    if not any(best):
        return None, [MISSING] * len(communes)
    return year, [public_value(value, indicator) for value in best]


def _area(row: Place, geometry: dict[str, Any]) -> Area:
    value = row.population
    text = f"{value.text} habitants" if value.is_shown else value.words
    return Area(row.territory.name, geometry, text, value.number, value.state)


def _thresholds(areas: Sequence[Area]) -> list[int]:
    """Four bounds that cut the communes in five classes of about as many, at numbers that read well."""
    sizes = sorted(area.number for area in areas if area.number is not None)
    cuts = {_read_well(sizes[len(sizes) * part // 5]) for part in range(1, 5)} if sizes else set()
    return sorted(cut for cut in cuts if cut > sizes[0])


def _read_well(number: Decimal) -> int:
    """The nearest of 10, 15, 20, 25, 30, 40, 50, 75, 100, 150…"""
    power = max(number.adjusted(), 0)
    steps = [Decimal(step).scaleb(power - 1) for step in (10, 15, 20, 25, 30, 40, 50, 75, 100)]
    return int(min(steps, key=lambda step: abs(step - number)))


def _geometry(commune: Territory) -> dict[str, Any] | None:
    return commune.outline.geometry if hasattr(commune, "outline") else None


def _outline_source(communes: Sequence[Territory]) -> str:
    return next((commune.outline.source for commune in communes if hasattr(commune, "outline")), "")
