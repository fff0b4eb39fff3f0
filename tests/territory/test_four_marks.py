"""Masked, missing, not applicable and zero are four things, on the map, the bars and the tables of an opened indicator."""

import re
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from territory.models import Indicator
from tests.territory.factories import (
    IndicatorFactory,
    add_outline,
    add_value,
    communes_of,
    make_country,
    make_ctg,
    make_epci,
)

pytestmark = pytest.mark.django_db

STATES = {"masked": "secret statistique", "missing": "non disponible", "na": "sans objet"}
KEY = {
    "secret": "secret statistique, le chiffre n’est pas montré et n’est pas un zéro",
    "n.d.": "non disponible, personne ne l’a publié",
    "sans objet": "n’a pas de sens pour ce territoire",
}


@pytest.fixture
def place():
    """A commune and a year for each thing, then three and two with a figure."""
    epci = make_ctg(place=make_epci(make_country().department, communes=6)).territory
    count = IndicatorFactory(code="places", label="Places", unit=Indicator.Unit.COUNT, is_key=False)
    told = [(None, state) for state in STATES] + [(0, "exact"), (120, "exact"), (300, "exact")]
    for rank, (commune, (number, quality)) in enumerate(zip(communes_of(epci), told, strict=True)):
        add_value(count, commune, number, quality=quality)
        add_outline(commune, 2.0 + rank / 10)
        add_value(count, epci, number, quality=quality, year=2014 + rank)
    return epci


def page_of(place):
    url = reverse("places:indicator", kwargs={"kind": place.kind, "code": place.code, "indicator": "places"})
    return Client().get(url).content.decode()


def drawing_of(place, name):
    parameters = {"kind": place.kind, "code": place.code, "indicator": "places", "drawing": name, "image": "svg"}
    return Client().get(reverse("places:indicator_drawing", kwargs=parameters)).content.decode()


def between(page, opening, closing):
    """The first part of the page between the two, both kept, as a tree."""
    start = page.index(opening)
    return ElementTree.fromstring(page[start : page.index(closing, start) + len(closing)])


def heard(node):
    """What a screen reader says of it: all the text but what is hidden from it."""
    if node.get("aria-hidden") == "true":
        return ""
    parts = [node.text or "", *(heard(child) + (child.tail or "") for child in node)]
    return " ".join("".join(parts).split())


def table_of(page, caption):
    start = page.index(f'aria-labelledby="{caption}"')
    return between(page[start:], "<table", "</table>")


def test_each_has_its_pattern_on_the_map_and_says_what_it_is(place):
    svg = between(page_of(place), '<svg class="map"', "</svg>")
    names = [commune.name for commune in communes_of(place)]
    shapes = {shape.find("title").text.partition("\u00a0: ")[0]: shape for shape in svg.findall("path")}
    said = [shapes[name].find("title").text.partition("\u00a0: ")[2] for name in names]
    assert said == [*STATES.values(), "0", "120", "300"]
    fills = [shapes[name].get("fill") for name in names[:4]]
    assert fills[:3] == [f"url(#map-{state})" for state in STATES]
    assert re.fullmatch("#[0-9a-f]{6}", fills[3])
    assert fills[3] not in {shapes[name].get("fill") for name in names[4:]}
    patterns = {f"url(#{one.get('id')})": one.find("path[@class='tile']").get("d") for one in svg.iter("pattern")}
    assert set(patterns) == set(fills[:3])
    assert len(set(patterns.values())) == 3
    assert len({shapes[name].get("stroke") for name in names[:4]}) == 2  # a pattern has an outline, a colour has none


def test_the_map_has_a_name_and_its_sentence_counts_the_places_without_a_colour(place):
    svg = between(page_of(place), '<svg class="map"', "</svg>")
    assert svg.get("role") == "img"
    counted = ", ".join(f"{words}\u00a0: 1" for words in STATES.values())
    assert svg.find("title").text.endswith(f"Sans couleur\u00a0: {counted}.")


def test_the_legend_draws_each_pattern_beside_its_words(place):
    legend = page_of(place).partition('<span class="legend">')[2].partition('<p class="src">')[0]
    keys = ElementTree.fromstring(f"<span>{legend}")
    words = {heard(key): key.find("svg") for key in keys}
    assert [text for text in words if text in STATES.values()] == list(STATES.values())
    assert "0" in words
    drawn = [words[text].find("path[@class='tile']").get("d") for text in STATES.values()]
    assert len(set(drawn)) == 3
    assert words["0"].find("path") is None


def test_a_zero_has_a_bar_of_no_length_and_what_has_no_figure_has_none(place):
    rows = {heard(row.find("th")): row for row in table_of(page_of(place), "inside-table").find("tbody")}
    names = [commune.name for commune in communes_of(place)]
    assert list(rows) == [names[5], names[4], names[3], *names[:3]]  # what may not be shown comes last, by name
    assert [heard(rows[name].findall("td")[1]) for name in names] == [*STATES.values(), "0", "120", "300"]
    bars = [rows[name].find("td[@class='plot']/svg/rect") for name in names]
    assert [None if bar is None else bar.get("width") for bar in bars] == [None, None, None, "0.0", "40.0", "100.0"]


@pytest.mark.parametrize("caption", ["inside-table", "years-table"])
def test_each_table_has_four_marks_and_their_key_below(place, caption):
    page = page_of(place)
    table = table_of(page, caption)
    marks = [(mark.get("title"), heard(mark)) for mark in table.iter("abbr")]
    assert set(marks) == set(zip(KEY.values(), STATES.values(), strict=True))
    assert [heard(cell) for cell in table.iter("td")].count("0") == 1
    below = page[page.index(f'aria-labelledby="{caption}"') :].partition("</table>")[2].partition("</section>")[0]
    key = between(below, '<p class="src marks">', "</p>")
    assert heard(key) == " ; ".join(f"{mark} : {reason}" for mark, reason in KEY.items()) + "."


def test_the_sentence_of_the_curve_says_why_a_year_has_no_dot(place):
    gaps = ", ".join(f"{2014 + rank} ({words})" for rank, words in enumerate(STATES.values()))
    assert f"passe de 0 à 300. Sans point\u00a0: {gaps}." in page_of(place)


def test_the_files_of_the_map_and_of_the_bars_say_them_too(place):
    svg = "{http://www.w3.org/2000/svg}"
    drawn = ElementTree.fromstring(drawing_of(place, "carte"))
    keys = {one.find(f"{svg}text").text: one.find(f"{svg}path").get("fill") for one in drawn.findall(f"{svg}g")}
    assert [keys[words] for words in STATES.values()] == [f"url(#map-{state})" for state in STATES]
    assert keys["0"].startswith("#")
    assert {f"url(#{one.get('id')})" for one in drawn.iter(f"{svg}pattern")} == {f"url(#map-{one})" for one in STATES}
    bars = ElementTree.fromstring(drawing_of(place, "barres"))
    said = [text.text for text in bars.findall(f"{svg}text")]
    assert [words for words in said if words in (*STATES.values(), "0")] == ["0", *STATES.values()]
