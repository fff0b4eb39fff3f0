"""What the producers and the users call the indicators, and the year that a heading carries."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ctg_site.lib.text import search_key

CNAF, BANDS, WIDE, LONG, IRIS, TEMPLATE = "cnaf_open", "cnaf_bands", "insee_wide", "insee_long", "iris", "template"
CENSUS = "insee_census"
SHORT = 6  # « POP », « NBMEN » : what a producer calls a column, never a sentence
FIRST_OF_1900 = 60  # of the years written with two digits

_CENSUS = re.compile(r"([PCD])(\d\d)_(.+)", re.IGNORECASE)
_CODE = re.compile(r"\[([a-z0-9-]+)\]")
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_END_OF_YEAR = re.compile(r"(\b(31|30)[ /.-]12[ /.-]|\b(31 )?d[ée]c(embre|\.)? )(?=(19|20)\d\d)", re.IGNORECASE)
_YEAR = r"(?<![\d/.-])((?:19|20)\d\d)"
_ONE_YEAR = re.compile(rf"{_YEAR}(?!\d)")
_TWO_YEARS = re.compile(rf"{_YEAR}\s*(?:[-–/]|à|a|et)\s*((?:19|20)\d\d)(?!\d)", re.IGNORECASE)
_AROUND = re.compile(r"^(?:en|au|annee|pour) | (?:en|au|annee|pour|de)$")

Years = tuple[int | None, int | None]  # of the start, of the figure
UNDATED: Years = (None, None)


@dataclass(frozen=True)
class Measure:
    """A column that holds figures, or several that add up. ``is_certain``: its heading is a producer’s, whose documentation
    says the unit. ``is_estimate``: a census counts people with decimals."""

    column: int
    indicator: str
    heading: str
    year: int | None = None
    start_year: int | None = None
    is_certain: bool = True
    parts: tuple[int, ...] = ()
    is_estimate: bool = False


class Headings:
    """What the producers call the indicators: family → key of the heading → (source, indicator)."""

    def __init__(self, rows: list[Sequence[str]], labels: dict[str, str]) -> None:
        self.known: dict[str, dict[str, tuple[str, str]]] = {}
        self.sums: list[tuple[tuple[str, ...], str, str]] = []
        self.labels = {search_key(label): code for code, label in labels.items()}
        self.codes = set(labels)
        for family, source, heading, indicator in rows:
            if family == CENSUS:
                self.sums.append((tuple(heading.split("+")), source, indicator))
            else:
                self.known.setdefault(family, {})[search_key(heading)] = (source, indicator)

    def find(self, family: str, heading: str) -> tuple[str, str] | None:
        key = search_key(heading)
        found = self.known.get(family, {}).get(key)
        if found is None and key in self.labels:
            return "", self.labels[key]
        return found if found and found[1] in self.codes else None

    def census(self, cells: list[str]) -> list[tuple[str, Measure]]:
        """Columns of the census of Insee, « P21_POP0610 » : those that make up an indicator, alone or added, once a year."""
        columns: dict[int, dict[str, int]] = {}
        for column, cell in enumerate(cells):
            if match := _CENSUS.fullmatch(cell):
                letter, digits, name = match.groups()
                columns.setdefault(whole_year(digits), {}).setdefault(f"{letter}_{name}".upper(), column)
        found: dict[tuple[str, int], tuple[str, Measure]] = {}
        for year, known in columns.items():
            for parts, source, indicator in self.sums:
                if (indicator, year) in found or indicator not in self.codes or not known.keys() >= set(parts):
                    continue
                taken = tuple(known[part] for part in parts)
                heading = " + ".join(cells[column] for column in taken)
                measure = Measure(taken[0], indicator, heading, year, year, parts=taken[1:] and taken, is_estimate=True)
                found[indicator, year] = source, measure
        return list(found.values())

    def dated(self, heading: str) -> tuple[str, str, Years] | None:
        """« Q219 » → (Filosofi, median, 2019), « Foyers allocataires (foyers) au 31/12/2022 », « RD » → no year."""
        for stem, digits in ((heading[:-2], heading[-2:]), (heading[:-4].rstrip("_ "), heading[-4:])):
            if stem and digits.isascii() and digits.isdigit():
                found = self.find(WIDE, stem) or (self.find(CNAF, stem) if len(digits) == 4 else None)
                if found:
                    return *found, (whole_year(digits), whole_year(digits))
        text, years = years_of(heading)
        found = self._named(text)
        return (*found, years) if found else None

    def _named(self, text: str) -> tuple[str, str] | None:
        match = _CODE.search(text)
        if match and match.group(1) in self.codes:
            return "", match.group(1)
        for form in (text, _ASIDE.sub(" ", text)):
            key = _AROUND.sub("", search_key(form))
            is_code = len(key) < SHORT and key != search_key(text)  # « Pop en 2021 » names no column of a producer
            if found := None if is_code else self.find(WIDE, key) or self.find(CNAF, key):
                return found
        return None


def years_of(heading: str) -> tuple[str, Years]:
    """The heading without its year, or its two years."""
    text = _END_OF_YEAR.sub("", heading)
    if match := _TWO_YEARS.search(text):
        return text[: match.start()] + text[match.end() :], (int(match.group(1)), int(match.group(2)))
    years = list(_ONE_YEAR.finditer(text))
    if len(years) != 1:
        return text, UNDATED
    year = int(years[0].group(1))
    return text[: years[0].start()] + text[years[0].end() :], (year, year)


def whole_year(digits: str) -> int:
    """« 19 » is 2019, « 99 » the census of 1999."""
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (2000 if int(digits) < FIRST_OF_1900 else 1900)
