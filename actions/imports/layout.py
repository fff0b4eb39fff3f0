"""Where our columns are in their workbook: found by the headings, or said once on a page."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from actions.imports.columns import SheetSpec
from actions.models import HeadingChoice
from ctg_site.lib.text import search_key
from ctg_site.lib.typed_cells import Book, Cell, Rows
from territory.models import Caf

IDENTIFIER = "Identifiant"
ID = "id"
HEADINGS_WITHIN = 15
README = "Lisez-moi"
OF_YEAR, COST_OF_YEAR = "year:", "cost:"
_YEAR = re.compile(r"(?:.* )?(20[0-9]{2})")
_COST_OF_YEAR = re.compile(r"(?:cout|budget|montant|depense|depenses).* (20[0-9]{2})")


@dataclass(frozen=True)
class Place:
    """One of our sheets in one of theirs: the rank of its headings, and the rank of each column, from 0."""

    sheet: str
    heading_row: int
    columns: dict[str, int]

    @property
    def is_ours(self) -> bool:
        return ID in self.columns

    @property
    def years(self) -> dict[int, int]:
        """The rank of each column that holds the amounts of a year."""
        return {
            int(name.removeprefix(OF_YEAR)): rank for name, rank in self.columns.items() if name.startswith(OF_YEAR)
        }


Layout = dict[str, Place]


def find_layout(book: Book, specs: Iterable[SheetSpec], choices: Mapping[tuple[str, str], str]) -> Layout:
    """Our sheets by their name; else, what looks like a list of actions, by its headings."""
    specs = tuple(specs)
    by_name = {search_key(title): title for title in book}
    found: Layout = {}
    for spec in specs:
        title = by_name.get(search_key(spec.title))
        if title is not None:
            found[spec.title] = place_in(book, title, spec, choices)
    if not found:
        candidates = [
            place_in(book, title, specs[0], choices) for title in book if search_key(title) != search_key(README)
        ]
        best = max(candidates, key=lambda place: len(place.columns), default=None)
        if best is not None and best.columns:
            found[specs[0].title] = best
    return found


def place_in(book: Book, title: str, spec: SheetSpec, choices: Mapping[tuple[str, str], str]) -> Place:
    """The row that holds the most of our headings, among the first ones."""
    rows = book[title][:HEADINGS_WITHIN]
    tried = [(number, _columns(row, spec, choices)) for number, row in enumerate(rows)]
    number, columns = max(tried, key=lambda each: len(each[1]), default=(0, {}))
    return Place(title, number, columns)


def _columns(row: list[Cell | None], spec: SheetSpec, choices: Mapping[tuple[str, str], str]) -> dict[str, int]:
    names = _names(spec) | {heading: name for (sheet, heading), name in choices.items() if sheet == spec.title}
    found: dict[str, int] = {}
    for number, cell in enumerate(row):
        key = search_key(cell.text) if cell else ""
        name = names.get(key) or _column_of_year(key, spec)
        if name and name not in found:
            found[name] = number
    return found


def _column_of_year(key: str, spec: SheetSpec) -> str:
    """« 2023 » or « Prévu 2023 » among amounts; « Coût 2023 » in a list of actions."""
    if spec.per_year and (found := _YEAR.fullmatch(key)):
        return f"{OF_YEAR}{found[1]}"
    if spec.prefix == "A" and (found := _COST_OF_YEAR.fullmatch(key)):
        return f"{COST_OF_YEAR}{found[1]}"
    return ""


def costs_beside(layout: Layout, spec: SheetSpec) -> Place | None:
    """The costs that a list of actions gives in one column a year, read as a sheet of costs."""
    place = layout.get("Actions")
    if spec.prefix != "D" or place is None:
        return None
    years = {
        name.replace(COST_OF_YEAR, OF_YEAR): rank
        for name, rank in place.columns.items()
        if name.startswith(COST_OF_YEAR)
    }
    action = place.columns.get("title", place.columns.get("code"))
    return replace(place, columns={"action": action, **years}) if years and action is not None else None


def choices_of(spec: SheetSpec, years: Iterable[int]) -> list[tuple[str, str]]:
    """What a heading of theirs may be in this sheet of ours."""
    found = [(column.field, column.heading) for column in spec.columns if column.read or column.field == "axis"]
    if spec.per_year:
        found += [(f"{OF_YEAR}{year}", f"Montant {year}") for year in years]
    if spec.prefix == "A":
        found += [(f"{COST_OF_YEAR}{year}", f"Coût {year}") for year in years]
    return found


def _names(spec: SheetSpec) -> dict[str, str]:
    names = {search_key(IDENTIFIER): ID}
    for column in spec.columns:
        for words in (*column.synonyms, column.heading):
            names[search_key(words)] = column.field
    return names


def what_is_missing(layout: Layout, specs: Iterable[SheetSpec]) -> list[str]:
    """Without these columns no line can be understood."""
    specs = tuple(specs)
    if specs[0].title not in layout and not layout:
        return ["Aucune feuille ne ressemble à une liste d’actions : dites laquelle, et ce que disent ses colonnes."]
    lacks = []
    for spec in specs:
        place = layout.get(spec.title)
        needed = {"title", "objective"} if spec.prefix == "A" else {"action"}
        if place is not None and not place.is_ours and (absent := needed - place.columns.keys()):
            headings = ", ".join(f"« {spec.column(name).heading} »" for name in sorted(absent))
            lacks.append(f"Feuille « {place.sheet} » : dites quelle colonne tient lieu de {headings}.")
    return lacks


def headings_of(rows: Rows, heading_row: int) -> list[str]:
    row = rows[heading_row] if heading_row < len(rows) else []
    return [cell.text if cell else "" for cell in row]


def remembered(caf: Caf) -> dict[tuple[str, str], str]:
    return {(row.sheet, row.heading): row.field for row in HeadingChoice.objects.filter(caf=caf)}


def to_json(layout: Layout) -> dict[str, Any]:
    return {title: [place.sheet, place.heading_row, place.columns] for title, place in layout.items()}


def from_json(stored: Mapping[str, Any]) -> Layout:
    return {title: Place(*place) for title, place in stored.items()}
