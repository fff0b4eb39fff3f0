"""Costs and financings: by year of the Ctg, to the cent, a funder once; what is paid stays beside what was planned."""

from decimal import Decimal

import pytest

from actions import services
from actions.budgets import balances
from actions.models import Action, Cost, Financing
from ctg_site.audit.models import Entry
from ctg_site.lib.errors import RuleBroken
from tests.actions.factories import (
    OrganisationFactory,
    add_action,
    add_cost,
    add_financing,
    funder,
    make_adopted_plan,
    make_plan,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def action():
    return add_action(make_plan())


def test_it_writes_a_cost_and_who_pays(action):
    add_cost(action, "1200.50")
    add_financing(action, "1000.00", name="Commune")
    add_financing(action, "200.50", name="Caf")
    balance = balances(action)[0]
    assert (balance.cost, balance.funding, balance.is_even) == (Decimal("1200.50"), Decimal("1200.50"), True)
    assert Entry.objects.get(verb="action.cost").data["amount"] == "1200.50"


@pytest.mark.parametrize("year", [2022, 2027])
def test_the_year_is_within_the_period(action, year):
    with pytest.raises(RuleBroken, match="de 2023 à 2026"):
        add_cost(action, "10", year=year)
    with pytest.raises(RuleBroken, match="de 2023 à 2026"):
        add_financing(action, "10", year=year)


def test_an_amount_is_not_negative(action):
    with pytest.raises(RuleBroken, match="négatif"):
        add_cost(action, "-0.01")
    with pytest.raises(RuleBroken, match="négatif"):
        add_financing(action, "-0.01")


def test_a_funder_has_one_line_a_year_and_section(action):
    add_financing(action, "10", year=2023)
    add_financing(action, "10", year=2023, nature="investment")
    add_financing(action, "10", year=2024)
    with pytest.raises(RuleBroken, match="déjà une ligne"):
        add_financing(action, "10", year=2023)


def test_a_funder_is_in_the_directory_of_the_caf(action):
    line = Financing(action=action, year=2023, funder=OrganisationFactory(), planned=Decimal(10))
    with pytest.raises(RuleBroken, match="annuaire"):
        services.save_financing(line, by=None)


def test_a_line_is_deleted(action):
    services.delete_cost(add_cost(action, "10"), by=None)
    services.delete_financing(add_financing(action, "10"), by=None)
    assert (action.costs.count(), action.financings.count()) == (0, 0)


def test_a_refused_line_leaves_the_whole_budget_as_it_was(action):
    old = add_cost(action, "10")
    good = Cost(year=2023, label="Poste", amount=Decimal(5))
    bad = Financing(year=2030, funder=funder(action.plan), planned=Decimal(5))
    with pytest.raises(RuleBroken, match="2026"):
        services.save_budget(action, rows=[good, bad], deleted=[old], by=None)
    assert list(action.costs.values_list("amount", flat=True)) == [Decimal("10.00")]


def test_a_deleted_line_leaves_its_place_to_a_new_one(action):
    old = add_financing(action, "10")
    new = Financing(year=2023, funder=old.funder, planned=Decimal(20))
    services.save_budget(action, rows=[new], deleted=[old], by=None)
    assert action.financings.get().planned == Decimal("20.00")


# --- What is paid -----------------------------------------------------------------------------------------------------


@pytest.fixture
def line():
    return Action.objects.get(plan=make_adopted_plan()).financings.get()


@pytest.mark.parametrize(
    ("paid", "is_overpaid"), [("11000.00", False), ("12000.00", False), ("12000.01", True), (None, False)]
)
def test_what_is_paid_is_recorded_beside_what_was_planned(line, paid, is_overpaid):
    services.record_payment(line, paid=Decimal(paid) if paid else None, by=None)
    line.refresh_from_db()
    assert line.planned == Decimal("12000.00")
    assert line.is_overpaid is is_overpaid
    assert Entry.objects.get(verb="action.paid").data == {"before": None, "after": paid, "row": "Commune – 2023"}
    assert line.history.count() == 2


def test_what_is_paid_is_not_negative(line):
    with pytest.raises(RuleBroken, match="négatif"):
        services.record_payment(line, paid=Decimal("-1"), by=None)


def test_nothing_is_paid_before_the_plan_is_adopted(action):
    with pytest.raises(RuleBroken, match="une fois le plan adopté"):
        services.record_payment(add_financing(action, "10"), paid=Decimal(10), by=None)
