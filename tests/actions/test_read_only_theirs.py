"""Who only leads actions reads theirs, by every door, until the plan is public; a mayor, what concerns their commune."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from actions import services
from tests.actions.factories import add_action, close_up_to, make_complete_plan
from tests.actions.test_reopen_plan import reopen

pytestmark = pytest.mark.django_db
MINE, OTHERS = "Outil de suivi", "Café des voisins"
PAGES = ["plan", "plan_board", "plan_table", "plan_gantt", "plan_chain", "plan_xlsx", "plan_pdf"]


@pytest.fixture
def plan():
    plan = make_complete_plan()
    add_action(plan, complete=True, title=f"{OTHERS} du haut pays")
    return plan


def url(name, plan, *args):
    return reverse(f"actions:{name}", args=[plan.ctg.slug, *args])


def words(answer):
    assert answer.status_code == 200
    kind = answer["Content-Type"]
    if "pdf" in kind:
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    elif "sheet" in kind:
        book = load_workbook(io.BytesIO(answer.content))
        text = " ".join(str(value) for page in book for row in page.iter_rows(values_only=True) for value in row)
    else:
        text = answer.content.decode()
    return " ".join(text.split())


@pytest.mark.parametrize("page", PAGES)
def test_a_lead_reads_theirs_only(page, plan, as_someone):
    text = words(as_someone("action_lead", plan).get(url(page, plan)))
    assert (MINE in text, OTHERS in text) == (True, False)


@pytest.mark.parametrize("page", PAGES)
def test_the_others_inside_read_all(page, plan, as_someone):
    """Control: what the lead does not read is there."""
    text = words(as_someone("reader", plan).get(url(page, plan)))
    assert (MINE in text, OTHERS in text) == (True, True)


@pytest.mark.parametrize(("who", "is_read"), [("action_lead", False), ("reader", True)])
def test_the_search_finds_what_the_plan_shows(who, is_read, plan, as_someone):
    text = words(as_someone(who, plan).get(reverse("search"), {"q": OTHERS}))
    assert (f"{OTHERS} du haut pays" in text) is is_read


@pytest.mark.parametrize(("who", "is_read"), [("action_lead", False), ("reader", True)])
def test_the_comparison_of_two_versions_shows_what_the_plan_shows(who, is_read, plan, as_someone):
    client = as_someone(who, plan)
    new = reopen(close_up_to(plan, "adopted"))
    for action in new.actions.all():
        action.title = f"{action.title} (revu)"
        services.save_action(action, by=None)
    text = words(client.get(url("plan_compare", plan, 1)))
    assert (MINE in text, OTHERS in text) == (True, is_read)


def test_a_lead_reads_all_once_it_is_public(plan, as_someone):
    client = as_someone("action_lead", plan)
    services.publish_plan(close_up_to(plan, "adopted"), by=None)
    assert OTHERS in words(client.get(url("plan", plan)))


def test_a_lead_writes_theirs_and_nothing_else(plan, as_someone):
    client = as_someone("action_lead", plan)
    mine, other = plan.actions.order_by("code")
    assert client.get(url("action_step", plan, mine.pk, "contenu")).status_code == 200
    for page in ("action", "budget", "target_new", "action_edit", "steps_done", "action_support", "action_pdf"):
        assert client.get(url(page, plan, other.pk)).status_code == 403, page
    for page in ("plan_edit", "plan_workbook", "action_begin", "objective_new"):
        assert client.get(url(page, plan)).status_code == 403, page
    assert client.post(url("action_delete", plan, mine.pk)).status_code == 403
