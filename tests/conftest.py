import logging
import os
import random
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.db.models import QuerySet

from tests import guards
from tests.demonstration import Demonstration, load_for_tests

# Playwright keeps an event loop running in the thread of the tests; Django would take their queries for async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


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


@pytest.fixture(autouse=True)
def unordered_rows_are_shuffled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(request.node.nodeid)  # the same order each time a test is run again
    monkeypatch.setattr(QuerySet, "_fetch_all", guards.shuffled_fetch(QuerySet._fetch_all, chance))  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def loaded_demonstration(django_db_setup: None, django_db_blocker) -> Iterator[Demonstration]:  # type: ignore[no-untyped-def]
    """Loading takes seconds: once a module, in a transaction that the end of the module rolls back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_for_tests()
        transaction.set_rollback(True)


@pytest.fixture
def demonstration(loaded_demonstration: Demonstration, db: None) -> Demonstration:
    return loaded_demonstration
