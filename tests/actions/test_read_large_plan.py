"""A plan of 60 actions, 5 years and 6 funders opens as fast as one of 10: the same queries, 15 at most."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.actions.large_plan import make_large_plan
from tests.actions.test_read_plan import VIEWS

pytestmark = pytest.mark.django_db
PAGES = ["plan", *VIEWS]
MOST = 15


@pytest.mark.once
@pytest.mark.parametrize("person", ["lead", "reader"])
def test_every_page_of_the_plan_reads_as_many_queries_for_sixty_actions_as_for_ten(person, as_someone):
    few, many = (_queries(as_someone, person, make_large_plan(actions=size)) for size in (10, 60))
    assert many == few
    assert {page: count for page, count in many.items() if count > MOST} == {}


def test_the_plan_is_as_large_as_it_says():
    """Control: five years, six funders, each action balanced."""
    plan = make_large_plan(actions=10)
    action = plan.actions.order_by("pk").first()
    assert (plan.actions.count(), action.financings.count(), action.costs.count()) == (10, 30, 5)
    assert plan.missing_before_adoption() == ["La faisabilité et le chiffrage ne sont pas encore clos"] + [
        f"Objectif {code}\u00a0: aucune action" for code in ("4.2", "4.3")
    ]


def _queries(as_someone, person, plan):
    client = as_someone(person, plan)
    found = {}
    for page in PAGES:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(f"actions:{page}", args=[plan.ctg.slug])).status_code == 200
        found[page] = len(captured)
    return found
