"""The money in the back office: what is done on several rows at once, what is read there, what a rate lets be changed."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from territory.models import FundingLine, Rate
from tests.territory.factories import make_ctg, make_superuser
from tests.territory.money import a_cof, a_facility, a_line, a_rate, a_scenario, pay, save
from tests.territory.roads import BackOffice, plain

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def ctg():
    return make_ctg()


@pytest.fixture
def operator():
    client = Client()
    client.force_login(make_superuser())
    return client


def test_several_lines_are_deleted_together_or_not_at_all(ctg):
    facility = a_facility(ctg)
    cof = a_cof(facility, ctg)
    paid, free = save(a_line(facility, ctg, "1000", agreement=cof)), save(a_line(a_facility(ctg), ctg, "5000"))
    pay(cof, "500")
    chosen = {"action": "delete_selected", "_selected_action": [free.pk, paid.pk], "post": "yes"}
    address = reverse("admin:territory_fundingline_changelist")
    page = plain(BackOffice(ctg).client.post(address, chosen, follow=True).content.decode())
    assert "s’appuient sur cette ligne : elle se corrige" in page
    assert FundingLine.objects.count() == 2
    BackOffice(ctg).client.post(address, chosen | {"_selected_action": [free.pk]})
    assert FundingLine.objects.get() == paid


def test_amounts_are_listed_as_french_people_read_them(ctg):
    for amount in ("1089800.50", "442500", None):
        save(a_line(a_facility(ctg), ctg, amount))
    page = plain(BackOffice(ctg).client.get(reverse("admin:territory_fundingline_changelist")).content.decode())
    for words in (">1 089 800,50<", ">442 500<", ">–<"):
        assert words in page


def rate_page(client, rate: Rate, **changes):
    address = reverse("admin:territory_rate_change", args=[rate.pk])
    data = {"source": rate.source, "valid_to": "", "to_verify": "on"} if rate.to_verify else {"source": rate.source}
    return client.post(address, {k: v for k, v in (data | changes).items() if v is not None})


def test_a_rate_is_confirmed_or_ended_and_its_value_never_moves(ctg, operator):
    rate = a_rate("new_unit", "2600", to_verify=True)
    scenario = a_scenario(ctg, growth={a_facility(ctg).pk: {2021: D(5)}})
    computed = list(scenario.lines.order_by("year").values_list("new_amount", "steps"))
    assert rate_page(operator, rate, source="Circulaire", to_verify=None, value="1").status_code == 302
    rate.refresh_from_db()
    assert (rate.value, rate.to_verify, rate.source) == (D(2600), False, "Circulaire")
    assert rate_page(operator, rate, valid_to="2022-12-31").status_code == 302
    rate.refresh_from_db()
    assert (rate.value, rate.valid_to) == (D(2600), date(2022, 12, 31))
    assert "précède la date de début" in plain(rate_page(operator, rate, valid_to="2020-12-31").content.decode())
    assert list(scenario.lines.order_by("year").values_list("new_amount", "steps")) == computed


def test_a_rate_to_be_priced_is_not_confirmed(operator):
    rate = a_rate("floor", None, to_verify=True)
    assert "à chiffrer" in plain(rate_page(operator, rate, to_verify=None).content.decode())
    assert Rate.objects.get().to_verify


def test_a_rate_of_the_back_office_takes_over_and_changes_nothing_before(ctg, operator):
    """A new dated row: the scenario of before keeps its amounts, the next one has the new rate."""
    a_rate("new_unit", "2600")
    growth = {a_facility(ctg).pk: {2021: D(5)}}
    before = a_scenario(ctg, growth=growth)
    row = {"scheme": Rate.objects.get().scheme_id, "measure": "new_unit", "wealth": "", "value": "3600", "unit": "€"}
    row |= {"valid_from": "2023-01-01", "source": "Circulaire"}
    assert operator.post(reverse("admin:territory_rate_add"), row).status_code == 302
    amounts = lambda scenario: [line.amount for line in scenario.lines.order_by("year")]  # noqa: E731
    assert amounts(before) == [D(13000)] * 5
    assert amounts(a_scenario(ctg, growth=growth)) == [D(13000)] * 2 + [D(18000)] * 3


def test_the_caf_reads_the_rates_and_does_not_write_them(ctg):
    rate = a_rate("new_unit", "2600")
    client = BackOffice(ctg).client
    assert client.get(reverse("admin:territory_rate_changelist")).status_code == 200
    assert rate_page(client, rate, valid_to="2022-12-31").status_code == 403
    assert client.get(reverse("admin:territory_rate_add")).status_code == 403
