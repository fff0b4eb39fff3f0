"""The check constraints of a model, tried on a row in memory: the same rules and the same sentences, without the database.

An import looks at thousands of rows before it writes one; a query a rule and a row would take minutes.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import CheckConstraint, F, Model, Q


class Broken(NamedTuple):
    """The fields that the rule looks at, and its sentence."""

    fields: tuple[str, ...]
    sentence: str


def broken_rules(row: Model) -> Iterator[Broken]:
    for constraint in row._meta.constraints:
        if isinstance(constraint, CheckConstraint) and _holds(constraint.condition, row) is False:
            names = tuple(dict.fromkeys(_names(constraint.condition)))
            yield Broken(names, str(constraint.violation_error_message))


def _holds(condition: Any, row: Model) -> bool | None:
    """Three values, as in SQL: a comparison with nothing is unknown, and only False breaks a rule."""
    if not isinstance(condition, Q):
        return _compared(*condition, row=row)
    found = [_holds(child, row) for child in condition.children]
    result = _either(found) if condition.connector == Q.OR else _all(found)
    return (None if result is None else not result) if condition.negated else result


def _all(found: list[bool | None]) -> bool | None:
    if False in found:
        return False
    return None if None in found else True


def _either(found: list[bool | None]) -> bool | None:
    if True in found:
        return True
    return None if None in found else False


def _compared(path: str, wanted: Any, *, row: Model) -> bool | None:
    name, _, lookup = path.partition("__")
    value = _value(row, name)
    if isinstance(wanted, F):
        wanted = _value(row, str(wanted.name))  # type: ignore[attr-defined]
        if wanted is None:
            return None
    if lookup == "isnull":
        return (value is None) is wanted
    if not lookup and wanted is None:
        return value is None
    return None if value is None else _LOOKUPS[lookup](value, wanted)


def _value(row: Model, name: str) -> Any:
    """What a key points to, even before it is saved."""
    field = row._meta.get_field(name)
    return getattr(row, name) if field.is_relation else getattr(row, field.attname)  # type: ignore[union-attr]


def _names(condition: Any) -> Iterator[str]:
    if isinstance(condition, Q):
        for child in condition.children:
            yield from _names(child)
    else:
        path, wanted = condition
        yield path.partition("__")[0]
        if isinstance(wanted, F):
            yield str(wanted.name)  # type: ignore[attr-defined]


_LOOKUPS = {
    "": lambda value, wanted: value == wanted,
    "exact": lambda value, wanted: value == wanted,
    "gt": lambda value, wanted: value > wanted,
    "gte": lambda value, wanted: value >= wanted,
    "lt": lambda value, wanted: value < wanted,
    "lte": lambda value, wanted: value <= wanted,
    "in": lambda value, wanted: value in wanted,
}
