"""Which family a table is of, from its headings: nobody says it, and nothing is guessed that could be two things."""

import re
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any

from ctg_site.lib.text import search_key
from territory.imports.errors import Unreadable
from territory.imports.headings import BANDS, CNAF, IRIS, LONG, TEMPLATE, WIDE, Headings, Measure, Years

LABELS = {
    CNAF: "données ouvertes de la Cnaf (une ligne par territoire et par mois)",
    BANDS: "données ouvertes de la Cnaf par quotient familial (une ligne par territoire, par mois et par tranche)",
    WIDE: "fichier large, comme ceux de l’Insee (une ligne par territoire, une colonne par chiffre)",
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
    "insee": COMMUNE,
    "insee com": COMMUNE,
    "insee commune": COMMUNE,
    "code com": COMMUNE,
    "code insee com": COMMUNE,
    "code insee de la commune": COMMUNE,
    "code commune insee": COMMUNE,
    "code de la commune": COMMUNE,
    "codeinsee": COMMUNE,
    "codecommune": COMMUNE,
    "commune code": COMMUNE,
    "n insee": COMMUNE,
    "numero insee": COMMUNE,
    "num insee": COMMUNE,
    "cog": "",
    "code cog": "",
    "code officiel geographique": "",
    "code geo": "",
    "codegeo": "",
    "code du territoire": "",
    "siren": "",
    "code siren": "",
    "numero siren": "",
    "n siren": "",
    "code siren epci": EPCI,
    "siren de l epci": EPCI,
    "code de l epci": EPCI,
    "epci code": EPCI,
    "code dep": DEPARTEMENT,
    "code dept": DEPARTEMENT,
    "code du departement": DEPARTEMENT,
    "code reg": REGION,
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
    "libelle geographique",
    "libelle du territoire",
    "nom du territoire",
    "nom de la commune",
    "nom geographique",
    "departement",
    "intercommunalite",
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
WHOLE = "_T"  # in a column of parts, of the files of Insee
PARTS = {"age", "sex", "sexe", "tranche d age"}
STATUSES = {"obs status", "statut"}
MEASURES = {"indicateur", "code indicateur", "mesure"}
IGNORED = {"note", "freq", "com", "lib iris", "libiris", "typ iris", "lab iris", "uu2020", "reg", "dep", "libcom"}

_TEMPLATE = re.compile(r"\[([a-z0-9-]+)\]\s*(?:(\d{4})\s*-\s*)?(\d{4})\s*$")
_OF_A_YEAR = re.compile(r" (19|20)\d\d$")
_BARE_YEAR = re.compile(r"(19|20)\d\d")
_INSIDE_A_COMMUNE = re.compile(r"qpv|iris")
QUARTERS = (
    "Les lignes de ce fichier sont des quartiers (QPV) ou des IRIS, dont chacun porterait le code de sa commune : "
    "déposez le fichier de la Cnaf par commune."
)


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
    parts: list[int] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    @property
    def says_its_years(self) -> bool:
        """Not so in a row of names that no year follows: the true headings may be below."""
        return self.family != WIDE or any(measure.year for measure in self.measures)

    def says_more_than(self, above: "Plan") -> bool:
        """The codes of Insee, below their labels."""
        return self.family == above.family == WIDE and self.says_its_years and len(self.measures) >= len(above.measures)


def recognise(rows: list[list[str]], headings: Headings, communes: Any) -> Plan | None:
    """The first row that reads as the headings of a family; notes above are passed over, and labels above their codes."""
    spare = None
    for number, cells in enumerate(rows):
        if sum(bool(cell) for cell in cells) < 2:
            continue
        plan = _two_rows(number, rows, headings) or _plan_of(number, rows, headings, communes)
        if plan and plan.says_its_years:
            below = _plan_of(number + 1, rows, headings, communes) if number + 1 < len(rows) else None
            return below if below and below.says_more_than(plan) else plan
        spare = spare or plan
    return spare


def _plan_of(number: int, rows: list[list[str]], headings: Headings, communes: Any) -> Plan | None:
    cells = [cell.strip() for cell in rows[number]]
    for attempt in (_template, _long, _banded, _dated, _wide):
        plan = attempt(number, cells, headings)
        if plan and (plan.family == IRIS or (attempt is _wide and _holds_iris(rows[number + 1 :], plan, communes))):
            return _iris(plan, headings)
        if plan and (plan.measures or attempt is not _wide):
            _find_parts(plan, rows[number + 1 :])
            return plan
    return None


def _two_rows(number: int, rows: list[list[str]], headings: Headings) -> Plan | None:
    """Years in a row of their own, above the names or below them: a merged cell stands for those at its right."""
    upper, lower = (
        [cell.strip() for cell in row] for row in (rows[number], (rows[number + 1 : number + 2] or [[]])[0])
    )
    if _has_years(upper) == _has_years(lower):
        return None
    plan = _wide(number + 1, _joined(upper, lower), headings)
    return plan if plan and plan.measures and plan.says_its_years else None


def _has_years(cells: list[str]) -> bool:
    return any(_BARE_YEAR.fullmatch(cell) for cell in cells)


def _joined(upper: list[str], lower: list[str]) -> list[str]:
    joined, last = [], ""
    for above, below in zip_longest(upper, lower, fillvalue=""):
        last = above or last
        if below and _BARE_YEAR.fullmatch(below):
            joined.append(f"{last} {below}")
        elif below and _BARE_YEAR.fullmatch(last):
            joined.append(f"{below} {last}")
        else:
            joined.append(below or above)
    return joined


def _find_parts(plan: Plan, rows: list[list[str]]) -> None:
    """Columns of a long file that cut a figure into parts, by age or by sex: « _T » there says the whole."""
    used = {plan.code, plan.name, plan.date, plan.level_column, plan.status, plan.measure, plan.value}
    if plan.family == LONG:
        plan.parts = [
            column
            for column, heading in enumerate(plan.headings)
            if column not in used
            and (search_key(heading) in PARTS or any(cells[column : column + 1] == [WHOLE] for cells in rows))
        ]


def _base(family: str, header: int, cells: list[str]) -> Plan:
    plan = Plan(family, header, cells)
    for column, cell in enumerate(cells):
        key = search_key(cell)
        level = _level_of_codes(key)
        if level is not None and (plan.code is None or level == IRIS != plan.level):
            plan.code, plan.level = column, level
        elif plan.name is None and key in NAMES:
            plan.name = column
        elif plan.level_column is None and key in LEVEL_COLUMNS:
            plan.level_column = column
        elif plan.date is None and key in DATES:
            plan.date = column
        elif plan.status is None and key in STATUSES:
            plan.status = column
    return plan


def _level_of_codes(key: str) -> str | None:
    """« codgeo_2023 » is the code of the geography of a year."""
    return CODES.get(_OF_A_YEAR.sub("", key))


def code_column(cells: list[str]) -> str | None:
    return next((cell for cell in cells if _level_of_codes(search_key(cell)) is not None), None)


def _template(header: int, cells: list[str], headings: Headings) -> Plan | None:
    """Our own headings, « [code] 2024 » ; a column that one added, or whose brackets one took away, is read by its name."""
    found = {column: match for column, cell in enumerate(cells) if (match := _TEMPLATE.search(cell))}
    plan = _base(TEMPLATE, header, cells)
    if not found or plan.code is None:
        return None
    undated: list[Measure] = []
    for column, cell in enumerate(cells):
        if not cell or column in (plan.code, plan.name, plan.level_column):
            continue
        if column in found:
            code, first, last = found[column].groups()
            told: tuple[str, Years] | None = (code, (int(first or last), int(last))) if code in headings.codes else None
        else:
            named = headings.dated(cell)
            told = named and named[1:]
        if told is None:
            plan.ignored.append(cell)
            continue
        indicator, (start, year) = told
        measure = Measure(column, indicator, cell, year, start, is_certain=False)
        (plan.measures if measure.year else undated).append(measure)
    _date(plan, undated)
    return plan


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
    taken = _take_census(plan, headings) | {plan.code, plan.name, plan.level_column}
    undated: list[Measure] = []
    for column, cell in enumerate(cells):
        if column in taken or not cell or search_key(cell) in IGNORED:
            continue
        found = headings.dated(cell)
        if found is None:
            plan.ignored.append(cell)
            continue
        source, indicator, (start, year) = found
        measure = Measure(column, indicator, cell, year, start, is_certain=bool(source))
        (plan.measures if year else undated).append(measure)
        plan.sources.append(source)
    _date(plan, undated)
    iris = sum(headings.find(IRIS, cell) is not None for cell in cells)
    return plan if plan.measures or iris > 1 else None


def _date(plan: Plan, undated: list[Measure]) -> None:
    """« RD » beside « Q219 » and « D119 » is of 2019 ; where no column says a year, the file does or the person."""
    years = {measure.year for measure in plan.measures}
    if len(years) > 1:
        plan.ignored += [measure.heading for measure in undated]
        return
    year = next(iter(years), None)
    plan.measures += [replace(measure, year=year, start_year=year) for measure in undated]


def _take_census(plan: Plan, headings: Headings) -> set[int | None]:
    """The columns that hold a figure of the census."""
    taken: set[int | None] = set()
    for source, measure in headings.census(plan.headings):
        plan.measures.append(measure)
        plan.sources.append(source)
        taken |= {measure.column, *measure.parts}
    return taken


def _collect(plan: Plan, headings: Headings, family: str) -> None:
    used = {plan.code, plan.name, plan.date, plan.level_column, plan.status}
    if family == IRIS:
        used |= _take_census(plan, headings)
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
