"""Lines of money: what the database and the services refuse, with what to do instead."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, models, transaction
from hypothesis import given
from hypothesis import strategies as st

from ctg_site.audit.models import Entry
from ctg_site.lib.errors import RuleBroken
from territory import services
from territory.models import (
    ControlTotal,
    Ctg,
    Facility,
    FundingLine,
    FundingRollup,
    LegacyShare,
    Organisation,
    Payment,
    Rate,
    ScenarioLine,
    Territory,
)
from territory.reconciliation import reconcile
from territory.services.rollups import rebuild_rollups
from tests.territory.factories import (
    CafFactory,
    OrganisationFactory,
    TerritoryFactory,
    add_line,
    communes_of,
    make_ctg,
    make_epci,
)
from tests.territory.money import a_cof, a_facility, a_line, a_scheme, make_eligible, pay, save

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def ctg():
    return make_ctg()


def refused(line: FundingLine) -> str:
    with pytest.raises(RuleBroken) as error:
        save(line)
    return " ".join([str(error.value), *error.value.missing])


def test_money_and_quantities_are_decimal_end_to_end():
    """Traps 26 and 32: no column of money is a float, no quantity an integer."""
    columns = [
        (model, name)
        for model, names in {
            FundingLine: ["amount", "quantity"],
            ControlTotal: ["amount"],
            FundingRollup: ["amount"],
            Payment: ["amount"],
            LegacyShare: ["amount", "units", "local_amount"],
            ScenarioLine: ["existing_amount", "new_amount", "before", "existing_units", "new_units"],
            Rate: ["value"],
        }.items()
        for name in names
    ]
    assert all(isinstance(model._meta.get_field(name), models.DecimalField) for model, name in columns)
    assert all(model._meta.get_field(name).decimal_places >= 2 for model, name in columns)
    money = [model._meta.get_field(name).decimal_places for model, name in columns if "amount" in name]
    assert set(money) == {2}


def test_an_equipment_completes_its_line(ctg):
    facility = a_facility(ctg, "Les Petits Isards")
    line = save(a_line(facility, ctg, "1000.50", quantity=D("2.5"), unit="ETP"))
    assert (line.service, line.label, line.payee) == (facility.kind, "Les Petits Isards", facility.manager)
    assert line.per_unit == D("400.20")


def test_a_unit_price_is_exact(ctg):
    assert save(a_line(a_facility(ctg), ctg, "44400", quantity=D("2.5"))).per_unit == D("17760.00")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": "-1"}, "régularisation ou indu"),
        ({"quantity": D("2.555")}, "2 chiffres après la virgule"),
        ({"quantity": D("-1")}, "La quantité ne peut pas être négative."),
        ({"amount": None, "state": "actual"}, "Une dépense réelle a un montant"),
        ({"amount": "1.234"}, "2 chiffres après la virgule"),
    ],
)
def test_a_wrong_line_is_refused_and_nothing_is_written(ctg, changes, sentence):
    assert sentence in refused(a_line(a_facility(ctg), ctg, **({"amount": "10"} | changes)))
    assert not FundingLine.objects.exists()
    assert not FundingRollup.objects.exists()


def test_a_forecast_may_stay_to_be_priced(ctg):
    save(a_line(a_facility(ctg), ctg, None))
    assert FundingRollup.objects.get().unpriced == 1
    assert FundingRollup.objects.get().amount == 0


def test_the_same_key_twice_is_refused(ctg):
    facility = a_facility(ctg)
    save(a_line(facility, ctg, "10"))
    assert "déjà une ligne pour cette année" in refused(a_line(facility, ctg, "20"))
    save(a_line(facility, ctg, "20", state="actual"))  # trap 31: the actual stands beside the forecast
    save(a_line(facility, ctg, "30", nature="investment"))  # trap 30: investment stands beside running
    assert FundingLine.objects.count() == 3
    assert FundingLine.objects.get(state="planned", nature="running").amount == 10


def test_a_service_without_equipment_is_unique_too(ctg):
    add_line(ctg, "Bafa", "100")
    with pytest.raises(RuleBroken, match="Cette ligne existe déjà"):
        add_line(ctg, "Bafa", "200")


def test_an_equipment_outside_the_perimeter_is_refused(ctg):
    elsewhere = make_epci(ctg.caf.territory, name="Ailleurs")
    facility = a_facility(ctg, seat=communes_of(elsewhere)[0])
    assert "n’est pas dans le périmètre" in refused(a_line(facility, ctg, "10"))
    services.save_facility(facility, by=None, served=communes_of(ctg.territory)[:1])  # it serves a commune of the Ctg
    save(a_line(facility, ctg, "10"))


def test_a_perimeter_drawn_later_takes_the_lines_of_earlier_years(ctg):
    drawn = make_ctg(ctg.caf, communes=communes_of(ctg.territory)[:1], place=ctg.territory, name="Haut Conflent")
    assert drawn.territory.kind == Territory.Kind.PERIMETER
    save(a_line(a_facility(drawn), drawn, "10", year=2015))


def test_what_belongs_to_another_caf_is_refused(ctg):
    other = make_ctg(CafFactory())
    facility = a_facility(ctg)
    assert "autre Caf" in refused(a_line(facility, ctg, "10", payee=OrganisationFactory(caf=other.caf)))
    assert "autre Caf" in refused(a_line(a_facility(other), ctg, "10"))
    perimeter = make_ctg(other.caf, communes=communes_of(other.territory)[:1], place=other.territory, name="P")
    assert "autre Caf" in refused(a_line(facility, ctg, "10", territory=perimeter.territory))


def test_a_bonus_paid_to_the_commune_that_is_not_the_manager_is_refused(ctg):
    """Trap 25."""
    commune = OrganisationFactory(caf=ctg.caf, kind=Organisation.Kind.COMMUNE, name="Commune de Prades")
    facility = a_facility(ctg, manager=OrganisationFactory(caf=ctg.caf, name="Association des parents"))
    sentence = refused(a_line(facility, ctg, "10", scheme="bt-eaje", payee=commune))
    assert "Association des parents" in sentence
    assert "non à «\u00a0Commune de Prades\u00a0»" in sentence
    assert save(a_line(facility, ctg, "10", scheme="bt-eaje")).payee == facility.manager


def test_what_was_paid_before_another_ran_the_equipment_is_still_corrected(ctg):
    """A new line goes to the new manager; the one of before keeps its own, and so does its convention."""
    facility = a_facility(ctg)
    old, cof = facility.manager, a_cof(facility, ctg, scheme="bt-eaje")
    line = save(a_line(facility, ctg, "10", scheme="bt-eaje", agreement=cof))
    facility.manager = OrganisationFactory(caf=ctg.caf)
    services.save_facility(facility, by=None)
    line.amount = D(20)
    assert save(line).payee == old
    cof.ends_on = date(2024, 12, 31)
    services.save_funding_agreement(cof, by=None)
    assert "se verse au gestionnaire" in refused(a_line(facility, ctg, "10", scheme="bt-eaje", year=2023, payee=old))
    line.year = 2023
    assert "se verse au gestionnaire" in refused(line)
    with pytest.raises(RuleBroken, match="se signe avec le gestionnaire"):
        a_cof(facility, ctg, payee=old)
    assert save(a_line(facility, ctg, "10", scheme="bt-eaje", year=2023)).payee == facility.manager


@pytest.mark.parametrize("year", [2020, 2026])
def test_a_bonus_outside_its_ctg_is_refused(ctg, year):
    assert f"ne couvre {year}" in refused(a_line(a_facility(ctg), ctg, "10", scheme="bt-eaje", year=year))
    save(a_line(a_facility(ctg), ctg, "10", scheme="psu", year=year))  # any other money, any year


def test_a_real_bonus_waits_for_its_four_conditions_and_a_forecast_does_not(ctg):
    facility = a_facility(ctg)
    save(a_line(facility, ctg, "10", scheme="bt-eaje"))
    sentence = refused(a_line(facility, ctg, "10", scheme="bt-eaje", state="actual"))
    for missing in ("n’est pas signée", "annexe 2", "cofinancement", "éligibilité"):
        assert missing in sentence
    make_eligible(facility, ctg)
    save(a_line(facility, ctg, "10", scheme="bt-eaje", state="actual"))


def test_a_condition_that_ended_no_longer_opens_the_bonus(ctg):
    facility = make_eligible(a_facility(ctg), ctg)
    fact = facility.facts.get(kind="cofunded")
    fact.until = date(2022, 6, 30)
    services.save_facility_fact(fact, by=None)
    assert "cofinancement" in refused(a_line(facility, ctg, "10", scheme="bt-eaje", state="actual"))


def test_a_school_year_is_never_read_as_a_civil_one(ctg):
    """Trap 29."""
    clas = a_scheme("clas", school_year=True)
    facility = a_facility(ctg)
    assert "par année scolaire" in refused(a_line(facility, ctg, "10", scheme=clas.code))
    line = save(a_line(facility, ctg, "10", scheme=clas.code, period="school", year=2021))
    assert line.period_label == "année scolaire 2021-2022"


def test_money_goes_through_a_cof_and_never_through_the_ctg(ctg):
    """Trap 24."""
    assert not [f for f in Payment._meta.fields if f.related_model is Ctg]
    cof = a_cof(a_facility(ctg), ctg)
    other = a_cof(cof.facility, ctg, scheme="pso")
    assert "porte sur" in refused(a_line(cof.facility, ctg, "10", agreement=other))
    assert "ne couvre pas 2026" in refused(a_line(cof.facility, ctg, "10", agreement=cof, year=2026))


def test_a_line_on_which_payments_rest_is_not_deleted(ctg):
    facility = a_facility(ctg)
    cof = a_cof(facility, ctg)
    line = save(a_line(facility, ctg, "1000", agreement=cof))
    pay(cof, "500")
    with pytest.raises(RuleBroken, match="elle se corrige"):
        services.delete_funding_line(line, by=None)


def test_each_change_is_in_the_journal_with_what_it_was(ctg):
    line = add_line(ctg, "Bafa", "100")
    line.amount = D(101)
    services.save_funding_line(line, by=None)
    entry = Entry.objects.filter(verb="funding.line.saved").get()
    assert (entry.data["before"], entry.data["amount"]) == ("100.00", "101")


def test_a_rollup_follows_every_change_and_ties_with_the_lines(ctg):
    facility = a_facility(ctg)
    line = save(a_line(facility, ctg, "1000"))
    save(a_line(facility, ctg, "500", state="actual"))
    line.year, line.amount = 2023, D("700.10")
    save(line)
    assert totals() == {(2022, "planned"): D(0), (2023, "planned"): D("700.10"), (2022, "actual"): D(500)}
    services.delete_funding_line(line, by=None)
    assert totals()[2023, "planned"] == 0
    before = {key: amount for key, amount in totals().items() if amount}
    rebuild_rollups()
    assert totals() == before


def totals() -> dict:
    return {(row.year, row.state): row.amount for row in FundingRollup.objects.order_by("pk")}


def test_the_database_refuses_what_goes_round_the_services(ctg):
    """From a shell: no amount below zero, no key twice, no advance that comes back."""
    facility = a_facility(ctg)
    cof = a_cof(facility, ctg)
    line = save(a_line(facility, ctg, "1000", agreement=cof))
    advance = pay(cof, "500")
    for rows, changes in [
        (FundingLine.objects.filter(pk=line.pk), {"amount": D(-1)}),
        (FundingLine.objects.filter(pk=line.pk), {"quantity": D(-1)}),
        (Payment.objects.filter(pk=advance.pk), {"amount": D(-1)}),
        (Facility.objects.filter(pk=facility.pk), {"capacity": D(-1)}),
    ]:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**changes)
    line.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        FundingLine.objects.bulk_create([line])
    assert FundingLine.objects.get().amount == 1000


def test_several_lines_are_saved_whole_or_not_at_all(ctg):
    facility = a_facility(ctg)
    with pytest.raises(RuleBroken):
        services.save_funding_lines([a_line(facility, ctg, "10"), a_line(facility, ctg, "-1", year=2023)], by=None)
    assert not FundingLine.objects.exists()


@given(st.lists(st.decimals(0, 1_000_000, places=2), max_size=20), st.decimals(0, 10_000_000, places=2))
def test_a_reconciliation_never_loses_a_cent(amounts, stated):
    lines = [FundingLine(amount=amount, rounding=0) for amount in amounts]
    found = reconcile(lines, [ControlTotal(amount=stated, rounding=0)])
    assert found.lines_sum == sum(amounts, D(0))
    assert found.stated + found.gap == found.lines_sum


def test_a_line_to_be_priced_stays_out_of_the_sum_and_is_counted():
    lines = [FundingLine(amount=D(10), rounding=0), FundingLine(amount=None, rounding=0)]
    found = reconcile(lines, [ControlTotal(amount=D(10), rounding=0)])
    assert (found.gap, found.unpriced) == (0, 1)


def test_the_seat_is_a_commune_and_a_project_is_no_equipment(ctg):
    with pytest.raises(RuleBroken, match="Le siège est dans une commune"):
        a_facility(ctg, seat=ctg.territory)
    kind = add_line(ctg, "Projet", "1", project=True).service
    with pytest.raises(RuleBroken, match="n’est pas un équipement"):
        a_facility(ctg, kind=kind)


def test_an_equipment_code_is_unique_in_its_caf_only(ctg):
    a_facility(ctg, code="E-1")
    with pytest.raises(RuleBroken, match="désigne déjà un équipement"):
        a_facility(ctg, code="E-1")
    a_facility(make_ctg(CafFactory(), place=make_epci(TerritoryFactory(kind="departement", code="11"))), code="E-1")
