"""From the tables of a file to figures: one way for each family, one ledger for all."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from ctg_site.lib.text import search_key
from territory.imports import personal
from territory.imports.errors import Unreadable
from territory.imports.families import CNAF, COMMUNE, DEPARTEMENT, FRANCE, IRIS, LABELS, LONG, TEMPLATE, Headings, Measure, Plan, recognise
from territory.imports.ledger import FLUSH, Known, Ledger, Slot
from territory.imports.places import LEVELS, Places
from territory.imports.strings import Figure, parse_figure

PEEK = 60
STEP = 5000
MOST_TOTALS = 100
STATUS = {"M": "missing", "O": "missing", "L": "missing", "K": "missing", "C": "masked", "S": "masked", "E": "estimated", "P": "estimated"}
MONTHS = {"janvier": 1, "decembre": 12, "juin": 6}
SHARE_CHOICES = [("percent", "des pourcentages : 0,43 veut dire 0,43 %"), ("share", "des parts : 0,43 veut dire 43 %")]
OVER_CHOICES = [("as_written", "juste tel qu’il est"), ("hundred", "cent fois trop grand : 4 300 % veut dire 43 %")]

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_MONTH = re.compile(r"(?:19|20)\d{2}-(\d{2})|(?<!\d)(\d{1,2})[/.](?:19|20)\d{2}")
_TOTALS = re.compile(r"^(total|ensemble|somme)\b")


class Reading:
    """One file: ``read`` each table, then ``close``."""

    def __init__(self, catalogue: dict[str, Any], ledger: Ledger, progress: Callable[[int], None] = lambda rows: None) -> None:
        self.ledger, self.progress = ledger, progress
        self.indicators = {code: Known(**row) for code, row in catalogue["indicators"].items()}
        self.headings = Headings(catalogue["headings"], {code: known.label for code, known in self.indicators.items()})
        self.places = Places(catalogue["places"], catalogue["names"], catalogue["districts"])
        self.blanks: dict[str, str] = catalogue["blanks"]
        self.rounded: dict[str, bool] = catalogue["rounded"]
        self.source: str = catalogue["source"]
        self.answers: dict[str, str] = catalogue["answers"]
        self.file_years = sorted({int(year) for year in _YEAR.findall(catalogue["name"])})
        self.year: int | None = catalogue["year"] or (self.file_years[0] if len(self.file_years) == 1 else None)
        self.is_year_given = bool(catalogue["year"])
        self.sources: list[str] = []
        self.tables: list[dict[str, Any]] = []
        self.districts: dict[tuple[str, str, int], dict[str, Figure]] = {}
        self.parts: dict[tuple[str, str], list[Any]] = {}
        self.rows = 0

    def read(self, sheet: str, rows: Iterator[list[str]]) -> None:
        peeked = list(islice(rows, PEEK))
        for cells in peeked[:30]:
            personal.check_headings(cells)
        personal.check_cells(peeked)
        plan = recognise(peeked[:30], self.headings, self.places.spans[COMMUNE])
        if plan is None:
            if any(any(row) for row in peeked):
                self.ledger.notice(f"Feuille « {sheet} » : aucune famille de fichier reconnue, elle est laissée de côté.")
            return
        before = self.rows
        source = self._source_of(plan)
        body = enumerate(chain(peeked[plan.header + 1 :], rows), plan.header + 2)
        self._reader(plan)(sheet, plan, source, body)
        self.tables.append(
            {
                "sheet": sheet,
                "family": plan.family,
                "label": LABELS[plan.family],
                "rows": self.rows - before,
                "indicators": list(dict.fromkeys(self.indicators[m.indicator].label for m in plan.measures)),
                "ignored": plan.ignored,
            }
        )

    def close(self) -> dict[str, Any]:
        if not self.tables:
            raise Unreadable(
                "Ce fichier n’est d’aucune famille connue : aucune ligne d’en-tête ne nomme à la fois un territoire et un indicateur. "
                "Partez du modèle Excel, ou d’un fichier de la Cnaf ou de l’Insee tel qu’il est publié."
            )
        self._close_iris()
        self._close_districts()
        self._compare_totals()
        source = self.source or next(iter(dict.fromkeys(self.sources)), "")
        return self.ledger.report() | {"tables": self.tables, "rows": self.rows, "source": source, "sources": list(dict.fromkeys(self.sources))}

    def _reader(self, plan: Plan) -> Callable[..., None]:
        return {LONG: self._read_long, IRIS: self._read_iris}.get(plan.family, self._read_columns)

    def _source_of(self, plan: Plan) -> str:
        found = self.source or next((source for source in plan.sources if source), "")
        self.sources.append(found)
        return found

    # --- One row a territory, one column a figure ---------------------------------------------------------------------

    def _read_columns(self, sheet: str, plan: Plan, source: str, rows: Iterator[tuple[int, list[str]]]) -> None:
        for number, cells in rows:
            if not any(cells):
                continue
            self._count(number)
            self._read_row(sheet, plan, source, number, cells)

    def _read_row(self, sheet: str, plan: Plan, source: str, number: int, cells: list[str]) -> None:
        year = None
        if plan.date is not None:
            year = self._december(sheet, plan, number, cells)
            if year is None:
                return
        code, name = _at(cells, plan.code).strip(), _at(cells, plan.name).strip()
        level, code = self._place_of(plan, code, name, cells)
        if not level:
            self._say_unplaced(sheet, plan, number, code, name, cells, year)
            return
        for measure in plan.measures:
            text = _at(cells, measure.column)
            self._take(sheet, plan, source, number, measure, level, code, name, year or measure.year, text)

    def _place_of(self, plan: Plan, code: str, name: str, cells: list[str]) -> tuple[str, str]:
        level = plan.level
        if plan.level_column is not None:
            level = LEVELS.get(search_key(_at(cells, plan.level_column)), "")
        if level and code:
            code = self._mended(level, code)
        elif code:
            level, code = self.places.level_of(code, name) or ("", code)
        if not level and code.zfill(5) in self.places.districts:
            level, code = COMMUNE, code.zfill(5)
        known = code in self.places.spans.get(level, {}) or code in self.places.districts
        return (level, code) if known else ("", code)

    def _mended(self, level: str, code: str) -> str:
        mended = self.places.mended(level, code)
        if mended != code:
            self.ledger.notice(f"Des codes avaient perdu leur zéro ou gagné une espace (« {code} ») : ils ont été rétablis (« {mended} »).")
        return mended

    def _say_unplaced(self, sheet: str, plan: Plan, number: int, code: str, name: str, cells: list[str], year: int | None) -> None:
        if not code and not _TOTALS.match(search_key(name)) and plan.family == CNAF:
            reason = "Allocataires non localisés (aucun code de commune) : ils sont nationaux, jamais répartis"
            self.ledger.set_aside(reason, number, str(year), self._masses(plan, cells, year))
        elif _TOTALS.match(search_key(name)):
            self.ledger.set_aside("Lignes de total", number, name, self._masses(plan, cells, year))
        elif self.places.is_outside(code):
            self.ledger.set_aside("Collectivités d’outre-mer hors des 101 départements", number, f"{name} ({code})", {})
        elif "X" in code.upper() and code[:2].isdigit():
            self.ledger.set_aside("Totaux d’arrondissements ou de découpages partiels", number, code, {})
        else:
            level = plan.level or COMMUNE
            self.ledger.stranger(sheet, number, code, name, self.places.closest(level, code, name))

    def _masses(self, plan: Plan, cells: list[str], year: int | None) -> dict[str, Decimal]:
        masses = {}
        for measure in plan.measures:
            known = self.indicators[measure.indicator]
            try:
                figure = parse_figure(_at(cells, measure.column))
            except ValueError:
                continue
            if figure.number is not None and known.is_additive:
                masses[f"{known.label} {year or measure.year}"] = Decimal(figure.number)
        return masses

    def _december(self, sheet: str, plan: Plan, number: int, cells: list[str]) -> int | None:
        text = _at(cells, plan.date).strip()
        found = _YEAR.search(text)
        if not found:
            self.ledger.error(sheet, number, plan.headings[plan.date or 0], text, "une date, par exemple 2024-12")
            return None
        month = _MONTH.search(text)
        if month and int(month.group(1) or month.group(2)) != 12:
            self.ledger.set_aside("Autres mois que décembre", number, text, {})
            return None
        return int(found.group())

    # --- One row a figure ---------------------------------------------------------------------------------------------

    def _read_long(self, sheet: str, plan: Plan, source: str, rows: Iterator[tuple[int, list[str]]]) -> None:
        """The quick way is for a whole number on a territory already met; everything else takes the careful way."""
        code_at, level_at, date_at, measure_at, value_at = plan.code, plan.level_column, plan.date, plan.measure, plan.value
        assert code_at is not None and date_at is not None and measure_at is not None and value_at is not None
        status_at, width = plan.status, max(c for c in (code_at, level_at, date_at, measure_at, value_at, plan.status) if c is not None)
        found: dict[tuple[str, str], tuple[str, str, int] | None] = {}
        measures: dict[str, Measure | None] = {}
        plain: dict[str, tuple[Known, str]] = {}  # measure → indicator, quality of a number without status
        lines, slots = self.ledger.lines, self.ledger.slots
        step = 0
        for number, cells in rows:
            if len(cells) <= width:
                if any(cells):
                    self.ledger.error(sheet, number, plan.headings[-1], ";".join(cells), f"{width + 1} colonnes")
                continue
            step += 1
            if step == STEP:
                self._count(number, step)
                step = 0
            code, text, year_text = cells[code_at], cells[value_at], cells[date_at]
            place = (cells[level_at] if level_at is not None else plan.level, code)
            known = found.get(place, False)
            quick = plain.get(cells[measure_at]) if known and known[2] else None
            if quick and known and _is_plain(text, year_text, cells[status_at] if status_at is not None else ""):
                indicator, quality = quick
                year = int(year_text)
                slot = slots.get((indicator.pk, year, year)) or self.ledger.slot(indicator.pk, year, year)
                territory = known[2]
                at, bit = territory >> 3, 1 << (territory & 7)
                if not slot.seen[at] & bit:
                    slot.seen[at] |= bit
                    if indicator.is_additive and known[0] == COMMUNE:
                        self._add(slot, known[1], text)
                    lines.append(f"{indicator.pk}\t{territory}\t{year_text}\t{year_text}\t{text}\t{quality}\n")
                    if len(lines) >= FLUSH:
                        self.ledger.flush()
                    continue
                self._say_twice(sheet, number, plan.headings[value_at], text, indicator, known[1], year)
                continue
            if known is False:
                known = found[place] = self._long_place(plan, place)
            if cells[measure_at] not in measures:
                measure = measures[cells[measure_at]] = self._long_measure(plan, cells[measure_at], value_at)
                if measure:
                    rounded = self.rounded.get(source or next((s for s in plan.sources if s), ""))
                    plain[cells[measure_at]] = self.indicators[measure.indicator], "rounded" if rounded else "exact"
            self._careful(sheet, plan, source, number, cells, known, measures[cells[measure_at]])
        self._count(0, step)
        used = [measure for measure in measures.values() if measure]
        plan.measures.extend(used)
        plan.ignored.extend(name for name, measure in measures.items() if measure is None)

    def _long_place(self, plan: Plan, place: tuple[str, str]) -> tuple[str, str, int] | None:
        """Level, code, and the entity when a code was only ever one."""
        level_text, code = place
        level = LEVELS.get(search_key(level_text), "") if plan.level_column is not None else plan.level
        if plan.level_column is not None and not level:
            return None
        if level == "arm":
            level = COMMUNE
        if level == FRANCE:
            guessed = self.places.level_of(code, "")
            code = guessed[1] if guessed else code
        elif not level:
            guessed = self.places.level_of(code, "")
            if guessed is None:
                return ("", code, 0)
            level, code = guessed
        else:
            code = self._mended(level, code)
        spans = self.places.spans.get(level, {}).get(code, [])
        return (level, code, spans[0][2] if len(spans) == 1 else 0)

    def _long_measure(self, plan: Plan, name: str, value_at: int) -> Measure | None:
        if name in self.indicators:
            return Measure(value_at, name, plan.headings[value_at], is_certain=False)
        known = self.headings.find(LONG, name)
        if known is None:
            return None
        plan.sources.append(known[0])
        if known[0] and not self.source:
            self.sources.append(known[0])
        return Measure(value_at, known[1], plan.headings[value_at])

    def _careful(self, sheet: str, plan: Plan, source: str, number: int, cells: list[str], known: tuple[str, str, int] | None, measure: Measure | None) -> None:
        code = _at(cells, plan.code)
        if measure is None:
            self.ledger.set_aside(f"Mesures hors du catalogue ({_at(cells, plan.measure)})", number, code, {})
            return
        if known is None:
            self.ledger.set_aside(f"Autres découpages ({_at(cells, plan.level_column)})", number, code, {})
            return
        level, code, _ = known
        if code not in self.places.districts and code not in self.places.spans.get(level, {}):
            if level == FRANCE:
                self.ledger.set_aside("Autres périmètres de la France", number, code, {})
            else:
                self._say_unplaced(sheet, plan, number, code, "", cells, None)
            return
        year = _YEAR.search(_at(cells, plan.date))
        if not year:
            self.ledger.error(sheet, number, plan.headings[plan.date or 0], _at(cells, plan.date), "une année, par exemple 2023")
            return
        status = STATUS.get(_at(cells, plan.status), "") if plan.status is not None else ""
        source = source or next((s for s in plan.sources if s), "")
        self._take(sheet, plan, source, number, measure, level, code, "", int(year.group()), _at(cells, plan.value), status)

    # --- IRIS ---------------------------------------------------------------------------------------------------------

    def _read_iris(self, sheet: str, plan: Plan, source: str, rows: Iterator[tuple[int, list[str]]]) -> None:
        """Summed by commune, and only where every IRIS of the file gives the figure."""
        year = self._year_of_file()
        for number, cells in rows:
            if not any(cells):
                continue
            self._count(number)
            iris = _at(cells, plan.code).strip().zfill(9)
            commune = iris[:5]
            if commune in self.places.districts:
                commune = self.places.districts[commune]
            if not self.places.spans[COMMUNE].get(commune):
                self._say_unplaced(sheet, plan, number, iris, "", cells, year)
                continue
            for measure in plan.measures:
                self._add_iris(sheet, plan, number, measure, commune, _at(cells, measure.column))
        self.ledger.notice(
            "Les IRIS sont additionnés par commune quand tous ceux du fichier donnent le chiffre ; une commune dont un IRIS est secret est laissée de côté."
        )
        self.iris_source = source

    def _add_iris(self, sheet: str, plan: Plan, number: int, measure: Measure, commune: str, text: str) -> None:
        part = self.parts.setdefault((commune, measure.indicator), [Decimal(0), True, 0])
        try:
            figure = parse_figure(text, counts=True)
        except ValueError as error:
            self.ledger.error(sheet, number, measure.heading, text, str(error))
            part[1] = False
            return
        part[2] += 1
        if figure.number is None:
            part[1] = False
        else:
            part[0] += Decimal(figure.number)

    def _close_iris(self) -> None:
        year = self.year
        if not self.parts or year is None:
            return
        kept: dict[str, int] = defaultdict(int)
        for (commune, code), (total, is_complete, _count) in self.parts.items():
            known = self.indicators[code]
            territory = self.places.find(COMMUNE, commune, year)
            if territory is None:
                continue
            if is_complete:
                self._store(known, territory, COMMUNE, commune, year, year, str(total), "exact")
            else:
                kept[known.label] += 1
        for label, count in kept.items():
            self.ledger.notice(f"{label} : {count} communes laissées de côté, un IRIS au moins y est secret ou absent.")

    def _year_of_file(self) -> int | None:
        if self.year is None:
            years = [(str(year), str(year)) for year in self.file_years]
            self.ledger.ask("year", "Le fichier ne dit pas de quelle année sont ses chiffres. Laquelle ?", years)
            answer = self.answers.get("year", "")
            self.year = int(answer) if answer.isdigit() else None
        elif not self.is_year_given:
            self.ledger.notice(f"Année {self.year} : lue dans le nom du fichier.")
        return self.year

    # --- One figure ---------------------------------------------------------------------------------------------------

    def _take(
        self, sheet: str, plan: Plan, source: str, number: int, measure: Measure, level: str, code: str, name: str, year: int | None, text: str, status: str = ""
    ) -> None:
        known = self.indicators[measure.indicator]
        if year is None:
            year = self._year_of_file()
            if year is None:
                return
        try:
            figure = self._figure(sheet, measure, known, number, text)
        except ValueError as error:
            self.ledger.error(sheet, number, measure.heading, text, str(error))
            return
        quality = self._quality(figure, plan, source, status)
        if not quality:
            return
        if code in self.places.districts:
            self.districts.setdefault((self.places.districts[code], known.code, year), {})[code] = figure
            return
        territory = self.places.find(level, code, year)
        if territory is None:
            self.ledger.stranger(sheet, number, code, name, self.places.closest(level, code, name))
            return
        start_year = measure.start_year if measure.start_year and measure.start_year != measure.year else year
        value = figure.number if quality not in ("masked", "missing", "na") else None
        if not self._store(known, territory, level, code, year, start_year, value, quality):
            self._say_twice(sheet, number, measure.heading, text, known, code, year)

    def _quality(self, figure: Figure, plan: Plan, source: str, status: str) -> str:
        if status in ("missing", "masked"):
            return status
        if figure.number is not None:
            return status or ("rounded" if self.rounded.get(source) else "exact")
        if figure.quality:
            return figure.quality
        return "" if plan.family == TEMPLATE else self.blanks.get(source, "missing")

    def _figure(self, sheet: str, measure: Measure, known: Known, number: int, text: str) -> Figure:
        figure = parse_figure(text, counts=known.unit == "count" and not known.decimals and not measure.is_certain)
        if figure.number is None:
            return figure
        if known.unit == "percent" and not measure.is_certain:
            return self._percent(sheet, measure, number, figure)
        if figure.is_percent and known.unit not in ("percent", "rate"):
            raise ValueError(f"un nombre sans %, l’indicateur « {known.label} » n’est pas un pourcentage")
        if known.unit == "count" and known.counts_people and figure.number.startswith("-"):
            raise ValueError("un effectif, qui ne peut pas être négatif")
        return figure

    def _percent(self, sheet: str, measure: Measure, number: int, figure: Figure) -> Figure:
        """A bare 0.43 may be 0.43 % or 43 %; a cell shown 4300 % may be 43: the person says, for the whole column."""
        value = Decimal(figure.number or 0)
        shown, key = (figure.number or "").replace(".", ","), f"{sheet} › {measure.heading}"
        if not figure.is_percent:
            if 0 < abs(value) < 1:
                text = f"{key}, ligne {number} : « {shown} » dans une colonne en %. Les nombres de cette colonne écrits sans % sont-ils…"
                self.ledger.ask(f"share:{key}", text, SHARE_CHOICES)
            if self.answers.get(f"share:{key}") == "share":
                return Figure(_text(value * 100))
        elif abs(value) > 100 and measure.start_year == measure.year:
            text = f"{key}, ligne {number} : « {shown} % ». Ce pourcentage est-il…"
            self.ledger.ask(f"over:{key}", text, OVER_CHOICES)
        if figure.is_percent and self.answers.get(f"over:{key}") == "hundred":
            return Figure(_text(value / 100))
        return figure

    def _store(self, known: Known, territory: int, level: str, code: str, year: int, start_year: int, number: str | None, quality: str) -> bool:
        slot = self.ledger.slot(known.pk, year, start_year)
        if not self.ledger.is_new(slot, territory):
            return False
        self.ledger.write(known.pk, territory, year, start_year, number, quality)
        if known.is_additive and level == COMMUNE:
            self._add(slot, code, number)
        elif known.is_additive and level == DEPARTEMENT and number is not None:
            slot.stated[code] = Decimal(number)
        return True

    def _say_twice(self, sheet: str, number: int, heading: str, text: str, known: Known, code: str, year: int) -> None:
        label = known.label
        self.ledger.error(sheet, number, heading, text, f"une seule ligne par territoire : {code} a déjà « {label} » pour {year}")

    @staticmethod
    def _add(slot: Slot, code: str, number: str | None) -> None:
        department = code[:3] if code.startswith("97") else code[:2]
        total = slot.sums.get(department)
        if total is None:
            total = slot.sums[department] = [0, 0, 0]  # sum, communes, communes without a number
        total[1] += 1
        if number is None:
            total[2] += 1
        else:
            total[0] += int(number) if number.isdigit() else Decimal(number)

    # --- When all is read ---------------------------------------------------------------------------------------------

    def _close_districts(self) -> None:
        """Arrondissements make up their city only where the city has no row of its own; else they are compared with it."""
        sizes: dict[str, int] = defaultdict(int)
        for city in self.places.districts.values():
            sizes[city] += 1
        for (city, code, year), figures in self.districts.items():
            known, territory = self.indicators[code], self.places.find(COMMUNE, city, year)
            if territory is None:
                continue
            slot = self.ledger.slot(known.pk, year, year)
            total = _sum_of(figures, sizes[city])
            if slot.seen[territory >> 3] & (1 << (territory & 7)):
                self.ledger.notice("Paris, Lyon ou Marseille ont leur propre ligne : leurs arrondissements ne s’y ajoutent pas.")
                if known.is_additive and len(figures) < sizes[city]:
                    self.ledger.notice(f"{self.places.names[COMMUNE][city]} : {len(figures)} arrondissements sur {sizes[city]} dans le fichier.")
            elif known.is_additive and total is not None:
                quality = "rounded" if self.rounded.get(self.sources[0]) else "exact"
                self._store(known, territory, COMMUNE, city, year, year, _text(total), quality)
                self.ledger.notice("Les arrondissements de Paris, Lyon ou Marseille sont additionnés : la ville n’a pas de ligne à elle.")
            else:
                self.ledger.set_aside("Arrondissements qui ne s’additionnent pas, ou incomplets", 0, f"{self.places.names[COMMUNE][city]}, {known.label} {year}", {})

    def _compare_totals(self) -> None:
        """The communes of a département beside what the file states for it."""
        by_pk = {known.pk: known for known in self.indicators.values()}
        sizes: dict[str, int] = defaultdict(int)
        for code in self.places.spans[COMMUNE]:
            sizes[code[:3] if code.startswith("97") else code[:2]] += 1
        for (pk, year, _), slot in self.ledger.slots.items():
            for department, stated in slot.stated.items():
                total, count, hidden = slot.sums.get(department, (0, 0, 0))
                if count < sizes[department] * 0.8 or len(self.ledger.checks) >= MOST_TOTALS:
                    continue
                gap = Decimal(total) - stated
                if gap:
                    step = 5 if self.rounded.get(self.sources[0]) else 0
                    self.ledger.checks.append(
                        {
                            "indicator": by_pk[pk].label,
                            "year": year,
                            "place": self.places.names[DEPARTEMENT].get(department, department),
                            "sum": str(total),
                            "stated": str(stated),
                            "gap": str(gap),
                            "hidden": hidden,
                            "explained": bool(hidden) or abs(gap) <= count * step,
                        }
                    )

    def _count(self, number: int, step: int = 1) -> None:
        self.rows += step
        if step > 1 or self.rows % STEP == 0:
            self.progress(self.rows)


def _is_plain(text: str, year: str, status: str) -> bool:
    """A whole number of a year, as published: nothing to interpret."""
    return len(text) < 13 and text.isdigit() and text.isascii() and len(year) == 4 and year.isdigit() and status in ("", "A")


def _at(cells: list[str], column: int | None) -> str:
    return cells[column] if column is not None and column < len(cells) else ""


def _sum_of(figures: dict[str, Figure], size: int) -> Decimal | None:
    if len(figures) < size or any(figure.number is None for figure in figures.values()):
        return None
    return sum((Decimal(figure.number or 0) for figure in figures.values()), Decimal(0))


def _text(number: Decimal) -> str:
    text = format(number.quantize(Decimal("0.0001")), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
