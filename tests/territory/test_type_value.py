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


def test_a_share_is_not_negative_and_an_evolution_may_be():
    caf, place = CafFactory(), make_epci()
    with pytest.raises(RuleBroken, match="son pourcentage ne peut pas être négatif"):
        add_value(IndicatorFactory(unit="percent"), place, -3, caf=caf)
    add_value(IndicatorFactory(unit="percent", evolution=True), place, -3, start_year=2014, caf=caf)
    assert Value.objects.get().number == -3
