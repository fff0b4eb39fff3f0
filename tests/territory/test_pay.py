"""Payments under a COF: the 70 %, the papers of 31 May, what comes back; and the year-end view that says so."""

from datetime import date
from decimal import Decimal

import pytest

from ctg_site.lib.errors import RuleBroken
from territory import services
from territory.models import Payment
from territory.reports.year_end import year_end
from tests.territory.factories import OrganisationFactory, make_ctg
from tests.territory.money import a_cof, a_facility, a_line, make_eligible, pay, save

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def ctg():
    return make_ctg()


@pytest.fixture
def cof(ctg):
    facility = a_facility(ctg)
    cof = a_cof(facility, ctg)
    save(a_line(facility, ctg, "1000", agreement=cof))
    return cof


def test_advances_stop_at_seventy_percent_of_the_forecast(cof):
    pay(cof, "350")
    pay(cof, "350", on=date(2022, 10, 15))
    with pytest.raises(RuleBroken, match="reste 0,00"):
        pay(cof, "0.01")
    assert cof.payments.count() == 2


def test_what_is_paid_signed_and_received_is_not_so_on_a_day_to_come(cof, ctg, monkeypatch):
    monkeypatch.setattr("ctg_site.lib.dates.today", lambda: date(2022, 3, 14))
    with pytest.raises(RuleBroken, match="payé le : Ce jour n’est pas encore venu"):
        pay(cof, "350", on=date(2022, 3, 15))
    with pytest.raises(RuleBroken, match="reçue le : Ce jour n’est pas encore venu"):
        services.record_justification(cof, year=2022, received_on=date(2022, 3, 15), by=None)
    pay(cof, "350", on=date(2022, 3, 14))
    services.record_justification(cof, year=2022, received_on=date(2022, 3, 14), by=None)
    cof.signed_on = date(2022, 3, 15)
    with pytest.raises(RuleBroken, match="signée le : Ce jour n’est pas encore venu"):
        services.save_funding_agreement(cof, by=None)


def test_the_updated_forecast_takes_over(cof, ctg):
    save(a_line(cof.facility, ctg, "2000", agreement=cof, state="updated"))
    pay(cof, "1400")


def test_no_advance_without_a_forecast(cof):
    with pytest.raises(RuleBroken, match="montant prévisionnel 2023"):
        pay(cof, "1", year=2023)


@pytest.mark.parametrize(
    ("kind", "amount"),
    [("advance", "-1"), ("balance", "-1"), ("balance", "0"), ("overpaid", "5"), ("regularisation", "0")],
)
def test_only_what_comes_back_is_negative(cof, kind, amount):
    pay(cof, "500")
    with pytest.raises(RuleBroken, match="un indu est négatif"):
        pay(cof, amount, kind=kind)


def test_an_overpayment_comes_back_and_no_more_than_was_paid(cof):
    pay(cof, "500")
    pay(cof, "-200", kind="overpaid")
    pay(cof, "-300", kind="regularisation")
    with pytest.raises(RuleBroken, match="plus que ce qui a été versé"):
        pay(cof, "-0.01", kind="regularisation")


def test_a_payment_is_written_once(cof):
    payment = pay(cof, "500")
    payment.amount = D(400)
    with pytest.raises(RuleBroken, match="régularisation"):
        services.record_payment(payment, by=None)
    assert Payment.objects.get().amount == 500


def test_nothing_is_paid_before_the_signature_nor_outside_the_period(cof):
    with pytest.raises(RuleBroken, match="avant sa signature"):
        pay(cof, "1", on=date(2021, 12, 19))
    with pytest.raises(RuleBroken, match="ne couvre pas 2026"):
        pay(cof, "1", year=2026)


def test_a_paid_bonus_waits_for_its_conditions(ctg):
    facility = a_facility(ctg)
    cof = a_cof(facility, ctg, scheme="bt-eaje")
    save(a_line(facility, ctg, "1000", scheme="bt-eaje", agreement=cof))
    with pytest.raises(RuleBroken, match="toutes ses conditions") as error:
        pay(cof, "500")
    assert len(error.value.missing) == 4
    make_eligible(facility, ctg)
    pay(cof, "500")


def test_a_cof_is_signed_with_the_manager_for_seventy_percent_at_most(ctg):
    facility = a_facility(ctg)
    with pytest.raises(RuleBroken, match="se signe avec le gestionnaire"):
        a_cof(facility, ctg, payee=OrganisationFactory(caf=ctg.caf))
    with pytest.raises(RuleBroken, match="70"):
        a_cof(facility, ctg, advance_percent=D("70.01"))
    with pytest.raises(RuleBroken, match="précède son début"):
        a_cof(facility, ctg, ends_on=date(2021, 1, 1))


@pytest.mark.parametrize(("on", "late"), [(date(2023, 5, 31), 0), (date(2023, 6, 1), 1)])
def test_papers_are_late_after_31_may(cof, ctg, on, late):
    report = year_end(ctg.caf, 2022, on)
    assert [entry.days_late for entry in report.entries] == [late]
    assert [entry.due_on for entry in report.entries] == [date(2023, 5, 31)]
    assert len(report.late) == late
    services.record_justification(cof, year=2022, received_on=on, by=None)
    assert year_end(ctg.caf, 2022, on).late == []


def test_papers_are_received_once_and_for_a_year_of_the_cof(cof):
    services.record_justification(cof, year=2022, received_on=date(2023, 5, 2), by=None)
    with pytest.raises(RuleBroken, match="déjà reçues"):
        services.record_justification(cof, year=2022, received_on=date(2023, 5, 3), by=None)
    with pytest.raises(RuleBroken, match="ne couvre pas"):
        services.record_justification(cof, year=2030, received_on=date(2031, 5, 3), by=None)
    with pytest.raises(RuleBroken, match="avant qu’elle commence"):
        services.record_justification(cof, year=2023, received_on=date(2022, 5, 3), by=None)


def test_the_year_end_says_what_is_due_above_and_overpaid(cof, ctg):
    pay(cof, "700")
    assert year_end(ctg.caf, 2022, date(2023, 1, 1)).due_total == 300
    save(a_line(cof.facility, ctg, "1200.50", agreement=cof, state="actual"))
    report = year_end(ctg.caf, 2022, date(2023, 1, 1))
    assert report.due_total == D("500.50")
    assert [entry.above_forecast for entry in report.above] == [D("200.50")]
    pay(cof, "600", kind="balance", on=date(2023, 7, 1))
    assert [entry.overpaid for entry in year_end(ctg.caf, 2022, date(2023, 8, 1)).overpaid] == [D("99.50")]


def test_the_year_end_takes_as_many_queries_whatever_the_number_of_cof(cof, ctg, django_assert_max_num_queries):
    for _ in range(5):
        facility = a_facility(ctg)
        other = a_cof(facility, ctg)
        save(a_line(facility, ctg, "10", agreement=other))
    with django_assert_max_num_queries(4):
        assert len(year_end(ctg.caf, 2022, date(2023, 1, 1)).entries) == 6
