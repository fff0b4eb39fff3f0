"""What Cafdata publishes of towns alone is not kept of a village: typed it is refused, in a file it is « sans objet » (R51)."""

from decimal import Decimal

import pytest
from django.test import Client

from ctg_site.lib.errors import RuleBroken
from territory.loading import load_reference
from territory.models import Indicator, Source, Territory, Value
from territory.services import type_value
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
            add_value(
                Indicator.objects.get(code="population"),
                found[name],
                inhabitants,
                year=2021,
                source=Source.objects.get(code="insee-populations-legales"),
            )
    return found


def coverage() -> Indicator:
    return Indicator.objects.get(code="taux-couverture-jeune-enfant")


def type_it(
    place: Territory, source: str = "cafdata", indicator: Indicator | None = None, number: str = "61.4"
) -> Value:
    return type_value(
        indicator=indicator or coverage(),
        territory=place,
        year=2022,
        number=Decimal(number),
        source=Source.objects.get(code=source),
        caf=None,
        by=None,
    )


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


def test_what_the_territory_counts_itself_is_kept_whatever_its_size(places):
    assert type_it(places["Prades"], source="saisie-territoire").number == Decimal("61.4")
    households = Indicator.objects.get(code="foyers-rsa")
    assert type_it(places["Prades"], indicator=households, number="61").number == 61
