"""« What becomes of our Cej »: the split, the scenarios, what is guaranteed, what is kept as computed."""

import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from ctg_site.lib.errors import RuleBroken
from territory import services
from territory.exports import scenarios_workbook
from territory.models import FundingLine, LegacyShare, Organisation, Role, Scenario
from territory.reports.comparison import columns_of
from tests.territory.factories import CafFactory, OrganisationFactory, make_ctg, make_user
from tests.territory.money import AT, a_contract, a_facility, a_kind, a_rate, a_scenario, an_action

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def ctg():
    return make_ctg()


@pytest.fixture
def contract(ctg):
    """T13: 10 000,00 € for three equipments that had 7, 5 and 3 units."""
    contract = a_contract(ctg)
    facilities = [a_facility(ctg, name) for name in ("Un", "Deux", "Trois")]
    units = dict(zip(facilities, (D(7), D(5), D(3)), strict=True))
    services.split_legacy_action(an_action(contract), units, by=None, local_amounts={facilities[0]: D(6000)})
    return contract


def share_of(name: str) -> LegacyShare:
    return LegacyShare.objects.select_related("facility").get(facility__name=name)


def lines_of(scenario: Scenario) -> list[tuple[int, Decimal | None]]:
    return [(line.year, line.amount) for line in scenario.lines.filter(facility__name="Un").order_by("year")]


def test_the_shares_of_an_action_make_its_amount(contract):
    amounts = {share.facility.name: share.amount for share in LegacyShare.objects.select_related("facility")}
    assert amounts == {"Un": D("4666.67"), "Deux": D("3333.33"), "Trois": D("2000.00")}


def test_a_frozen_amount_does_not_move_under_its_shares(contract):
    action = contract.actions.get()
    action.amount = D(20000)
    with pytest.raises(RuleBroken, match="déjà répartie"):
        services.save_legacy_action(action, by=None)
    facility = share_of("Un").facility
    services.save_split_action(action, {facility: D(7)}, by=None)
    assert LegacyShare.objects.get().amount == 20000


@pytest.mark.parametrize("units", [{}, {"Un": D(0)}, {"Un": D(-1)}])
def test_a_split_without_units_is_refused_and_the_old_one_stays(contract, units):
    units = {share_of(name).facility: number for name, number in units.items()}
    with pytest.raises(RuleBroken, match="unités existantes"):
        services.split_legacy_action(contract.actions.get(), units, by=None)
    assert LegacyShare.objects.count() == 3


def test_an_equipment_of_another_caf_takes_no_share(contract):
    stranger = a_facility(make_ctg(CafFactory()))
    with pytest.raises(RuleBroken, match="autre Caf"):
        services.split_legacy_action(contract.actions.get(), {stranger: D(1)}, by=None)


def test_a_scenario_without_growth_keeps_the_level_of_the_cej(ctg, contract):
    scenario = a_scenario(ctg, contract)
    assert lines_of(scenario) == [(year, D("4666.67")) for year in range(2021, 2026)]
    column = columns_of(ctg, [scenario])[0]
    assert column.totals == [D("10000.00")] * 5
    assert column.guarantee.holds
    assert column.sum == 50000


def test_new_units_stay_once_opened_and_are_explained(ctg, contract):
    a_rate("new_unit", "2600")
    scenario = a_scenario(ctg, contract, growth={share_of("Un").facility_id: {2023: D(5)}})
    assert lines_of(scenario)[1:3] == [(2022, D("4666.67")), (2023, D("17666.67"))]
    assert lines_of(scenario)[4] == (2025, D("17666.67"))
    steps = scenario.lines.get(facility__name="Un", year=2023).steps
    assert any("7/15 de" in step for step in steps)
    assert any("5 places nouvelles" in step for step in steps)


