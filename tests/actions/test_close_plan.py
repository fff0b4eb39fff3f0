"""Four closures, each by a decision, in order; each refuses with the exact list of what is missing."""

from datetime import date
from decimal import Decimal

import pytest

from actions import services
from actions.models import Action, ActionPlan
from ctg_site.lib.errors import RuleBroken
from tests.actions.factories import (
    CLOSINGS,
    ENDS_ON,
    STARTS_ON,
    add_action,
    add_cost,
    add_financing,
    add_objective,
    add_target,
    close_up_to,
    funder,
    leaf,
    make_complete_plan,
    make_plan,
)

pytestmark = pytest.mark.django_db
MISSING = {
    "axes_fixed": ActionPlan.missing_before_axes,
    "formalised": ActionPlan.missing_before_formalisation,
    "costed": ActionPlan.missing_before_costing,
    "adopted": ActionPlan.missing_before_adoption,
}


def refused(plan, closure):
    close, on = CLOSINGS[closure]
    with pytest.raises(RuleBroken) as refusal:
        close(plan, decision="Copil n° 2022-2", by=None, on=on)
    plan.refresh_from_db()
    assert getattr(plan, f"{closure}_on") is None
    return refusal.value.missing


@pytest.mark.parametrize("closure", CLOSINGS)
def test_it_closes_and_says_by_which_decision(closure):
    plan = close_up_to(make_complete_plan(), closure)
    plan.refresh_from_db()
    assert getattr(plan, f"{closure}_on") == CLOSINGS[closure][1]
    assert getattr(plan, f"{closure}_decision") == f"Copil n° {closure}"


@pytest.mark.parametrize("closure", CLOSINGS)
def test_a_complete_plan_lacks_nothing_but_the_step_before(closure):
    plan = make_complete_plan()
    before = list(CLOSINGS)[list(CLOSINGS).index(closure) - 1] if closure != "axes_fixed" else None
    if before:
        assert len(MISSING[closure](plan)) == 1
        close_up_to(plan, before)
    assert MISSING[closure](ActionPlan.objects.get(pk=plan.pk)) == []


@pytest.mark.parametrize(
    ("closure", "lack"),
    [
        ("formalised", "Les axes ne sont pas encore fixés"),
        ("costed", "Le plan d’actions n’est pas encore formalisé"),
        ("adopted", "La faisabilité et le chiffrage ne sont pas encore clos"),
    ],
)
def test_no_step_is_closed_before_the_one_before(closure, lack):
    assert refused(make_complete_plan(), closure) == [lack]


@pytest.mark.parametrize("closure", CLOSINGS)
def test_it_is_not_closed_twice(closure):
    plan = close_up_to(make_complete_plan(), closure)
    close, on = CLOSINGS[closure]
    with pytest.raises(RuleBroken, match="déjà validée"):
        close(plan, decision="Copil n° 9", by=None, on=on)


@pytest.mark.parametrize("decision", ["", "   "])
def test_it_needs_a_decision(decision):
    plan = make_complete_plan()
    with pytest.raises(RuleBroken, match="décision d’un comité"):
        services.fix_axes(plan, decision=decision, by=None, on=date(2022, 7, 1))


def test_the_axes_are_not_fixed_before_the_day_the_diagnosis_was_validated():
    plan = make_complete_plan()
    with pytest.raises(RuleBroken, match="01/06/2022"):
        services.fix_axes(plan, decision="Copil n° 1", by=None, on=date(2022, 5, 31))
    services.fix_axes(plan, decision="Copil n° 1", by=None, on=date(2022, 6, 1))


def test_a_step_is_not_dated_before_the_one_before():
    plan = close_up_to(make_complete_plan(), "axes_fixed")
    with pytest.raises(RuleBroken, match="01/07/2022"):
        services.formalise_plan(plan, decision="Copil n° 1", by=None, on=date(2022, 6, 30))


# --- The axes ---------------------------------------------------------------------------------------------------------


