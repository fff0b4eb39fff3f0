"""Who changed what, from what to what, and when: the history of a row, field by field, in a constant number of queries."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Field, Model, TextField
from simple_history.utils import get_m2m_reverse_field_name

from ctg_site.lib.dates import french_date
from ctg_site.lib.merging import Piece, differences

MOST_VERSIONS = 200
ONE_GESTURE = timedelta(seconds=2)  # a row and its links are saved one after the other
NOTHING = "rien"


@dataclass(frozen=True)
class Change:
    """A field, before and after; a long text comes with its differences, word by word."""

    label: str
    before: str
    after: str
    pieces: list[Piece]


@dataclass(frozen=True)
class Version:
    at: datetime
    who: str
    is_first: bool
    changes: list[Change]


def read_story(row: Model) -> list[Version]:
    """The newest first. A save that changed nothing says nothing."""
    records = _gestures(_records(row))
    names = _Names(row, records)
    versions = []
    for newer, older in pairwise([*records, None]):
        changes = [] if older is None else list(_changes(row, older, newer, names))
        if older is None or changes:
            versions.append(Version(newer.history_date, _who(newer), older is None, changes))
    return versions


def _records(row: Model) -> list[Any]:
    rows = row.history.select_related("history_user").order_by("-history_id")  # type: ignore[attr-defined]
    return list(rows.prefetch_related(*[link.name for link in _links(row)])[:MOST_VERSIONS])


def _gestures(records: list[Any]) -> list[Any]:
    """The last record of each gesture."""
    kept: list[Any] = []
    newer = None
    for record in records:
        same = newer and (record.history_user_id, True) == (
            newer.history_user_id,
            newer.history_date - record.history_date < ONE_GESTURE,
        )
        if not same:
            kept.append(record)
        newer = record
    return kept


def _who(record: Any) -> str:
    return str(record.history_user) if record.history_user else "Le logiciel"


def _fields(row: Model) -> list[Field]:
    return [field for field in row._meta.concrete_fields if not field.primary_key]


def _links(row: Model) -> list[Any]:
    return row.history.model._history_m2m_fields  # type: ignore[attr-defined]


def _changes(row: Model, older: Any, newer: Any, names: "_Names") -> Iterator[Change]:
    for field in _fields(row):
        before, after = getattr(older, field.attname), getattr(newer, field.attname)
        if before != after:
            texts = names.say(field, before), names.say(field, after)
            pieces = differences(*texts) if isinstance(field, TextField) and before and after else []
            yield Change(str(field.verbose_name), *texts, pieces)
    for link in _links(row):
        before, after = _linked(older, link), _linked(newer, link)
        if before != after:
            yield Change(str(link.verbose_name), names.list(link, before), names.list(link, after), [])


def _linked(record: Any, link: Any) -> set[int]:
    key = f"{get_m2m_reverse_field_name(link)}_id"
    return {getattr(pair, key) for pair in getattr(record, link.name).all()}


class _Names:
    """What a value is called; the rows that foreign keys and links point to are read once for all the versions."""

    def __init__(self, row: Model, records: list[Any]) -> None:
        self.rows: dict[Any, dict[int, Any]] = {}
        for field in [field for field in _fields(row) if field.is_relation]:
            self._read(field, {getattr(record, field.attname) for record in records})
        for link in _links(row):
            self._read(link, {pk for record in records for pk in _linked(record, link)})

    def _read(self, field: Any, pks: set[int]) -> None:
        """Only what changed needs its name."""
        self.rows[field] = field.related_model._base_manager.in_bulk(pks - {None}) if len(pks) > 1 or field.many_to_many else {}

    def say(self, field: Any, value: Any) -> str:
        if value in (None, ""):
            return NOTHING
        if field.is_relation:
            return str(self.rows[field].get(value, "un élément supprimé depuis"))
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, bool):
            return "oui" if value else "non"
        if isinstance(value, date) and not isinstance(value, datetime):
            return french_date(value)
        return str(value)

    def list(self, link: Any, pks: set[int]) -> str:
        return ", ".join(sorted(self.say(link, pk) for pk in pks)) or NOTHING
