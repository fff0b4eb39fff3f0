"""A file read as the guarded child reads it, on a country of a few communes: rows of figures, and the report."""

import csv
import io
from typing import Any

from territory.imports.ledger import Ledger
from territory.imports.reading import Reading
from territory.loading import REFERENCE, read_csv

ALWAYS = (1943, 9999)
COMMUNES = {
    "01004": "Ambérieu-en-Bugey",
    "2A004": "Ajaccio",
    "2A006": "Alata",
    "66136": "Perpignan",
    "66149": "Prades",
    "75056": "Paris",
    "69123": "Lyon",
    "13055": "Marseille",
}
DISTRICTS = {"75101": "75056", "75102": "75056", "69381": "69123", "13201": "13055"}


def catalogue(**changes: Any) -> dict[str, Any]:
    """What the child is given; ``answers``, ``year``, ``name`` and ``source`` may change."""
    numbers = iter(range(1, 1000))
    places = {
        "commune": {code: [(*ALWAYS, next(numbers))] for code in COMMUNES},
        "epci": {"200049211": [(2020, 9999, next(numbers))]},
        "departement": {code: [(*ALWAYS, next(numbers))] for code in ("01", "2A", "66", "11")},
        "region": {code: [(2016, 9999, next(numbers))] for code in ("76", "11", "01")},
        "france": {code: [(*ALWAYS, next(numbers))] for code in ("FM", "FR")},
        "perimeter": {},
    }
    places["commune"]["01015"] = [(1943, 2015, 500), (2016, 9999, 501)]
    names = {
        "commune": COMMUNES | {"01015": "Arboys en Bugey"},
        "epci": {"200049211": "Conflent-Canigó"},
        "departement": {"01": "Ain", "2A": "Corse-du-Sud", "66": "Pyrénées-Orientales", "11": "Aude"},
        "region": {"76": "Occitanie", "11": "Île-de-France", "01": "Guadeloupe"},
        "france": {"FM": "France métropolitaine", "FR": "France entière"},
        "perimeter": {},
    }
    return {
        "name": "essai.csv",
        "year": None,
        "latest": 2026,
        "answers": {},
        "source": "",
        "headings": [list(row.values()) for row in read_csv(REFERENCE / "headings.csv")],
        "indicators": {
            row["code"]: _indicator(i, row) for i, row in enumerate(read_csv(REFERENCE / "indicators.csv"), 1)
        },
        "blanks": {row["code"]: row["blank_means"] or "missing" for row in read_csv(REFERENCE / "sources.csv")},
        "rounded": _rounded(),
        "places": places,
        "names": names,
        "districts": DISTRICTS,
    } | changes


def _rounded() -> dict[str, list[tuple[int, bool]]]:
    found: dict[str, list[tuple[int, bool]]] = {}
    for row in sorted(read_csv(REFERENCE / "secrecy_rules.csv"), key=lambda row: int(row["first_year"])):
        found.setdefault(row["source"], []).append((int(row["first_year"]), int(row["base"]) > 1))
    return found


def _indicator(number: int, row: dict[str, str]) -> dict[str, Any]:
    return {
        "pk": number,
        "code": row["code"],
        "label": row["label"],
        "unit": row["unit"],
        "decimals": int(row["decimals"]),
        "is_additive": bool(row["is_additive"]),
        "counts_people": bool(row["counts_people"]),
        "is_evolution": bool(row["is_evolution"]),
        "unit_name": row["unit_name"],
    }


def read(text: str, delimiter: str = ";", **changes: Any) -> tuple[set[tuple[Any, ...]], dict[str, Any]]:
    """Figures as (indicator, code of the territory, year, start year, number, quality)."""
    given = catalogue(**changes)
    out = io.StringIO()
    reading = Reading(given, Ledger(out, 1000))
    reading.read("Données", csv.reader(io.StringIO(text), delimiter=delimiter))
    report = reading.close()
    return {_named(line, given) for line in out.getvalue().splitlines()}, report


def _named(line: str, given: dict[str, Any]) -> tuple[Any, ...]:
    indicators = {row["pk"]: code for code, row in given["indicators"].items()}
    places = {pk: code for codes in given["places"].values() for code, spans in codes.items() for *_, pk in spans}
    indicator, territory, year, start_year, number, quality = line.split("\t")
    found = None if number == "\\N" else number
    return indicators[int(indicator)], places[int(territory)], int(year), int(start_year), found, quality
