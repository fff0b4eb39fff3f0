"""Who changed what, from what to what, and when: the history of a row, field by field, in a constant number of queries."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Model, TextField
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
    values = [_values(row, record) for record in records]
    for link in _links(row):
        _add_linked(values, records, link)
    names = _Names(values)
    versions = []
    for record, newer, older in zip(records, values, [*values[1:], None], strict=True):
        changes = [] if older is None else list(_changes(older, newer, names))
        if older is None or changes:
            versions.append(Version(record.history_date, _who(record), older is None, changes))
    return versions


def _records(row: Model) -> list[Any]:
    rows = row.history.select_related("history_user").order_by("-history_id")  # type: ignore[attr-defined]
    return list(rows[:MOST_VERSIONS])


def _gestures(records: list[Any]) -> list[Any]:
    """The last record of each gesture."""
    first = records[:1]
    return first + [older for newer, older in pairwise(records) if not _is_one_gesture(newer, older)]


def _is_one_gesture(newer: Any, older: Any) -> bool:
    same_hand = newer.history_user_id == older.history_user_id
    return same_hand and newer.history_date - older.history_date < ONE_GESTURE


def _who(record: Any) -> str:
    return str(record.history_user) if record.history_user else "Le logiciel"


def _values(row: Model, record: Any) -> dict[Any, Any]:
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    return {field: getattr(record, field.attname) for field in fields}


def _links(row: Model) -> list[Any]:
    return row.history.model._history_m2m_fields  # type: ignore[attr-defined]


def _add_linked(values: list[dict[Any, Any]], records: list[Any], link: Any) -> None:
    """What each record was linked to, in one query."""
    pairs = getattr(type(records[0]), link.name).model.objects.filter(history__in=[record.pk for record in records])
    linked: dict[int, set[int]] = {record.pk: set() for record in records}
    for record_pk, pk in pairs.values_list("history_id", f"{get_m2m_reverse_field_name(link)}_id"):
        linked[record_pk].add(pk)
    for record, row in zip(records, values, strict=True):
        row[link] = linked[record.pk]


def _changes(older: dict[Any, Any], newer: dict[Any, Any], names: "_Names") -> Iterator[Change]:
    for field, after in newer.items():
        before = older[field]
        if before != after:
            texts = names.say(field, before), names.say(field, after)
            pieces = differences(*texts) if isinstance(field, TextField) and before and after else []
            yield Change(str(field.verbose_name), *texts, pieces)


class _Names:
    """What a value is called; the rows that foreign keys and links point to are read once for all the versions."""

    def __init__(self, values: list[dict[Any, Any]]) -> None:
        self.rows: dict[Any, dict[int, Any]] = {}
        for field in [field for field in (values[0] if values else {}) if field.is_relation]:
            found = [row[field] if isinstance(row[field], set) else {row[field]} for row in values]
            changed = set().union(*found) - {None} if any(pks != found[0] for pks in found) else set()
            self.rows[field] = field.related_model._base_manager.select_related().in_bulk(changed)

    def say(self, field: Any, value: Any) -> str:
        if isinstance(value, set):
            return ", ".join(sorted(self._name(field, pk) for pk in value)) or NOTHING
        if value in (None, ""):
            return NOTHING
        if field.is_relation:
            return self._name(field, value)
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, bool):
            return "oui" if value else "non"
        if isinstance(value, date) and not isinstance(value, datetime):
            return french_date(value)
        return str(value)

    def _name(self, field: Any, pk: int) -> str:
        return str(self.rows[field].get(pk, "un élément supprimé depuis"))
