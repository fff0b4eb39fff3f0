"""Every page of the URLconf: at most 15 queries, and as many with 50 Ctgs as with 3."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ctg_site.accounts.models import User
from ctg_site.starting import start_ctg
from territory.models import Ctg
from tests.pages import Page, our_pages

MOST_QUERIES = 15


@pytest.fixture
def adviser(demonstration):
    return User.objects.get(email=demonstration.adviser_email)


def _queries(client: Client, page: Page, ctg: Ctg) -> int | None:
    """How many queries the page makes; None when it is not a page to read (POST only, or nothing there)."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(page.url(ctg))
    assert response.status_code in (200, 302, 404, 405), f"{page.name} : code {response.status_code}"
    return len(captured) if response.status_code == 200 else None


@pytest.mark.parametrize("page", our_pages(), ids=lambda page: page.name)
def test_a_page_makes_few_queries_whatever_the_number_of_ctgs(page, adviser, demonstration):
    client = Client()
    client.force_login(adviser)
    for ctg in (demonstration.signed, demonstration.in_preparation):
        before = _queries(client, page, ctg)
        if before is None:
            continue
        assert before <= MOST_QUERIES
        _add_ctgs(demonstration, 47)
        assert _queries(client, page, ctg) <= before
        return


def _add_ctgs(demonstration, count: int) -> None:
    model = demonstration.signed
    communes = list(model.communes.all())
    for index in range(count):
        ctg = start_ctg(
            caf=model.caf,
            name=f"Territoire {index}",
            communes=communes,
            starts_on=date(2030, 1, 1),
            ends_on=date(2030, 12, 31),
            by=None,
            on=date(2029, 6, 1),
        )
        Ctg.objects.filter(pk=ctg.pk).update(portrait_published_at=model.portrait_published_at)
