"""Traps 24 to 33 and bad input, by each road (page, back office, file, shell): refused with what to do, and nothing is written."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from ctg_site.lib.errors import RuleBroken
from territory import services
from territory.models import (
    FundingLine,
    FundingRollup,
    Indicator,
    LegacyAction,
    LegacyContract,
    Organisation,
    Payment,
    ScenarioLine,
)
from territory.secrecy import public_value
from tests.territory.factories import IndicatorFactory, OrganisationFactory, TerritoryFactory, add_value, make_ctg
from tests.territory.money import (
    a_cof,
    a_contract,
    a_facility,
    a_kind,
    a_line,
    a_rate,
    a_scenario,
    a_scheme,
    an_action,
    make_eligible,
    save,
)
from tests.territory.roads import ROADS, BackOffice, Page, Sent, plain

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def ctg():
    return make_ctg()


@pytest.fixture(params=ROADS, ids=ROADS)
def road(request, ctg):
    return ROADS[request.param](ctg)


@pytest.fixture
def facility(ctg):
    a_scheme("psu", label="PSU")
    return a_facility(ctg, "Les Petits Isards")


def row_of(facility, **changes) -> dict:
    row = {"year": 2022, "facility": facility.pk, "scheme": "psu", "state": "planned", "nature": "running"}
    return row | {"rounding": 0, "source": "Essai", "quantity": "2,5", "unit": "ETP", "amount": "100"} | changes


def test_a_cej_was_paid_to_a_collectivity_of_the_same_caf(ctg):
    with pytest.raises(RuleBroken, match="dans l’annuaire de cette Caf"):
        a_contract(ctg, payee=OrganisationFactory(kind=Organisation.Kind.EPCI))
    assert not LegacyContract.objects.exists()


def test_a_scenario_starts_from_a_cej_of_its_own_caf(ctg):
    with pytest.raises(RuleBroken, match="celui d’une autre Caf"):
        a_scenario(ctg, a_contract(make_ctg()))
    assert not ScenarioLine.objects.exists()


# --- Bad input ---

DECIMALS = "deux décimales|2 chiffres après la virgule"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount": "-1"}, "ne peut pas être négatif"),
        ({"quantity": "2,555"}, DECIMALS),
        ({"amount": "10,005"}, DECIMALS),
        ({"scheme": "bt-eaje", "year": 2019}, "Choisissez une année de sa période, ou un autre dispositif."),
        ({"billing": "-1", "unit_cost": "5"}, ""),
        ({"year": 20221}, "année, par exemple|année en quatre chiffres"),
    ],
    ids=[
        "negative",
        "three decimals of an ETP",
        "three decimals of a euro",
        "bonus outside its Ctg",
        "billing",
        "year",
    ],
)
def test_a_wrong_line_is_refused_with_what_to_do(road, facility, changes, words):
    a_scheme("bt-eaje")
    road.lines([row_of(facility, **changes)])
    assert re.search(words, road.refusal)
    assert road.refusal
    assert (FundingLine.objects.count(), FundingRollup.objects.count()) == (0, 0)


def test_a_good_line_goes_through(road, facility):
    """Control of all the refusals of this module."""
    road.lines([row_of(facility)])
    assert FundingLine.objects.get().quantity == D("2.5")


def test_an_equipment_outside_the_perimeter_is_refused(road, ctg, facility):
    away = services.save_facility(
        a_facility(ctg, "Au loin", seat=TerritoryFactory(kind="commune", name="Ailleurs")), by=None, served=[]
    )
    if isinstance(road, Page):
        # The page does not even offer it.
        road.lines([row_of(away)])
        assert "choix" in road.refusal.lower()
    else:
        road.lines([row_of(away)])
        assert "n’est pas dans le périmètre" in road.refusal
    assert not FundingLine.objects.exists()


def test_a_bonus_goes_to_the_manager_and_to_nobody_else(road, ctg, facility):
    """Trap 25."""
    commune = OrganisationFactory(caf=ctg.caf, kind=Organisation.Kind.COMMUNE, name="Commune de Prades")
    a_scheme("bt-eaje")
    payee = commune.name if isinstance(road, Sent) else commune.pk
    road.lines([row_of(facility, scheme="bt-eaje", payee=payee)])
    assert "se verse au gestionnaire" in road.refusal
    assert str(facility.manager) in road.refusal
    assert not FundingLine.objects.exists()


def test_the_same_key_twice_is_refused(road, facility):
    """By a file, a key that exists is a change that the preview shows; twice in one file, it is refused."""
    road.lines([row_of(facility), row_of(facility, amount="200")])
    assert ("modifiez-la plutôt" in road.refusal) or ("gardez-en une" in road.refusal)
    assert [line.amount for line in FundingLine.objects.all()] in ([D(100)], [])


def test_a_negative_payment_is_a_regularisation_or_an_overpayment(ctg, facility):
    cof = a_cof(facility, ctg)
    save(a_line(facility, ctg, "1000", agreement=cof))
    data = {"year": 2022, "kind": "balance", "amount": "-5", "paid_on": "2022-06-01", "reason": ""}
    page, admin = Page(ctg), BackOffice(ctg)
    page.send(reverse("caf:payment_new", args=[ctg.caf.code, cof.pk]), data)
    admin.send(reverse("admin:territory_payment_add"), data | {"agreement": cof.pk})
    for road in (page, admin):
        assert "un indu est négatif" in road.refusal
    assert not Payment.objects.exists()


# --- Traps ---


def test_trap_24_a_payment_hangs_on_a_cof_and_a_ctg_has_none(ctg):
    """The Ctg is no funding contract: nothing of the money points to it."""
    pointing = {relation.related_model.__name__ for relation in type(ctg)._meta.related_objects}
    assert not pointing & {"Payment", "FundingAgreement", "FundingLine"}
    assert Payment._meta.get_field("agreement").null is False


def test_trap_26_a_rate_is_dated_data_and_a_missing_one_is_never_zero(ctg):
    facility = a_facility(ctg)
    scenario = a_scenario(ctg, growth={facility.pk: {2021: D(5)}})
    assert {line.amount for line in scenario.lines.all()} == {None}
    a_rate("new_unit", "2600", since=2023)
    again = a_scenario(ctg, growth={facility.pk: {2021: D(5)}})
    amounts = {line.year: line.amount for line in again.lines.all()}
    assert (amounts[2022], amounts[2023]) == (None, D(13000))
    assert {line.amount for line in scenario.lines.all()} == {None}


def test_trap_27_an_amount_has_its_year_and_its_payer(road, facility):
    road.lines([row_of(facility, year="")])
    assert road.refusal
    road.lines([row_of(facility, scheme="")] if not isinstance(road, Sent) else [row_of(facility, scheme=None)])
    assert road.refusal
    assert not FundingLine.objects.exists()


def test_trap_28_existing_and_new_units_are_two_numbers(ctg):
    a_rate("new_unit", "2600")
    facility, contract = a_facility(ctg), a_contract(ctg)
    action = an_action(contract)
    services.split_legacy_action(action, {facility: D(10)}, by=None)
    a_scenario(ctg, contract, {facility.pk: {2022: D(5)}})
    line = ScenarioLine.objects.get(year=2022)
    assert (line.existing_units, line.new_units) == (D(10), D(5))
    assert (line.existing_amount, line.new_amount) == (D(10000), D(13000))
    assert LegacyAction.objects.get().amount == D(10000)


def test_trap_29_a_school_year_is_said_and_shared_between_two_civil_years(ctg):
    facility = a_facility(ctg, "Clas du Conflent", kind=a_kind("clas"))
    a_scheme("clas", school_year=True)
    save(a_line(facility, ctg, "9600", scheme="clas", period="school"))
    page = plain(
        Page(ctg)
        .client.get(reverse("territory:funding", args=[ctg.slug]) + "?annee=2022&etat=planned")
        .content.decode()
    )
    assert "année scolaire 2022-2023" in page
    assert "3 200 € en 2022, 6 400 € en 2023" in page


def test_trap_30_running_and_investment_are_two_lines(road, facility):
    road.lines([row_of(facility), row_of(facility, nature="investment", amount="50")])
    assert {line.nature: line.amount for line in FundingLine.objects.all()} == {"running": D(100), "investment": D(50)}


def test_trap_31_the_actual_never_overwrites_the_forecast(road, facility):
    road.lines([row_of(facility), row_of(facility, state="actual", amount="90")])
    assert {line.state: line.amount for line in FundingLine.objects.all()} == {"planned": D(100), "actual": D(90)}


@pytest.mark.parametrize("fte", ["2,5", "0,2"])
def test_trap_32_a_post_may_be_a_part_of_one(road, facility, fte):
    road.lines([row_of(facility, quantity=fte, amount="44400")])
    line = FundingLine.objects.get()
    assert line.quantity == D(fte.replace(",", "."))
    assert line.per_unit == (D(17760) if fte == "2,5" else D(222000))


def test_trap_33_a_percentage_a_rate_and_an_evolution_are_not_one_thing(ctg):
    units = {unit.value for unit in Indicator.Unit}
    assert {"percent", "rate"} <= units
    share = IndicatorFactory(unit="percent", decimals=0)
    rate = IndicatorFactory(unit="rate", decimals=1)
    percent = public_value(add_value(share, ctg.territory, "43"), share)
    per_hundred = public_value(add_value(rate, ctg.territory, "60"), rate)
    assert "%" in percent.text
    assert "%" not in per_hundred.text


def test_a_real_bonus_waits_for_its_conditions_on_each_road(road, ctg, facility):
    a_scheme("bt-eaje")
    road.lines([row_of(facility, scheme="bt-eaje", state="actual")])
    assert "toutes ses conditions" in road.refusal
    assert not FundingLine.objects.exists()
    make_eligible(facility, ctg)
    road.lines([row_of(facility, scheme="bt-eaje", state="actual")])
    assert FundingLine.objects.get().amount == D(100)
