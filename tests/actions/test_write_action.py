"""A fiche hangs on a leaf of the tree, within the period, with people and places of its Ctg."""

from datetime import date

import pytest

from actions import services
from actions.models import Action
from ctg_site.audit.models import Entry
from ctg_site.lib.errors import RuleBroken
from territory.models import Role
from tests.actions.factories import (
    OrganisationFactory,
    TerritoryFactory,
    add_action,
    add_objective,
    leaf,
    make_plan,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    return make_plan()


def test_it_writes_a_fiche(plan):
    lead, partner = OrganisationFactory.create_batch(2, caf=plan.ctg.caf)
    person = make_user("pilote", ctg=plan.ctg, role=Role.ACTION_LEAD)
    action = Action(plan=plan, objective=leaf(plan), code="1.1.1", title="Cartographie", lead=lead, lead_user=person)
    action.starts_on, action.ends_on = plan.ctg.starts_on, plan.ctg.ends_on
    services.save_action(action, partners=[partner], communes=plan.ctg.communes.all(), by=person)
    action.refresh_from_db()
    assert list(action.partners.all()) == [partner]
    assert action.communes.count() == 2
    assert Entry.objects.get(verb="action.created", target_id=str(action.pk)).actor == person


def test_it_leaves_the_partners_that_nobody_speaks_of(plan):
    action = add_action(plan)
    services.save_action(action, partners=[OrganisationFactory(caf=plan.ctg.caf)], by=None)
    services.save_action(action, by=None)
    assert action.partners.count() == 1


def test_it_does_not_hang_on_an_axis(plan):
    with pytest.raises(RuleBroken, match="est un axe"):
        add_action(plan, objective=plan.objectives.get(code="1"))


def test_it_does_not_hang_on_a_branch(plan):
    branch = leaf(plan)
    add_objective(plan, parent=branch)
    with pytest.raises(RuleBroken, match="est subdivisé"):
        add_action(plan, objective=branch)


def test_it_hangs_on_the_third_level(plan):
    third = add_objective(plan, parent=leaf(plan))
    assert add_action(plan, objective=third).code == "1.1.1.1"


def test_it_hangs_on_its_own_plan(plan):
    other = leaf(make_plan())
    with pytest.raises(RuleBroken, match="autre plan"):
        services.save_action(Action(plan=plan, objective=other, code="1.1.1", title="Ailleurs"), by=None)


def test_its_number_is_given_once(plan):
    first, second = add_action(plan), add_action(plan)
    second.code = first.code
    with pytest.raises(RuleBroken, match="déjà pris"):
        services.save_action(second, by=None)


def test_its_number_is_not_that_of_an_objective(plan):
    action = add_action(plan)
    action.code = "1.1"
    with pytest.raises(RuleBroken, match="déjà celui d’un axe ou d’un objectif"):
        services.save_action(action, by=None)


@pytest.mark.parametrize("dates", [{"starts_on": date(2022, 12, 31)}, {"ends_on": date(2027, 1, 1)}])
def test_its_dates_are_within_the_period(plan, dates):
    with pytest.raises(RuleBroken, match="du 01/01/2023 au 31/12/2026"):
        add_action(plan, **dates)


def test_its_end_follows_its_start(plan):
    with pytest.raises(RuleBroken, match="précède son début"):
        add_action(plan, starts_on=date(2024, 2, 1), ends_on=date(2024, 1, 31))


def test_its_lead_is_in_the_directory_of_the_caf(plan):
    with pytest.raises(RuleBroken, match="annuaire"):
        add_action(plan, lead=OrganisationFactory())


def test_the_person_who_leads_it_is_in_the_ctg(plan):
    with pytest.raises(RuleBroken, match="invité"):
        add_action(plan, lead_user=make_user("inconnue"))
    add_action(plan, lead_user=make_user("conseillère", caf=plan.ctg.caf, role=Role.CAF_ADVISER))


def test_its_partners_are_in_the_directory_of_the_caf(plan):
    with pytest.raises(RuleBroken, match="partenaires"):
        services.save_action(add_action(plan), partners=[OrganisationFactory()], by=None)


def test_its_communes_are_in_the_perimeter(plan):
    with pytest.raises(RuleBroken, match="périmètre"):
        services.save_action(add_action(plan), communes=[TerritoryFactory()], by=None)


def test_it_is_deleted_while_the_plan_is_a_draft(plan):
    action = add_action(plan, complete=True)
    services.delete_action(action, by=None)
    assert not plan.actions.exists()
    assert Entry.objects.filter(verb="action.deleted", ctg_id=plan.ctg.pk).exists()


# --- The opinion ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["rework", "postponed", "dropped"])
def test_an_opinion_that_is_not_yes_says_why(plan, verdict):
    action = add_action(plan)
    with pytest.raises(RuleBroken, match="Dites pourquoi"):
        services.give_verdict(action, verdict=verdict, reason="  ", by=None)
    services.give_verdict(action, verdict=verdict, reason="Porteur à trouver.", by=None)
    action.refresh_from_db()
    assert (action.verdict, action.verdict_reason) == (verdict, "Porteur à trouver.")


@pytest.mark.parametrize("verdict", ["pending", "retained"])
def test_the_others_need_no_reason(plan, verdict):
    action = services.give_verdict(add_action(plan), verdict=verdict, by=None)
    assert Entry.objects.get(verb="action.verdict", target_id=str(action.pk)).data["verdict"] == verdict
