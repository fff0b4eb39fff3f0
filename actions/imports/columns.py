"""A column of the workbook: how it is written, and how it is read back."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Manager, Model

from actions.content import PlanContent
from actions.imports import reading
from actions.imports.known import Known
from actions.imports.reading import Reader
from actions.models import Action
from ctg_site.lib.prose import clean_prose
from ctg_site.lib.sheets import euro


@dataclass(frozen=True)
class Column:
    """``read`` is missing when the column is only there to be read; ``fixed`` says why it does not change by this door.

    ``write`` is missing when only the workbooks of others have such a column: empty, it says nothing. What ``is_private`` leaves for those inside.
    """

    heading: str
    field: str
    write: Callable[[Any], Any] | None
    read: Callable[[Known], Reader] | None = None
    fixed: str = ""
    synonyms: tuple[str, ...] = ()
    is_many: bool = False
    is_private: bool = False


@dataclass(frozen=True)
class SheetSpec:
    """``key`` says when two lines without identifier are the same; ``is_unique`` when the plan holds only one of it.

    ``per_year`` names the amount that the workbook of others may give in one column a year.
    """

    title: str
    prefix: str
    model: type[Model]
    columns: tuple[Column, ...]
    rows_of: Callable[[Action], Iterable[Any]]
    key: Callable[[dict[str, Any]], Hashable]
    save: Callable[..., Any]
    twice: str
    is_unique: bool = False
    note: str = ""
    per_year: str = ""

    def rows(self, content: PlanContent) -> list[Any]:
        return [row for action in content.actions for row in self.rows_of(action)]

    def written(self, *, inside: bool) -> dict[str, Callable[[Any], Any]]:
        return {
            column.heading: column.write
            for column in self.columns
            if column.write and (inside or not column.is_private)
        }

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.field == name)


def current_values(row: Any, spec: SheetSpec) -> dict[str, Any]:
    """What the row says now, as a reader gives it back: rows in the order of their keys, texts freed of what is not seen."""
    return {column.field: _as_read(getattr(row, column.field)) for column in spec.columns if column.read}


def _as_read(value: Any) -> Any:
    if isinstance(value, Manager):
        return tuple(sorted(value.all(), key=lambda each: each.pk))
    return clean_prose(value) if isinstance(value, str) else value


def text(model: type[Model], name: str, heading: str, *synonyms: str) -> Column:
    read = reading.text(model._meta.get_field(name))  # type: ignore[arg-type]
    return Column(heading, name, lambda row: getattr(row, name), lambda known: read, synonyms=synonyms)


def choice(name: str, heading: str, choices: Any, default: Any, *synonyms: str) -> Column:
    read = reading.or_default(reading.choice(choices), default)
    write = f"get_{name}_display"
    return Column(heading, name, lambda row: getattr(row, write)(), lambda known: read, synonyms=synonyms)


def amount(name: str, heading: str, *synonyms: str, required: bool = False) -> Column:
    read = reading.amount(required=required)
    return Column(heading, name, lambda row: euro(getattr(row, name)), lambda known: read, synonyms=synonyms)


def day(name: str, heading: str, *synonyms: str, required: bool = False) -> Column:
    return Column(
        heading, name, lambda row: getattr(row, name), lambda known: known.day(required=required), synonyms=synonyms
    )


def organisation(name: str, heading: str, *synonyms: str, required: bool = False) -> Column:
    return Column(
        heading,
        name,
        lambda row: getattr(row, name),
        lambda known: known.organisation(required=required),
        synonyms=synonyms,
    )


def recorded(name: str, heading: str, write: Callable[[Any], Any]) -> Column:
    return Column(
        heading, name, write, fixed="Ce qui est réalisé s’enregistre sur la page de l’action, une fois le plan adopté."
    )
