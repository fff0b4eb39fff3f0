"""``makemigrations``, whose first migration of an app creates each table whole (``ctg_site.lib.tables``)."""

from collections.abc import Sequence
from typing import Any

from django.core.management.commands import makemigrations
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation

from ctg_site.lib.tables import CreateTables


class Command(makemigrations.Command):
    def write_migration_files(self, changes: dict[str, Any], *args: Any, **options: Any) -> None:
        for migrations in changes.values():
            for migration in migrations:
                if migration.initial:
                    migration.operations = whole_tables(migration.operations)
        super().write_migration_files(changes, *args, **options)


def whole_tables(operations: Sequence[Operation]) -> list[Operation]:
    """The same tables; what else there is to do keeps its turn after them."""
    tables = {operation.name_lower: operation for operation in operations if isinstance(operation, CreateModel)}
    rest = []
    for operation in operations:
        table = tables.get(getattr(operation, "model_name_lower", ""))
        if table and isinstance(operation, AddField):
            table.fields.append((operation.name, operation.field))
        elif table and isinstance(operation, AddConstraint):
            table.options.setdefault("constraints", []).append(operation.constraint)
        elif table and isinstance(operation, AddIndex):
            table.options.setdefault("indexes", []).append(operation.index)
        elif not isinstance(operation, CreateModel):
            rest.append(operation)
    for table in tables.values():
        table.fields.sort(key=lambda named: named[1].creation_counter)  # as the model says them
    return [CreateTables(list(tables.values())), *rest] if tables else rest
