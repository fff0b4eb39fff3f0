"""Who opens what: outside is 404, inside without the right is 403, a draft shows to nobody else."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions import services
from territory.models import Role
from tests.actions.conftest import INSIDE, STEERERS, WRITERS
from tests.actions.factories import (
    add_action,
    add_objective,
    close_up_to,
    make_adopted_plan,
    make_complete_plan,
    make_plan,
    make_user,
)

pytestmark = pytest.mark.django_db

MOST_QUERIES = 15
MOST_QUERIES_OF_A_WORKBOOK = 25  # as for every document of the URLconf: its sheets gather several pages


def url(page, plan, *, pk=None):
    return reverse(f"actions:{page}", args=[plan.ctg.slug] + ([pk] if pk else []))


def pages(plan):
    """Every page that is read, with the row it is about."""
    action, objective = plan.actions.first(), plan.objectives.get(code="1.1")
    return {
        "plan": None,
        "plan_xlsx": None,
        "plan_versions": None,
        "plan_edit": None,
        "objective_new": None,
        "objective_edit": objective.pk,
        "objective_delete": objective.pk,
        "action": action.pk,
        "action_begin": None,
        "action_new": None,
        "steps_done": action.pk,
        "action_delete": action.pk,
        "action_verdict": action.pk,
        "budget": action.pk,
        "payments": action.pk,
        "target_new": action.pk,
        "target_edit": action.targets.first().pk,
        "target_delete": action.targets.first().pk,
    }


READ = ["plan", "plan_xlsx", "action"]
WRITE = ["plan_edit", "objective_new", "objective_edit", "objective_delete", "action_begin", "action_new"]
WRITE += ["action_delete"]
TEND = ["steps_done", "budget", "payments", "target_new", "target_edit", "target_delete"]  # the fiche, by its lead too
ALLOWED = (
    dict.fromkeys([*READ, "plan_versions"], INSIDE)
    | dict.fromkeys(WRITE, WRITERS)
    | dict.fromkeys(TEND, [*WRITERS, "action_lead"])
    | {"action_verdict": STEERERS, "action": [who for who in INSIDE if who != "other_action_lead"]}
)


@pytest.mark.parametrize("who", [*INSIDE, "outsider", "anonymous"])
def test_who_opens_a_page_of_a_draft(who, as_someone):
    plan = make_complete_plan()
    client = as_someone(who, plan)
    for page, pk in pages(plan).items():
        code = client.get(url(page, plan, pk=pk)).status_code
        if who == "anonymous":
            assert code == (404 if page in READ else 302), page
        elif who == "outsider":
            assert code == 404, page
        else:
            assert code == (200 if who in ALLOWED[page] else 403), page


@pytest.mark.parametrize("who", ["outsider", "anonymous"])
def test_a_published_plan_is_read_by_everyone_and_nothing_else(who, as_someone):
    plan = services.publish_plan(make_adopted_plan(), by=None)
    client = as_someone(who, plan)
    for page, pk in pages(plan).items():
        code = client.get(url(page, plan, pk=pk)).status_code
        assert (code == 200) == (page in READ), page


def test_an_adopted_plan_is_no_longer_edited_and_says_so(as_someone):
    plan = make_adopted_plan()
    client = as_someone("lead", plan)
    for page, pk in pages(plan).items():
        response = client.get(url(page, plan, pk=pk))
        still = [*READ, "plan_versions", "payments", "steps_done"]
        assert response.status_code == (200 if page in still else 403), page
    assert "Le plan est adopté" in client.get(url("plan_edit", plan)).content.decode()


@pytest.mark.parametrize("role", [Role.ACTION_LEAD, Role.READER])
def test_the_name_on_an_action_counts_with_the_role(role, client):
    plan = make_complete_plan()
    action = plan.actions.get()
    action.lead_user = make_user("Pilote", ctg=plan.ctg, role=role)
    services.save_action(action, by=None)
    client.force_login(action.lead_user)
    code = client.get(url("budget", plan, pk=action.pk)).status_code
    assert code == (200 if role == Role.ACTION_LEAD else 403)


def test_the_address_of_another_ctg_does_not_open_an_action(as_someone):
    plan, other = make_complete_plan(), make_complete_plan()
    client = as_someone("superuser", plan)
    assert client.get(url("action", other, pk=plan.actions.get().pk)).status_code == 404
    assert client.get(url("objective_edit", other, pk=plan.objectives.first().pk)).status_code == 404
    assert client.get(url("target_edit", other, pk=plan.actions.get().targets.get().pk)).status_code == 404


def test_outside_reads_what_is_retained_only(as_someone):
    plan = make_complete_plan()
    dropped = add_action(plan, title="Une idée abandonnée", verdict="dropped", verdict_reason="Trop cher")
    plan = services.publish_plan(close_up_to(plan, "adopted"), by=None)
    inside = as_someone("reader", plan).get(url("plan", plan)).content.decode()
    assert "Une idée abandonnée" in inside
    client = as_someone("anonymous", plan)
    client.logout()
    assert "Une idée abandonnée" not in client.get(url("plan", plan)).content.decode()
    assert client.get(url("action", plan, pk=dropped.pk)).status_code == 404


@pytest.mark.parametrize("who", ["editor", "reader"])
def test_what_is_missing_is_said_inside_with_links_for_those_who_write(who, as_someone):
    plan = make_complete_plan()
    second = add_objective(plan, title="Parentalité")
    page = as_someone(who, plan).get(url("plan", plan)).content.decode()
    sentence = "Enjeu 2 : aucune priorité du diagnostic n’y est rattachée"
    assert "Avant de fixer les axes" in page
    assert sentence in page
    link = f'<a href="{url("objective_edit", plan, pk=second.pk)}">{sentence}</a>'
    assert (link in page) == (who == "editor")


def test_the_budget_is_shown_and_ties(as_someone):
    plan = make_complete_plan()
    page = as_someone("reader", plan).get(url("plan", plan)).content.decode()
    assert "12 000 €" in page
    assert "entièrement financés" in page


def test_the_publish_button_waits_for_the_adoption(as_someone):
    draft, adopted = make_complete_plan(), make_adopted_plan()
    assert url("plan_publish", draft) not in as_someone("lead", draft).get(url("plan", draft)).content.decode()
    assert url("plan_publish", adopted) in as_someone("lead", adopted).get(url("plan", adopted)).content.decode()
    assert url("plan_publish", adopted) not in as_someone("editor", adopted).get(url("plan", adopted)).content.decode()


@pytest.mark.once
@pytest.mark.parametrize("last_closure", [None, "adopted"])
def test_a_page_takes_as_many_queries_for_twenty_actions_as_for_ten(last_closure, client):
    few, many = (_queries_by_page(client, size, last_closure) for size in (10, 20))
    assert many == few
    assert {page: count for page, count in few.items() if count > _most_queries(page)} == {}


def _most_queries(page):
    return MOST_QUERIES_OF_A_WORKBOOK if page.endswith("_xlsx") else MOST_QUERIES


def _queries_by_page(client, size, last_closure):
    plan = make_plan()
    client.force_login(make_user("conseiller", caf=plan.ctg.caf, role=Role.CAF_ADVISER))
    for _ in range(size // 2):
        add_action(plan, complete=True)
        add_action(plan, objective=add_objective(plan, parent=plan.objectives.get(code="1")), complete=True)
    if last_closure:
        close_up_to(plan, last_closure)
    counts = {}
    for page, pk in pages(plan).items():
        with CaptureQueriesContext(connection) as captured:
            client.get(url(page, plan, pk=pk))
        counts[page] = len(captured)
    return counts
