"""What a database must be told by hand."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import F, Model, QuerySet

Related = TypeVar("Related", bound=Model)


def analyze(*models: type[Model]) -> None:
    """Count what a bulk load has just written: PostgreSQL plans on its last count, and an hour of the old one is long."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE " + ", ".join(connection.ops.quote_name(model._meta.db_table) for model in models))


def with_each(rows: QuerySet, path: str, model: type[Model]) -> QuerySet:
    """Each row as many times as it has related ones at the end of ``path``, so that one query brings both."""
    return rows.annotate(**{_brought(name): F(f"{path}__{name}") for name in _columns(model)})


def each_of(rows: Iterable[Any], model: type[Related]) -> list[Related]:
    """The related ones that came with these rows."""
    names = _columns(model)
    found = [[getattr(row, _brought(name)) for name in names] for row in rows]
    key = names.index(model._meta.pk.attname)
    return [model.from_db(DEFAULT_DB_ALIAS, names, values) for values in found if values[key] is not None]


def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _brought(name: str) -> str:
    return f"each_{name}"
