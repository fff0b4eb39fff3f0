"""One file: each of its tables is recognised and read in the way of its family, then the whole is closed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

from territory.imports import personal
from territory.imports.bands import Bands
from territory.imports.closing import close_districts, department_sums
from territory.imports.columns import Columns
from territory.imports.errors import Unreadable
from territory.imports.families import COMMUNE, LABELS, Plan, recognise
from territory.imports.figures import Table, Taker
from territory.imports.headings import BANDS, IRIS, LONG, TEMPLATE, WIDE, years_of
from territory.imports.iris import Iris
from territory.imports.ledger import Ledger
from territory.imports.long import Long
from territory.imports.unknown import why_unknown

OUR_NOTES = {"Lisez-moi", "Mode d’emploi"}  # of our own template: there is nothing to read in them
UNKNOWN = (
    "Ce fichier n’est d’aucune famille connue : aucune ligne d’en-tête ne nomme à la fois le code d’un territoire (« Code »,"
    " « Code Insee »…), un indicateur et son année. "
    "Partez du modèle Excel, ou d’un fichier de la Cnaf ou de l’Insee tel qu’il est publié."
)
EMPTY = "Ce fichier ne contient aucune donnée : vérifiez que c’est le bon, puis renvoyez-le."
SQUEEZED = (
    "Toutes les colonnes de ce fichier sont serrées dans une seule, où des « ; » les séparent : déposez le fichier .csv d’origine, "
    "sans le rouvrir dans un tableur, ou séparez-les dans le tableur (Données › Convertir), puis renvoyez-le."
)
MIXED = (
    "Ce fichier mêle plusieurs sources : ses chiffres sont rangés sous celle de la plupart de ses colonnes. "
    "Séparez-les si elles doivent rester distinctes."
)


class Reading:
    """``read`` each table, then ``close`` for the report."""

    def __init__(self, catalogue: dict[str, Any], ledger: Ledger) -> None:
        self.ledger, self.taker = ledger, Taker(catalogue, ledger)
        self.chosen_source: str = catalogue["source"]
        self.sources: list[str] = []
        self.tables: list[dict[str, Any]] = []
        self.is_squeezed = False
        self.why = ""
        self.is_empty = True

    def read(self, sheet: str, rows: Iterator[list[str]]) -> None:
        peeked = personal.check_start(rows)
        rows = personal.watched(rows)
        self.is_empty &= not any(cell.strip() for cells in peeked for cell in cells)
        plan = recognise(peeked[: personal.HEADING_ROWS], self.taker.headings, self.taker.places.spans[COMMUNE])
        if plan is None:
            self.is_squeezed |= _is_squeezed(peeked)
            self.why = self.why or why_unknown(sheet, peeked[: personal.HEADING_ROWS], self.taker.headings)
            if sheet not in OUR_NOTES and any(any(cells) for cells in peeked):
                self.ledger.notice(
                    f"Feuille « {sheet} » : aucune famille de fichier reconnue, elle est laissée de côté."
                )
            return
        self._date(sheet, plan)
        before = self.ledger.rows
        source = self.chosen_source or _usual(plan.sources)
        self._reader(plan.family).read(
            Table(sheet, plan, source), enumerate(chain(peeked[plan.header + 1 :], rows), plan.header + 2)
        )
        self.sources += [found for found in (source, *plan.sources) if found]
        self.tables.append(
            {
                "sheet": sheet,
                "family": plan.family,
                "label": LABELS[plan.family],
                "rows": self.ledger.rows - before,
                "indicators": list(dict.fromkeys(self.taker.indicators[m.indicator].label for m in plan.measures)),
                "ignored": plan.ignored,
            }
        )

    def _date(self, sheet: str, plan: Plan) -> None:
        """A book with a sheet a year: its columns say none."""
        _, (start, year) = years_of(sheet)
        undated = [measure for measure in plan.measures if measure.year is None]
        if plan.family in (WIDE, IRIS, TEMPLATE) and undated and year and start == year and not self.taker.year.given:
            plan.measures[:] = [
                replace(one, year=one.year or year, start_year=one.start_year or year) for one in plan.measures
            ]
            self.ledger.notice(f"Année {year}\u00a0: lue dans le nom de la feuille « {sheet} ».")

    def _forget_columns_without_figures(self) -> None:
        """Of the template, most columns stay empty: what the file brings is what it has figures of."""
        filled = {pk for pk, *_ in self.ledger.slots}
        labels = {known.label for known in self.taker.indicators.values() if known.pk in filled}
        for table in self.tables if filled else []:
            table["indicators"] = [label for label in table["indicators"] if label in labels]

    def _reader(self, family: str) -> Long | Iris | Columns:
        if family == LONG:
            return Long(self.taker)
        if family == BANDS:
            return Bands(self.taker)
        return Iris(self.taker) if family == IRIS else Columns(self.taker)

    def close(self) -> dict[str, Any]:
        if not self.tables and self.is_empty:
            raise Unreadable(EMPTY)
        if not self.tables:
            raise Unreadable(SQUEEZED if self.is_squeezed else self.why or UNKNOWN)
        source = self.chosen_source or _usual(self.sources)
        if not self.chosen_source and len(set(self.sources)) > 1:
            self.ledger.notice(MIXED)
        cities = close_districts(self.taker, source)
        totals = [*cities, *department_sums(self.taker)]
        self._forget_columns_without_figures()
        return self.ledger.report() | {"tables": self.tables, "source": source, "totals": totals}


def _usual(sources: list[str]) -> str:
    """That of most columns; a column that users name says nothing of its source."""
    told = Counter(source for source in sources if source)
    return told.most_common(1)[0][0] if told else ""


def _is_squeezed(rows: list[list[str]]) -> bool:
    """A text opened in a spreadsheet that did not cut it: a line is one cell, or two where a number had a comma."""
    first = [next(cell for cell in cells if cell) for cells in rows if any(cells)]
    return bool(first) and first[0].count(";") > 1 and sum(";" in cell for cell in first) > len(first) / 2