def test_the_axes_need_a_validated_diagnosis():
    assert refused(make_plan(validated=False), "axes_fixed") == ["Le diagnostic partagé n’est pas encore validé"]


def test_the_axes_need_a_territory_project():
    assert refused(make_plan(introduction=""), "axes_fixed") == ["Le projet de territoire n’est pas encore rédigé"]


def test_every_axis_answers_a_priority():
    plan = make_plan()
    add_objective(plan, title="Parentalité")
    assert refused(plan, "axes_fixed") == ["Enjeu 2 : aucune priorité du diagnostic n’y est rattachée"]


def test_there_is_at_least_one_axis():
    plan = make_plan()
    plan.objectives.all().delete()
    assert refused(plan, "axes_fixed") == ["Le plan n’a encore rien au niveau « Enjeu »"]


# --- The plan ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("removed", "lack"),
    [
        ({"lead": None, "verdict": "draft"}, "Action 1.1.1 : il manque le porteur"),
        ({"description": " "}, "Action 1.1.1 : il manque la description"),
        ({"starts_on": None}, "Action 1.1.1 : il manque la date de début ou de fin"),
        ({"ends_on": None}, "Action 1.1.1 : il manque la date de début ou de fin"),
        ({"ends_on": date(2027, 1, 1)}, "Action 1.1.1 : ses dates sortent de la période de la Ctg (2023-2026)"),
        ({"starts_on": date(2022, 12, 31)}, "Action 1.1.1 : ses dates sortent de la période de la Ctg (2023-2026)"),
    ],
)
@pytest.mark.parametrize(("before", "closure"), [("axes_fixed", "formalised"), ("costed", "adopted")])
def test_a_fiche_is_complete(before, closure, removed, lack):
    plan = make_complete_plan()
    add_action(plan, complete=True)
    plan = close_up_to(plan, before)
    Action.objects.filter(plan=plan, code="1.1.1").update(**removed)
    assert refused(plan, closure) == [lack]


def test_every_objective_has_an_action_and_every_axis_an_objective():
    plan = make_complete_plan()
    axis = plan.objectives.get(code="1")
    add_objective(plan, parent=axis)
    second = add_objective(plan, title="Parentalité")
    services.save_objective(second, priorities=axis.priorities.all(), by=None)
    close_up_to(plan, "axes_fixed")
    assert refused(plan, "formalised") == ["Objectif 1.2 : aucune action", "Enjeu 2 : aucun objectif"]


def test_a_dropped_action_needs_no_fiche():
    plan = make_complete_plan()
    dropped = add_action(plan, lead=funder(plan))
    services.give_verdict(
        dropped, verdict="dropped", reason="Existe déjà au département.", by=None, on=date(2022, 8, 1)
    )
    close_up_to(plan, "adopted")


# --- The costing ------------------------------------------------------------------------------------------------------


def test_every_action_has_an_opinion():
    plan = make_complete_plan()
    action = add_action(plan, lead=funder(plan), description="Un outil.", starts_on=STARTS_ON, ends_on=ENDS_ON)
    action.themes.set(plan.ctg.groups.all())
    services.submit_action(action, by=None)
    close_up_to(plan, "formalised")
    assert refused(plan, "costed") == ["Action 1.1.2 : l’avis de faisabilité n’est pas rendu (à étudier)"]
    services.give_verdict(action, verdict="rework", reason="Chiffrage incomplet.", by=None, on=date(2022, 9, 2))
    assert refused(plan, "costed") == ["Action 1.1.2 : l’avis de faisabilité n’est pas rendu (à retravailler)"]


def test_a_fiche_left_in_the_draft_is_asked_for():
    plan = make_complete_plan()
    action = add_action(plan, lead=funder(plan), description="Un outil.", starts_on=STARTS_ON, ends_on=ENDS_ON)
    action.themes.set(plan.ctg.groups.all())
    close_up_to(plan, "axes_fixed")
    assert refused(plan, "formalised") == ["Action 1.1.2 : la fiche est encore un brouillon, proposez-la à l’étude"]


