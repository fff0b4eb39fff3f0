"""Where our columns are in their workbook: found by the headings, or said once on a page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Place:
    """One of our sheets in one of theirs: the rank of its headings, and the rank of each column, from 0."""

    sheet: str
    heading_row: int
    columns: dict[str, int]

    @property
    def is_ours(self) -> bool:
        return ID in self.columns


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
        name = names.get(search_key(cell.text)) if cell else ""
        if name and name not in found:
            found[name] = number
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
