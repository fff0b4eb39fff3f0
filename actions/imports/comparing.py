"""What a workbook would change in a plan, line by line and field by field, with every refusal at its cell. Writes nothing."""

from collections.abc import Hashable, Iterator
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model

from actions.content import read_plan
from actions.imports.columns import Column, SheetSpec, current_values, sheet_specs
from actions.imports.known import Known
from actions.imports.layout import (
    ID,
    IDENTIFIER,
    README,
    Layout,
    Place,
    find_layout,
    from_json,
    remembered,
    what_is_missing,
)
from actions.imports.marks import PLAN_MARK, marked_pk, plan_mark
from actions.imports.reading import Refused
from actions.models import FROZEN, Action, ActionPlan, PlanImport
from ctg_site.lib import numbers
from ctg_site.lib.constraints import broken_rules
from ctg_site.lib.numbers import NBSP
from ctg_site.lib.text import search_key
from ctg_site.lib.typed_cells import Book, Cell
from ctg_site.lib.typed_cells import from_json as book_from_json

ANOTHER_PLAN = (
    "Ce classeur vient d’un autre plan. Attendu : « {mark} ». "
    "Exportez le plan de cette Ctg, puis reportez-y vos modifications."
)


@dataclass(frozen=True)
class CellError:
    """Sheet, cell, column, what was found there, what was expected."""

    sheet: str
    row: int
    letter: str
    heading: str
    value: str
    expected: str

    @property
    def cell(self) -> str:
        return f"{self.letter}{self.row}"


@dataclass(frozen=True)
class Change:
    heading: str
    before: str
    after: str


@dataclass
class Line:
    """A line of the file and the row it makes or changes."""

    spec: SheetSpec
    row: int
    target: Any
    values: dict[str, Any]
    changes: list[Change]
    is_new: bool

    @property
    def label(self) -> str:
        name = str(self.target)
        return name if isinstance(self.target, Action) else f"{self.target.action.code} – {name}"


@dataclass
class Preview:
    lines: list[Line] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    layout: Layout = field(default_factory=dict)
    unchanged: int = 0
    untouched: int = 0

    @property
    def added(self) -> list[Line]:
        return [line for line in self.lines if line.is_new]

    @property
    def changed(self) -> list[Line]:
        return [line for line in self.lines if not line.is_new]

    @property
    def blocks(self) -> bool:
        return bool(self.errors or self.missing)

    def report(self) -> dict[str, Any]:
        """What is shown, and what applying must find again."""
        return {
            "added": [[line.spec.title, line.row, line.label] for line in self.added],
            "changed": [
                [line.spec.title, line.row, line.label, [[c.heading, c.before, c.after] for c in line.changes]]
                for line in self.changed
            ],
            "errors": [
                [error.sheet, error.cell, error.heading, error.value, error.expected]
                for error in sorted(
                    self.errors, key=lambda error: (error.sheet, error.row, len(error.letter), error.letter)
                )
            ],
            "missing": self.missing,
            "unchanged": self.unchanged,
            "untouched": self.untouched,
        }


def preview_import(sent: PlanImport) -> Preview:
    """A number of queries that does not grow with the lines of the file."""
    plan = sent.plan
    if plan.is_adopted:
        return Preview(missing=[FROZEN])
    book, specs = book_from_json(sent.book), sheet_specs(plan)
    layout = from_json(sent.layout) if sent.layout else find_layout(book, specs, remembered(plan.ctg.caf))
    preview = Preview(layout=layout, missing=what_is_missing(layout, specs))
    if foreign := _of_another_plan(book, plan):
        preview.errors.append(foreign)
    if not preview.blocks:
        _Comparison(plan, book, specs, preview).run()
    return preview


def _of_another_plan(book: Book, plan: ActionPlan) -> CellError | None:
    for number, cells in enumerate(book.get(README, []), start=1):
        name, mark = (*cells, None, None)[:2]
        if name and name.text == PLAN_MARK and (mark is None or mark.text != plan_mark(plan)):
            found = mark.text if mark else ""
            return CellError(
                README,
                number,
                "B",
                PLAN_MARK,
                found,
                ANOTHER_PLAN.format(mark=plan_mark(plan)),
            )
    return None


class _Comparison:
    """The lines of one file against what the plan holds."""

    def __init__(self, plan: ActionPlan, book: Book, specs: tuple[SheetSpec, ...], preview: Preview) -> None:
        self.plan, self.book, self.specs, self.preview = plan, book, specs, preview
        self.content = read_plan(plan, in_full=True)
        self.known = Known(self.content)

    def run(self) -> None:
        for spec in self.specs:
            place = self.preview.layout.get(spec.title)
            if place is not None and place.sheet in self.book:
                _SheetComparison(self, spec, place).run()


