"""One row a territory, one column a figure: Cnaf open data, wide files of Insee, our own template."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ctg_site.lib.text import search_key
from territory.imports.families import BANDS, CNAF, CODES, COMMUNE, EPCI, Plan
from territory.imports.figures import Spot, Table, Taker
from territory.imports.headings import Measure
from territory.imports.places import LEVELS
from territory.imports.strings import parse_figure, shortest
from territory.imports.years import is_december, year_in

NOT_LOCATED = "Allocataires non localisés (aucun code de commune) : ils sont nationaux, jamais répartis"
NO_GROUP = "Communes sans intercommunalité"
ABROAD = ("etranger", "hors france", "pays etranger")
_TOTAL = re.compile(r"(sous )?(total|totaux|ensemble|somme)\b")
ONE_TABLE = (
    "un seul tableau par feuille : celui qui commence ici se met dans une autre feuille, ou dans un autre fichier"
)

Rows = Iterator[tuple[int, list[str]]]


class Columns:
    def __init__(self, taker: Taker) -> None:
        self.taker, self.ledger, self.places = taker, taker.ledger, taker.places

    def read(self, table: Table, rows: Rows) -> None:
        table.plan.measures[:] = [measure for measure in table.plan.measures if self._has_its_years(table, measure)]
        for row, cells in rows:
            if any(cells):
                self.ledger.count()
                if self._is_heading(table, cells):
                    if [cell.strip() for cell in cells] == table.plan.headings:
                        continue
                    self.ledger.error(table.sheet, row, at(table.plan.headings, table.plan.code), cells[0], ONE_TABLE)
                    return
                self._read_row(table, row, cells)

    def _read_row(self, table: Table, row: int, cells: list[str]) -> None:
        plan, year = table.plan, None
        if self._is_beside(table, row, cells):
            return
        if plan.date is not None:
            year = self._december(table, row, at(cells, plan.date).strip())
            if year is None:
                return
        spot, measures = self._spot(plan, cells), self._measures(plan, cells)
        if not spot.level:
            say_unplaced(self.taker, table, row, spot, self._masses(measures, cells, year), str(year or ""))
            return
        for measure in measures:
            self._take(table, row, measure, spot, year or measure.year, written(cells, measure))

    @staticmethod
    def _is_heading(table: Table, cells: list[str]) -> bool:
        """Below are other columns, or the same after a break of page."""
        text = at(cells, table.plan.code)
        return not text[:1].isdigit() and search_key(text) in CODES

    def _has_its_years(self, table: Table, measure: Measure) -> bool:
        """Said once, at the heading, not in every cell below it."""
        year, start, known = measure.year, measure.start_year, self.taker.indicators[measure.indicator]
        if year is None or start is None:
            return True
        expected = ""
        if self.taker.year.is_wrong(max(year, start)):
            expected = self.taker.year.expected
        elif start > year:
            expected = f"l’année de départ avant celle d’arrivée, {year}-{start}"
        elif start < year and not known.is_evolution:
            expected = f"une seule année, « {known.label} » n’est pas une évolution"
        if expected:
            written = str(year) if start == year else f"{start}-{year}"
            self.ledger.error(table.sheet, table.plan.header + 1, measure.heading, written, expected)
        return not expected

    def _measures(self, plan: Plan, cells: list[str]) -> Sequence[Measure]:
        """What this row counts."""
        return plan.measures

    def _take(self, table: Table, row: int, measure: Measure, spot: Spot, year: int | None, text: str) -> None:
        self.taker.take(table, row, measure, spot, year, text)

    def _is_beside(self, table: Table, row: int, cells: list[str]) -> bool:
        """A total, or a note below the table: neither is a territory."""
        plan, measures = table.plan, self._measures(table.plan, cells)
        first = next(cell.strip() for cell in cells if cell.strip())
        told = [first, at(cells, plan.code), at(cells, plan.name)]
        if any(_TOTAL.match(search_key(text)) for text in told) and not self._spot(plan, cells).level:
            mass = self._masses(measures, cells, year_in(at(cells, plan.date)))
            self.ledger.set_aside("Lignes de total", row, first, mass)
        elif not first[:1].isdigit() and not any(written(cells, one).strip() for one in measures):
            if self._spot(plan, cells).level:
                return False
            self.ledger.set_aside("Lignes sans chiffre ni territoire (titres, notes)", row, first[:80], {})
        else:
            return False
        return True

    def _december(self, table: Table, row: int, text: str) -> int | None:
        year = year_in(text)
        if year is None:
            self.ledger.error(
                table.sheet, row, table.plan.headings[table.plan.date or 0], text, "une date, par exemple 2024-12"
            )
        elif not is_december(text):
            self.ledger.set_aside("Autres mois que décembre", row, text, {})
            return None
        elif self.taker.year.is_wrong(year):
            heading = table.plan.headings[table.plan.date or 0]
            self.ledger.error(table.sheet, row, heading, text, self.taker.year.expected)
            return None
        return year

    def _spot(self, plan: Plan, cells: list[str]) -> Spot:
        """A spot without a level is one that nobody knows."""
        level, code, name = plan.level, at(cells, plan.code).strip(), at(cells, plan.name).strip()
        if len(code) > 9:
            code = self._bare(code)
        if plan.level_column is not None:
            level = LEVELS.get(search_key(at(cells, plan.level_column)), level)
        if level and code:
            code = self.taker.mended(level, code)
        elif code:
            level, code = self.places.level_of(code, name) or ("", code)
        if not level and code.zfill(5) in self.places.districts:
            level, code = COMMUNE, code.zfill(5)
        known = code in self.places.spans.get(level, {}) or code in self.places.districts
        return Spot(level if known else "", code, name)

    def _bare(self, code: str) -> str:
        bare = self.places.without_name(code)
        if bare != code:
            self.ledger.repaired(code, bare)
        return bare

    def _masses(self, measures: Sequence[Measure], cells: list[str], year: int | None) -> dict[str, Decimal]:
        return dict(filter(None, (self._mass(measure, cells, year) for measure in measures)))

    def _mass(self, measure: Measure, cells: list[str], year: int | None) -> tuple[str, Decimal] | None:
        known = self.taker.indicators[measure.indicator]
        try:
            figure = parse_figure(written(cells, measure))
        except ValueError:
            return None
        if figure.number is None or not known.is_additive:
            return None
        label = f"{known.label} {year or measure.year or ''}".strip()
        self.ledger.units[label] = known.unit_name
        return label, Decimal(figure.number)


def at(cells: list[str], column: int | None) -> str:
    return cells[column] if column is not None and column < len(cells) else ""


def written(cells: list[str], measure: Measure) -> str:
    """The cell of a figure, or the sum of those that make it up; one of them without a number says why there is none."""
    if not measure.parts:
        return at(cells, measure.column)
    total = Decimal(0)
    for column in measure.parts:
        text = at(cells, column)
        try:
            number = parse_figure(text).number
        except ValueError:
            return text
        if number is None:
            return text
        total += Decimal(number)
    return shortest(total)


def say_unplaced(taker: Taker, table: Table, row: int, spot: Spot, masses: dict[str, Decimal], year: str) -> None:
    """Why a row has no territory: each reason has its own count, and its mass when it has one."""
    code, name = spot.code, spot.name
    if not code and table.plan.family in (CNAF, BANDS):
        taker.ledger.set_aside(NOT_LOCATED, row, year, masses)
    elif code and not code.strip("Zz"):
        taker.ledger.set_aside(NO_GROUP, row, name, masses)
    elif taker.places.is_outside(code) or search_key(name) in ABROAD:
        taker.ledger.set_aside("Étranger, et outre-mer hors des 101 départements", row, f"{name} ({code})", masses)
    elif "X" in code.upper() and code[:2].isdigit():
        taker.ledger.set_aside("Totaux d’arrondissements ou de découpages partiels", row, code, masses)
    else:
        level = table.plan.level or (EPCI if len(code) == 9 else COMMUNE)
        closest = taker.places.closest(level, code, name)
        taker.ledger.stranger(table.sheet, row, code, name or ("" if code else "ligne sans code"), closest)
