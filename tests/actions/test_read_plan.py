"""The plan seen from each side: boards, table, time, money, chain. What is outside sees what is published."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from actions import services
from actions.content import read_plan
from actions.models import Step
from actions.readings import boards, chain, cube, schedule, table
from ctg_site.lib.dates import now
from diagnostic.models import Diagnosis
from tests.actions.factories import (
    add_action,
    add_financing,
    add_money,
    add_objective,
    add_target,
    close_up_to,
    funder,
    leaf,
    make_complete_plan,
    make_plan,
)

pytestmark = pytest.mark.django_db
D = Decimal
ON = date(2024, 6, 1)
VIEWS = ["plan_board", "plan_table", "plan_gantt", "plan_cube", "plan_chain"]


@pytest.fixture
def plan():
    return make_plan()


def read(plan):
    return read_plan(plan, in_full=True)


def second_axis(plan):
    axis = add_objective(plan, title="Jeunesse")
    return add_objective(plan, parent=axis, title="Aller vers les jeunes")


# --- Boards -----------------------------------------------------------------------------------------------------------


def test_the_board_by_lead_shows_first_what_nobody_leads(plan):
    add_action(plan, title="Menée", lead=funder(plan, "Association"))
    add_action(plan, title="Orpheline")
    columns = boards.board(read(plan), "porteur")
    assert [(column.title, [action.title for action in column.actions]) for column in columns] == [
        ("À désigner", ["Orpheline"]),
        ("Association", ["Menée"]),
    ]


def test_the_board_by_axis_leaves_out_of_the_cost_what_is_set_aside(plan):
    kept, dropped = add_action(plan), add_action(plan, verdict="dropped", verdict_reason="Trop cher")
    add_money(kept, "100.00")
    add_money(dropped, "900.00")
    column = boards.board(read(plan), "axe")[0]
    assert (len(column.actions), column.cost) == (2, D("100.00"))


def test_every_state_has_its_column_even_empty(plan):
    columns = boards.board(read(plan), "etat")
    assert {column.title for column in columns} >= {"Retenue", "Écartée", "Reportée"}
    assert all(column.actions == [] for column in columns)


# --- Table ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def varied(plan):
    other = second_axis(plan)
    relay = add_action(plan, complete=True, title="Relais petite enfance")
    cafe = add_action(plan, objective=other, title="Café des jeunes", starts_on=date(2025, 1, 1))
    return plan, relay, cafe


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ({}, ["Relais petite enfance", "Café des jeunes"]),
        ({"q": "cafe"}, ["Café des jeunes"]),
        ({"q": "ENFANCE relais"}, ["Relais petite enfance"]),
        ({"q": "2.1"}, ["Café des jeunes"]),
        ({"q": "rien de tel"}, []),
        ({"axe": "1"}, ["Relais petite enfance"]),
        ({"porteur": "0"}, ["Café des jeunes"]),
        ({"etat": "retained"}, ["Relais petite enfance"]),
        ({"annee": "2024"}, ["Relais petite enfance"]),
        ({"annee": "deux mille"}, ["Relais petite enfance", "Café des jeunes"]),
        ({"manque": "cout"}, ["Café des jeunes"]),
        ({"manque": "indicateur"}, ["Café des jeunes"]),
        ({"manque": "inconnu"}, ["Relais petite enfance", "Café des jeunes"]),
        ({"tri": "intitule"}, ["Café des jeunes", "Relais petite enfance"]),
        ({"tri": "debut"}, ["Relais petite enfance", "Café des jeunes"]),
    ],
)
def test_the_address_is_the_filter(varied, asked, titles):
    plan, *_ = varied
    assert [action.title for action in table.filtered(read(plan), table.Filters.read(asked))] == titles


def test_a_commune_keeps_what_is_named_for_it_or_for_the_whole_territory(varied):
    plan, _, cafe = varied
    here, elsewhere = plan.ctg.communes.order_by("pk")
    cafe.communes.add(here)
    kept = [
        table.filtered(read_plan(plan, commune=place.code), table.Filters(commune=place.code))
        for place in (here, elsewhere)
    ]
    assert [[action.title for action in actions] for actions in kept] == [
        ["Relais petite enfance", "Café des jeunes"],
        ["Relais petite enfance"],
    ]


def test_an_unbalanced_action_is_found(plan):
    add_money(add_action(plan, title="Juste"), "100.00")
    add_money(add_action(plan, title="À financer"), "100.00", planned="80.00")
    found = table.filtered(read(plan), table.Filters.read({"manque": "equilibre"}))
    assert [action.title for action in found] == ["À financer"]


# --- Time -------------------------------------------------------------------------------------------------------------


def test_each_axis_is_drawn_on_the_scale_of_the_ctg(varied):
    plan, *_ = varied
    axes = schedule.plan_schedule(read(plan), on=ON)
    assert [(axis.title, [row.label for row in axis.chart.rows]) for axis in axes] == [
        ("1. Petite enfance", ["1.1.1 – Relais petite enfance"]),
        ("2. Jeunesse", ["2.1.1 – Café des jeunes"]),
    ]
    assert axes[1].chart.rows[0].width == ""


def test_a_year_shows_what_lasts_in_it(varied):
    plan, *_ = varied
    assert [axis.title for axis in schedule.plan_schedule(read(plan), on=ON, year=2024)] == ["1. Petite enfance"]


def test_the_sentence_counts_what_is_drawn(plan):
    add_action(plan, starts_on=None, ends_on=None)
    assert schedule.plan_sentence(read(plan)) == "1 action, dont 1 sans dates."
    for verdict in ["postponed", "dropped"]:
        add_action(plan, verdict=verdict, verdict_reason="Motif")
    assert schedule.plan_sentence(read(plan)).endswith("en pointillé, 2 reportées ou écartées.")


def test_a_shape_for_each_state(plan):
    for verdict in ["retained", "rework", "dropped"]:
        add_action(plan, verdict=verdict, verdict_reason="Motif")
    rows = schedule.plan_schedule(read(plan), on=ON)[0].chart.rows
    assert [row.shape for row in rows] == ["full", "hollow", "dashed"]


# --- Money ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def financed(plan):
    relay = add_action(plan)
    cafe = add_action(plan, objective=second_axis(plan))
    add_financing(relay, "100.10", year=2023, name="Caf")
    add_financing(relay, "50.00", year=2024, name="Commune", nature="investment")
    add_financing(cafe, "25.25", year=2024, name="Caf")
    return plan


def test_the_three_faces_end_on_the_same_total(financed):
    found = cube.plan_cube(read(financed))
    assert found.ties
    assert {face.totals.total for face in (found.years, found.funders, found.crossed)} == {D("175.35")}
    assert [row.total for row in found.years.rows] == [D("150.10"), D("25.25")]
    assert found.crossed.columns == ("Enjeu 1", "Enjeu 2")
    assert {row.label: row.amounts for row in found.crossed.rows}["Caf"] == (D("100.10"), D("25.25"))


def test_a_section_is_read_alone(financed):
    assert cube.plan_cube(read(financed), section="investissement").total == D("50.00")


def test_what_is_set_aside_costs_nothing(financed):
    add_financing(add_action(financed, verdict="dropped", verdict_reason="Non"), "900.00", name="Caf")
    assert cube.plan_cube(read(financed)).total == D("175.35")


def test_what_is_paid_has_its_own_cube():
    plan = close_up_to(make_complete_plan(), "adopted")
    services.record_payment(plan.actions.get().financings.get(), paid=D("11000.00"), by=None)
    assert cube.plan_cube(read(plan), measure="realise").total == D("11000.00")


def test_the_chart_says_what_its_table_says(financed):
    chart = cube.cube_chart(cube.plan_cube(read(financed)))
    assert "175,35\u00a0€ en tout" in chart.sentence
    assert [(stack.label, stack.total) for stack in chart.rows][:2] == [
        ("2023", "100,10\u00a0€"),
        ("2024", "75,25\u00a0€"),
    ]


# --- Chain ------------------------------------------------------------------------------------------------------------


def read_chain(plan):
    return chain.plan_chain(read(plan), plan.diagnosis.priorities.order_by("position", "pk"))


def test_an_action_answers_the_priorities_of_its_axis(plan):
    action = add_action(plan)
    add_money(action, "100.00")
    add_target(action)
    found = read_chain(plan)
    strand = next(strand for strand in found.strands if strand.links)
    assert (strand.cost, strand.target_count, strand.links[0].action) == (D("100.00"), 1, action)
    assert strand.priority in found.links[0].priorities
    assert found.without_cost == found.without_target == found.without_priority == []


def test_an_action_answers_the_priority_it_was_born_of(plan):
    priority = plan.diagnosis.priorities.order_by("pk")[0]
    action = add_action(plan, objective=second_axis(plan), priority=priority)
    assert [(link.action, link.priorities) for link in read_chain(plan).links] == [(action, (priority,))]


def test_a_step_is_drawn_on_its_bar(plan):
    action = add_action(plan, starts_on=date(2023, 1, 1), ends_on=date(2024, 12, 31))
    services.save_part(Step(action=action, title="Ouverture", due_on=date(2023, 9, 1)), by=None)
    row = schedule.plan_schedule(read(plan), on=ON)[0].chart.rows[0]
    assert [step.title for step in row.steps] == ["Ouverture\u00a0: 1er sept. 2023"]


def test_what_the_chain_leaves_aside_is_listed(plan):
    orphan = add_action(plan, objective=second_axis(plan))
    found = read_chain(plan)
    assert found.without_priority == found.without_cost == found.without_target == [orphan]
    assert found.priorities_alone == list(plan.diagnosis.priorities.order_by("position", "pk"))
    assert not found.is_whole


# --- Pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
def test_a_page_reads_as_many_queries_for_ten_actions_as_for_one(view, as_someone, django_assert_max_num_queries):
    plan = make_complete_plan()
    client = as_someone("lead", plan)
    url = reverse(f"actions:{view}", args=[plan.ctg.slug])
    for _ in range(9):
        add_action(plan, complete=True)
    with django_assert_max_num_queries(15):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("view", ["plan", "plan_table", "plan_board", "plan_chain"])
def test_what_nobody_costed_is_not_said_to_be_free(view, as_someone):
    plan = make_plan()
    action = add_action(plan)
    add_target(action)
    client, url = as_someone("lead", plan), reverse(f"actions:{view}", args=[plan.ctg.slug])
    assert "à chiffrer" in client.get(url).content.decode()
    add_money(action, "0.00")
    assert "à chiffrer" not in client.get(url).content.decode()


@pytest.mark.parametrize("published", [False, True])
def test_the_chain_and_the_fiche_lead_to_the_priority_where_it_can_be_read(published, as_someone):
    plan = make_complete_plan()
    priority = plan.diagnosis.priorities.order_by("pk")[0]
    plan.actions.update(priority=priority)
    plan = services.publish_plan(close_up_to(plan, "adopted"), by=None)
    Diagnosis.objects.filter(pk=plan.diagnosis_id).update(published_at=now() if published else None)
    target = reverse("diagnostic:priority", args=[plan.ctg.slug, priority.pk])
    fiche, chained = plan.actions.get().get_absolute_url(), reverse("actions:plan_chain", args=[plan.ctg.slug])
    for who, leads in [("anonymous", published), ("lead", True)]:
        client = as_someone(who, plan)
        assert [target in client.get(url).content.decode() for url in (fiche, chained)] == [leads, leads]
        assert (client.get(target).status_code == 200) is leads


@pytest.mark.parametrize("view", VIEWS)
def test_outside_reads_nothing_of_a_draft(view, as_someone):
    plan = make_complete_plan()
    assert as_someone("anonymous", plan).get(reverse(f"actions:{view}", args=[plan.ctg.slug])).status_code == 404


@pytest.mark.parametrize("view", VIEWS)
def test_outside_reads_what_is_retained_once_published(view, as_someone):
    plan = make_complete_plan()
    add_action(plan, title="Une idée abandonnée", verdict="dropped", verdict_reason="Trop cher")
    plan = services.publish_plan(close_up_to(plan, "adopted"), by=None)
    page = as_someone("anonymous", plan).get(reverse(f"actions:{view}", args=[plan.ctg.slug]))
    assert page.status_code == 200
    text = page.content.decode()
    assert "Une idée abandonnée" not in text
    assert ("Outil de suivi" in text) == (view != "plan_cube")
    assert "laisse de côté" not in text.replace("laisse de côté les actions", "")


def test_the_objective_of_these_tests_is_a_leaf(plan):
    """Control: the actions above hang where the service wants them."""
    assert leaf(plan).level == 1
