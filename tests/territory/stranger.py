"""Who only has the public pages: what they read of places, and what a linear program deduces from it.

Nothing here imports territory.disclosure: it judges it.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from math import ceil, inf, isfinite
from typing import Any, NamedTuple

from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from scipy.optimize import linprog

from territory.models import Indicator, Territory

NUMBER = re.compile(r"\d[\d\u00a0\u202f]*(?:,\d+)?")
SAME = 1e-6


class Read(NamedTuple):
    place: str
    year: int
    number: float | None  # None where it is said to be secret


def read_place(place: Territory, indicator: Indicator) -> list[Read]:
    """Its files and its page; two readings of one figure that differ are an error of their own."""
    address = {"kind": place.kind, "code": place.code, "indicator": indicator.code}
    table, book = (_file(address | {"extension": extension}) for extension in ("csv", "xlsx"))
    page = Client().get(reverse("places:indicator", kwargs=address)).content.decode()
    rows = list(of_csv(table))
    told = {(row.place, row.year): row.number for row in rows if row.number is not None}
    assert {(row.place, row.year): row.number for row in of_book(book)} == told
    for name, number in of_page(page):
        assert any(key[0] == name and abs(other - number) < SAME for key, other in told.items()), (name, number)
    return rows


def _file(address: dict[str, Any]) -> bytes:
    return Client().get(reverse("places:indicator_data", kwargs=address)).content


def of_csv(content: bytes) -> Iterator[Read]:
    for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"):
        if row["Valeur"] or "secret" in row["État"]:
            number = as_number(row["Valeur"]) if row["Valeur"] else None
            yield Read(row["Territoire"], int(row["Année"]), number)


def of_book(content: bytes) -> Iterator[Read]:
    for sheet in load_workbook(io.BytesIO(content)):
        rows = sheet.iter_rows(values_only=True)
        heading = next((row for row in rows if row and "Territoire" in row and "Valeur" in row), None)
        for row in rows if heading else ():
            value, unit = row[heading.index("Valeur")], row[heading.index("Unité")]
            if isinstance(value, int | float):
                number = value * 100 if unit == "%" else value
                yield Read(row[heading.index("Territoire")], int(str(row[heading.index("Année")])), number)


def of_page(page: str) -> Iterator[tuple[str, float]]:
    for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL):
        place = re.search(r'<a href="/territoires/[^>]*>([^<]+)</a>', row)
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
        number = NUMBER.search(re.sub(r"<[^>]+>", " ", cells[-1])) if cells else None
        if place and number:
            yield place[1], as_number(number[0])


def as_number(text: str) -> float:
    return float(text.replace("\u00a0", "").replace("\u202f", "").replace(",", "."))


Key = tuple[Any, ...]
Equation = tuple[Mapping[Key, float], float, float]  # the factors of what is not read, at least, at most


def left_of(factors: Mapping[Key, float], shown: Mapping[Key, float], least: float = 0, most: float = 0) -> Equation:
    """What is read goes to the other side."""
    known = sum(factor * shown[key] for key, factor in factors.items() if key in shown)
    return {key: factor for key, factor in factors.items() if key not in shown}, least - known, most - known


def is_given_away(low: float, high: float, threshold: int) -> bool:
    return ceil(low - SAME) >= 1 and high + SAME < threshold


def bound(
    key: Key, masked: Iterable[Key], rows: Iterable[Equation], secrets: Iterable[Key] = frozenset()
) -> list[float]:
    """A zero is written 0: what is said to be secret is one at least."""
    names = {name: i for i, name in enumerate(masked)}
    matrix, sides = [], []
    for factors, least, most in rows:
        line = [0.0] * len(names)
        for name, factor in factors.items():
            line[names[name]] = factor
        for sign, side in ((1, most), (-1, -least)):
            if isfinite(side):
                matrix.append([sign * factor for factor in line])
                sides.append(side + 1e-7)
    ends, known = [], [(1 if name in secrets else 0, None) for name in names]
    for sign in (1, -1):
        goal = [sign if name == key else 0 for name in names]
        found = linprog(goal, A_ub=matrix or None, b_ub=sides or None, bounds=known, method="highs")
        ends.append(sign * found.fun if found.status == 0 else (0 if sign > 0 else inf))
    return ends
