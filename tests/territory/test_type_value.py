from datetime import date
from decimal import Decimal

import pytest

from ctg_site.audit.models import Entry
from ctg_site.lib.errors import RuleBroken
from territory.models import Release, Value
from tests.territory.factories import CafFactory, IndicatorFactory, SourceFactory, add_value, make_ctg, make_epci

pytestmark = pytest.mark.django_db


def test_a_figure_belongs_to_the_caf_that_types_it():
    caf = CafFactory()
    value = add_value(IndicatorFactory(), make_epci(), 43, caf=caf, document="Présentation du 9 juin 2021")
    assert (value.number, value.start_year, value.release.caf) == (Decimal(43), 2019, caf)
    assert value.release.name == "Présentation du 9 juin 2021"


def test_typed_again_from_the_same_document_it_is_corrected_and_the_journal_keeps_both():
    caf, indicator, place = CafFactory(), IndicatorFactory(), make_epci()
    add_value(indicator, place, 34, caf=caf)
    add_value(indicator, place, 43, caf=caf)
    assert [value.number for value in Value.objects.all()] == [Decimal(43)]
    last = Entry.objects.filter(verb="figure.typed").first()
    assert (Decimal(last.data["before"]), Decimal(last.data["after"])) == (34, 43)


def test_another_document_another_year_or_another_caf_is_another_figure():
    caf, indicator, place = CafFactory(), IndicatorFactory(), make_epci()
    add_value(indicator, place, 43, caf=caf)
    add_value(indicator, place, 43, caf=caf, document="Autre")
    add_value(indicator, place, 43, caf=caf, year=2020)
    add_value(indicator, place, 43, caf=CafFactory())
    add_value(indicator, place, 43, caf=caf, source=SourceFactory())
    assert Value.objects.count() == 5
    assert Release.objects.count() == 4


@pytest.mark.parametrize(
    ("number", "quality"),
    [
        (None, Value.Quality.EXACT),
        (3, Value.Quality.MASKED),
        (0, Value.Quality.MISSING),
        (1, Value.Quality.NOT_APPLICABLE),
    ],
)
def test_masked_missing_and_zero_are_three_things(number, quality):
    with pytest.raises(RuleBroken, match="secrète ou non disponible"):
        add_value(IndicatorFactory(), make_epci(), number, caf=CafFactory(), quality=quality)
    assert not Value.objects.exists()


def test_an_evolution_starts_before_it_ends():
    caf, indicator, place = CafFactory(), IndicatorFactory(evolution=True), make_epci()
    assert add_value(indicator, place, 13, start_year=2014, caf=caf).start_year == 2014
    with pytest.raises(RuleBroken, match="année de départ"):
        add_value(indicator, place, 13, year=2014, start_year=2019, caf=caf)


def test_the_perimeter_of_another_caf_is_not_written():
    ctg = make_ctg(communes=[make_epci().communes_on(make_ctg().starts_on).first()])
    assert ctg.territory.caf == ctg.caf
    with pytest.raises(RuleBroken, match="autre Caf"):
        add_value(IndicatorFactory(), ctg.territory, 43, caf=CafFactory())
    add_value(IndicatorFactory(), ctg.territory, 43, caf=ctg.caf)


def test_a_figure_states_a_year_begun():
    caf, indicator, place = CafFactory(), IndicatorFactory(), make_epci()
    assert add_value(indicator, place, 43, year=2026, caf=caf, on=date(2026, 1, 1)).year == 2026
    with pytest.raises(RuleBroken, match="2026 n’est pas encore venue"):
        add_value(indicator, place, 43, year=2026, caf=caf, on=date(2025, 12, 31), document="Autre")
    with pytest.raises(RuleBroken, match="2031 n’est pas encore venue"):  # estimated or not: a page shows what is
        add_value(indicator, place, 43, year=2031, caf=caf, quality=Value.Quality.ESTIMATED)
    with pytest.raises(RuleBroken, match="201 est trop ancienne"):
        add_value(indicator, place, 43, year=201, caf=caf)
    assert Value.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "noun"),
    [
        ({"people": True}, "un effectif"),
        ({"unit": "percent"}, "une part"),
        ({"unit": "rate"}, "un taux"),
        ({"unit": "fte"}, "un nombre de postes"),
    ],
)
def test_what_cannot_be_below_zero_is_refused_whoever_types_it(kind, noun):
    with pytest.raises(RuleBroken, match=f"est {noun}\u00a0: sa valeur ne peut pas être négative"):
        add_value(IndicatorFactory(**kind), make_epci(), "-3", caf=CafFactory())
    assert not Value.objects.exists()


def test_a_balance_and_an_evolution_may_be_below_zero():
    caf, place = CafFactory(), make_epci()
    assert add_value(IndicatorFactory(unit="count"), place, "-12", caf=caf).number == -12
    assert add_value(IndicatorFactory(evolution=True), place, "-4", start_year=2014, caf=caf).number == -4
