"""From one cell to one figure: its number in the unit of the indicator, its quality, its entity; or a sentence."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from territory.imports.families import COMMUNE, DEPARTEMENT, Plan
from territory.imports.headings import BANDS, CNAF, IRIS, LONG, TEMPLATE, Headings, Measure
from territory.imports.ledger import Known, Ledger, Slot
from territory.imports.places import Places
from territory.imports.strings import Figure, parse_figure, shortest
from territory.imports.years import FileYear
from territory.possible import below_zero

CELLS = ("cells", "les deux sont mêlés : je réponds cellule par cellule")
SHARE_CHOICES = [
    ("percent", "des pourcentages : 0,43 veut dire 0,43 %"),
    ("share", "des parts : 0,43 veut dire 43 %"),
    CELLS,
]
OVER_CHOICES = [
    ("as_written", "justes tels qu’ils sont"),
    ("hundred", "cent fois trop grands : 4 300 % veut dire 43 %"),
    CELLS,
]
MOST_CELLS = 40
UNITS = {"percent": ("%",), "rate": ("%",), "euro": ("€",), "fte": ("Etp",)}
WHOLE = (CNAF, BANDS, IRIS, TEMPLATE)  # the others publish estimates, with decimals
_SHARE = (
    "{place}, ligne {row} : « {shown} » dans une colonne en %. Les nombres de cette colonne écrits sans % sont-ils…"
)
_OVER = "{place}, ligne {row} : « {shown} ». Les pourcentages de cette colonne sont-ils…"


@dataclass(frozen=True)
class Table:
    """A sheet being read: how, and from which source."""

    sheet: str
    plan: Plan
    source: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a row is: a level, the code of an entity, the name as written."""

    level: str
    code: str
    name: str = ""


