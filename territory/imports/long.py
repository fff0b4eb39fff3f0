"""One row a figure: the quick way is for a whole number on a territory already met, everything else is read with care."""

from collections.abc import Iterator
from dataclasses import dataclass

from ctg_site.lib.text import search_key
from territory.imports.columns import at, say_unplaced
from territory.imports.families import COMMUNE, FRANCE, WHOLE, Plan
from territory.imports.figures import Spot, Table, Taker, add
from territory.imports.headings import LONG, Measure
from territory.imports.ledger import FLUSH, Known
from territory.imports.places import FOREVER, LEVELS
from territory.imports.years import year_in

STATUS = {
    "M": "missing",
    "O": "missing",
    "L": "missing",
    "K": "missing",  # counted with another commune
    "C": "masked",
    "S": "masked",
    "E": "estimated",
    "P": "estimated",
}
TO_COME = "Années à venir\u00a0: ce sont des projections, et un portrait montre ce qui a été constaté"
STEP = 5000


@dataclass(frozen=True, slots=True)
class Place:
    """``pk`` when the code was only ever one entity, which is still there."""

    level: str
    code: str
    pk: int = 0


@dataclass(frozen=True, slots=True)
class Quick:
    """An indicator already met, and its source: the quality of a number that carries no status."""

    known: Known
    source: str


