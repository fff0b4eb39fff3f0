"""Tests build their tables from the models, fifteen times sooner: the migrations must give the same ones."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel, RunPython

from ctg_site.lib.tables import CreateTables
from ctg_site.management.commands.makemigrations import whole_tables
from tests.servers import on_this_server

pytestmark = pytest.mark.django_db

OURS = ("ctg_site", "territory", "diagnostic", "actions", "governance")

# Of our tables: the columns, the foreign keys, the names of the rules and of the indexes. SQLite names no foreign key.
DESCRIBE = """
import json, django
django.setup()
from django.apps import apps
from django.db import connection
found = {}
with connection.cursor() as cursor:
    for model in apps.get_models(include_auto_created=True):
        if not model.__module__.startswith(("ctg_site", "territory", "diagnostic", "actions", "governance")):
            continue
        table = model._meta.db_table
        rules = connection.introspection.get_constraints(cursor, table)
        found[table] = {
            "columns": sorted(
                (column.name, str(column.type_code), column.null_ok)
                for column in connection.introspection.get_table_description(cursor, table)
            ),
            "keys": sorted((rule["columns"], rule["foreign_key"]) for rule in rules.values() if rule["foreign_key"]),
            "rules": sorted(
                rule.name for rule in [*model._meta.constraints, *model._meta.indexes] if rule.name in rules
            ),
            "missing": sorted(
                rule.name for rule in [*model._meta.constraints, *model._meta.indexes] if rule.name not in rules
            ),
        }
print(json.dumps(found))
"""


def test_the_migrations_build_the_tables_of_the_models(tmp_path):
    with an_empty_base(tmp_path) as url:
        _run("manage.py", "migrate", "--verbosity=0", url=url)
        migrated = json.loads(_run("-c", DESCRIBE, url=url))
    of_models = json.loads(_run("-c", DESCRIBE, url=_url(str(connection.settings_dict["NAME"]))))
    assert len(of_models) > 100
    assert {table: migrated[table] for table in migrated if migrated[table] != of_models[table]} == {}
    assert {table: found["missing"] for table, found in migrated.items() if found["missing"]} == {}


def test_a_first_migration_creates_its_tables_whole():
    """A rule added afterwards has SQLite remake its table: a new installation waited for a hundred and thirty of them."""
    ours = [app.name for app in apps.get_app_configs() if app.name.startswith(OURS) and app.models]
    assert len(ours) == 7
    for name in ours:
        migration = import_module(f"{name}.migrations.0001_initial").Migration
        assert [type(operation) for operation in migration.operations] == [CreateTables], name


def test_what_is_added_to_a_new_table_goes_into_it_and_the_rest_keeps_its_turn():
    name, number, other = models.CharField(max_length=9), models.IntegerField(), models.ForeignKey("B", models.CASCADE)
    rule = models.UniqueConstraint(fields=["name"], name="alone")
    index = models.Index(fields=["number"], name="sought")
    later, elsewhere = RunPython(RunPython.noop), AddField("elsewhere", "name", name)
    made, *rest = whole_tables(
        [
            CreateModel("A", [("number", number)]),
            AddField("a", "name", name),
            elsewhere,
            AddConstraint("a", rule),
            CreateModel("B", []),
            AddField("a", "other", other),
            AddIndex("a", index),
            later,
        ]
    )
    assert rest == [elsewhere, later]
    assert [table.name for table in made.tables] == ["A", "B"]
    assert [field for field, _ in made.tables[0].fields] == ["name", "number", "other"]
    assert made.tables[0].options == {"constraints": [rule], "indexes": [index]}


@contextmanager
def an_empty_base(folder: Path) -> Iterator[str]:
    if connection.vendor == "sqlite":
        yield _url(str(folder / "migrated.sqlite3"))
        return
    name = f"migrated_{os.getpid()}"
    with closing(_server()) as server, server.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            yield _url(name)
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _server():  # type: ignore[no-untyped-def]
    """A connection of its own: a database is not created inside the transaction of a test."""
    server = connection.Database.connect(**connection.get_connection_params())
    server.autocommit = True
    return server


def _url(name: str) -> str:
    return f"sqlite:///{name}" if connection.vendor == "sqlite" else on_this_server(name)


def _run(*arguments: str, url: str) -> str:
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "ctg_site.settings"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
