"""What a stranger may know besides the pages: how zeros are written, who was part of what and when, what the next Caf tells."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from territory.loading import load_open_figures
from territory.models import Belonging, Succession, Value
from territory.vintages import Vintage, apply_vintage
from tests.territory.factories import (
    CafFactory,
    IndicatorFactory,
    SourceFactory,
    TerritoryFactory,
    add_value,
    communes_of,
    make_country,
    make_epci,
    make_superuser,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def country():
    return make_country()


@pytest.fixture
def heads():
    return IndicatorFactory(people=True, is_additive=True)


def shown(heads, places, year=2019, caf=None):
    rows = (
        Value.objects.filter(indicator=heads, year=year, release__caf=caf)
        if caf
        else Value.objects.filter(indicator=heads, year=year)
    )
    found = {row.territory_id: row for row in rows}
    return [int(row.number) if (row := found.get(place.pk)) and not row.is_withheld else None for place in places]


def test_two_ones_beside_their_total(country, heads):
    """A zero is written 0: what is masked is one at least, and two of them whose sum is two are one each."""
    place = make_epci(country.department, communes=4)
    places = [*communes_of(place), place]
    for one, number in zip(places, (10, 1, 1, 30, 42), strict=True):
        add_value(heads, one, number, caf=country.caf)
    first, second, third, fourth, total = shown(heads, places)
    assert second is third is None
    left = None if None in (total, first, fourth) else total - first - fourth
    assert left is None or left >= 6


def test_a_commune_that_left_the_epci_since(country, heads):
    place = make_epci(country.department, communes=4)
    first, second, third, gone = communes_of(place)
    Belonging.objects.filter(group=place, commune=gone).update(valid_to=date(2022, 12, 31))
    for one, number in zip([first, second, third, gone, place], (30, 3, 40, 6, 79), strict=True):
        add_value(heads, one, number, caf=country.caf)
    first, second, third, gone, total = shown(heads, [first, second, third, gone, place])
    assert second is None
    assert None in (first, third, gone, total)
    assert total is None or None in (first, third, gone)


def test_a_commune_that_joined_since(country, heads):
    place = make_epci(country.department, communes=3)
    new = TerritoryFactory(parent=country.department)
    Belonging.objects.create(commune=new, group=place, valid_from=date(2023, 1, 1))
    first, second, third = communes_of(place)
    for one, number in zip([first, second, third, new, place], (30, 3, 40, 6, 73), strict=True):
        add_value(heads, one, number, caf=country.caf)
    first, second, third, new, total = shown(heads, [first, second, third, new, place])
    assert second is None
    assert total is None or None in (first, third)


def test_a_commune_and_those_it_was_made_of(country, heads):
    old = [TerritoryFactory(parent=country.department, valid_to=date(2018, 12, 31)) for _ in range(2)]
    new = TerritoryFactory(parent=country.department, valid_from=date(2019, 1, 1))
    for one in old:
        Succession.objects.create(before=one, after=new, kind="merge", on=date(2019, 1, 1))
    for one, number in zip([*old, new], (30, 3, 33), strict=True):
        add_value(heads, one, number, year=2018, caf=country.caf)
    first, second, whole = shown(heads, [*old, new], 2018)
    assert second is None
    assert first is None or whole is None


def test_what_nobody_counted_less_what_everybody_reads(country, heads):
    """Nothing here is small, nor masked: the third commune is told by the total."""
    place = make_epci(country.department)
    first, second, third = communes_of(place)
    for one, number in zip([first, second, place], (30, 20, 53), strict=True):
        add_value(heads, one, number, caf=country.caf)
    assert None in shown(heads, [first, second, place])


def test_an_epci_over_two_departements_told_by_two_caf(country, heads):
    other = TerritoryFactory(kind="departement", code="11", name="Aude", parent=country.department.parent)
    theirs = CafFactory(code="11", territory=other)
    place = make_epci(country.department, communes=2)
    beyond = TerritoryFactory(parent=other)
    Belonging.objects.create(commune=beyond, group=place, valid_from=date(2015, 1, 1))
    here, small = [one for one in communes_of(place) if one != beyond]
    for one, number in zip([here, small, place], (30, 3, 53), strict=True):
        add_value(heads, one, number, caf=country.caf)
    add_value(heads, beyond, 20, caf=theirs)
    assert shown(heads, [small]) == [None]
    assert None in shown(heads, [here, beyond, place])


def over_two_departements(country):
    """An EPCI of two communes here and one beyond, where another Caf counts."""
    other = TerritoryFactory(kind="departement", code="11", name="Aude", parent=country.department.parent)
    place = make_epci(country.department, communes=2)
    beyond = TerritoryFactory(parent=other)
    Belonging.objects.create(commune=beyond, group=place, valid_from=date(2015, 1, 1))
    ours = [one for one in communes_of(place) if one != beyond]
    return place, ours, beyond, CafFactory(code="11", territory=other)


def test_what_the_next_caf_says_to_be_secret_is_one_at_least(country, heads):
    """One and two beside twenty: the total and the twenty would leave three to the two of them."""
    place, ours, beyond, theirs = over_two_departements(country)
    for one, number in zip([*ours, place], (1, 2, 23), strict=True):
        add_value(heads, one, number, caf=country.caf)
    assert shown(heads, ours) == [None, None]
    add_value(heads, beyond, 20, caf=theirs)
    assert None in shown(heads, [beyond, place])


def test_what_the_next_caf_masks_may_mask_more_of_ours(country, heads):
    """Two that are masked beyond are one at least: of six, four at most are left to each of ours. Only we can mask the six."""
    place, ours, beyond, theirs = over_two_departements(country)
    for one, number in zip([*ours, place], (1, 3, 6), strict=True):
        add_value(heads, one, number, caf=country.caf)
    assert shown(heads, [*ours, place]) == [None, None, 6]
    add_value(heads, beyond, 2, caf=theirs)
    assert shown(heads, [*ours, beyond, place]) == [None, None, None, None]


def test_a_total_that_open_data_bring_later(country, tmp_path, monkeypatch):
    heads = IndicatorFactory(code="foyers-rsa", people=True, is_additive=True)
    SourceFactory(code="cafdata")
    place = make_epci(country.department)
    first, second, third = communes_of(place)
    for one, number in zip([first, second, third], (30, 3, 20), strict=True):
        add_value(heads, one, number, caf=country.caf)
    assert shown(heads, [first, second, third]) == [30, None, 20]
    (tmp_path / "open_figures.csv").write_text(
        "kind;code;indicator;year;start_year;number;quality;source\n"
        f"epci;{place.code};foyers-rsa;2019;2019;53;exact;cafdata\n",
        encoding="utf-8",
    )
    monkeypatch.setattr("territory.loading.FIGURES", tmp_path)
    load_open_figures()
    assert shown(heads, [first, second, third]).count(None) == 2


def add_in_the_back_office(place, commune):
    client = Client()
    client.force_login(make_superuser())
    member = {"group": place.pk, "commune": commune.pk, "valid_from": "01/01/2015"}
    assert client.post(reverse("admin:territory_belonging_add"), member).status_code == 302


def apply_any_vintage(place, commune):
    apply_vintage(Vintage([], [], []))


@pytest.mark.parametrize("change", [add_in_the_back_office, apply_any_vintage])
def test_sets_made_otherwise_are_judged_again(change, country, heads):
    """What the Cafs brought is judged with them."""
    place = make_epci(country.department)
    first, *_ = communes_of(place)
    add_value(heads, first, 3, caf=country.caf)
    Value.objects.update(is_withheld=False)
    change(place, TerritoryFactory(parent=country.department))
    assert shown(heads, [first]) == [None]


def test_nothing_is_brought_to_memory_where_no_total_can_tell(country, heads, monkeypatch):
    """A national file of communes has a million figures."""

    def no_reading(*_args):
        raise AssertionError

    monkeypatch.setattr("territory.withholding.read_geographies", no_reading)
    first, second, third = communes_of(make_epci(country.department))
    for one, number in zip([first, second], (30, 20), strict=True):
        add_value(heads, one, number, caf=country.caf)
    assert shown(heads, [first, second, third]) == [30, 20, None]


def told_by_two_sets(country, heads, sets):
    """The totals of two sets of communes that nobody counted."""
    for place, number in sets:
        add_value(heads, place, number, caf=country.caf)
    return shown(heads, [place for place, _ in sets])


def test_two_perimeters_that_differ_by_one_commune(country, heads):
    """Nothing is small, nor masked, nor counted but two totals: three households live in the commune between them."""
    first, second, third = communes_of(make_epci(country.department))
    small, large = (TerritoryFactory(kind="perimeter", code=code, caf=country.caf) for code in ("deux", "trois"))
    for group, inside in ((small, [first, second]), (large, [first, second, third])):
        for one in inside:
            Belonging.objects.create(commune=one, group=group, valid_from=date(2015, 1, 1))
    assert None in told_by_two_sets(country, heads, [(small, 50), (large, 53)])


def test_what_nobody_counted_less_what_everybody_reads_in_the_composition_of_then(country, heads):
    """Today's two communes are counted, so that the set lacks none; the one that left since is the rest of the total."""
    place = make_epci(country.department)
    first, second, gone = communes_of(place)
    Belonging.objects.filter(group=place, commune=gone).update(valid_to=date(2022, 12, 31))
    for one, number in zip([first, second, place], (30, 20, 53), strict=True):
        add_value(heads, one, number, caf=country.caf)
    assert None in shown(heads, [first, second, place])


def test_what_nobody_counted_of_a_commune_less_what_it_was_made_of(country, heads):
    old = [TerritoryFactory(parent=country.department, valid_to=date(2018, 12, 31)) for _ in range(2)]
    new = TerritoryFactory(parent=country.department, valid_from=date(2019, 1, 1))
    for one in old:
        Succession.objects.create(before=one, after=new, kind="merge", on=date(2019, 1, 1))
    for one, number in ((old[0], 30), (new, 33)):
        add_value(heads, one, number, year=2018, caf=country.caf)
    assert None in shown(heads, [old[0], new], 2018)
