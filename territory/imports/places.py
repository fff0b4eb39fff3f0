"""Which entity a code means, in the year of the figure; codes that spreadsheets spoiled are mended, and it is said."""

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ctg_site.lib.text import search_key
from territory.imports.families import COMMUNE, DEPARTEMENT, EPCI, FRANCE, REGION

FOREVER = 9999  # the last year of what has not ended
OUTSIDE = ("975", "977", "978", "98", "99")
WHOLE_FRANCE = {
    "fm": "FM",
    "f": "FR",
    "fr": "FR",
    "france metropolitaine": "FM",
    "france entiere": "FR",
    "france": "FR",
    "metro": "FM",
}
LEVELS = {
    "com": COMMUNE,
    "commune": COMMUNE,
    "epci": EPCI,
    "intercommunalite epci": EPCI,
    "dep": DEPARTEMENT,
    "departement": DEPARTEMENT,
    "reg": REGION,
    "region": REGION,
    "france": FRANCE,
    "arm": "arm",
    "perimetre de ctg": "perimeter",
}
_CODE_AND_NAME = re.compile(r"(\d{5}|2[AB]\d{3}|\d{9}|\d{2,3}|2[AB])\s*[-–—:|]?\s*[^\W\d].*")
Spans = list[tuple[int, int, int]]


def read_places(lines: Iterable[str]) -> dict[str, Any]:
    """Level → code → its entities in time, and its latest name."""
    spans: dict[str, dict[str, Spans]] = defaultdict(lambda: defaultdict(list))
    names: dict[str, dict[str, str]] = defaultdict(dict)
    for line in lines:
        kind, code, name, first, last, pk = line.rstrip("\n").split("\t")
        spans[kind][code].append((int(first), int(last), int(pk)))
        names[kind][code] = name
    return {"places": spans, "names": names}


class Places:
    """``spans``: level → code → [(first year, last year, id)], the first of January of a year is in it."""

    def __init__(
        self, spans: dict[str, dict[str, Spans]], names: dict[str, dict[str, str]], districts: dict[str, str]
    ) -> None:
        self.spans, self.names = spans, names
        self.districts = {code: city for code, city in districts.items() if city in spans[COMMUNE]}

    def find(self, level: str, code: str, year: int) -> int | None:
        """The entity alive at the end of the year, else just after, else the nearest in time."""
        spans = self.spans.get(level, {}).get(code)
        if not spans:
            return None
        if len(spans) == 1:
            return spans[0][2]
        for day in (year, year + 1):
            for first, last, pk in spans:
                if first <= day <= last:
                    return pk
        return spans[0][2] if year < spans[0][0] else spans[-1][2]

    def has_ended(self, level: str, code: str, year: int) -> bool:
        """Merged into another before the year of the figure."""
        spans = self.spans.get(level, {}).get(code, [])
        return bool(spans) and spans[-1][1] < year

    def mended(self, level: str, code: str) -> str:
        """« 1004 » was 01004 before a spreadsheet took it for a number."""
        known = self.spans.get(level, {})
        if code in known:
            return code
        bare = code.upper().replace(" ", "").replace("\u00a0", "").lstrip("'").removesuffix(".0")
        width = {COMMUNE: 5, DEPARTEMENT: 2, REGION: 2}.get(level, 0)
        return next((form for form in (bare, bare.zfill(width)) if form in known), code)

    def without_name(self, code: str) -> str:
        """« 66149 - Prades » is the code of Prades."""
        match = _CODE_AND_NAME.fullmatch(code)
        return match.group(1) if match and any(match.group(1) in known for known in self.spans.values()) else code

    def level_of(self, code: str, name: str) -> tuple[str, str] | None:
        """Level and code of a row that does not say its level; None when two levels fit and the name does not tell."""
        key = search_key(name)
        if key in WHOLE_FRANCE or search_key(code) in WHOLE_FRANCE:
            return FRANCE, WHOLE_FRANCE.get(key) or WHOLE_FRANCE[search_key(code)]
        fitting = self._fitting(code)
        if len(fitting) > 1 and key:
            fitting = [(level, c) for level, c in fitting if search_key(self.names[level].get(c, "")) == key]
        return fitting[0] if len(fitting) == 1 else None

    def _fitting(self, code: str) -> list[tuple[str, str]]:
        return [
            (level, mended)
            for level in (COMMUNE, EPCI, DEPARTEMENT, REGION)
            if (mended := self.mended(level, code)) in self.spans.get(level, {}) and _fits(level, code)
        ]

    def closest(self, level: str, code: str, name: str) -> str:
        """« Alata (2A006) », what a code of two levels may be, or nothing near enough."""
        fitting = self._fitting(code) if code else []
        if len(fitting) > 1:
            names = " ou ".join(self.names[level][found] for level, found in fitting)
            return f"{names}\u00a0: ajoutez une colonne du nom ou du niveau"
        known = self.names.get(level, {})
        key, department = search_key(name), code[:2]
        is_anywhere = not code or level == EPCI  # the number of an EPCI does not say where it is
        near = {search_key(label): c for c, label in known.items() if is_anywhere or c.startswith(department)}
        match = difflib.get_close_matches(key, near, n=1, cutoff=0.6) if key else []
        if match:
            return f"{known[near[match[0]]]} ({near[match[0]]})"
        codes = (
            difflib.get_close_matches(code, [c for c in known if c.startswith(department)], n=1, cutoff=0.8)
            if code
            else []
        )
        return f"{known[codes[0]]} ({codes[0]})" if codes else ""

    @staticmethod
    def is_outside(code: str) -> bool:
        """Collectivities overseas that are not départements."""
        return code.startswith(OUTSIDE)


def _fits(level: str, code: str) -> bool:
    return {COMMUNE: len(code) in (4, 5), EPCI: len(code) == 9, DEPARTEMENT: len(code) <= 3, REGION: len(code) <= 2}[
        level
    ]
