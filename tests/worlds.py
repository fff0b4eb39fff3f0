"""A world that many tests build alike: the services build it, then its rows are written again as they left them.

    @remembered
    def make_adopted_plan() -> ActionPlan: ...

From the third call in the same situation, its rows come back as they were, files included, in one go. Anything else is built
as always: on a base where a test has written, by a test that patches the code or the settings. Each process builds each
world itself, by the services of the day and on its own database.
"""

import functools
import io
import pickle
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection
from django.db.models import FileField, GeneratedField, Model
from django.db.models.query import QuerySet

P = ParamSpec("P")
R = TypeVar("R")
Row = tuple[Any, ...]
Content = dict[type[Model], dict[Any, Row]]

ALWAYS_THERE = {"contenttypes.contenttype", "auth.permission"}
MOST_KEPT = 300


# --- What the base holds ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class World:
    """What is in the base after a call, and what the call did: rows gone and come, files, its answer."""

    content: Content
    gone: dict[type[Model], list[Any]]
    come: dict[type[Model], list[Row]]
    files: list[tuple[Any, str, bytes]]
    answer: bytes


UNSEEN, EMPTY, OTHER = "unseen", "empty", "other"


class Watch:
    """Between two calls: nothing, a world, something else that a test wrote, or nobody has looked yet."""

    def __init__(self) -> None:
        self.state: World | str = UNSEEN
        self.item: pytest.Item | None = None
        self.patch: pytest.MonkeyPatch | None = None

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if str(sql).startswith("ROLLBACK"):
            self.state = UNSEEN
        elif not str(sql).startswith(("SELECT", "SAVEPOINT", "RELEASE")):
            self.state = OTHER
        return execute(sql, params, many, context)

    def look(self) -> World | str:
        if self not in connection.execute_wrappers:
            connection.execute_wrappers.insert(0, self)
            self.state = UNSEEN
        if self.state is UNSEEN:
            self.state = EMPTY if _is_empty() else OTHER
        return self.state


watch = Watch()


def begin(item: pytest.Item, patch: pytest.MonkeyPatch | None = None) -> None:
    """A test begins; ``patch`` is what it patches with, once the fixtures of wider scope are there."""
    watch.item, watch.patch, watch.state = item, patch, UNSEEN


def _is_empty() -> bool:
    tables = " OR ".join(f"EXISTS (SELECT 1 FROM {_quoted(model._meta.db_table)})" for model in _models())
    with _cursor() as cursor:
        cursor.execute(f"SELECT {tables}")
        return not cursor.fetchone()[0]


# --- The gesture ------------------------------------------------------------------------------------------------------

_worlds: dict[Any, World] = {}
_asked: Counter[Any] = Counter()


def remembered(build: Callable[P, R]) -> Callable[P, R]:
    @functools.wraps(build)
    def make(*args: P.args, **kwargs: P.kwargs) -> R:
        situation = _situation(build, args, kwargs)
        if situation is None:
            return build(*args, **kwargs)
        given = list(_rows_of([*args, *kwargs.values()]))
        if world := _worlds.get(situation):
            watch.state = world
            return _written_again(world, given)
        before = watch.state
        _asked[situation] += 1
        answer = build(*args, **kwargs)
        if _asked[situation] > 1 and len(_worlds) < MOST_KEPT:
            _worlds[situation] = watch.state = _photographed(before, answer, given)
        return answer

    return make