class Long:
    def __init__(self, taker: Taker) -> None:
        self.taker, self.ledger, self.places = taker, taker.ledger, taker.places
        self.met: dict[tuple[str, str], Place | None] = {}
        self.measures: dict[str, Measure | None] = {}
        self.quick: dict[str, Quick] = {}

    def read(self, table: Table, rows: Iterator[tuple[int, list[str]]]) -> None:
        plan, met, quick, slots, lines = table.plan, self.met, self.quick, self.ledger.slots, self.ledger.lines
        latest, plain = str(self.taker.year.latest), self.taker.plain
        code_at, date_at, measure_at, value_at, level_at, status_at, width = self._columns(plan)
        step = 0
        for row, cells in _with_parts(rows, plan) if plan.parts else rows:
            step += 1
            if step == STEP:
                step = self.ledger.count(STEP)
            if len(cells) < width:
                self._too_short(table, row, cells, width)
                continue
            year, text = cells[date_at], cells[value_at]
            place = met.get((cells[level_at], cells[code_at]))
            ready = quick.get(cells[measure_at])
            is_plain = text.isdigit() and text.isascii() and len(text) < 13 and cells[status_at] in ("", "A", text)
            if not (
                place
                and place.pk
                and ready
                and is_plain
                and len(year) == 4
                and year.isascii()
                and year.isdigit()
                and "1900" <= year <= latest
            ):
                self._read_with_care(table, row, cells)
                continue
            known, whole_year = ready.known, int(year)
            slot = slots.get((known.pk, whole_year, whole_year)) or self.ledger.slot(known.pk, whole_year, whole_year)
            if not slot.is_new(place.pk):
                self.taker.say_twice(table.sheet, row, plan.headings[value_at], text, known, place.code, whole_year)
                continue
            if known.is_additive and place.level == COMMUNE:
                add(slot, place.code, text)
            quality = plain.get((ready.source, whole_year)) or self.taker.plain_quality(ready.source, whole_year)
            lines.append(f"{known.pk}\t{place.pk}\t{year}\t{year}\t{text}\t{quality}\n")
            if len(lines) >= FLUSH:
                self.ledger.flush()
        self.ledger.count(step)
        plan.measures.extend(measure for measure in self.measures.values() if measure)
        plan.ignored.extend(name for name, measure in self.measures.items() if measure is None)

    @staticmethod
    def _columns(plan: Plan) -> tuple[int, int, int, int, int, int, int]:
        """A column that the file does not have is read as another that cannot change the outcome: the code, the value."""
        assert plan.code is not None
        assert plan.date is not None
        assert plan.measure is not None
        assert plan.value is not None
        level = plan.level_column if plan.level_column is not None else plan.code
        status = plan.status if plan.status is not None else plan.value
        found = (plan.code, plan.date, plan.measure, plan.value, level, status)
        return (*found, max(found) + 1)

    def _too_short(self, table: Table, row: int, cells: list[str], width: int) -> None:
        if any(cells):
            self.ledger.error(table.sheet, row, "Ligne", " ; ".join(cells), f"{width} colonnes au moins")

    def _read_with_care(self, table: Table, row: int, cells: list[str]) -> None:
        plan = table.plan
        place, measure = self._place(plan, cells), self._measure(table, at(cells, plan.measure))
        code = at(cells, plan.code)
        if measure is None:
            self.ledger.set_aside(f"Mesures hors du catalogue ({at(cells, plan.measure)})", row, code, {})
        elif place is None:
            self.ledger.set_aside(f"Autres découpages ({at(cells, plan.level_column)})", row, code, {})
        elif place.code not in self.places.districts and not self.places.spans.get(place.level, {}).get(place.code):
            self._say_unknown(table, row, place)
        else:
            self._take(table, row, cells, measure, place)

    def _take(self, table: Table, row: int, cells: list[str], measure: Measure, place: Place) -> None:
        plan = table.plan
        year = year_in(at(cells, plan.date))
        if year is None:
            self.ledger.error(
                table.sheet, row, plan.headings[plan.date or 0], at(cells, plan.date), "une année, par exemple 2023"
            )
            return
        if self.taker.year.is_wrong(year):
            self.ledger.set_aside(TO_COME, row, f"{at(cells, plan.code)}, {year}", {})
            return
        status = STATUS.get(at(cells, plan.status), "")
        source = table.source or next((source for source in plan.sources if source), "")
        spot, text = Spot(place.level, place.code), at(cells, plan.value)
        self.taker.take(Table(table.sheet, plan, source), row, measure, spot, year, text, status)

    def _say_unknown(self, table: Table, row: int, place: Place) -> None:
        if place.level == FRANCE:
            self.ledger.set_aside("Autres périmètres de la France", row, place.code, {})
        else:
            say_unplaced(self.taker, table, row, Spot("", place.code), {}, "")

    def _place(self, plan: Plan, cells: list[str]) -> Place | None:
        key = (at(cells, plan.level_column if plan.level_column is not None else plan.code), at(cells, plan.code))
        if key not in self.met:
            self.met[key] = self._found(plan, *key)
        return self.met[key]

    def _found(self, plan: Plan, level_text: str, code: str) -> Place | None:
        """None for a level that the product does not have."""
        level = plan.level
        if plan.level_column is not None:
            level = LEVELS.get(search_key(level_text), "")
            if not level:
                return None
        if level == "arm":
            level = COMMUNE
        if level in ("", FRANCE):
            guessed = self.places.level_of(code, "")
            level, code = guessed if guessed and level in ("", guessed[0]) else (level, code)
        else:
            code = self.taker.mended(level, code)
        spans = self.places.spans.get(level, {}).get(code, [])
        return Place(level, code, spans[0][2] if len(spans) == 1 and spans[0][1] == FOREVER else 0)

    def _measure(self, table: Table, name: str) -> Measure | None:
        if name not in self.measures:
            self.measures[name] = measure = self._new_measure(table.plan, name)
            if measure:
                source = table.source or next((source for source in table.plan.sources if source), "")
                known = self.taker.indicators[measure.indicator]
                if measure.is_certain or known.unit != "percent":  # a bare 1 may be 1 % or 100 %
                    self.quick[name] = Quick(known, source)
        return self.measures[name]

    def _new_measure(self, plan: Plan, name: str) -> Measure | None:
        heading = plan.headings[plan.value or 0]
        if name in self.taker.indicators:
            return Measure(plan.value or 0, name, heading, is_certain=False)
        known = self.taker.headings.find(LONG, name)
        if known is None:
            return None
        plan.sources.append(known[0])
        return Measure(plan.value or 0, known[1], heading, is_certain=bool(known[0]))


def _with_parts(rows: Iterator[tuple[int, list[str]]], plan: Plan) -> Iterator[tuple[int, list[str]]]:
    """« POP » of the column AGE « Y_LT20 » is read as « POP Y_LT20 »: a part never passes for the whole."""
    measure = plan.measure or 0
    for row, cells in rows:
        parts = [part for part in (at(cells, column) for column in plan.parts) if part not in ("", WHOLE, "_Z")]
        if parts and measure < len(cells):
            cells = [*cells[:measure], " ".join([cells[measure], *parts]), *cells[measure + 1 :]]
        yield row, cells
