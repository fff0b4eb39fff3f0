"""A perimeter made of the communes of an EPCI: whose figures it takes, and of which years."""

from datetime import date
from decimal import Decimal

import pytest

from territory.models import Belonging, Indicator, Release, Territory
from territory.portraits.figures import read_catalogue
from territory.portraits.parts import LAST_KNOWN
from territory.portraits.stage import stage_of
from tests.territory.factories import (
    IndicatorFactory,
    TerritoryFactory,
    add_value,
    communes_of,
    make_country,
    make_ctg,
    make_epci,
    population_indicator,
)

pytestmark = pytest.mark.django_db

LEFT_ON = date(2022, 12, 31)
YEARS = (2019, 2021, 2022, 2023, 2024)


@pytest.fixture
def country():
    return make_country()


@pytest.fixture
def epci(country):
    """Of three communes until the end of 2022, of two since."""
    epci = make_epci(country.department)
    Belonging.objects.filter(group=epci, commune=communes_of(epci)[2]).update(valid_to=LEFT_ON)
    return epci


def perimeter_of(country, epci, communes):
    """Of a Ctg that starts when the EPCI was not made of them: else it would be that of the EPCI."""
    years = {} if len(communes) == 2 else {"starts_on": date(2024, 1, 1), "ends_on": date(2028, 12, 31)}
    return make_ctg(country.caf, place=epci, communes=communes, name=f"Vallée {len(communes)}", **years).territory


def median_of(epci):
    """Published on the geography of its time, a year later."""
    median = IndicatorFactory(unit=Indicator.Unit.EURO)
    for year in YEARS:
        add_value(median, epci, 18000 + year, year=year, document=f"Livraison {year}")
        Release.objects.filter(name=f"Livraison {year}").update(published_on=date(year + 1, 6, 1))
    return median


def read(place, *, whole=False):
    return read_catalogue(Indicator.objects.all(), stage_of(place), None, whole=whole)


def known_years(place, indicator, *, whole=False):
    return [value.year for value in read(place, whole=whole).history(indicator, place) if value.is_shown]


@pytest.mark.parametrize("whole", [False, True])
def test_only_the_years_when_the_epci_was_made_of_the_same_communes(country, epci, whole):
    """Of 2022, whether the delivery has two communes or three is not known: the change falls between the year and it."""
    median = median_of(epci)
    now = perimeter_of(country, epci, list(epci.communes_on(LAST_KNOWN)))
    assert known_years(now, median, whole=whole) == [2023, 2024]
    before = perimeter_of(country, epci, communes_of(epci))
    assert known_years(before, median, whole=whole) == [2019, 2021]


def test_of_the_other_years_it_is_not_computable(country, epci):
    median = IndicatorFactory(unit=Indicator.Unit.EURO)
    add_value(median, epci, 18890, year=2019)
    now = perimeter_of(country, epci, list(epci.communes_on(LAST_KNOWN)))
    assert read(now).shown(median, now).text == "non calculable"


def test_without_a_day_of_publication_the_day_of_loading_stands_for_it(country, epci):
    median = median_of(epci)
    Release.objects.update(published_on=None)
    assert known_years(perimeter_of(country, epci, communes_of(epci)), median) == []
    now = perimeter_of(country, epci, list(epci.communes_on(LAST_KNOWN)))
    assert known_years(now, median) == [2023, 2024]


def test_the_first_composition_known_stands_for_what_came_before(country):
    """The editions of the geography that are read start in 2020, figures long before."""
    epci = make_epci(country.department)
    Belonging.objects.filter(group=epci).update(valid_from=date(2020, 1, 1))
    median = median_of(epci)
    place = perimeter_of(country, epci, communes_of(epci)[:2])
    Belonging.objects.filter(group=epci, commune=communes_of(epci)[2]).delete()
    assert known_years(place, median) == list(YEARS)


def test_nor_is_a_change_forgotten_before_the_first_composition_known(country, epci):
    Belonging.objects.filter(group=epci).update(valid_from=date(2020, 1, 1))
    median = median_of(epci)
    now = perimeter_of(country, epci, list(epci.communes_on(LAST_KNOWN)))
    add_value(median, epci, 17000, year=2015, document="Ancienne")
    Release.objects.filter(name="Ancienne").update(published_on=date(2016, 6, 1))
    assert known_years(now, median) == [2023, 2024]


def test_an_epci_that_is_no_more_keeps_the_years_of_its_life(country, epci):
    median = median_of(epci)
    before = perimeter_of(country, epci, communes_of(epci))
    Belonging.objects.filter(group=epci).update(valid_to=LEFT_ON)
    Release.objects.update(published_on=None)
    assert known_years(before, median) == list(YEARS)


def test_an_epci_of_more_communes_or_of_fewer_lends_nothing(country, epci):
    median = median_of(epci)
    first, second, third = communes_of(epci)
    for communes in ([first], [first, third], [first, second, third, TerritoryFactory(parent=country.department)]):
        assert known_years(perimeter_of(country, epci, communes), median) == []