class Taker:
    """Takes figures one by one, for every family; what cannot be taken is said in the ledger."""

    def __init__(self, catalogue: dict[str, Any], ledger: Ledger) -> None:
        self.ledger = ledger
        self.indicators = {code: Known(**row) for code, row in catalogue["indicators"].items()}
        self.headings = Headings(catalogue["headings"], {code: known.label for code, known in self.indicators.items()})
        self.places = Places(catalogue["places"], catalogue["names"], catalogue["districts"])
        self.year = FileYear(catalogue, ledger)
        self.blanks: dict[str, str] = catalogue["blanks"]
        self.rounded: dict[str, list[tuple[int, bool]]] = catalogue["rounded"]
        self.plain: dict[tuple[str, int], str] = {}
        self.answers: dict[str, str] = catalogue["answers"]
        self.cells: set[str] = set()
        self.ended: tuple[str, int] | None = None
        self.districts: dict[tuple[str, str, int], dict[str, Figure]] = {}
        for city in set(self.places.districts.values()):
            ledger.watched |= {pk: {} for *_, pk in self.places.spans[COMMUNE].get(city, [])}

    def take(
        self, table: Table, row: int, measure: Measure, spot: Spot, year: int | None, text: str, status: str = ""
    ) -> None:
        known = self.indicators[measure.indicator]
        year = year or self.year.get()
        if year is None:
            return
        try:
            figure = self.figure(table, measure, known, row, text)
        except ValueError as error:
            self.ledger.error(table.sheet, row, measure.heading, text, str(error))
            return
        quality = self._quality(figure, table, year, status)
        if not quality:
            return
        if self.places.has_ended(spot.level, spot.code, year):
            self.say_ended(table.sheet, row, spot, year)
            return
        if spot.code in self.places.districts:
            key = (self.places.districts[spot.code], known.code, year)
            self.districts.setdefault(key, {})[spot.code] = figure
            return
        start_year = measure.start_year if measure.start_year and measure.start_year != measure.year else year
        if known.is_evolution and start_year == year:
            expected = "deux années dans l’intitulé de la colonne, par exemple 2014-2019"
            self.ledger.error(table.sheet, row, measure.heading, text, expected)
            return
        if not self.store(known, spot, year, start_year, figure.number if _has_number(quality) else None, quality):
            self.say_twice(table.sheet, row, measure.heading, text, known, spot.code, year)

    def figure(self, table: Table, measure: Measure, known: Known, row: int, text: str) -> Figure:
        is_whole = (
            known.unit == "count" and not known.decimals and table.plan.family in WHOLE and not measure.is_estimate
        )
        figure = parse_figure(text, counts=is_whole or (known.unit == "count" and not measure.is_certain))
        if figure.number is None:
            return figure
        _refuse_impossible(known, figure, is_whole=is_whole)
        if known.unit == "percent" and not measure.is_certain:
            return self._percent(_place_of(table, measure, known), measure, row, figure)
        return figure

    def _percent(self, place: str, measure: Measure, row: int, figure: Figure) -> Figure:
        """A bare 0.43 may be 0.43 % or 43 %; a cell shown 4300 % may be 43: the person says, for the column or the cell."""
        value, is_level = Decimal(figure.number or 0), measure.start_year == measure.year
        times, over = shortest(value * 100), shortest(value / 100)
        if not figure.is_percent and abs(value) <= 100:
            told = self._column(f"share:{place}", 0 < abs(value) < 1, place, row, _SHARE, value, SHARE_CHOICES)
            doubtful = 0 < abs(value) < 1 if told == "cells" else told == "share" and abs(value) > 1 and is_level
            if doubtful and not (told := self._cell(place, row, value, ("percent", value), ("share", Decimal(times)))):
                return figure
            if told == "share":
                return Figure(times)
            return Figure(over) if self.answers.get(f"over:{place}") == "hundred" else figure
        told = self._column(f"over:{place}", abs(value) > 100 and is_level, place, row, _OVER, value, OVER_CHOICES)
        if told == "cells":
            is_over = abs(value) > 100 and is_level
            told = self._cell(place, row, value, ("as_written", value), ("hundred", Decimal(over))) if is_over else ""
        return Figure(over) if told == "hundred" else figure

    def _column(
        self,
        key: str,
        is_doubtful: bool,
        place: str,
        row: int,
        text: str,
        value: Decimal,
        choices: list[tuple[str, str]],
    ) -> str:
        if is_doubtful:
            self.ledger.ask(key, text.format(place=place, row=row, shown=_french(value)), choices)
        return self.answers.get(key, "")

    def _cell(self, place: str, row: int, value: Decimal, *readings: tuple[str, Decimal]) -> str:
        """One question a cell, while they are few enough to be answered one by one."""
        key = f"cell:{place}:{row}"
        if key not in self.cells and len(self.cells) == MOST_CELLS:
            raise ValueError("un pourcentage écrit avec son signe : trop de cellules demandent une réponse")
        self.cells.add(key)
        text = f"{place}, ligne {row} : « {_french(value)} » veut dire…"
        self.ledger.ask(key, text, [(name, f"{_french(number)}\u00a0%") for name, number in readings])
        return self.answers.get(key, "")

    def _quality(self, figure: Figure, table: Table, year: int, status: str) -> str:
        """The meaning of a blank belongs to the source; in our own template, a blank says nothing."""
        if status in ("missing", "masked"):
            return status
        if figure.number is not None:
            return status or self.plain_quality(table.source, year)
        if figure.quality:
            return figure.quality
        return "" if table.plan.family == TEMPLATE else self.blanks.get(table.source, "missing")

    def plain_quality(self, source: str, year: int) -> str:
        """Of a number that carries no status: a source has not always rounded its counts."""
        if (source, year) not in self.plain:
            told = [is_rounded for first, is_rounded in self.rounded.get(source, ()) if first <= year]
            self.plain[source, year] = "rounded" if told and told[-1] else "exact"
        return self.plain[source, year]

    def store(self, known: Known, spot: Spot, year: int, start_year: int, number: str | None, quality: str) -> bool:
        """False when the file has this figure already."""
        territory = self.places.find(spot.level, spot.code, year)
        if territory is None:
            return True
        slot = self.ledger.slot(known.pk, year, start_year)
        if not slot.is_new(territory):
            return False
        self.ledger.write(known.pk, territory, year, start_year, number, quality)
        if known.is_additive and spot.level == COMMUNE:
            add(slot, spot.code, number)
        elif known.is_additive and spot.level == DEPARTEMENT and number is not None:
            slot.stated[spot.code] = Decimal(number)
        return True

    def say_twice(self, sheet: str, row: int, heading: str, text: str, known: Known, code: str, year: int) -> None:
        expected = f"une seule ligne par territoire : {code} a déjà « {known.label} » pour {year}"
        self.ledger.error(sheet, row, heading, text, expected)

    def say_ended(self, sheet: str, row: int, spot: Spot, year: int) -> None:
        """Once a row: its figures would be those of nobody."""
        if self.ended != (sheet, row):
            self.ended = (sheet, row)
            name = spot.name or self.places.names[spot.level][spot.code]
            self.ledger.stranger(
                sheet, row, spot.code, name, f"n’existe plus en {year} : à ajouter à celle qui l’a reprise"
            )

    def mended(self, level: str, code: str) -> str:
        mended = self.places.mended(level, code)
        if mended != code:
            self.ledger.repaired(code, mended)
        return mended


def _refuse_impossible(known: Known, figure: Figure, *, is_whole: bool) -> None:
    """What no cell can say of this indicator, whatever its source."""
    number = figure.number or ""
    if figure.unit and figure.unit not in UNITS.get(known.unit, (known.unit_name,)):
        said = known.unit_name or {"percent": "%"}.get(known.unit, "Etp")
        raise ValueError(f"un nombre sans « {figure.unit} », l’unité de « {known.label} » est « {said} »")
    if noun := number.startswith("-") and below_zero(known, Decimal(number)):
        raise ValueError(f"zéro ou plus, « {known.label} » est {noun}")
    if is_whole and known.counts_people and "." in number:
        raise ValueError(f"un nombre entier, « {known.label} » compte des {known.unit_name or 'personnes'}")


def _place_of(table: Table, measure: Measure, known: Known) -> str:
    """A column; where one column holds every indicator, the rows of one of them."""
    place = f"{table.sheet} › {measure.heading}"
    return f"{place} › {known.label}" if table.plan.family == LONG else place


def _french(number: Decimal) -> str:
    return shortest(number).replace(".", ",")


def department_of(code: str) -> str:
    return code[:3] if code.startswith("97") else code[:2]


def add(slot: Slot, code: str, number: str | None) -> None:
    """To the sum of the communes of the département: the sum, how many, how many without a number."""
    department = department_of(code)
    total = slot.sums.get(department)
    if total is None:
        total = slot.sums[department] = [0, 0, 0]
    total[1] += 1
    if number is None:
        total[2] += 1
    else:
        total[0] += int(number) if number.isdigit() else Decimal(number)


def _has_number(quality: str) -> bool:
    return quality not in ("masked", "missing", "na")
