"""Rows by IRIS, summed by commune, and only where every IRIS of the file gives the figure."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from territory.imports.columns import at, say_unplaced, written
from territory.imports.families import COMMUNE
from territory.imports.figures import Spot, Table, Taker
from territory.imports.strings import shortest

NOTICE = "Les IRIS sont additionnés par commune quand tous ceux du fichier donnent le chiffre."
NO_SUM = "Les IRIS d’une commune ne s’additionnent pas pour ces colonnes, laissées de côté : {headings}."
INCOMPLETE = "Communes dont un IRIS est secret ou absent"


class Iris:
    def __init__(self, taker: Taker) -> None:
        self.taker, self.ledger = taker, taker.ledger
        self.sums: dict[tuple[str, str, int | None], Decimal | None] = {}
        self.seen: set[str] = set()

    def read(self, table: Table, rows: Iterator[tuple[int, list[str]]]) -> None:
        self.ledger.notice(NOTICE)
        self._keep_what_adds_up(table)
        for row, cells in rows:
            if any(cells):
                self.ledger.count()
                self._read_row(table, row, cells)
        self._close()

    def _keep_what_adds_up(self, table: Table) -> None:
        measures = table.plan.measures
        left = [one.heading for one in measures if not self.taker.indicators[one.indicator].is_additive]
        measures[:] = [one for one in measures if self.taker.indicators[one.indicator].is_additive]
        table.plan.ignored += left
        if left:
            self.ledger.notice(NO_SUM.format(headings=", ".join(f"« {heading} »" for heading in left[:12])))

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
            key, text = (commune, measure.indicator, measure.year), written(cells, measure)
            try:
                number = self.taker.figure(table, measure, self.taker.indicators[measure.indicator], row, text).number
            except ValueError as error:
                self.ledger.error(table.sheet, row, measure.heading, text, str(error))
                number = None
            before = self.sums.get(key, Decimal(0))
            self.sums[key] = None if number is None or before is None else before + Decimal(number)

    def _close(self) -> None:
        left: dict[str, list[str]] = defaultdict(list)
        for (commune, code, dated), total in self.sums.items():
            known, year = self.taker.indicators[code], dated or self.taker.year.get()
            if year is None:
                continue
            if total is None:
                left[commune].append(known.label)
            else:
                self.taker.store(known, Spot(COMMUNE, commune), year, year, shortest(total), "exact")
        for commune, labels in left.items():
            name = self.taker.places.names[COMMUNE].get(commune, commune)
            self.ledger.set_aside(INCOMPLETE, 0, f"{name} ({commune}) : {', '.join(labels)}", {})