def test_a_count_is_its_own_of_those_years_and_the_sum_of_the_communes_of_the_others(country, epci):
    people = population_indicator()
    for year in (2019, 2023):
        add_value(people, epci, 1000 + year, year=year)
    for commune in communes_of(epci):
        for year in (2019, 2021, 2023):
            add_value(people, commune, 100, year=year)
    now = perimeter_of(country, epci, list(epci.communes_on(LAST_KNOWN)))
    figures = read(now)
    assert [(v.year, v.number) for v in figures.history(people, now)] == [(2019, 200), (2021, 200), (2023, 3023)]
    assert figures.shown(people, now).number == 3023


def test_a_figure_of_the_caf_comes_before_a_later_sum(country, epci):
    people = population_indicator()
    add_value(people, epci, 3023, year=2023, caf=country.caf)
    for commune in communes_of(epci):
        add_value(people, commune, 100, year=2024)
    now = perimeter_of(country, epci, list(epci.communes_on(LAST_KNOWN)))
    figures = read_catalogue(Indicator.objects.all(), stage_of(now), country.caf)
    assert figures.shown(people, now).number == 3023


def test_what_the_epci_has_of_its_own_comes_before_a_sum_of_the_same_year(country, epci):
    people = population_indicator()
    add_value(people, epci, 3023, year=2023)
    for commune in communes_of(epci):
        add_value(people, commune, 100, year=2023, caf=country.caf)
    now = perimeter_of(country, epci, list(epci.communes_on(LAST_KNOWN)))
    figures = read_catalogue(Indicator.objects.all(), stage_of(now), country.caf)
    assert figures.shown(people, now).number == 3023


# --- The terms of a ratio ---


@pytest.mark.parametrize(
    ("known", "taken"),
    [((2015, 2017, 2021), 2017), ((2021, 2023), 2021), ((2019,), 2019)],
)
def test_a_ratio_is_over_what_was_known_then_or_else_the_nearest_later_year(country, known, taken):
    people = IndicatorFactory(unit=Indicator.Unit.COUNT, is_additive=True)
    share = IndicatorFactory(numerator=people, denominator=population_indicator())
    epci = make_epci(country.department)
    add_value(people, epci, 1000, year=2019)
    for year in known:
        add_value(share.denominator, epci, year, year=year)
    shown = read(epci).shown(share, epci)
    assert round(shown.number, 6) == round(Decimal(100_000) / taken, 6)


def test_the_last_known_comes_before_an_older_one_of_the_caf(country):
    """As the definition says; of the same year, what the Caf counted comes first."""
    people = IndicatorFactory(unit=Indicator.Unit.COUNT, is_additive=True)
    share = IndicatorFactory(numerator=people, denominator=population_indicator())
    epci: Territory = make_epci(country.department)
    add_value(people, epci, 1000, year=2019, caf=country.caf)
    add_value(share.denominator, epci, 8000, year=2012, caf=country.caf)
    add_value(share.denominator, epci, 4000, year=2018)

    def found():
        return read_catalogue(Indicator.objects.all(), stage_of(epci), country.caf).shown(share, epci).number

    assert found() == 25
    add_value(share.denominator, epci, 5000, year=2018, caf=country.caf)
    assert found() == 20


def test_what_everyone_counted_is_over_what_everyone_knows(country):
    """Else the page would show another figure than the one that its rank is of."""
    people = IndicatorFactory(unit=Indicator.Unit.COUNT, is_additive=True)
    share = IndicatorFactory(numerator=people, denominator=population_indicator())
    epci: Territory = make_epci(country.department)
    add_value(people, epci, 1000, year=2019)
    add_value(share.denominator, epci, 5000, year=2019, caf=country.caf)
    add_value(share.denominator, epci, 4000, year=2018)
    assert read_catalogue(Indicator.objects.all(), stage_of(epci), country.caf).shown(share, epci).number == 25


def test_a_ratio_of_the_same_year_comes_before_a_published_one_of_another(country):
    """Beside a figure of 2023, what is published for 2019 would be compared with nothing."""
    people = IndicatorFactory(unit=Indicator.Unit.COUNT, is_additive=True)
    share = IndicatorFactory(numerator=people, denominator=population_indicator())
    epci: Territory = make_epci(country.department)
    for place in (epci, country.france):
        add_value(people, place, 1000, year=2023)
        add_value(share.denominator, place, 4000, year=2023)
    add_value(share, country.france, 30, year=2019)
    figures = read_catalogue(Indicator.objects.all(), stage_of(epci), None)
    assert figures.shown(share, country.france).number == 30
    beside = figures.shown(share, country.france, like=figures.shown(share, epci))
    assert (beside.number, beside.year) == (25, 2023)


def test_what_the_caf_counted_later_comes_before_what_others_did(country):
    people = IndicatorFactory(unit=Indicator.Unit.COUNT, is_additive=True)
    share = IndicatorFactory(numerator=people, denominator=population_indicator())
    epci: Territory = make_epci(country.department)
    add_value(people, epci, 1000, year=2019, caf=country.caf)
    add_value(share.denominator, epci, 4000, year=2020)
    add_value(share.denominator, epci, 5000, year=2022, caf=country.caf)
    figures = read_catalogue(Indicator.objects.all(), stage_of(epci), country.caf)
    assert figures.shown(share, epci).number == 20
