"""A fiche hangs on a leaf of the tree, within the period, with people and places of its Ctg."""

from datetime import date

import pytest

from actions import services
from actions.models import Action, Criterion, Mark
from ctg_site.audit.models import Entry
from ctg_site.lib.errors import RuleBroken
from territory.models import Role
from tests.actions.factories import (
    OrganisationFactory,
    TerritoryFactory,
    add_action,
    add_objective,
    funder,
    leaf,
    make_plan,
    make_user,
    name_three_levels,
)

pytestmark = pytest.mark.django_db

DAY = date(2022, 6, 15)


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
    plan = name_three_levels(plan)
    branch = leaf(plan)
    add_objective(plan, parent=branch)
    with pytest.raises(RuleBroken, match="est subdivisé"):
        add_action(plan, objective=branch)


def test_it_hangs_on_the_third_level(plan):
    plan = name_three_levels(plan)
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
    action = add_action(plan, lead=funder(plan))
    with pytest.raises(RuleBroken, match="Dites pourquoi"):
        services.give_verdict(action, verdict=verdict, reason="  ", by=None, on=DAY)
    services.give_verdict(action, verdict=verdict, reason="Porteur à trouver.", by=None, on=DAY)
    action.refresh_from_db()
    assert (action.verdict, action.verdict_reason) == (verdict, "Porteur à trouver.")


def test_yes_needs_no_reason(plan):
    action = services.give_verdict(add_action(plan, lead=funder(plan)), verdict="retained", by=None, on=DAY)
    assert Entry.objects.get(verb="action.verdict", target_id=str(action.pk)).data["verdict"] == "retained"


@pytest.mark.parametrize("verdict", ["draft", "pending"])
def test_what_is_not_a_verdict_is_refused(plan, verdict):
    with pytest.raises(RuleBroken, match="Choisissez un verdict"):
        services.give_verdict(add_action(plan, lead=funder(plan)), verdict=verdict, by=None, on=DAY)


def test_earlier_opinions_stay_with_what_the_committee_answered(plan):
    action = add_action(plan, lead=funder(plan))
    criterion = Criterion.objects.create(code="argent", label="Financement", question="Le financement est-il acquis ?")
    mark = Mark(criterion=criterion, level=Mark.Level.PARTIAL, note="Le Département n’a pas répondu.")
    services.give_verdict(
        action, verdict="rework", reason="Chiffrage à revoir.", text="Bonne idée.", marks=[mark], by=None, on=DAY
    )
    services.give_verdict(action, verdict="retained", committee="Comité technique", by=None, on=date(2022, 7, 1))
    assert [(o.verdict, o.reason, o.committee) for o in action.opinions.order_by("given_on")] == [
        ("rework", "Chiffrage à revoir.", ""),
        ("retained", "", "Comité technique"),
    ]
    assert action.marks.get().note == "Le Département n’a pas répondu."


# --- The draft --------------------------------------------------------------------------------------------------------


def test_a_fiche_leaves_the_draft_with_its_lead_only(plan):
    action = add_action(plan)
    for gesture in (
        lambda: services.submit_action(action, by=None),
        lambda: services.give_verdict(action, verdict="retained", by=None, on=DAY),
    ):
        with pytest.raises(RuleBroken, match="Désignez le porteur"):
            gesture()
    action.lead = funder(plan)
    services.save_action(action, by=None)
    assert services.submit_action(action, by=None).verdict == "pending"
    with pytest.raises(RuleBroken, match="n’est plus un brouillon"):
        services.submit_action(action, by=None)


def test_the_lead_cannot_go_while_the_fiche_is_out_of_the_draft(plan):
    action = add_action(plan, complete=True)
    action.lead = None
    with pytest.raises(RuleBroken, match="remettez d’abord la fiche en brouillon"):
        services.save_action(action, by=None)
    action.refresh_from_db()
    services.return_to_draft(action, by=None)
    action.lead = None
    services.save_action(action, by=None)
    assert Action.objects.get(pk=action.pk).is_draft
    with pytest.raises(RuleBroken, match="déjà un brouillon"):
        services.return_to_draft(action, by=None)
