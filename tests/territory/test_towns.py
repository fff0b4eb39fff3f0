"""What Cafdata publishes of towns alone is not kept of a village: typed it is refused, in a file it is « sans objet » (R51)."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from ctg_site.lib.errors import RuleBroken
from territory.loading import load_reference
from territory.models import Indicator, Source, Territory, Value
from territory.services import Typed, type_value
from tests.territory.factories import TerritoryFactory, add_value, make_country
from tests.territory.test_import_file import apply, bring

pytestmark = pytest.mark.django_db
FILE = """dtreffre;numcomdo;nomcom;txcouv_com
2022-12;66149;Prades;61,4
2022-12;66136;Perpignan;48,2
2022-12;66007;Arboussols;33,3
"""


@pytest.fixture
def places():
    """A village, a town, and a commune of which nobody said how many live there."""
    load_reference()
    country = make_country()
    found = {}
    for code, name, inhabitants in [
        ("66149", "Prades", 6124),
        ("66136", "Perpignan", 119_344),
        ("66007", "Arboussols", None),
    ]:
        found[name] = TerritoryFactory(code=code, name=name, parent=country.department)
        if inhabitants:
            count_people(found[name], inhabitants)
    return found


def count_people(place: Territory, inhabitants: int | None, *, year: int = 2021, **more) -> None:
    source = Source.objects.get(code="insee-populations-legales")
    add_value(Indicator.objects.get(code="population"), place, inhabitants, year=year, source=source, **more)


def coverage() -> Indicator:
    return Indicator.objects.get(code="taux-couverture-jeune-enfant")


def type_it(
    place: Territory,
    source: str = "cafdata",
    indicator: Indicator | None = None,
    number: str | None = "61.4",
    quality: str = Value.Quality.EXACT,
) -> Value:
    return type_value(
        Typed(
            indicator=indicator or coverage(),
            territory=place,
            year=2022,
            number=None if number is None else Decimal(number),
            quality=quality,
            source=Source.objects.get(code=source),
        ),
        caf=None,
        by=None,
        on=date(2025, 6, 1),
    )


def told(file) -> list[str]:
    return [notice for notice in file.report["notices"] if "sans objet" in notice]


def kept(file, indicator: str = "taux-couverture-jeune-enfant") -> dict[str, tuple[str, Decimal | None]]:
    rows = apply(file).release.values.filter(indicator__code=indicator)
    return {row.territory.name: (row.quality, row.number) for row in rows}


def test_a_file_of_communes_keeps_the_figures_of_towns_alone(places):
    file = bring(FILE, name="txcouv_pe_com.csv")
    assert [notice for notice in file.report["notices"] if "sans objet" in notice] == [
        "1 chiffre de communes de 10\u202f000 habitants ou moins\u00a0: leur source ne les publie que pour les communes "
        "plus grandes, « sans objet » prendra leur place."
    ]
    apply(file)
    kept = {
        row.territory.name: (row.quality, row.number) for row in Value.objects.filter(indicator=coverage(), year=2022)
    }
    assert kept == {
        "Prades": ("na", None),
        "Perpignan": ("rounded", Decimal("48.2")),
        "Arboussols": ("rounded", Decimal("33.3")),
    }
    page = Client().get("/territoires/commune-66149/petite-enfance/").content.decode()
    assert "sans objet" in page
    assert "61,4" not in page


def test_the_figure_of_a_village_is_not_typed_from_that_source(places):
    with pytest.raises(RuleBroken, match="communes de plus de 10.000 habitants, et Prades en compte 6.124"):
        type_it(places["Prades"])
    assert not Value.objects.filter(indicator=coverage()).exists()
    assert type_it(places["Perpignan"]).number == Decimal("61.4")
    assert type_it(places["Arboussols"]).number == Decimal("61.4")


@pytest.mark.parametrize("quality", [Value.Quality.NOT_APPLICABLE, Value.Quality.MASKED, Value.Quality.MISSING])
def test_that_a_village_has_no_such_figure_is_typed(places, quality):
    assert type_it(places["Prades"], number=None, quality=quality).quality == quality


def test_what_the_territory_counts_itself_is_kept_whatever_its_size(places):
    assert type_it(places["Prades"], source="saisie-territoire").number == Decimal("61.4")
    households = Indicator.objects.get(code="foyers-rsa")
    assert type_it(places["Prades"], indicator=households, number="61").number == 61


def test_ten_thousand_inhabitants_are_not_yet_a_town(places):
    count_people(places["Prades"], 10_000, year=2022)
    count_people(places["Arboussols"], 10_001, year=2022)
    with pytest.raises(RuleBroken, match="et Prades en compte 10.000"):
        type_it(places["Prades"])
    assert type_it(places["Arboussols"]).number == Decimal("61.4")
    file = bring(FILE, name="txcouv_pe_com.csv")
    assert [notice[:10] for notice in told(file)] == ["1 chiffre "]
    found = kept(file)
    assert [found[name][0] for name in ("Prades", "Arboussols")] == ["na", "rounded"]


def test_the_last_number_known_says_what_is_a_town(places):
    count_people(places["Prades"], 12_000, year=2016)
    count_people(places["Prades"], None, year=2024, quality="missing")
    count_people(places["Perpignan"], 9_000, year=2016)
    count_people(places["Arboussols"], 9_000, year=2016)
    count_people(places["Arboussols"], 15_000)
    with pytest.raises(RuleBroken, match="et Prades en compte 6.124"):
        type_it(places["Prades"])
    assert type_it(places["Perpignan"]).number == Decimal("61.4")
    file = bring(FILE, name="txcouv_pe_com.csv")
    assert [notice[:10] for notice in told(file)] == ["1 chiffre "]
    found = kept(file)
    assert [found[name][0] for name in ("Prades", "Perpignan")] == ["na", "rounded"]


def test_of_the_same_year_the_last_delivery_says_it(places):
    count_people(places["Arboussols"], 9_000)
    count_people(places["Arboussols"], 15_000, document="Populations légales corrigées")
    count_people(places["Prades"], 10_250, document="Populations légales corrigées")
    count_people(places["Perpignan"], 9_000, document="Populations légales corrigées")
    assert type_it(places["Prades"]).number == Decimal("61.4")
    with pytest.raises(RuleBroken, match="et Perpignan en compte 9.000"):
        type_it(places["Perpignan"])
    file = bring(FILE, name="txcouv_pe_com.csv")
    assert [notice[:10] for notice in told(file)] == ["1 chiffre "]
    found = kept(file)
    assert [found[name][0] for name in ("Prades", "Perpignan")] == ["rounded", "na"]


def test_a_small_intercommunalite_keeps_its_figure(places):
    small = TerritoryFactory(epci=True, code="246600464", name="Haut Vallespir", parent=places["Prades"].parent)
    count_people(small, 6000)
    assert type_it(small).number == Decimal("61.4")
    text = "dtreffre;numepci;nomepci;txcouv_epci\n2022-12;246600464;Haut Vallespir;61,4\n"
    file = bring(text, name="txcouv_pe_epci.csv")
    assert told(file) == []
    assert kept(file) == {"Haut Vallespir": ("rounded", Decimal("61.4"))}


def test_the_other_figures_of_the_file_and_what_it_hides_stay_as_they_are(places):
    text = (
        "dtreffre;numcomdo;nomcom;txcouv_com;indfoy_rsa\n2022-12;66149;Prades;;60\n2022-12;66136;Perpignan;48,2;900\n"
    )
    file = bring(text, name="txcouv_pe_com.csv")
    assert told(file) == []
    assert kept(file)["Prades"] == ("missing", None)
    assert Value.objects.get(indicator__code="foyers-rsa", territory=places["Prades"]).number == 60


def test_the_figures_of_another_source_than_the_indicator_s_are_kept(places):
    Indicator.objects.filter(code="taux-couverture-jeune-enfant").update(
        source=Source.objects.get(code="saisie-territoire")
    )
    file = bring(FILE, name="txcouv_pe_com.csv")
    assert told(file) == []
    assert kept(file)["Prades"] == ("rounded", Decimal("61.4"))
