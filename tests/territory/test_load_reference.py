from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command

from territory.models import Belonging, Indicator, Outline, Release, Scheme, ServiceKind, Source, Territory, Value

MODELS = [Belonging, Indicator, Outline, Release, Scheme, ServiceKind, Source, Territory, Value]


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_reference", verbosity=0)
        yield
        transaction.set_rollback(True)


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]


def epci() -> Territory:
    return Territory.objects.get(kind="epci", code="200049211")


def test_the_epci_of_the_seed_has_its_45_communes():
    assert epci().name == "Conflent-Canigó"
    assert epci().communes_on(date(2021, 6, 9)).count() == 45


@pytest.mark.parametrize(("year", "population"), [(2017, 20391), (2018, 20466), (2019, 20559), (2020, 20686)])
def test_the_population_of_each_year_is_that_of_its_communes(year, population):
    values = Value.objects.filter(indicator__code="population", year=year)
    assert values.get(territory=epci()).number == population
    communes = values.filter(territory__in=epci().communes_on(date(2021, 1, 1)))
    assert sum(value.number for value in communes) == population


def test_the_department_has_its_226_communes_all_with_an_outline():
    department = Territory.objects.get(kind="departement", code="66")
    communes = department.communes_on(date(2021, 1, 1))
    assert communes.count() == 226
    assert Outline.objects.filter(territory__in=communes).count() == 226


def test_the_chain_goes_up_to_france():
    place, names = epci(), []
    while place:
        names.append(place.name)
        place = place.parent
    assert names[1:4] == ["Pyrénées-Orientales", "Occitanie", "France métropolitaine"]


def test_a_ram_becomes_an_rpe_and_a_ratio_has_its_terms():
    assert ServiceKind.objects.get(code="ram").successor.code == "rpe"
    rate = Indicator.objects.get(code="taux-couverture-population")
    assert (rate.numerator.code, rate.denominator.code) == ("personnes-couvertes", "population")


def test_population_is_open_and_says_since_when_it_is_in_force():
    release = Release.objects.get(values__territory=epci(), values__year=2017)
    assert (release.caf, release.published_on) == (None, date(2020, 1, 1))


def test_loading_again_changes_nothing():
    before = [model.objects.count() for model in MODELS]
    ids = set(Territory.objects.values_list("pk", flat=True))
    call_command("load_reference", verbosity=0)
    assert [model.objects.count() for model in MODELS] == before
    assert set(Territory.objects.values_list("pk", flat=True)) == ids


def test_loading_again_repairs_what_was_changed():
    Territory.objects.filter(pk=epci().pk).update(name="Abîmé", parent=None)
    Value.objects.filter(territory__code="200049211", year=2017).update(number=Decimal(1))
    call_command("load_reference", verbosity=0)
    assert epci().parent.code == "66"
    assert Value.objects.get(territory=epci(), year=2017).number == 20391


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("conflent", "Conflent-Canigó"),
        ("Conflent Canigo", "Conflent-Canigó"),
        ("CONFLENT-CANIGOU", "Conflent-Canigó"),
        ("200049211", "Conflent-Canigó"),
        ("pyrenees orientales", "Pyrénées-Orientales"),
        ("st esteve", "Saint-Estève"),
        ("Saint-Estève", "Saint-Estève"),
        ("66149", "Prades"),
        ("6614", "Prades"),
        ("200 049 211", "Conflent-Canigó"),
        ("Canigou", "Conflent-Canigó"),
    ],
)
def test_a_place_is_found_however_it_is_typed(text, name):
    assert name in Territory.objects.matching(text).values_list("name", flat=True)


@pytest.mark.parametrize("text", ["", "   ", "-", "zzzz"])
def test_what_names_nothing_finds_nothing(text):
    assert not Territory.objects.matching(text).exists()
