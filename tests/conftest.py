import gc
import logging
import os
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import hypothesis
import pytest
from django.db import transaction
from django.db.models import QuerySet
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

from tests import guards, worlds

# Playwright keeps an event loop running in the thread of the tests; Django would take their queries for async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

# The same draws each time, on a machine however busy: a refusal is of the product, and is seen again. What is new is sought
# by ``pytest --hypothesis-profile deep``.
hypothesis.settings.register_profile("steady", hypothesis.settings.get_profile("ci"))
hypothesis.settings.register_profile("deep", max_examples=1000, deadline=None)
hypothesis.settings.load_profile("steady")
# Begun last, they would leave the other processes idle; the second walk needs no demonstration, while the first prepares it.
LONGEST_FIRST = (
    "tests/whole/",
    "tests/test_migrations.py",
    "tests/browser/test_new_ctg.py",
    "tests/browser/test_write_plan.py",
    "tests/browser/test_shared_diagnosis.py",
)
THE_BASE = {"db", "transactional_db", "shared_rows", "live_server"}


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        guards.forbid_network(monkeypatch)
        yield


@pytest.fixture(autouse=True)
def unknown_variables_fail() -> Iterator[None]:
    logger, guard = logging.getLogger("django.template"), guards.UnknownVariableGuard()
    level = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addFilter(guard)
    yield
    logger.removeFilter(guard)
    logger.setLevel(level)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    worlds.begin(item)


@pytest.fixture(autouse=True)
def unordered_rows_are_shuffled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.begin(request.node, monkeypatch)
    chance = random.Random(request.node.nodeid)  # the same order each time a test is run again
    monkeypatch.setattr(QuerySet, "_fetch_all", guards.shuffled_fetch(QuerySet._fetch_all, chance))  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def shared_rows(django_db_setup: None, django_db_blocker) -> Callable[[], AbstractContextManager[None]]:  # type: ignore[no-untyped-def]
    """For a fixture of a module or of a package: what it writes is there for each of its tests, and gone after the last.

        @pytest.fixture(scope="module")
        def plans(shared_rows):
            with shared_rows():
                yield make_adopted_plan()

    A test may write too, its own transaction is inside. It takes its object anew from the base, since Python is not
    rolled back (``Model.objects.get(pk=…)``), and asks for ``db`` as always.
    """

    @contextmanager
    def shared() -> Iterator[None]:
        with django_db_blocker.unblock(), transaction.atomic():
            yield
            transaction.set_rollback(True)

    return shared


class OneWorkerAModule(LoadScopeScheduling):
    """What a module shares is built by one worker. The tests of a browser share a server a worker: each goes where there is room."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        if module.startswith("tests/browser/"):
            return nodeid
        return "tests/whole" if module.startswith("tests/whole/") else module


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneWorkerAModule:
    config.option.loadscopereorder = False  # in the order of the collection, see LONGEST_FIRST
    return OneWorkerAModule(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What never asks for the base says the same on both: pytest-django lets nothing else reach it."""
    for item in items:
        if item.get_closest_marker("once"):
            continue
        if item.get_closest_marker("django_db") or THE_BASE & set(item.fixturenames):  # type: ignore[attr-defined]
            item.add_marker("base")
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next((place for place, long in enumerate(LONGEST_FIRST) if item.nodeid.startswith(long)), len(LONGEST_FIRST))


def pytest_collection_finish() -> None:
    """Django, the models and the tests stay to the end: looking for garbage among them at each query took a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
