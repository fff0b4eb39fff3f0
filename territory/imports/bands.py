"""Cnaf open data by band of the quotient familial: each band is an indicator of ours, and several may make up one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ctg_site.lib.text import search_key
from territory.imports.columns import Columns, Rows, at
from territory.imports.families import BANDED, Plan
from territory.imports.figures import Spot, Table, Taker
from territory.imports.headings import BANDS, Measure
from territory.imports.strings import shortest
from territory.imports.years import year_in

OUTSIDE = "Tranches de quotient familial hors du catalogue ({band})"
TWICE = "une seule ligne par territoire, par mois et par tranche"


@dataclass(slots=True)
class Sum:
    """Bands met so far of an indicator made of several; without a total as soon as one has no number."""

    row: int
    bands: frozenset[str] = frozenset()
    total: Decimal | None = Decimal(0)


class Bands(Columns):
    """A band that a place does not have says nothing: it is not read as a zero."""

    def __init__(self, taker: Taker) -> None:
        super().__init__(taker)
        known = taker.headings.known.get(BANDS, {})
        sizes = Counter(indicator for _, indicator in known.values())
        self.indicators = {band: indicator for band, (_, indicator) in known.items() if indicator in taker.indicators}
        self.several = {indicator for indicator, size in sizes.items() if size > 1}
        self.measures: dict[str, Measure] = {}
        self.sums: dict[tuple[str, Spot, int], Sum] = {}
        self.band = ""

    def read(self, table: Table, rows: Rows) -> None:
        super().read(table, rows)
        for (indicator, spot, year), found in self.sums.items():
            number = "" if found.total is None else shortest(found.total)
            status = "estimated" if len(found.bands) > 1 else ""  # a sum of rounded counts
            self.taker.take(table, found.row, self.measures[indicator], spot, year, number, status)
        table.plan.measures.extend(self.measures.values())

    def _read_row(self, table: Table, row: int, cells: list[str]) -> None:
        plan, text = table.plan, at(cells, table.plan.band).strip()
        self.band = search_key(text)
        if self.band in self.indicators:
            super()._read_row(table, row, cells)
            return
        whole = Measure(plan.value or 0, BANDED, plan.headings[plan.value or 0])
        mass = self._masses([whole], cells, year_in(at(cells, plan.date)))
        self.ledger.set_aside(OUTSIDE.format(band=text or "vide"), row, at(cells, plan.code), mass)

    def _measures(self, plan: Plan, cells: list[str]) -> Sequence[Measure]:
        indicator, column = self.indicators[self.band], plan.value or 0
        if indicator not in self.measures:
            self.measures[indicator] = Measure(column, indicator, plan.headings[column])
        return [self.measures[indicator]]

    def _take(self, table: Table, row: int, measure: Measure, spot: Spot, year: int | None, text: str) -> None:
        if measure.indicator not in self.several or year is None:
            super()._take(table, row, measure, spot, year, text)
            return
        try:
            number = self.taker.figure(table, measure, self.taker.indicators[measure.indicator], row, text).number
        except ValueError as error:
            self.ledger.error(table.sheet, row, measure.heading, text, str(error))
            return
        found = self.sums.setdefault((measure.indicator, Spot(spot.level, spot.code), year), Sum(row))
        if self.band in found.bands:
            self.ledger.error(table.sheet, row, measure.heading, text, TWICE)
            return
        found.bands |= {self.band}
        found.total = None if number is None or found.total is None else found.total + Decimal(number)
