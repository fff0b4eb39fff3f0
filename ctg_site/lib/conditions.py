"""The constraints of a model on rows in memory, in the words of the model: as ``full_clean``, without a query for each row."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import CheckConstraint, F, ForeignKey, Model, Q, UniqueConstraint

Key = tuple[Any, ...]

_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": lambda value, other: value == other,
    "gt": lambda value, other: value > other,
    "gte": lambda value, other: value >= other,
    "lt": lambda value, other: value < other,
    "lte": lambda value, other: value <= other,
    "in": lambda value, other: value in other,
}


def holds(condition: Q, row: Model) -> bool | None:
    """None when an empty column leaves it unknown, as in SQL."""
    answers = [holds(child, row) if isinstance(child, Q) else _test(row, *child) for child in condition.children]  # type: ignore[misc]
    decisive = condition.connector == Q.OR
    answer = decisive if decisive in answers else None if None in answers else not decisive
    return answer if answer is None or not condition.negated else not answer


def _test(row: Model, path: str, other: Any) -> bool | None:
    name, _, lookup = path.partition("__")
    value = getattr(row, row_field(row, name).attname)
    if lookup == "isnull":
        return (value is None) == other
    if isinstance(other, F):
        other = getattr(row, other.name)  # type: ignore[attr-defined]
    elif other is None:
        return value is None
    return None if value is None or other is None else _TESTS[lookup or "exact"](value, other)


def check_row(row: Model) -> None:
    """Its fields, then its check constraints, each refusal with the column it blames as its code; a row it points to
    was read from the base, it is not read again."""
    read = {field.name for field in row._meta.concrete_fields if isinstance(field, ForeignKey) and _given(row, field)}
    row.clean_fields(exclude=read)
    row.clean()
    broken = [
        ValidationError(constraint.get_violation_error_message(), code=blamed(cast(Q, constraint.condition), row))
        for constraint in row._meta.constraints
        if isinstance(constraint, CheckConstraint) and holds(cast(Q, constraint.condition), row) is False
    ]
    if broken:
        raise ValidationError({NON_FIELD_ERRORS: broken})


def blamed(condition: Q, row: Model) -> str:
    """The column to look at when a condition fails: of the first part that fails, or of the last one that could have held."""
    children: list[Any] = list(condition.children)
    failing = (child for child in children if isinstance(child, Q) and holds(child, row) is False)
    child = next(failing, children[-1]) if condition.connector == Q.AND else children[-1]
    return blamed(child, row) if isinstance(child, Q) else child[0].partition("__")[0]


def _given(row: Model, field: ForeignKey) -> bool:
    return getattr(row, field.attname) is not None


def check_keys(rows: Sequence[Model]) -> None:
    """No two of them under one key, and none under the key of another row of the base: one query a key, not a row."""
    for constraint in rows[0]._meta.constraints if rows else []:
        if isinstance(constraint, UniqueConstraint):
            condition = constraint.condition or Q()
            _check_key(constraint, condition, [row for row in rows if holds(condition, row)])


def _check_key(constraint: UniqueConstraint, condition: Q, rows: Sequence[Model]) -> None:
    names = [row_field(rows[0], name).attname for name in constraint.fields] if rows else []
    keys = [tuple(getattr(row, name) for name in names) for row in rows]
    taken = _owners(type(rows[0]), condition, names, keys) if rows else {}
    if len(set(keys)) < len(keys) or any(taken.get(key, row.pk) != row.pk for key, row in zip(keys, rows, strict=True)):
        raise ValidationError({NON_FIELD_ERRORS: [constraint.get_violation_error_message()]})


def _owners(model: type[Model], condition: Q, names: list[str], keys: list[Key]) -> dict[Key, Any]:
    """Sought by the columns that are no text: what is left to compare is small."""
    near = {f"{name}__in": set(values) for name, values in zip(names, zip(*keys, strict=True), strict=True)}
    near = {path: values for path, values in near.items() if not any(isinstance(value, str) for value in values)}
    rows = model._default_manager.filter(condition, **near).order_by().values_list(*names, "pk")
    return {tuple(row[:-1]): row[-1] for row in rows}


def row_field(row: Model, name: str) -> Any:
    return row._meta.get_field(name)
