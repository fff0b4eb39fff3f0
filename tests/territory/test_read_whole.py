"""Everything of an EPCI at once: five queries, few pages of the base touched, and the same figures as one by one."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from territory.models import Indicator, Release, Territory, Value
from territory.portraits.figures import read_known
from territory.portraits.opened import shown_in_communes, shown_inside
from territory.portraits.stage import stage_of
from territory.portraits.themes import read_ranks
from territory.secrecy import State
from tests.territory.factories import (
    CafFactory,
    IndicatorFactory,
    SourceFactory,
    TerritoryFactory,
    add_value,
    communes_of,
    make_country,
    make_epci,
)

INDICATORS, YEARS, COMMUNES, OTHERS = 60, range(2015, 2025), 26, 300
QUERIES = 5


def read(stage, indicators, caf=None):
    figures = read_known(stage, caf, indicators, whole=True)
    figures.ranks = read_ranks(figures)
    for key in figures.values:
        assert figures.values[key]
    return figures


@pytest.fixture
def epci():
    return make_epci(make_country().department, communes=COMMUNES)


@pytest.fixture
def indicators():
    return {one.code: one for one in IndicatorFactory.create_batch(INDICATORS)}


def fill(places, indicators):
    """One delivery a year, as files arrive."""
    for year in YEARS:
        release = Release.objects.create(source=SourceFactory(), name=f"Année {year}")
        Value.objects.bulk_create(
            Value(indicator=one, territory_id=pk, year=year, start_year=year, release=release, number=pk % 90 + 10)
            for pk in places
            for one in indicators.values()
        )


@pytest.mark.django_db
def test_sixty_indicators_and_every_commune_take_five_queries(epci, indicators, django_assert_num_queries):
    stage = stage_of(epci)
    fill([place.pk for place in (*stage.all, *communes_of(epci))], indicators)
    with django_assert_num_queries(QUERIES):
        figures = read(stage, indicators)
    assert len(figures.values) == INDICATORS * (3 + COMMUNES)
    assert {len(figures.history(one, epci)) for one in indicators.values()} == {len(YEARS)}


@pytest.mark.django_db
def test_the_communes_have_the_figures_of_the_years_shown_and_no_other(epci):
    indicator, (first, *_) = IndicatorFactory(), communes_of(epci)
    add_value(indicator, epci, 43, year=2019)
    add_value(indicator, first, 50, year=2019)
    add_value(indicator, first, 60, year=2021)
    figures = read(stage_of(epci), {indicator.code: indicator})
    assert [value.year for value in figures.values[indicator.pk, first.pk]] == [2019]


@pytest.mark.django_db
def test_read_at_once_or_one_by_one_they_are_the_same_figures(epci):
    """With a secret, a missing one, a ratio of terms and an unknown."""
    counted, below = IndicatorFactory(people=True, is_additive=True), IndicatorFactory(people=True, is_additive=True)
    share = IndicatorFactory(unit=Indicator.Unit.PERCENT, numerator=counted, denominator=below)
    places = communes_of(epci)
    for place, number in zip(places, (3, 40, 50, 60), strict=False):
        add_value(counted, place, number)
        add_value(below, place, 100)
    add_value(counted, places[4], None, quality="missing")
    add_value(counted, epci, 153)
    indicators = {one.code: one for one in (counted, below, share)}
    figures = read(stage_of(epci), indicators)
    for one in indicators.values():
        here = figures.shown(one, epci)
        assert shown_in_communes(figures, one) == shown_inside(one, None, places, here)
    assert {value.state for value in shown_in_communes(figures, counted)} == {State.SHOWN, State.MASKED, State.MISSING}


@pytest.mark.django_db
def test_the_figures_of_another_caf_are_not_read(epci):
    indicator, mine, other = IndicatorFactory(), CafFactory(), CafFactory()
    add_value(indicator, epci, 43, year=2019, caf=mine)
    add_value(indicator, epci, 99, year=2020, caf=other)
    assert not read(stage_of(epci), {indicator.code: indicator}).values
    assert [
        v.number for v in read(stage_of(epci), {indicator.code: indicator}, mine).values[indicator.pk, epci.pk]
    ] == [43]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="the plan and the pages are those of PostgreSQL")
def test_the_figures_are_read_from_their_index_alone(epci, indicators):
    """Never the table: the pages touched do not grow with the figures of the rest of France."""
    stage = stage_of(epci)
    fill([place.pk for place in (*stage.all, *communes_of(epci))], indicators)
    elsewhere = TerritoryFactory.create_batch(OTHERS, kind=Territory.Kind.COMMUNE, parent=stage.department)
    fill([place.pk for place in elsewhere], indicators)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # what autovacuum does after a load
    with CaptureQueriesContext(connection) as captured:
        read(stage, indicators)
    asked = [query["sql"] for query in captured.captured_queries if f'FROM "{Value._meta.db_table}"' in query["sql"]]
    assert len(captured) == QUERIES
    assert len(asked) == 2
    for statement in asked:
        plan, pages = explained(statement)
        assert "Index Only Scan using value_of_territory" in plan
        assert "Heap Fetches: 0" in plan
        assert "GroupAggregate" in plan
        assert "Sort" not in plan, plan  # they are read in the order in which they are put together
        assert pages < 300, plan  # 26 communes: a descent of the tree each, and the pages of its sixty figures


def explained(statement):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    first = re.search(r"Buffers: shared (?:hit=(\d+))?(?: read=(\d+))?", plan)
    assert first
    return plan, sum(int(count or 0) for count in first.groups())