def test_at_least_one_action_is_retained():
    plan = make_complete_plan()
    close_up_to(plan, "formalised")
    services.give_verdict(plan.actions.get(), verdict="postponed", reason="Après 2024.", by=None, on=date(2022, 9, 2))
    assert refused(plan, "costed") == ["Aucune action n’est retenue"]


def test_a_retained_action_is_costed_even_when_it_costs_nothing():
    plan = make_complete_plan()
    action = add_action(plan, complete=True)
    action.costs.all().delete()
    action.financings.all().delete()
    close_up_to(plan, "formalised")
    assert refused(plan, "costed") == ["Action 1.1.2 : aucune dépense n’est chiffrée (0 € si elle ne coûte rien)"]
    add_cost(action, "0")
    services.close_costing(plan, decision="Copil n° 3", by=None, on=date(2022, 10, 1))


def test_it_says_by_how_much_a_year_and_a_section_do_not_balance():
    plan = make_complete_plan()
    action = add_action(plan, complete=True)
    add_cost(action, "1200.00", year=2023)
    add_financing(action, "300.10", year=2024)
    add_cost(action, "50000.00", year=2024, nature="investment")
    close_up_to(plan, "formalised")
    assert refused(plan, "costed") == [
        "Action 1.1.2 : il manque 1 200 € de financement en 2023 (fonctionnement)",
        "Action 1.1.2 : il y a 300,10 € de financement en trop en 2024 (fonctionnement)",
        "Action 1.1.2 : il manque 50 000 € de financement en 2024 (investissement)",
    ]


def test_a_cent_is_enough_to_refuse():
    plan = close_up_to(make_complete_plan(), "formalised")
    plan.actions.get().costs.update(amount=Decimal("12000.01"))
    assert refused(plan, "costed") == ["Action 1.1.1 : il manque 0,01 € de financement en 2023 (fonctionnement)"]


def test_a_year_outside_the_period_is_refused():
    plan = close_up_to(make_complete_plan(), "formalised")
    action = plan.actions.get()
    action.costs.update(year=2027)
    action.financings.update(year=2027)
    assert refused(plan, "costed") == ["Action 1.1.1 : l’année 2027 sort de la période de la Ctg (2023-2026)"]


# --- The final plan ---------------------------------------------------------------------------------------------------


def test_a_retained_action_has_an_indicator():
    plan = close_up_to(make_complete_plan(), "costed")
    plan.actions.get().targets.all().delete()
    assert refused(plan, "adopted") == ["Action 1.1.1 : il manque un indicateur d’évaluation"]


def test_an_indicator_has_a_source():
    plan = close_up_to(make_complete_plan(), "costed")
    plan.actions.get().targets.update(source="")
    assert refused(plan, "adopted") == ["Action 1.1.1 : l’indicateur « Familles accompagnées » n’a pas de source"]


def test_an_indicator_without_baseline_says_why():
    plan = close_up_to(make_complete_plan(), "costed")
    add_target(plan.actions.get(), baseline=None, baseline_reason="Aucun recensement avant 2023.")
    assert plan.missing_before_adoption() == []


def test_what_was_edited_after_the_costing_is_looked_at_again():
    plan = close_up_to(make_complete_plan(), "costed")
    action = plan.actions.get()
    add_cost(action, "10.00")
    add_action(plan, objective=leaf(plan), verdict="pending")
    assert refused(plan, "adopted") == [
        "Action 1.1.2 : l’avis de faisabilité n’est pas rendu (à étudier)",
        "Action 1.1.1 : il manque 10 € de financement en 2023 (fonctionnement)",
    ]


@pytest.mark.parametrize("closure", CLOSINGS)
def test_the_list_takes_as_many_queries_for_one_action_as_for_ten(closure, django_assert_num_queries):
    plan = make_complete_plan()
    for _ in range(9):
        add_action(plan, complete=True)
    plan = ActionPlan.objects.for_page().get(pk=plan.pk)
    with django_assert_num_queries({"formalised": 6, "adopted": 7}.get(closure, 5)):
        MISSING[closure](plan)
