from datetime import date

import pytest
from django.db import IntegrityError, transaction

from ctg_site.audit.models import Entry
from ctg_site.lib.errors import RuleBroken
from territory import services
from territory.models import Belonging, Ctg, Territory
from tests.territory.factories import CafFactory, TerritoryFactory, communes_of, make_ctg, make_epci

pytestmark = pytest.mark.django_db


def test_it_takes_the_epci_made_of_exactly_these_communes():
    epci = make_epci()
    ctg = make_ctg(place=epci)
    assert ctg.territory == epci
    assert set(ctg.communes.all()) == set(communes_of(epci))
    assert Entry.objects.get(verb="ctg.created").ctg_id == ctg.pk


@pytest.mark.parametrize("change", ["fewer", "more"])
def test_another_set_of_communes_makes_a_perimeter_of_the_caf(change):
    caf, epci = CafFactory(), make_epci()
    communes = communes_of(epci)[:2] if change == "fewer" else [*communes_of(epci), TerritoryFactory()]
    ctg = make_ctg(caf, place=epci, communes=communes)
    assert (ctg.territory.kind, ctg.territory.caf) == (Territory.Kind.PERIMETER, caf)
    assert ctg.territory.parent == caf.territory
    assert set(ctg.territory.communes_on(date(2021, 1, 1))) == set(communes)


def test_a_perimeter_may_span_several_epcis():
    """Lévezou (T8): two EPCIs in one Ctg."""
    one, two = make_epci(name="Lévezou"), make_epci(name="Pareloup")
    ctg = make_ctg(place=one, communes=[*communes_of(one), *communes_of(two)])
    assert ctg.communes.count() == 6


def test_the_same_perimeter_serves_the_next_ctg_of_the_caf_and_no_other():
    caf, epci = CafFactory(), make_epci()
    part = communes_of(epci)[:2]
    first = make_ctg(caf, place=epci, communes=part)
    again = make_ctg(caf, place=epci, communes=part, starts_on=date(2026, 1, 1), ends_on=date(2030, 12, 31))
    elsewhere = make_ctg(CafFactory(), place=epci, communes=part)
    assert again.territory == first.territory
    assert elsewhere.territory != first.territory


def test_the_epci_is_read_on_the_day_the_ctg_starts():
    epci = make_epci()
    gone, *rest = communes_of(epci)
    Belonging.objects.filter(commune=gone).update(valid_to=date(2020, 12, 31))
    assert make_ctg(place=epci, communes=rest).territory == epci


@pytest.mark.parametrize(
    ("communes", "sentence"),
    [
        (lambda epci: [], "au moins une commune"),
        (lambda epci: [epci], "n’en est pas une"),
        (lambda epci: [TerritoryFactory(name="Fusionnée", valid_to=date(2018, 12, 31))], "Fusionnée"),
    ],
)
def test_what_is_not_a_set_of_communes_is_refused(communes, sentence):
    epci = make_epci()
    with pytest.raises(RuleBroken, match=sentence):
        make_ctg(place=epci, communes=communes(epci))
    assert not Ctg.objects.exists()


def test_addresses_are_unique_and_say_the_period():
    caf, epci = CafFactory(), make_epci()
    slugs = [make_ctg(caf, place=epci).slug for _ in range(3)]
    assert slugs == ["conflent-canigo-2021-2025", "conflent-canigo-2021-2025-2", "conflent-canigo-2021-2025-3"]


def test_a_withdrawn_address_is_not_given_to_two():
    caf, epci = CafFactory(), make_epci()
    make_ctg(caf, place=epci)
    make_ctg(caf, place=epci, name="Conflent-Canigó 2021-2025-2")
    assert make_ctg(caf, place=epci).slug == "conflent-canigo-2021-2025-2"


PERIODS = [  # rule R1, T6, T7, and the leap years
    ("2021-01-01", "2025-12-31", True),
    ("2021-01-01", "2026-01-01", False),
    ("2024-01-01", "2028-12-31", True),
    ("2024-02-29", "2029-02-28", True),
    ("2024-02-29", "2029-03-01", False),
    ("2023-03-01", "2028-02-29", True),
    ("2023-03-01", "2028-03-01", False),
    ("2019-07-01", "2023-06-30", True),  # four years (R2)
    ("2021-01-01", "2021-01-01", True),
    ("2021-01-02", "2021-01-01", False),
]


@pytest.mark.parametrize(("starts", "ends", "accepted"), PERIODS)
def test_a_ctg_lasts_from_one_day_to_five_years(starts, ends, accepted):
    epci = make_epci()
    period = {"starts_on": date.fromisoformat(starts), "ends_on": date.fromisoformat(ends)}
    if accepted:
        assert make_ctg(place=epci, **period).pk
    else:
        with pytest.raises(RuleBroken, match="cinq ans au plus|précède son début"):
            make_ctg(place=epci, **period)


@pytest.mark.parametrize(("starts", "ends", "accepted"), PERIODS)
def test_the_database_itself_keeps_the_period(starts, ends, accepted):
    ctg = make_ctg()
    change = {"starts_on": date.fromisoformat(starts), "ends_on": date.fromisoformat(ends)}
    if accepted:
        assert Ctg.objects.filter(pk=ctg.pk).update(**change) == 1
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            Ctg.objects.filter(pk=ctg.pk).update(**change)


def test_five_evaluations_are_expected_of_five_years():
    assert make_ctg().years == [2021, 2022, 2023, 2024, 2025]


@pytest.mark.parametrize("kind", ["frozen", "signed"])
def test_it_changes_until_its_text_is_fixed(kind):
    ctg = make_ctg()
    part = list(ctg.communes.order_by("code")[:1])
    services.update_ctg(
        ctg, name="Haut Conflent", communes=part, starts_on=ctg.starts_on, ends_on=date(2024, 12, 31), by=None
    )
    ctg.refresh_from_db()
    assert (ctg.name, ctg.period, ctg.territory.kind) == ("Haut Conflent", "2021-2024", Territory.Kind.PERIMETER)
    services.state_fact(ctg, kind=kind, on=date(2021, 12, 15), by=None)
    with pytest.raises(RuleBroken, match="arrêté"):
        services.update_ctg(ctg, name="Autre", communes=part, starts_on=ctg.starts_on, ends_on=ctg.ends_on, by=None)
