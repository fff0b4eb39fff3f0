"""What the convention prints of its plan: what is retained, and a budget that ties."""

import pytest
from django.template.loader import render_to_string

from actions.documents import plan_annex
from territory.models import Role
from tests.actions.factories import add_action, close_up_to, make_complete_plan, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    plan = make_complete_plan()
    add_action(
        plan,
        complete=True,
        title="Animer le réseau",
        lead_user=make_user("Camille Pilote", ctg=plan.ctg, role=Role.ACTION_LEAD),
    )
    add_action(plan, title="Une idée abandonnée", verdict="dropped", verdict_reason="Trop cher")
    return close_up_to(plan, "adopted")


def html(plan):
    return render_to_string("actions/pdf/_annex.html", {"annex": plan_annex(plan)})


def test_it_prints_the_project_the_axes_and_the_fiches(plan):
    page = html(plan)
    for text in [
        "Grandir ici, ensemble.",
        "1. Petite enfance",
        "1.1.1 – Outil de suivi",
        "Animer le réseau",
        "Familles accompagnées",
    ]:
        assert text in page


def test_it_leaves_out_what_is_not_retained_and_the_names_of_people(plan):
    page = html(plan)
    assert "Une idée abandonnée" not in page
    assert "Camille Pilote" not in page


def test_its_budget_ties(plan):
    annex = plan_annex(plan)
    assert annex["budget"].whole.is_even
    assert html(plan).count("24 000 €") >= 4


def test_it_takes_as_many_queries_for_two_actions_as_for_ten(django_assert_max_num_queries):
    plan = make_complete_plan()
    for _ in range(10):
        add_action(plan, complete=True)
    with django_assert_max_num_queries(8):
        html(plan)
