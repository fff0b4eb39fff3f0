"""The rules of a model on rows in memory, in the words of the model: as ``full_clean``, without a query for each rule or each row."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple, cast

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.models import CheckConstraint, F, ForeignKey, Model, Q, UniqueConstraint

from ctg_site.lib.dates import why_not_yet

Key = tuple[Any, ...]

_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": lambda value, other: value == other,
    "gt": lambda value, other: value > other,
    "gte": lambda value, other: value >= other,
    "lt": lambda value, other: value < other,
    "lte": lambda value, other: value <= other,
    "in": lambda value, other: value in other,
    "range": lambda value, bounds: bounds[0] <= value <= bounds[1],
}


class Unreadable(Exception):
    """A condition, or a value, that only the database can judge."""


class Check(CheckConstraint):
    """The check constraint of every model here. Django asks the database again at each save, one query a rule; the row
    is in memory, and the database keeps the rule anyway."""

    def validate(
        self, model: type[Model], instance: Model, exclude: Collection[str] | None = None, using: str = DEFAULT_DB_ALIAS
    ) -> None:
        try:
            if exclude and any(name in exclude for name in named_in(self.condition)):
                return
            is_broken = holds(cast(Q, self.condition), instance) is False
        except (Unreadable, TypeError):
            super().validate(model, instance, exclude=cast(Any, exclude), using=using)
            return
        if is_broken:
            raise ValidationError(self.get_violation_error_message(), code=self.violation_error_code)

    def deconstruct(self) -> Any:
        """A migration writes down the rule, not who judges it."""
        _, arguments, options = super().deconstruct()
        return "django.db.models.CheckConstraint", arguments, options


class Broken(NamedTuple):
    """The fields that the rule looks at, and its sentence."""

    fields: tuple[str, ...]
    sentence: str


def holds(condition: Q, row: Model) -> bool | None:
    """None when an empty column leaves it unknown, as in SQL."""
    if not isinstance(condition, Q):
        raise Unreadable(condition)
    answers = [holds(child, row) if isinstance(child, Q) else _test(row, child) for child in condition.children]
    decisive = condition.connector == Q.OR
    answer = decisive if decisive in answers else None if None in answers else not decisive
    return answer if answer is None or not condition.negated else not answer


def _test(row: Model, comparison: Any) -> bool | None:
    if not isinstance(comparison, tuple):
        raise Unreadable(comparison)
    path, other = comparison
    name, _, lookup = path.partition("__")
    value = _value(row, name)
    if lookup == "isnull":
        return (value is None) == other
    if isinstance(other, F):
        other = _value(row, other.name)  # type: ignore[attr-defined]
    elif other is None:
        return value is None
    test = _TESTS.get(lookup or "exact")
    if test is None or hasattr(other, "resolve_expression"):
        raise Unreadable(comparison)
    return None if value is None or other is None else test(value, other)


def _value(row: Model, name: str) -> Any:
    """Of a key, the row it points to when that one is not saved yet."""
    field = row_field(row, name)
    value = getattr(row, field.attname)
    if value is None and field.is_relation and field.is_cached(row):
        value = getattr(row, name)
    if hasattr(value, "resolve_expression"):
        raise Unreadable(value)
    return value


def named_in(condition: Any) -> Iterator[str]:
    if not isinstance(condition, Q):
        raise Unreadable(condition)
    for child in condition.children:
        if isinstance(child, tuple):
            path, other = child
            yield path.partition("__")[0]
            if isinstance(other, F):
                yield str(other.name)  # type: ignore[attr-defined]
        else:
            yield from named_in(child)


def broken_rules(row: Model) -> Iterator[Broken]:
    for constraint in _checks(row):
        if holds(cast(Q, constraint.condition), row) is False:
            names = tuple(dict.fromkeys(named_in(constraint.condition)))
            yield Broken(names, str(constraint.get_violation_error_message()))


def has_come(day: date) -> None:
    """Validates a field that says what was done; alone of all rules, it is given no day, so that it holds at every door."""
    if sentence := why_not_yet(day):
        raise ValidationError(sentence, code="to_come")


def check_saved(row: Model) -> None:
    """All that ``full_clean`` refuses; a row it points to that is at hand was read from the base, it is not read again."""
    errors: dict[str, Any] = {}
    refused: set[str] = set()
    for judge in (
        partial(row.clean_fields, exclude={field.name for field in _keys(row) if _is_at_hand(row, field)}),
        row.clean,
        partial(row.validate_unique, exclude=refused),
        partial(row.validate_constraints, exclude=refused),
    ):
        try:
            judge()
        except ValidationError as error:
            errors = error.update_error_dict(errors)
            refused.update(errors)
    if errors:
        raise ValidationError(errors)


def check_row(row: Model) -> None:
    """Its fields, then its check constraints, each refusal with the column it blames as its code; a row it points to
    was read from the base, it is not read again."""
    row.clean_fields(exclude={field.name for field in _keys(row) if getattr(row, field.attname) is not None})
    row.clean()
    broken = [
        ValidationError(constraint.get_violation_error_message(), code=blamed(cast(Q, constraint.condition), row))
        for constraint in _checks(row)
        if holds(cast(Q, constraint.condition), row) is False
    ]
    if broken:
        raise ValidationError({NON_FIELD_ERRORS: broken})


def blamed(condition: Q, row: Model) -> str:
    """The column to look at when a condition fails: of the first part that fails, or of the last one that could have held."""
    children: list[Any] = list(condition.children)
    failing = (child for child in children if isinstance(child, Q) and holds(child, row) is False)
    child = next(failing, children[-1]) if condition.connector == Q.AND else children[-1]
    return blamed(child, row) if isinstance(child, Q) else child[0].partition("__")[0]


def _checks(row: Model) -> Iterator[CheckConstraint]:
    return (constraint for constraint in row._meta.constraints if isinstance(constraint, CheckConstraint))


def _keys(row: Model) -> Iterator[ForeignKey[Any, Any]]:
    return (field for field in row._meta.concrete_fields if isinstance(field, ForeignKey))


def _is_at_hand(row: Model, field: ForeignKey[Any, Any]) -> bool:
    """Read from the base, or saved there, and still the one that the column names."""
    if not field.is_cached(row):
        return False
    other = getattr(row, field.name)
    return other is not None and not other._state.adding and other.pk == getattr(row, field.attname)


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