class _SheetComparison:
    def __init__(self, whole: _Comparison, spec: SheetSpec, place: Place) -> None:
        self.plan, self.known, self.preview = whole.plan, whole.known, whole.preview
        self.spec, self.place = spec, place
        self.rows = whole.book[place.sheet]
        self.existing = {row.pk: row for row in spec.rows(whole.content)}
        self.values = {pk: current_values(row, spec) for pk, row in self.existing.items()}
        self.by_key: dict[Hashable, int] = {}
        for pk, values in self.values.items():
            self.by_key.setdefault(spec.key(values), pk)
        self.readers = {
            column.field: column.read(self.known)
            for column in spec.columns
            if column.read and column.field in place.columns
        }
        self.claimed: dict[int, int] = {}
        self.seen: dict[Hashable, int] = {}

    def run(self) -> None:
        lines = [
            (number, cells)
            for number, cells in enumerate(self.rows[self.place.heading_row + 1 :], start=self.place.heading_row + 2)
            if any(cells)
        ]
        for number, cells in self._identified_first(lines):
            self._read(number, cells)
        self.preview.untouched += len(self.existing) - len(self.claimed)

    def _identified_first(self, lines: list[tuple[int, list[Cell | None]]]) -> list[tuple[int, list[Cell | None]]]:
        """A line without identifier must not take the row that another line names."""
        return sorted(lines, key=lambda line: (self._cell(line[1], ID) is None, line[0]))

    def _read(self, number: int, cells: list[Cell | None]) -> None:
        before = len(self.preview.errors)
        pk = self._named_row(number, cells)
        values = self._values(number, cells, self.existing.get(pk) if pk else None)
        if len(self.preview.errors) > before:
            return
        pk = pk or self._same_row(values)
        if pk and self._is_claimed(number, pk):
            return
        if pk and values.get("code") == "":
            del values["code"]  # an action keeps its number when the file does not say it
        whole = {**(self.values[pk] if pk else self._defaults()), **values}
        if not self._complete(number, whole, is_new=pk is None) or self._is_twice(number, whole, pk):
            return
        self._keep(number, pk, whole)

    def _named_row(self, number: int, cells: list[Cell | None]) -> int | None:
        cell = self._cell(cells, ID)
        if cell is None:
            return None
        pk = marked_pk(self.plan, self.spec.prefix, cell.text)
        if pk is None:
            self._refuse(
                number,
                ID,
                cells,
                "Cet identifiant a été modifié, ou vient d’un autre plan. Remettez celui de l’export, ou videz la cellule pour une ligne nouvelle.",
            )
        elif pk not in self.existing:
            self._refuse(
                number, ID, cells, "Cette ligne n’existe plus dans le plan. Videz la cellule pour la créer de nouveau."
            )
            pk = None
        return pk

    def _values(self, number: int, cells: list[Cell | None], row: Model | None) -> dict[str, Any]:
        values = {}
        for name, read in self.readers.items():
            try:
                values[name] = read(self._cell(cells, name))
            except Refused as refusal:
                self._refuse(number, name, cells, str(refusal))
        for column in self.spec.columns:
            if column.fixed and column.field in self.place.columns:
                self._refuse_a_fixed_change(number, cells, column, row)
        return values

    def _refuse_a_fixed_change(self, number: int, cells: list[Cell | None], column: Column, row: Model | None) -> None:
        cell = self._cell(cells, column.field)
        written = _comparable(column.write(row)) if row is not None else ""
        if (
            cell is not None
            and row is None
            and column.field != "verdict"
            or row is not None
            and (search_key(cell.text) if cell else "") != written
        ):
            self._refuse(number, column.field, cells, column.fixed)

    def _same_row(self, values: dict[str, Any]) -> int | None:
        """A line without identifier is the row that says the same thing, when there is one."""
        try:
            found = self.by_key.get(self.spec.key({**self._defaults(), **values}))
        except (KeyError, AttributeError):
            return None
        if found is None and self.spec.prefix == "A" and not values.get("code"):
            title = search_key(values.get("title", ""))
            same = [pk for pk, row in self.existing.items() if search_key(row.title) == title]
            found = same[0] if len(same) == 1 else None
        return found

    def _is_claimed(self, number: int, pk: int) -> bool:
        if pk in self.claimed:
            self._refuse(number, None, [], self.spec.twice.format(row=self.claimed[pk]))
            return True
        self.claimed[pk] = number
        return False

    def _defaults(self) -> dict[str, Any]:
        """What a new row says where the file says nothing."""
        blank = self.spec.model()
        return {
            column.field: () if column.is_many else getattr(blank, column.field, None)
            for column in self.spec.columns
            if column.read and column.field not in ("action", "objective", "funder", "giver", "scheme")
        }

    def _complete(self, number: int, values: dict[str, Any], *, is_new: bool) -> bool:
        """A required column that the file does not have; the number that an action takes by itself."""
        absent = [
            column
            for column in self.spec.columns
            if column.read and is_new and column.field not in self.readers and self._is_required(column)
        ]
        for column in absent:
            self._refuse(
                number,
                None,
                [],
                f"Il manque «{NBSP}{column.heading}{NBSP}»{NBSP}: ajoutez la colonne, ou dites laquelle en tient lieu.",
            )
        if not absent and self.spec.prefix == "A" and not values["code"]:
            values["code"] = self.known.next_code(values["objective"])
        return not absent

    def _is_required(self, column: Column) -> bool:
        if column.field == "code" or column.is_many:
            return False
        found = self.spec.model._meta.get_field(column.field)
        return not found.blank and not found.has_default()  # type: ignore[union-attr]

    def _is_twice(self, number: int, values: dict[str, Any], pk: int | None) -> bool:
        key = self.spec.key(values)
        if key in self.seen and (self.spec.is_unique or pk is None):
            self._refuse(number, None, [], self.spec.twice.format(row=self.seen[key]))
            return True
        other = self.by_key.get(key)
        if self.spec.is_unique and other is not None and other != pk and other not in self.claimed:
            self._refuse(
                number,
                None,
                [],
                f"Le plan a déjà une ligne comme celle-ci{NBSP}: «{NBSP}{self.existing[other]}{NBSP}».",
            )
            return True
        self.seen.setdefault(key, number)
        return False

    def _keep(self, number: int, pk: int | None, values: dict[str, Any]) -> None:
        if pk is not None and values == self.values[pk]:
            self.preview.unchanged += 1
            return
        target = copy(self.existing[pk]) if pk else self.spec.model()
        many = {column.field for column in self.spec.columns if column.is_many}
        for name, value in values.items():
            if name not in many:
                setattr(target, name, value)
        if isinstance(target, Action):
            target.plan = self.plan
            self.known.actions[target.code] = target
        before = self.values.get(pk or 0, {})
        changed = {name: value for name, value in values.items() if name not in before or before[name] != value}
        if self._breaks_a_rule(number, target, changed):
            return
        changes = [
            Change(
                column.heading,
                _shown(before.get(column.field), column, target),
                _shown(changed[column.field], column, target),
            )
            for column in self.spec.columns
            if column.field in changed and pk
        ]
        kept = {name: value for name, value in changed.items() if name in many}
        self.preview.lines.append(Line(self.spec, number, target, kept, changes, is_new=pk is None))

    def _breaks_a_rule(self, number: int, target: Model, changed: dict[str, Any]) -> bool:
        """The constraints of the model, at the column that they look at: rather one that this file changes."""
        broken = list(broken_rules(target))
        for rule in broken:
            fields = sorted(rule.fields, key=lambda name: name not in changed)
            name = next((name for name in fields if name in self.place.columns), None)
            self._refuse(number, name, self.rows[number - 1], rule.sentence)
        return bool(broken)

    def _cell(self, cells: list[Cell | None], name: str) -> Cell | None:
        place = self.place.columns.get(name)
        return cells[place] if place is not None and place < len(cells) else None

    def _refuse(self, number: int, name: str | None, cells: list[Cell | None], expected: str) -> None:
        place = self.place.columns.get(name, 0) if name else min(self.place.columns.values(), default=0)
        cell = self._cell(cells, name) if name else None
        headings = self.rows[self.place.heading_row]
        heading = headings[place].text if place < len(headings) and headings[place] else IDENTIFIER  # type: ignore[union-attr]
        self.preview.errors.append(
            CellError(self.place.sheet, number, letters(place), heading, cell.text if cell else "", expected)
        )