def test_a_missing_rate_makes_the_total_to_be_priced(ctg, contract):
    scenario = a_scenario(ctg, contract, growth={share_of("Un").facility_id: {2023: D(5)}})
    column = columns_of(ctg, [scenario])[0]
    assert column.totals == [D(10000), D(10000), None, None, None]
    assert column.sum is None
    assert any("à chiffrer" in text for text in column.assumed)


def test_a_new_rate_changes_nothing_that_was_computed(ctg, contract):
    """Trap 26: a dated row is added; the saved scenario keeps its amounts until it is computed again."""
    old = a_rate("new_unit", "2600")
    growth = {share_of("Un").facility_id: {2023: D(5)}}
    scenario = a_scenario(ctg, contract, growth)
    a_rate("new_unit", "3600", since=2023)
    assert lines_of(scenario)[2] == (2023, D("17666.67"))
    services.save_scenario(scenario, growth=growth, by=None, at=AT)
    assert lines_of(scenario)[2] == (2023, D("22666.67"))
    old.value = D(1)
    with pytest.raises(TypeError, match="ne se modifie pas"):
        old.save()
    with pytest.raises(RuleBroken, match="nouvelle ligne"):
        services.add_rate(old, by=None)


def test_a_rate_is_confirmed_or_ended_without_changing_its_value(ctg):
    rate = a_rate("new_unit", "2600", to_verify=True)
    services.confirm_rate(rate, source="Circulaire", by=None)
    services.end_rate(rate, valid_to=date(2022, 12, 31), by=None)
    rate.refresh_from_db()
    assert (rate.value, rate.to_verify, rate.source) == (D(2600), False, "Circulaire")
    with pytest.raises(RuleBroken, match="à chiffrer"):
        services.confirm_rate(a_rate("floor", None), source="x", by=None)
    with pytest.raises(RuleBroken, match="précède"):
        services.end_rate(rate, valid_to=date(2020, 12, 31), by=None)


def test_the_wealth_class_comes_before_the_general_rate(ctg, contract):
    a_rate("new_unit", "2600")
    a_rate("new_unit", "3600", wealth="low")
    growth = {share_of("Un").facility_id: {2021: D(1)}}
    assert lines_of(a_scenario(ctg, contract, growth, wealth="low"))[0][1] == D("8266.67")
    assert lines_of(a_scenario(ctg, contract, growth, wealth="high"))[0][1] == D("7266.67")


def test_what_the_cej_paid_and_nobody_keeps_breaks_the_guarantee(ctg, contract):
    contract.last_amount = D(10500)
    services.save_legacy_contract(contract, by=None)
    guarantee = columns_of(ctg, [a_scenario(ctg, contract)])[0].guarantee
    assert (guarantee.gap, guarantee.holds) == (D("-500.00"), False)
    assert "n’est pas encore réparti" in guarantee.text


def test_what_only_an_assumption_brings_up_to_the_cej_is_not_guaranteed(ctg, contract):
    """10 000 € shared of 10 100 €: a revaluation of 2 % that somebody typed makes 10 200 €, and guarantees nothing."""
    contract.last_amount = D(10100)
    services.save_legacy_contract(contract, by=None)
    assumed, none = (a_scenario(ctg, contract, yearly_rise=rise) for rise in (D(2), None))
    guarantees = [column.guarantee for column in columns_of(ctg, [assumed, none])]
    assert [guarantee.gap for guarantee in guarantees] == [D(100), D(-100)]
    assert [guarantee.holds for guarantee in guarantees] == [False, False]
    assert "que par la revalorisation supposée" in guarantees[0].text
    contract.last_amount = D(10000)
    services.save_legacy_contract(contract, by=None)
    assert columns_of(ctg, [a_scenario(ctg, contract, yearly_rise=D(2))])[0].guarantee.holds


