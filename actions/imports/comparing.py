"""What a workbook would change in a plan, line by line and field by field, with every refusal at its cell. Writes nothing."""

from collections.abc import Hashable
from copy import copy
from dataclasses import replace
from typing import Any

from django.db.models import Model

from actions.content import read_plan
from actions.imports.columns import Column, SheetSpec, current_values
from actions.imports.known import Known
from actions.imports.layout import (
    ID,
    IDENTIFIER,
    README,
    Place,
    costs_beside,
    find_layout,
    from_json,
    remembered,
    what_is_missing,
)
from actions.imports.marks import PLAN_MARK, marked_pk, plan_mark
from actions.imports.preview import CellError, Change, Line, Preview, comparable, shown
from actions.imports.reading import Refused
from actions.imports.sheets import AXIS, sheet_specs
from actions.models import FROZEN, Action, ActionPlan, PlanImport
from ctg_site.lib.conditions import broken_rules
from ctg_site.lib.numbers import NBSP
from ctg_site.lib.sheets import column_letters
from ctg_site.lib.text import search_key
from ctg_site.lib.typed_cells import Book, Cell
from ctg_site.lib.typed_cells import from_json as book_from_json

WHOLE_COST = "Coût de l’action"
ANOTHER_PLAN = (
    "Ce classeur vient d’un autre plan. Attendu : « {mark} ». "
    "Exportez le plan de cette Ctg, puis reportez-y vos modifications."
)


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
            places = [self.preview.layout.get(spec.title), costs_beside(self.preview.layout, spec)]
            for place in places:
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
        self._take(place, {})
        self.silent_when_empty = {column.field for column in spec.columns if column.write is None}
        self.claimed: dict[int, int] = {}
        self.refused: set[int | None] = set()  # in the file all the same, though nothing is taken from their lines
        self.seen: dict[Hashable, int] = {}

    def run(self) -> None:
        whole = self.place
        for place, given in self._by_year(whole) or [(whole, {})]:
            self._take(place, given)
            for number, cells in self._identified_first(self._lines()):
                self._read(number, cells)
        left = [row for pk, row in self.existing.items() if pk not in self.claimed and pk not in self.refused]
        self.preview.untouched += len(left)
        if self.spec.prefix == "A":
            self.preview.left += [str(row) for row in left]

    def _by_year(self, whole: Place) -> list[tuple[Place, dict[str, Any]]]:
        """A column a year is as many sheets, one after the other."""
        return [
            (replace(whole, columns={**whole.columns, self.spec.per_year: rank}), {"year": year})
            for year, rank in sorted(whole.years.items())
        ]

    def _lines(self) -> list[tuple[int, list[Cell | None]]]:
        first = self.place.heading_row + 1
        lines = enumerate(self.rows[first:], start=first + 1)
        needed = self.spec.per_year if self.given else ""
        return [(number, cells) for number, cells in lines if any(cells) and (not needed or self._cell(cells, needed))]

    def _take(self, place: Place, given: dict[str, Any]) -> None:
        self.place, self.given = place, given
        self.readers = {
            column.field: column.read(self.known)
            for column in self.spec.columns
            if column.read and column.field in place.columns
        }

    def _identified_first(self, lines: list[tuple[int, list[Cell | None]]]) -> list[tuple[int, list[Cell | None]]]:
        """A line without identifier must not take the row that another line names."""
        return sorted(lines, key=lambda line: (self._cell(line[1], ID) is None, line[0]))

    def _read(self, number: int, cells: list[Cell | None]) -> None:
        before = len(self.preview.errors)
        pk = self._named_row(number, cells)
        values = self._values(number, cells, self.existing.get(pk) if pk else None)
        if len(self.preview.errors) > before or values.get("action", True) is None:
            self.refused.add(pk or self._same_row(values))
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
        values = dict(self.given)
        if self.given and self.given["year"] not in self.known.years:
            self._refuse(number, self.spec.per_year, cells, self.known.wrong_year)
        for name, read in self.readers.items():
            if name in self.silent_when_empty and self._cell(cells, name) is None:
                continue
            try:
                values[name] = read(self._cell(cells, name))
            except Refused as refusal:
                if name == "action" and self._is_refused(number):
                    values[name] = None  # its own line says why: it would be said twice
                else:
                    self._refuse(number, name, cells, str(refusal))
        for column in self.spec.columns:
            if column.fixed and column.field in self.place.columns:
                self._refuse_a_fixed_change(number, cells, column, row)
        if AXIS in self.place.columns:
            self._refuse_another_axis(number, cells, values.get("objective"))
        return values

    def _is_refused(self, number: int) -> bool:
        return any((error.sheet, error.row) == (self.place.sheet, number) for error in self.preview.errors)

    def _refuse_another_axis(self, number: int, cells: list[Cell | None], objective: Any) -> None:
        """The axis of a line is only read: it must be one of the plan, and the one that holds its objective."""
        cell = self._cell(cells, AXIS)
        try:
            axis = self.known.axis(cell) if cell else None
        except Refused as refusal:
            self._refuse(number, AXIS, cells, str(refusal))
            return
        if axis and objective and objective.axis.pk != axis.pk:
            self._refuse(
                number,
                AXIS,
                cells,
                f"«{NBSP}{objective}{NBSP}» dépend de «{NBSP}{objective.axis}{NBSP}»{NBSP}: changez l’objectif, ou remettez cet axe.",
            )

    def _refuse_a_fixed_change(self, number: int, cells: list[Cell | None], column: Column, row: Model | None) -> None:
        cell = self._cell(cells, column.field)
        written = comparable(column.write(row)) if row is not None and column.write else ""
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
        if self.given and self.spec.per_year == "amount":
            blank.label = WHOLE_COST  # type: ignore[attr-defined]
        return {
            column.field: () if column.is_many else getattr(blank, column.field, None)
            for column in self.spec.columns
            if column.read and column.field not in ("action", "objective", "funder", "giver", "scheme", "organisation")
        }

    def _complete(self, number: int, values: dict[str, Any], *, is_new: bool) -> bool:
        """A required column that the file does not have; the number that an action takes by itself."""
        absent = [
            column
            for column in self.spec.columns
            if column.read and is_new and column.field not in self.readers and self._is_required(column, values)
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

    def _is_required(self, column: Column, values: dict[str, Any]) -> bool:
        if column.field == "code" or column.is_many or values.get(column.field):
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
            self.known.add(target)
        before = self.values.get(pk or 0, {})
        changed = {name: value for name, value in values.items() if name not in before or before[name] != value}
        if self._breaks_a_rule(number, target, changed):
            return
        changes = [
            Change(
                column.heading,
                shown(before.get(column.field), column, target),
                shown(changed[column.field], column, target),
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
            CellError(self.place.sheet, number, column_letters(place), heading, cell.text if cell else "", expected)
        )
