"""The workbook of a plan as a person edits it: exported, changed in some cells, sent back."""

import io
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from actions.content import read_plan
from actions.exports import plan_sheets
from actions.imports import receive_import
from actions.models import PlanImport
from ctg_site.lib import typed_cells
from ctg_site.lib.errors import RuleBroken

ON = date(2022, 12, 1)


def exported(plan) -> bytes:
    return plan_sheets(read_plan(plan, in_full=True), on=ON, inside=True)


def edited(content: bytes, change: Callable[[Workbook], Any]) -> bytes:
    book = load_workbook(io.BytesIO(content))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def put(book: Workbook, sheet: str, heading: str, value: Any, *, row: int = 2) -> None:
    page = book[sheet]
    page.cell(row, column(page, heading)).value = value


def column(page: Any, heading: str) -> int:
    return [cell.value for cell in page[1]].index(heading) + 1


def add_row(book: Workbook, sheet: str, **values: Any) -> int:
    """``_`` in a name stands for a space."""
    page = book[sheet]
    row = page.max_row + 1
    for heading, value in values.items():
        page.cell(row, column(page, heading.replace("_", " "))).value = value
    return row


def foreign(rows: list[list[Any]], title: str = "Plan 2023") -> bytes:
    """A workbook that is not ours."""
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_here(content: bytes) -> typed_cells.Book:
    """As the guarded child does, without the half second it takes to start one; a few tests start it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "sent.xlsx")
        file.write_bytes(content)
        try:
            return typed_cells.from_json(list(typed_cells._sheets(file)))
        except typed_cells.Unreadable as refusal:
            raise RuleBroken(str(refusal)) from refusal


def sent(plan, content: bytes) -> PlanImport:
    return receive_import(plan, name="plan.xlsx", content=content, by=None)


def sent_back(plan, change: Callable[[Workbook], Any] = lambda book: None) -> PlanImport:
    return sent(plan, edited(exported(plan), change))


def changes(found: PlanImport) -> list[tuple[str, str, str, str]]:
    """Sheet, heading, before, after."""
    return [(sheet, *change) for sheet, _, _, fields in found.report["changed"] for change in fields]


def refusals(found: PlanImport) -> list[tuple[str, str, str]]:
    """Sheet, cell, what was expected."""
    return [(sheet, cell, expected) for sheet, cell, _, _, expected in found.report["errors"]]