@pytest.mark.parametrize(
    ("adjusts", "own", "after"), [(True, False, "1333.33"), (False, False, "6000"), (False, True, "1333.33")]
)
def test_what_is_left_to_the_collectivity_before_and_after(ctg, adjusts, own, after):
    epci = OrganisationFactory(caf=ctg.caf, kind=Organisation.Kind.EPCI)
    contract = a_contract(ctg, "4666.67", payee=epci)
    facility = a_facility(ctg, manager=epci if own else None)
    services.split_legacy_action(
        an_action(contract, "4666.67"), {facility: D(7)}, by=None, local_amounts={facility: D(6000)}
    )
    line = a_scenario(ctg, contract, local_adjusts=adjusts).lines.first()
    assert (line.local_before, line.local_after) == (D("1333.33"), D(after))


def test_an_equipment_that_only_grows_has_a_bonus_too(ctg):
    a_rate("new_unit", "24000", scheme="bt-coop")
    facility = a_facility(ctg, kind=a_kind("cooperation", "bt-coop"))
    scenario = a_scenario(ctg, growth={facility.pk: {2022: D("0.2")}})
    assert [line.amount for line in scenario.lines.order_by("year")][:2] == [D(0), D("4800.00")]


@pytest.mark.parametrize(("growth", "words"), [({2030: D(1)}, "années de la Ctg"), ({2022: D(-1)}, "négatif")])
def test_a_wrong_growth_is_refused_and_nothing_is_written(ctg, growth, words):
    with pytest.raises(RuleBroken, match=words):
        a_scenario(ctg, growth={a_facility(ctg).pk: growth})
    assert not Scenario.objects.exists()


def test_a_scenario_is_seen_by_its_territory_once_shared(ctg, contract):
    lead, adviser = make_user(ctg=ctg, role=Role.LEAD), make_user(caf=ctg.caf, role=Role.CAF_ADVISER)
    stranger = make_user(ctg=make_ctg(CafFactory()), role=Role.LEAD)
    scenario = a_scenario(ctg, contract)
    seen = lambda user: Scenario.objects.visible_to(user).count()  # noqa: E731
    assert (seen(adviser), seen(lead), seen(stranger)) == (1, 0, 0)
    services.share_scenario(scenario, by=None, at=AT)
    assert (seen(adviser), seen(lead), seen(stranger)) == (1, 1, 0)
    services.unshare_scenario(scenario, by=None)
    assert seen(lead) == 0


def test_a_scenario_becomes_forecast_lines_with_their_explanation(ctg, contract):
    scenario = a_scenario(ctg, contract, growth={share_of("Un").facility_id: {2023: D(5)}})
    assert services.plan_bonuses(scenario, by=None) == 15
    line = FundingLine.objects.get(facility__name="Un", year=2021)
    assert (line.amount, line.payee, line.state) == (D("4666.67"), line.facility.manager, "planned")
    assert "7/15 de" in line.explanation[0]
    assert FundingLine.objects.get(facility__name="Un", year=2023).amount is None
    with pytest.raises(RuleBroken, match="existent déjà"):
        services.plan_bonuses(scenario, by=None)


def test_the_workbook_holds_values_and_its_assumptions_apart(ctg, contract):
    book = load_workbook(
        io.BytesIO(scenarios_workbook(ctg, columns_of(ctg, [a_scenario(ctg, contract)]), on=date(2021, 6, 9)))
    )
    assert [sheet.title for sheet in book][1:] == [
        "Par année",
        "Par équipement",
        "Par financeur",
        "Garanti et supposé",
        "Calculs expliqués",
    ]
    assert [cell.value for cell in book["Par année"]["C"][1:]] == [10000] * 5
    assert {cell.data_type for sheet in book for row in sheet for cell in row} <= {"s", "n", "d", "inlineStr"}
    assert "garanti" in [cell.value for cell in book["Garanti et supposé"]["B"]]


def test_side_by_side_is_one_query(ctg, contract, django_assert_num_queries):
    scenarios = [a_scenario(ctg, contract) for _ in range(3)]
    with django_assert_num_queries(1):
        columns_of(ctg, scenarios)
