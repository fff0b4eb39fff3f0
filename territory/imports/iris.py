"""Rows by IRIS, summed by commune, and only where every IRIS of the file gives the figure."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from territory.imports.columns import at, say_unplaced
from territory.imports.families import COMMUNE
from territory.imports.figures import Spot, Table, Taker

NOTICE = "Les IRIS sont additionnés par commune quand tous ceux du fichier donnent le chiffre."
INCOMPLETE = "Communes dont un IRIS est secret ou absent"


class Iris:
    def __init__(self, taker: Taker) -> None:
        self.taker, self.ledger = taker, taker.ledger
        self.sums: dict[tuple[str, str], Decimal | None] = {}
        self.seen: set[str] = set()

    def read(self, table: Table, rows: Iterator[tuple[int, list[str]]]) -> None:
        self.ledger.notice(NOTICE)
        for row, cells in rows:
            if any(cells):
                self.ledger.count()
                self._read_row(table, row, cells)
        year = self.taker.year.get()
        if year is not None:
            self._close(year)

    def _read_row(self, table: Table, row: int, cells: list[str]) -> None:
        iris = at(cells, table.plan.code).strip().zfill(9)
        commune = self.taker.places.districts.get(iris[:5], iris[:5])
        if not self.taker.places.spans[COMMUNE].get(commune):
            say_unplaced(self.taker, table, row, Spot("", iris), {}, "")
            return
        if iris in self.seen:
            heading = table.plan.headings[table.plan.code or 0]
            self.ledger.error(table.sheet, row, heading, iris, "une seule ligne par IRIS : celui-ci est déjà compté")
            return
        self.seen.add(iris)
        for measure in table.plan.measures:
            key, text = (commune, measure.indicator), at(cells, measure.column)
            try:
                number = self.taker.figure(table, measure, self.taker.indicators[measure.indicator], row, text).number
            except ValueError as error:
                self.ledger.error(table.sheet, row, measure.heading, text, str(error))
                number = None
            before = self.sums.get(key, Decimal(0))
            self.sums[key] = None if number is None or before is None else before + Decimal(number)

    def _close(self, year: int) -> None:
        left: dict[str, list[str]] = defaultdict(list)
        for (commune, code), total in self.sums.items():
            known = self.taker.indicators[code]
            if total is None:
                left[commune].append(known.label)
            else:
                self.taker.store(known, Spot(COMMUNE, commune), year, year, str(total), "exact")
        for commune, labels in left.items():
            name = self.taker.places.names[COMMUNE].get(commune, commune)
            self.ledger.set_aside(INCOMPLETE, 0, f"{name} ({commune}) : {', '.join(labels)}", {})