def _situation(build: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """None when what would be built might not be what another test needs."""
    patches = _patches()
    if patches is None or not connection.in_atomic_block or watch.look() is OTHER:
        return None
    situation = watch.state, build, _identity([*args, *sorted(kwargs.items())]), patches
    try:
        hash(situation)
    except TypeError:
        return None
    return situation


def _patches() -> frozenset[Any] | None:
    """Those that a conftest makes alike for many tests; None as soon as the test has one of its own, or no transaction."""
    item, patch = watch.item, watch.patch
    if item is None or {"settings", "transactional_db", "live_server"} & set(item.fixturenames):  # type: ignore[attr-defined]
        return None
    mark = item.get_closest_marker("django_db")
    if mark and mark.kwargs.get("transaction"):
        return None
    if patch is None:
        return frozenset()
    ours = [(target, name) for target, name, _ in patch._setattr if (target, name) != (QuerySet, "_fetch_all")]
    theirs = [getattr(target, name) for target, name in ours]
    if patch._setitem or any(not getattr(value, "__module__", "").endswith(".conftest") for value in theirs):
        return None
    return frozenset((target, name, value.__qualname__) for (target, name), value in zip(ours, theirs, strict=True))


def _identity(value: Any) -> Any:
    """Two values are the same world's when all that is written of them is the same."""
    if isinstance(value, Model):
        columns = [field.attname for field in value._meta.concrete_fields]
        return type(value), tuple(_identity(value.__dict__.get(column)) for column in columns)
    if isinstance(value, list | tuple):
        return type(value), tuple(_identity(one) for one in value)
    return type(value), value


def _rows_of(values: Any) -> Iterator[Model]:
    for value in values:
        if isinstance(value, Model):
            yield value
        elif isinstance(value, list | tuple):
            yield from _rows_of(value)


# --- The photograph ---------------------------------------------------------------------------------------------------


def _photographed(before: World | str, answer: Any, given: list[Model]) -> World:
    known = before.content if isinstance(before, World) else {}
    content: Content = {}
    gone, come = {}, {}
    for model in _models():
        old, new = known.get(model, {}), _read(model)
        content[model] = {pk: old[pk] if old.get(pk) == row else row for pk, row in new.items()}
        gone[model] = [pk for pk, row in old.items() if new.get(pk) != row]
        come[model] = [row for pk, row in new.items() if old.get(pk) != row]
    return World(content, gone, come, list(_files(come)), _packed(answer, given))


def _written_again(world: World, given: list[Model]) -> Any:
    with _cursor() as cursor:
        for model, pks in world.gone.items():
            for pk in pks:
                mark = "%s" if connection.vendor == "postgresql" else "?"
                cursor.execute(
                    f"DELETE FROM {_quoted(model._meta.db_table)} WHERE {_quoted(model._meta.pk.column)} = {mark}",
                    (pk,),
                )
        for model, rows in world.come.items():
            if rows:
                _insert(cursor, model, rows)
    for storage, name, content in world.files:
        storage.delete(name)
        storage.save(name, ContentFile(content))
    return _unpacked(world.answer, given)


def _insert(cursor: Any, model: type[Model], rows: list[Row]) -> None:
    columns = _columns(model)
    into = f"INSERT INTO {_quoted(model._meta.db_table)} ({', '.join(map(_quoted, columns))}) VALUES "
    if connection.vendor == "postgresql":
        place = f"({', '.join(['%s'] * len(columns))})"
        cursor.execute(into.encode() + b", ".join(cursor.mogrify(place, row) for row in rows))
    else:
        cursor.executemany(f"{into}({', '.join('?' * len(columns))})", rows)


def _read(model: type[Model]) -> dict[Any, Row]:
    """As the base keeps them: SQLite converts a column by its declared type, an expression has none."""
    columns = _columns(model)
    shown = ", ".join(_quoted(name) if connection.vendor == "postgresql" else f"+{_quoted(name)}" for name in columns)
    with _cursor() as cursor:
        cursor.execute(f"SELECT {shown} FROM {_quoted(model._meta.db_table)}")
        place = columns.index(model._meta.pk.column)
        return {row[place]: tuple(row) for row in cursor.fetchall()}


def _files(come: dict[type[Model], list[Row]]) -> Iterator[tuple[Any, str, bytes]]:
    for model, rows in come.items():
        columns = _columns(model)
        for field in model._meta.local_concrete_fields:
            if isinstance(field, FileField):
                for row in rows:
                    name = row[columns.index(field.column)]
                    if name and field.storage.exists(name):
                        with field.storage.open(name) as file:
                            yield field.storage, name, file.read()


class _Pickler(pickle.Pickler):
    """The rows that the caller gave stay the caller's."""

    given: list[Model]

    def persistent_id(self, value: Any) -> int | None:
        if isinstance(value, Model):
            return next((place for place, one in enumerate(self.given) if one is value), None)
        return None


class _Unpickler(pickle.Unpickler):
    given: list[Model]

    def persistent_load(self, place: int) -> Model:
        return self.given[place]


def _packed(answer: Any, given: list[Model]) -> bytes:
    """With what the call left in the rows it was given."""
    out = io.BytesIO()
    pickler = _Pickler(out)
    pickler.given = given
    pickler.dump((answer, [vars(row) for row in given]))
    return out.getvalue()


def _unpacked(packed: bytes, given: list[Model]) -> Any:
    unpickler = _Unpickler(io.BytesIO(packed))
    unpickler.given = given
    answer, left = unpickler.load()
    for row, state in zip(given, left, strict=True):
        vars(row).clear()
        vars(row).update(state)
    return answer


# --- The tables -------------------------------------------------------------------------------------------------------


@functools.cache
def _models() -> list[type[Model]]:
    every = apps.get_models(include_auto_created=True)
    return [model for model in every if model._meta.managed and model._meta.label_lower not in ALWAYS_THERE]


@functools.cache
def _columns(model: type[Model]) -> list[str]:
    return [field.column for field in model._meta.local_concrete_fields if not isinstance(field, GeneratedField)]


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _cursor() -> Any:
    """Below Django: neither counted nor watched."""
    connection.ensure_connection()
    return closing(connection.connection.cursor())
