"""Ranks: among the EPCIs of the département and of France, of one source and one owner, made again when figures move."""

from decimal import Decimal

import pytest

from territory import ranking
from territory.imports.filing import apply_file, read_file, receive_file, undo_file
from territory.loading import load_reference
from territory.models import Indicator, Rank, Source, Territory
from territory.ranking import refresh_ranks, stand
from territory.services import remove_typed_figure
from tests.territory.factories import (
    CafFactory,
    IndicatorFactory,
    SourceFactory,
    TerritoryFactory,
    add_value,
    make_country,
    make_ctg,
    make_epci,
)
from tests.territory.test_import_file import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def country():
    return make_country()


@pytest.fixture
def epcis(country):
    return [make_epci(country.department, communes=1, name=name) for name in ("Aspres", "Conflent", "Vallespir")]


def ranks(indicator, caf=None):
    rows = Rank.objects.filter(indicator=indicator, caf=caf).order_by("territory__name")
    return {row.territory.name: (row.in_department, row.department_count) for row in rows}


def test_the_highest_is_first_and_equals_share_their_rank(epcis):
    indicator = IndicatorFactory()
    for epci, number in zip(epcis, (40, 43, 40), strict=True):
        add_value(indicator, epci, number)
    assert ranks(indicator) == {"Aspres": (2, 3), "Conflent": (1, 3), "Vallespir": (2, 3)}


def test_a_sample_of_france_is_not_france(epcis, monkeypatch):
    indicator = IndicatorFactory()
    for epci, number in zip(epcis, (40, 43, 30), strict=True):
        add_value(indicator, epci, number)
    assert set(Rank.objects.values_list("in_country", "country_count")) == {(0, 0)}
    monkeypatch.setitem(ranking.AT_LEAST, Territory.Kind.EPCI, 3)
    refresh_ranks([indicator.pk])
    assert set(Rank.objects.values_list("in_country", "country_count")) == {(1, 3), (2, 3), (3, 3)}


def test_an_epci_is_ranked_with_those_of_its_department(country, epcis):
    elsewhere = make_epci(TerritoryFactory(kind=Territory.Kind.DEPARTEMENT, code="11"), communes=1, name="Corbières")
    indicator = IndicatorFactory()
    for epci, number in zip([*epcis, elsewhere], (40, 43, 30, 90), strict=True):
        add_value(indicator, epci, number)
    assert ranks(indicator)["Conflent"] == (1, 3)
    assert ranks(indicator)["Corbières"] == (1, 1)


def test_what_is_secret_or_missing_is_not_ranked(epcis):
    indicator = IndicatorFactory()
    add_value(indicator, epcis[0], None, quality="masked")
    add_value(indicator, epcis[1], 43)
    add_value(indicator, epcis[2], None, quality="missing")
    assert ranks(indicator) == {"Conflent": (1, 1)}


def test_numbers_of_heads_are_not_ranked(epcis):
    indicator = IndicatorFactory(people=True, is_additive=True)
    add_value(indicator, epcis[0], 400)
    assert ranks(indicator) == {}


def test_the_figures_of_a_caf_never_count_in_the_ranks_of_another(country, epcis):
    indicator, other = IndicatorFactory(), CafFactory()
    add_value(indicator, epcis[0], 40, caf=country.caf)
    add_value(indicator, epcis[1], 43, caf=other)
    add_value(indicator, epcis[2], 30)
    assert ranks(indicator, country.caf) == {"Aspres": (1, 1)}
    assert ranks(indicator, other) == {"Conflent": (1, 1)}
    assert ranks(indicator) == {"Vallespir": (1, 1)}
    assert set(Rank.objects.visible_to_caf(country.caf).values_list("caf", flat=True)) == {country.caf.pk, None}


def test_sources_and_years_are_not_mixed(epcis):
    indicator = IndicatorFactory()
    add_value(indicator, epcis[0], 40, source=SourceFactory())
    add_value(indicator, epcis[1], 43, source=SourceFactory())
    add_value(indicator, epcis[2], 50, year=2020)
    assert ranks(indicator) == {"Aspres": (1, 1), "Conflent": (1, 1), "Vallespir": (1, 1)}


