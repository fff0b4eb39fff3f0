"""One gesture on many fiches: whole or not at all, and by those who write the plan."""

from datetime import date

import pytest
from django.urls import reverse

from actions import services
from ctg_site.audit.models import Entry
from ctg_site.lib.errors import RuleBroken
from tests.actions.conftest import READERS
from tests.actions.factories import add_action, close_up_to, funder, make_complete_plan, make_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    plan = make_plan()
    add_action(plan, title="Première")
    add_action(plan, title="Seconde", starts_on=date(2025, 1, 1))
    return plan


def send(client, plan, *, scope="ticked", actions=(), query="", **fields):
    data = {"scope": scope, "actions": [action.pk for action in actions], "query": query, **fields}
    return client.post(reverse("actions:plan_bulk", args=[plan.ctg.slug]), data)


def leads(plan):
    return [action.lead and action.lead.name for action in plan.actions.select_related("lead").order_by("code")]


def test_the_same_change_on_all(plan):
    count = services.change_actions(plan.actions.order_by("code"), changes={"lead": funder(plan)}, by=None)
    assert (count, leads(plan)) == (2, ["Commune", "Commune"])
    assert Entry.objects.filter(verb="action.changed").count() == 2


def test_one_refusal_leaves_them_all_and_says_which(plan):
    with pytest.raises(RuleBroken) as refusal:
        services.change_actions(plan.actions.order_by("code"), changes={"ends_on": date(2024, 1, 1)}, by=None)
    assert refusal.value.missing == ["Action 1.1.2\u00a0: La fin de l’action précède son début."]
    assert list(plan.actions.values_list("ends_on", flat=True)) == [None, None]


def test_every_refusal_is_read_at_once(plan):
    with pytest.raises(RuleBroken) as refusal:
        services.change_actions(plan.actions.order_by("code"), changes={"ends_on": date(2040, 1, 1)}, by=None)
    assert len(refusal.value.missing) == 2


@pytest.mark.parametrize(("actions", "changes"), [([], {"lead": None}), (["one"], {})])
def test_nothing_chosen_or_nothing_filled_is_said(plan, actions, changes):
    chosen = plan.actions.order_by("code") if actions else []
    with pytest.raises(RuleBroken):
        services.change_actions(chosen, changes=changes, by=None)


def test_an_adopted_plan_refuses(plan):
    adopted = close_up_to(make_complete_plan(), "adopted")
    with pytest.raises(RuleBroken):
        services.change_actions(adopted.actions.order_by("code"), changes={"ends_on": date(2024, 1, 1)}, by=None)


def test_the_page_changes_what_is_ticked(plan, as_someone):
    first = plan.actions.earliest("code")
    answer = send(as_someone("editor", plan), plan, actions=[first], lead=funder(plan).pk)
    assert answer.status_code == 302
    assert leads(plan) == ["Commune", None]


def test_the_page_changes_all_that_the_filters_keep(plan, as_someone):
    send(as_someone("editor", plan), plan, scope="all", query="q=seconde", lead=funder(plan).pk)
    assert leads(plan) == [None, "Commune"]


def test_the_page_says_why_and_keeps_what_was_typed(plan, as_someone):
    answer = send(as_someone("editor", plan), plan, scope="all", ends_on="2024-01-01")
    text = answer.content.decode()
    assert "La fin de l’action précède son début." in text
    assert 'value="2024-01-01"' in text
    assert list(plan.actions.values_list("ends_on", flat=True)) == [None, None]
    kept = [action.ends_on for action in answer.context["actions"]]
    assert kept == [None, None], "la liste montre ce qui a été refusé"


def test_an_action_of_another_plan_is_never_touched(plan, as_someone):
    other = add_action(make_plan(), title="Ailleurs")
    send(as_someone("editor", plan), plan, actions=[other], lead=funder(plan).pk)
    other.refresh_from_db()
    assert other.lead is None


@pytest.mark.parametrize("reader", READERS)
def test_readers_may_not(plan, as_someone, reader):
    client = as_someone(reader, plan)
    assert send(client, plan, scope="all", lead=funder(plan).pk).status_code == 403
    assert "bulk" not in client.get(reverse("actions:plan_table", args=[plan.ctg.slug])).content.decode()


# --- The verdict ------------------------------------------------------------------------------------------------------


def verdicts(plan):
    return [(action.verdict, action.verdict_reason) for action in plan.actions.order_by("code")]


def test_the_same_verdict_on_all_keeps_an_opinion_of_each(plan, as_someone):
    services.change_actions(plan.actions.order_by("code"), changes={"lead": funder(plan)}, by=None)
    answer = send(as_someone("lead", plan), plan, scope="all", verdict="postponed", reason="Budget 2026")
    assert answer.status_code == 302
    assert verdicts(plan) == [("postponed", "Budget 2026")] * 2
    assert [action.opinions.get().reason for action in plan.actions.order_by("code")] == ["Budget 2026"] * 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"verdict": "dropped"}, "Dites pourquoi ces actions sont écartées"),
        ({"reason": "Budget 2026"}, "Choisissez l’avis que ce motif explique."),
    ],
)
def test_a_verdict_and_its_reason_go_together(plan, as_someone, typed, sentence):
    services.change_actions(plan.actions.order_by("code"), changes={"lead": funder(plan)}, by=None)
    answer = send(as_someone("lead", plan), plan, scope="all", **typed)
    assert sentence in answer.content.decode()
    assert verdicts(plan) == [("draft", "")] * 2


def test_one_action_without_lead_leaves_all_the_verdicts(plan, as_someone):
    first = plan.actions.earliest("code")
    services.change_actions([first], changes={"lead": funder(plan)}, by=None)
    answer = send(as_someone("lead", plan), plan, scope="all", verdict="retained")
    assert "Action 1.1.2" in answer.content.decode()
    assert verdicts(plan) == [("draft", "")] * 2


def test_the_service_asks_for_the_reason_as_the_page_does(plan):
    services.change_actions(plan.actions.order_by("code"), changes={"lead": funder(plan)}, by=None)
    judgement = services.Judgement("dropped", " ", date(2022, 8, 1))
    with pytest.raises(RuleBroken) as refusal:
        services.change_actions(plan.actions.order_by("code"), changes={}, judgement=judgement, by=None)
    assert all("Dites pourquoi" in sentence for sentence in refusal.value.missing)


def test_who_writes_without_steering_gives_no_verdict(plan, as_someone):
    client = as_someone("editor", plan)
    assert 'name="verdict"' not in client.get(reverse("actions:plan_table", args=[plan.ctg.slug])).content.decode()
    send(client, plan, scope="all", lead=funder(plan).pk, verdict="retained")
    assert verdicts(plan) == [("draft", "")] * 2
