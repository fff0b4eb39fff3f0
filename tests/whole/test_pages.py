"""Every page of the URLconf: at most 15 queries, and as many with 50 Ctgs as with 3."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ctg_site.accounts.models import User
from ctg_site.starting import start_ctg
from governance.documents import agreement_content
from governance.models import Agreement
from territory.models import Ctg, FacilityFact, Role
from tests.demonstration import Demonstration
from tests.pages import our_pages

MOST_QUERIES = 15
MOST_QUERIES_OF_A_DOCUMENT = 25  # a PDF or a workbook gathers several pages
READ, REFUSED = (200,), (302, 403, 404, 405)

pytestmark = pytest.mark.usefixtures("no_ink")


@pytest.fixture
def adviser(demonstration):
    """A Caf adviser of the demonstration, who sees the most."""
    client = Client()
    role = {"memberships__role": Role.CAF_ADVISER, "memberships__caf": demonstration.signed.caf}
    client.force_login(User.objects.get(**role))
    return client


@pytest.fixture
def visitor(demonstration):
    return Client()


@pytest.mark.once
@pytest.mark.parametrize(("reader", "least"), [("adviser", 80), ("visitor", 60)])
def test_a_page_makes_few_queries_whatever_the_number_of_ctgs(reader, least, request, demonstration):
    client = request.getfixturevalue(reader)
    before = _queries(client, demonstration)
    assert len(before) > least, "le test ne dirait rien de pages que personne n’ouvre"
    assert {name: count for name, count in before.items() if count > _limit(name)} == {}
    _add_ctgs(demonstration.signed, 47)
    after = _queries(client, demonstration)
    assert {name: (before[name], count) for name, count in after.items() if count > before[name]} == {}


def test_the_convention_of_the_demonstration_annexes_its_equipments(demonstration):
    """The freeze states them: the equipments were there, co-funded, before the text was fixed."""
    agreement = Agreement.objects.get(plan__diagnosis__ctg=demonstration.signed)
    annexed = FacilityFact.objects.filter(kind="annexed", ctg=demonstration.signed)
    assert {fact.on for fact in annexed} == {agreement.frozen_on}
    assert len(annexed) == len(agreement_content(agreement)["facilities"]) == 7


def _limit(name: str) -> int:
    return MOST_QUERIES_OF_A_DOCUMENT if name.split()[0].endswith(("_pdf", "_xlsx")) else MOST_QUERIES


def _queries(client: Client, demonstration: Demonstration) -> dict[str, int]:
    """How many queries each page makes, on a signed Ctg and on one in preparation, where there is something to read."""
    counts = {}
    for ctg in (demonstration.signed, demonstration.in_preparation):
        for page in our_pages():
            url = page.url(ctg)
            if url is None:
                continue
            with CaptureQueriesContext(connection) as captured:
                status = client.get(url).status_code
            assert status in READ + REFUSED, f"{page.name} : code {status}"
            if status in READ:
                counts[f"{page.name} {ctg.slug}"] = len(captured)
    return counts


def _add_ctgs(model: Ctg, count: int) -> None:
    communes = list(model.communes.all()[:2])
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
