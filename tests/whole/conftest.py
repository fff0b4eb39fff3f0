"""The tests that walk the whole product read one demonstration, loaded once for all of them."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection

from ctg_site.lib import pdf
from territory.imports.staging import make_room
from tests.demonstration import Demonstration, load_for_tests
from tests.ink import BlankPage


@pytest.fixture(scope="package")
def loaded_demonstration(shared_rows, django_db_blocker) -> Iterator[Demonstration]:  # type: ignore[no-untyped-def]
    if connection.vendor == "sqlite":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            make_room(cursor)  # here, the schema does not change inside the transaction of all these tests
    with shared_rows():
        yield load_for_tests()


@pytest.fixture
def demonstration(loaded_demonstration: Demonstration, db: None) -> Demonstration:
    return loaded_demonstration


@pytest.fixture
def no_ink(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Of a document, all but its drawing: who may open it and what it asks of the base do not depend on the ink."""
    monkeypatch.setattr(pdf, "HTML", BlankPage)
    yield
    cache.clear()  # nobody else reads a blank page that was kept
