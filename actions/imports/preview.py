"""What a workbook would change in a plan, as it is shown before anything is written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model

from actions.imports.columns import Column, SheetSpec
from actions.imports.layout import Layout
from actions.models import Action
from ctg_site.lib import numbers
from ctg_site.lib.text import search_key


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
    left: list[str] = field(default_factory=list)

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
            "left": self.left,
        }


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
    for label in report.get("left", []):
        yield f"Absente du classeur, laissée dans le plan : {label}"
    yield f"Inchangées : {report.get('unchanged', 0)}"


def comparable(written: Any) -> str:
    """What a column writes, as the file gives it back."""
    value = getattr(written, "value", written)
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return search_key(f"{value.normalize():f}")
    return search_key(value.isoformat() if isinstance(value, date) else str(value))


def shown(value: Any, column: Column, target: Model) -> str:
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