def report_lines(report: dict[str, Any]) -> Iterator[str]:
    """The preview in words, for the back office and the command."""
    yield from report.get("missing", [])
    for sheet, cell, heading, value, expected in report.get("errors", []):
        yield f"Refusé : {sheet}, {cell} ({heading}) « {value} » : {expected}"
    for sheet, row, label in report.get("added", []):
        yield f"Nouveau : {sheet}, ligne {row} : {label}"
    for sheet, row, label, fields in report.get("changed", []):
        for heading, before, after in fields:
            yield f"Modifié : {sheet}, ligne {row} : {label} : {heading} : {before} → {after}"
    yield f"Inchangées : {report.get('unchanged', 0)}"


def letters(column: int) -> str:
    """0 is A, 26 is AA."""
    found, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def _comparable(written: Any) -> str:
    """What a column writes, as the file gives it back."""
    value = getattr(written, "value", written)
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return search_key(f"{value.normalize():f}")
    return search_key(value.isoformat() if isinstance(value, date) else str(value))


def _shown(value: Any, column: Column, target: Model) -> str:
    if value is None or value in ("", ()):
        return "vide"
    if isinstance(value, tuple):
        return ", ".join(str(each) for each in value)
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, Decimal):
        return numbers.shortest(value)
    choices = dict(target._meta.get_field(column.field).flatchoices)  # type: ignore[union-attr]
    return str(choices.get(value, value))
