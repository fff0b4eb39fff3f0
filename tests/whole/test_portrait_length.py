"""The portrait on paper stays short, with the figures of the demonstration and with every indicator."""

import io

import pytest
from django.test import Client
from pypdf import PdfReader

from territory.models import Indicator, Release, Source, Territory, Value

pytestmark = pytest.mark.once


def test_a_portrait_with_every_indicator_holds_in_eight_pages(demonstration):
    """Each indicator known here, in the département and in France, over two years: all that compares is printed with its
    definition, and as many counts as there is room for."""
    epci = Territory.objects.get(kind="epci", code="200049211")
    department = epci.parent
    release = Release.objects.create(source=Source.objects.get(code="cafdata"), name="Tous les indicateurs")
    places = {epci: 1, department: 20, department.parent.parent: 3000}
    Value.objects.bulk_create(
        Value(
            indicator=indicator,
            territory=place,
            year=year,
            start_year=year,
            release=release,
            number=(300 + 7 * rank) * (size if indicator.is_additive else 1),
            is_withheld=False,
        )
        for rank, indicator in enumerate(Indicator.objects.filter(numerator=None))
        for place, size in places.items()
        for year in (2023, 2024)
    )
    reader = PdfReader(io.BytesIO(Client().get("/territoires/epci-200049211/portrait.pdf").content))
    said = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert len(reader.pages) <= 8
    compared = Indicator.objects.filter(is_additive=False).values_list("label", flat=True)
    assert all(" ".join(label.split()) in said for label in compared)
    assert "effectifs de plus se lisent sur la page du territoire" in said


def test_the_portrait_of_the_demonstration_holds_in_four_to_eight_pages(demonstration):
    content = Client().get("/territoires/epci-200049211/portrait.pdf").content
    assert 4 <= len(PdfReader(io.BytesIO(content)).pages) <= 8


@pytest.mark.parametrize("place", ["commune-66149", "region-76"])
def test_where_little_is_known_the_portrait_says_what_is_left_to_find(demonstration, place):
    reader = PdfReader(io.BytesIO(Client().get(f"/territoires/{place}/portrait.pdf").content))
    said = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert 4 <= len(reader.pages) <= 8
    assert "Ce que ce portrait ne dit pas encore" in said
    assert "Recensement de la population Insee, insee.fr" in said