def test_a_ratio_is_ranked_from_its_terms(epcis):
    above, below = (IndicatorFactory(unit=Indicator.Unit.COUNT, is_additive=True) for _ in range(2))
    ratio = IndicatorFactory(numerator=above, denominator=below)
    for epci, top, bottom in zip(epcis, (10, 30, 20), (100, 100, 400), strict=True):
        add_value(below, epci, bottom, year=2017)
        add_value(above, epci, top)
    assert ranks(ratio) == {"Aspres": (2, 3), "Conflent": (1, 3), "Vallespir": (3, 3)}
    add_value(ratio, epcis[2], 99)  # what its source publishes comes before what is computed
    assert ranks(ratio)["Vallespir"] == (1, 3)


def test_the_denominators_of_a_caf_make_no_ratio_of_another(country, epcis):
    above, below = (IndicatorFactory(unit=Indicator.Unit.COUNT, is_additive=True) for _ in range(2))
    ratio = IndicatorFactory(numerator=above, denominator=below)
    for epci in epcis:
        add_value(above, epci, 30, caf=country.caf)
        add_value(below, epci, 100, caf=CafFactory())
    assert ranks(ratio, country.caf) == {}


def test_a_ratio_is_ranked_over_the_last_denominator_known_then(country, epcis):
    """An older one of the Caf does not come before, on the page either (portraits/figures.py)."""
    above, below = (IndicatorFactory(unit=Indicator.Unit.COUNT, is_additive=True) for _ in range(2))
    ratio, caf = IndicatorFactory(numerator=above, denominator=below), country.caf
    for epci, top, bottom in zip(epcis, (10, 30, 20), (100, 100, 100), strict=True):
        add_value(below, epci, bottom, year=2018)
        add_value(above, epci, top, caf=caf)
    add_value(below, epcis[0], 10, year=2012, caf=caf)
    assert ranks(ratio, caf) == {"Aspres": (3, 3), "Conflent": (1, 3), "Vallespir": (2, 3)}
    add_value(below, epcis[0], 10, year=2018, caf=caf)
    assert ranks(ratio, caf)["Aspres"] == (1, 3)


def test_a_corrected_figure_changes_the_ranks(epcis):
    indicator = IndicatorFactory()
    for epci, number in zip(epcis, (40, 43, 30), strict=True):
        add_value(indicator, epci, number)
    add_value(indicator, epcis[2], 60)
    assert ranks(indicator)["Vallespir"] == (1, 3)


def test_a_figure_removed_leaves_the_ranks(country, epcis):
    indicator, caf = IndicatorFactory(), country.caf
    values = [add_value(indicator, epci, n, caf=caf) for epci, n in zip(epcis, (40, 43, 30), strict=True)]
    remove_typed_figure(make_ctg(caf, place=epcis[1]), values[1], by=None)
    assert ranks(indicator, caf) == {"Aspres": (1, 2), "Vallespir": (2, 2)}


def test_a_file_applied_then_undone(epcis):
    load_reference()
    median = Indicator.objects.get(code="niveau-vie-median")
    rows = "\n".join(f"{epci.code};{epci.name};{n}" for epci, n in zip(epcis, (19000, 18890, 20000), strict=True))
    content = f"CODGEO;LIBGEO;Q219\n{rows}".encode()
    source = Source.objects.get(code="insee-filosofi")
    file = read_file(receive_file("FILO2019_DISP_EPCI.csv", [content], caf=None, by=None, source=source))
    applied = apply_file(file, by=None, at=AT)
    assert ranks(median) == {"Aspres": (2, 3), "Conflent": (3, 3), "Vallespir": (1, 3)}
    undo_file(applied, by=None)
    assert ranks(median) == {}


def test_ranks_of_a_level_alone():
    places = {1: ("epci", 66), 2: ("epci", 66), 3: ("departement", None)}
    found = stand(places, {pk: Decimal(pk) for pk in places})
    assert [(s.in_department, s.department_count) for s in found.values()] == [(2, 2), (1, 2), (0, 0)]
