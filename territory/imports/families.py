"""Which family a table is of, from its headings: nobody says it, and nothing is guessed that could be two things."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ctg_site.lib.text import search_key
from territory.imports.errors import Unreadable

CNAF, BANDS, WIDE, LONG, IRIS, TEMPLATE = "cnaf_open", "cnaf_bands", "insee_wide", "insee_long", "iris", "template"
LABELS = {
    CNAF: "données ouvertes de la Cnaf (une ligne par territoire et par mois)",
    BANDS: "données ouvertes de la Cnaf par quotient familial (une ligne par territoire, par mois et par tranche)",
    WIDE: "fichier large, comme ceux de l’Insee (l’année est dans le nom des colonnes)",
    LONG: "fichier long (une ligne par chiffre)",
    IRIS: "fichier par IRIS, additionné par commune",
    TEMPLATE: "modèle Excel de l’application",
}

COMMUNE, EPCI, DEPARTEMENT, REGION, FRANCE = "commune", "epci", "departement", "region", "france"
CODES = {
    "numcomdo": COMMUNE,
    "numcom": COMMUNE,
    "numero commune": COMMUNE,
    "code commune": COMMUNE,
    "code insee": COMMUNE,
    "codes insee": COMMUNE,
    "code insee commune": COMMUNE,
    "depcom": COMMUNE,
    "com": COMMUNE,
    "numepci": EPCI,
    "numero epci": EPCI,
    "code epci": EPCI,
    "siren epci": EPCI,
    "numdep": DEPARTEMENT,
    "numero departement": DEPARTEMENT,
    "code departement": DEPARTEMENT,
    "numreg": REGION,
    "numero region": REGION,
    "code region": REGION,
    "iris": IRIS,
    "code iris": IRIS,
    "codgeo": "",
    "geo": "",
    "code": "",
    "code territoire": "",
    "code geographique": "",
}
NAMES = {
    "nomcom",
    "nom commune",
    "nomepci",
    "nom epci",
    "nomdep",
    "nom departement",
    "libgeo",
    "libelle",
    "libelle commune",
    "territoire",
    "nom",
    "commune",
}
LEVEL_COLUMNS = {"geo object", "niveau", "niveau geographique", "type de territoire"}
DATES = {
    "dtreffre",
    "date reference",
    "date de reference",
    "mois",
    "annee",
    "time period",
    "annee de reference",
    "periode",
}
BAND_COLUMNS = {"qf 400", "quotient familial"}
BANDED = "foyers-allocataires"  # what is counted band by band; the other columns of such a file are of no use here
VALUES = {"obs value", "valeur"}
STATUSES = {"obs status", "statut"}
MEASURES = {"indicateur", "code indicateur", "mesure"}
IGNORED = {"note", "freq", "lib iris", "libiris", "typ iris", "lab iris", "uu2020", "reg", "dep", "libcom"}

_TEMPLATE = re.compile(r"\[([a-z0-9-]+)\]\s*(?:(\d{4})\s*-\s*)?(\d{4})\s*$")
_INSIDE_A_COMMUNE = re.compile(r"qpv|iris")
QUARTERS = (
    "Les lignes de ce fichier sont des quartiers (QPV) ou des IRIS, dont chacun porterait le code de sa commune : "
    "déposez le fichier de la Cnaf par commune."
)
FIRST_OF_1900 = 60  # of the years written with two digits
_RP_YEAR = re.compile(r"^[PC](\d{2})_(.+)$")


@dataclass(frozen=True)
class Measure:
    """A column that holds figures. ``is_certain``: its heading is a producer’s, whose documentation says the unit."""

    column: int
    indicator: str
    heading: str
    year: int | None = None
    start_year: int | None = None
    is_certain: bool = True


@dataclass
class Plan:
    """How to read one table: which column says where, when, what."""

    family: str
    header: int
    headings: list[str]
    sources: list[str] = field(default_factory=list)
    code: int | None = None
    level: str = ""
    level_column: int | None = None
    name: int | None = None
    date: int | None = None
    status: int | None = None
    measure: int | None = None
    value: int | None = None
    band: int | None = None
    measures: list[Measure] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


class Headings:
    """What the producers call the indicators: family → key of the heading → (source, indicator)."""

    def __init__(self, rows: list[Sequence[str]], labels: dict[str, str]) -> None:
        self.known: dict[str, dict[str, tuple[str, str]]] = {}
        for family, source, heading, indicator in rows:
            self.known.setdefault(family, {})[search_key(heading)] = (source, indicator)
        self.labels = {search_key(label): code for code, label in labels.items()}
        self.codes = set(labels)

    def find(self, family: str, heading: str) -> tuple[str, str] | None:
        key = search_key(heading)
        found = self.known.get(family, {}).get(key)
        if found is None and key in self.labels:
            return "", self.labels[key]
        return found if found and found[1] in self.codes else None


def recognise(rows: list[list[str]], headings: Headings, communes: Any) -> Plan | None:
    """The first row that reads as the headings of a family; notes above are passed over."""
    for number, cells in enumerate(rows):
        if sum(bool(cell) for cell in cells) < 2:
            continue
        for attempt in (_template, _long, _banded, _dated, _wide):
            plan = attempt(number, [cell.strip() for cell in cells], headings)
            if plan and attempt is _wide and _holds_iris(rows[number + 1 :], plan, communes):
                return _iris(plan, headings)
            if plan and plan.family != IRIS:
                return plan
            if plan:
                return _iris(plan, headings)
    return None


def _base(family: str, header: int, cells: list[str]) -> Plan:
    plan = Plan(family, header, cells)
    for column, cell in enumerate(cells):
        key = search_key(cell)
        if plan.code is None and key in CODES:
            plan.code, plan.level = column, CODES[key]
        elif plan.name is None and key in NAMES:
            plan.name = column
        elif plan.level_column is None and key in LEVEL_COLUMNS:
            plan.level_column = column
        elif plan.date is None and key in DATES:
            plan.date = column
        elif plan.status is None and key in STATUSES:
            plan.status = column
    return plan


def _template(header: int, cells: list[str], headings: Headings) -> Plan | None:
    found = [(column, match) for column, cell in enumerate(cells) if (match := _TEMPLATE.search(cell))]
    if not found:
        return None
    plan = _base(TEMPLATE, header, cells)
    for column, match in found:
        code, start, year = match.group(1), match.group(2), int(match.group(3))
        if code in headings.codes:
            plan.measures.append(Measure(column, code, cells[column], year, int(start) if start else year, False))
        else:
            plan.ignored.append(cells[column])
    return plan if plan.code is not None else None


def _long(header: int, cells: list[str], headings: Headings) -> Plan | None:
    plan = _base(LONG, header, cells)
    keys = [search_key(cell) for cell in cells]
    plan.value = next((i for i, key in enumerate(keys) if key in VALUES), None)
    plan.measure = next((i for i, key in enumerate(keys) if key in MEASURES or key.endswith(" measure")), None)
    complete = None not in (plan.value, plan.measure, plan.code, plan.date)
    return plan if complete else None


def _banded(header: int, cells: list[str], headings: Headings) -> Plan | None:
    """Cnaf open data where one more column says which band of the quotient familial: its rows are parts of a place."""
    plan = _base(BANDS, header, cells)
    plan.band = next((i for i, cell in enumerate(cells) if search_key(cell) in BAND_COLUMNS), None)
    for column, cell in enumerate(cells):
        found = headings.find(CNAF, cell)
        if found and found[1] == BANDED:
            plan.value, plan.sources = column, [found[0]]
    if None in (plan.date, plan.code, plan.band, plan.value):
        return None
    _refuse_quarters(plan)
    used = {plan.code, plan.name, plan.date, plan.level_column, plan.band, plan.value}
    plan.ignored = [cell for column, cell in enumerate(cells) if cell and column not in used]
    return plan


def _dated(header: int, cells: list[str], headings: Headings) -> Plan | None:
    """Cnaf open data: one column says when, the others how many."""
    plan = _base(CNAF, header, cells)
    if plan.date is None or plan.code is None:
        return None
    _collect(plan, headings, CNAF)
    if not plan.measures:
        return None
    _refuse_quarters(plan)
    return plan


def _refuse_quarters(plan: Plan) -> None:
    if plan.level == COMMUNE and any(_INSIDE_A_COMMUNE.search(search_key(cell)) for cell in plan.headings):
        raise Unreadable(QUARTERS)


def _wide(header: int, cells: list[str], headings: Headings) -> Plan | None:
    plan = _base(WIDE, header, cells)
    if plan.code is None:
        return None
    if plan.level == IRIS:
        plan.family = IRIS
        return plan
    used = {plan.code, plan.name}
    for column, cell in enumerate(cells):
        if column in used or not cell:
            continue
        found = _with_year(cell, headings)
        if found:
            source, indicator, year = found
            plan.measures.append(Measure(column, indicator, cell, year, year, is_certain=bool(source)))
            plan.sources.append(source)
        else:
            plan.ignored.append(cell)
    iris = sum(headings.find(IRIS, cell) is not None for cell in cells)
    return plan if plan.measures or iris > 1 else None


def _with_year(heading: str, headings: Headings) -> tuple[str, str, int] | None:
    """« Q219 » → (Filosofi, median, 2019); the split that the catalogue knows is the right one."""
    splits = [(heading[:-2], heading[-2:]), (heading[:-4].rstrip("_ "), heading[-4:])]
    if match := _RP_YEAR.match(heading):
        splits.append((match.group(2), match.group(1)))
    for stem, digits in splits:
        if not stem or not (digits.isascii() and digits.isdigit()):
            continue
        found = headings.find(WIDE, stem) or (headings.find(CNAF, stem) if len(digits) == 4 else None)
        if found:
            return found[0], found[1], _whole_year(digits)
    return None


def _whole_year(digits: str) -> int:
    """« 19 » is 2019, « 99 » the census of 1999."""
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (2000 if int(digits) < FIRST_OF_1900 else 1900)


def _collect(plan: Plan, headings: Headings, family: str) -> None:
    used = {plan.code, plan.name, plan.date, plan.level_column, plan.status}
    for column, cell in enumerate(plan.headings):
        if column in used or not cell or search_key(cell) in IGNORED:
            continue
        found = headings.find(family, cell)
        if found:
            plan.measures.append(Measure(column, found[1], cell, is_certain=bool(found[0])))
            plan.sources.append(found[0])
        else:
            plan.ignored.append(cell)


def _holds_iris(rows: list[list[str]], plan: Plan, communes: Any) -> bool:
    codes = [row[plan.code] for row in rows[:50] if plan.code is not None and len(row) > plan.code and row[plan.code]]
    return bool(codes) and sum(len(code) == 9 and code[:5] in communes for code in codes) > len(codes) / 2


def _iris(plan: Plan, headings: Headings) -> Plan:
    plan.family, plan.level, plan.measures, plan.ignored, plan.sources = IRIS, IRIS, [], [], []
    _collect(plan, headings, IRIS)
    return plan
