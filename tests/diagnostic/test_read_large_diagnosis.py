"""A diagnosis of 60 findings, 200 contributions and 40 figures opens in 15 queries at most, as many as a small one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.diagnostic.factories import first_group
from tests.diagnostic.large_diagnosis import grow, make_large_diagnosis

pytestmark = pytest.mark.django_db
PAGES = ("diagnosis", "diagnosis_brief", "group", "group_scoring", "finding_new")


@pytest.fixture
def counted(as_someone):
    def counts(diagnosis, client) -> dict[str, int]:
        found = {}
        for page in PAGES:
            group = [first_group(diagnosis).pk] if page.startswith("group") else []
            address = reverse(f"diagnostic:{page}", args=[diagnosis.ctg.slug, *group])
            client.get(address)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200
            found[page] = len(captured)
        return found

    return counts


def test_ten_then_ten_more(as_someone, counted):
    diagnosis = make_large_diagnosis(findings=10, contributions=10, figures=10)
    client = as_someone("lead", diagnosis)
    before = counted(diagnosis, client)
    grow(diagnosis, findings=10, contributions=10, figures=10)
    assert counted(diagnosis, client) == before
    assert max(before.values()) <= 15, before


def test_everything_at_once(as_someone, counted):
    diagnosis = make_large_diagnosis(findings=60, contributions=200, figures=40)
    found = counted(diagnosis, as_someone("lead", diagnosis))
    assert max(found.values()) <= 15, found
