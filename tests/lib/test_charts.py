import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string

from ctg_site.lib.charts import Area, Point, Scale, Series, bars, choropleth, dot_plot, line_chart, lines
from ctg_site.lib.charts.maps import LETTER, WIDTH

LOW_INCOME = (("here", "Conflent-Canigó", 43), ("dept", "Pyrénées-Orientales", 40), ("france", "France", 30))


def points(*triples):
    return [Point(role, name, f"{number} %", Decimal(number)) for role, name, number in triples]


def square(west, south, side=1.0, *, clockwise=False):
    ring = [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]
    return {"type": "Polygon", "coordinates": [ring[::-1] if clockwise else ring]}


def area(name, number, west=0.0, **more):
    shown = None if number is None else Decimal(number)
    return Area(name, square(west, 42.0), f"{number} habitants", shown, **more)


# --- Scale and dots ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "scale"),
    [
        ([13, 63, 22], (0, 70)),
        ([-4, 13], (-4, 14)),
        ([100], (0, 100)),
        ([7], (0, 7)),
        ([Decimal("0.35"), None], (0, Decimal("0.35"))),
        ([0], (0, 1)),
        ([], (0, 1)),
        ([-12, -3], (-12, 0)),
    ],
)
def test_a_scale_covers_its_numbers_from_zero(numbers, scale):
    covering = Scale.covering([None if number is None else Decimal(number) for number in numbers])
    assert (covering.low, covering.high) == scale


def test_the_dots_stand_on_the_common_scale():
    plot = dot_plot("Bas revenus", points(*LOW_INCOME), Scale(Decimal(0), Decimal(70)))
    assert {mark.kind: mark.x for mark in plot.marks} == {"here": "254.8", "dept": "238.0", "france": "182.0"}
    assert plot.span == ("182.0", "254.8")
    assert [mark.text for mark in plot.marks] == ["43 %", "", ""]  # the largest behind, or it would hide the others
    assert plot.marks[-1].kind == "france"  # drawn last, above the others


def test_each_role_has_its_own_shape_and_colour():
    plot = dot_plot("Bas revenus", points(*LOW_INCOME), Scale(Decimal(0), Decimal(70)))
    assert len({mark.fill for mark in plot.marks}) == 3
    assert len({re.sub(r"[\d.\s-]", "", mark.d) for mark in plot.marks}) == 3


def test_a_secret_or_missing_figure_is_said_but_not_drawn():
    hidden = [
        Point("here", "Ici", "secret"),
        Point("dept", "Département", "n.d."),
        Point("france", "France", "30 %", Decimal(30)),
    ]
    plot = dot_plot("Bas revenus", hidden, Scale.covering([Decimal(30)]))
    assert [mark.kind for mark in plot.marks] == ["france"]
    assert plot.span is None
    assert plot.label == "Bas revenus\u00a0: Ici secret, Département n.d., France 30 %"


@pytest.mark.parametrize(("number", "anchor"), [(0, "start"), (35, "middle"), (70, "end")])
def test_the_label_stays_inside_the_drawing(number, anchor):
    plot = dot_plot("Part", points(("here", "Ici", number)), Scale(Decimal(0), Decimal(70)))
    assert plot.marks[0].anchor == anchor


def test_bars_are_relative_to_the_longest():
    drawn = bars(
        [("Loisirs", "520 600 €", Decimal(520600)), ("Relais", "36 000 €", Decimal(36000)), ("Clas", "secret", None)]
    )
    assert [f"{bar.share:.1f}" for bar in drawn] == ["100.0", "6.9", "0.0"]


def test_bars_of_nothing():
    assert [bar.share for bar in bars([("Loisirs", "0 €", Decimal(0))])] == [0]
    assert bars([]) == []


# --- Maps -------------------------------------------------------------------------------------------------------------

PLACES = [area("Urbanya", 55), area("Eus", 388, 1.0), area("Prades", 6124, 2.0)]


def test_areas_are_coloured_by_the_given_thresholds():
    drawing = choropleth("Population", PLACES, thresholds=(100, 250, 500, 1500))
    assert [shape.css for shape in drawing.shapes] == ["c0", "c2", "c4"]
    assert drawing.shapes[0].title == "Urbanya\u00a0: 55 habitants"
    assert [key.text.replace("\u202f", " ") for key in drawing.legend][::4] == ["moins de 100", "1 500 et plus"]
    assert drawing.legend[1].text == "de 100 à moins de 250"


def test_a_threshold_belongs_to_the_class_above():
    drawing = choropleth("Population", [area("A", 99), area("B", 100, 1.0)], thresholds=(100,))
    assert [shape.css for shape in drawing.shapes] == ["c0", "c1"]


def test_without_thresholds_the_classes_hold_as_many_areas():
    drawing = choropleth("Population", [area(f"C{i}", i + 1, float(i)) for i in range(10)])
    assert [shape.css for shape in drawing.shapes] == [f"c{i // 2}" for i in range(10)]


def test_equal_figures_make_fewer_classes():
    drawing = choropleth("Population", [area(f"C{i}", 7, float(i)) for i in range(5)])
    assert {shape.css for shape in drawing.shapes} == {"c0"}
    assert [key.text for key in drawing.legend] == ["7"]
    mostly = choropleth("Population", [*(area(f"C{i}", 7, float(i)) for i in range(5)), area("D", 8, 6.0)])
    assert [key.text for key in mostly.legend] == ["7 à 8"]


def test_a_map_of_zeros_says_zero_and_names_no_highest():
    places = [area("Eus", 0), area("Prades", 0, 1.0)]
    drawing = choropleth("Familles", places)
    assert [key.text for key in drawing.legend] == ["0"]
    assert (drawing.labels, drawing.sentence) == ((), "0 habitants partout.")
    hidden = choropleth("Familles", [*places, area("Mantet", None, 2.0, state="masked")])
    assert [key.text for key in hidden.legend] == ["0", "secret statistique"]
    assert hidden.sentence.startswith("0 habitants partout où un chiffre est montré. Sans couleur")


def test_secret_missing_without_object_and_zero_are_four_things():
    states = ("masked", "missing", "na")
    hidden = [area(f"Sans {state}", None, 3.0 + i, state=state) for i, state in enumerate(states)]
    drawing = choropleth("Familles", [*PLACES, *hidden, area("Nulle", 0, 6.0)], thresholds=(100,))
    assert [shape.css for shape in drawing.shapes][3:] == [*states, "c0"]
    assert [key.css for key in drawing.legend] == ["c0", "c1", *states]
    assert "Sans masked" not in drawing.sentence
    assert (
        "Sans couleur\u00a0: secret statistique\u00a0: 1, non disponible\u00a0: 1, sans objet\u00a0: 1."
        in drawing.sentence
    )


def test_zero_is_a_class_of_its_own():
    places = [*(area(f"Z{i}", 0, float(i)) for i in range(8)), area("A", 9, 9.0), area("B", 18, 10.0)]
    drawing = choropleth("Familles", places)
    assert [shape.css for shape in drawing.shapes] == ["c0"] * 8 + ["c1", "c2"]
    assert [key.text for key in drawing.legend] == ["0", "de 9 à moins de 18", "18 et plus"]


def test_what_has_no_figure_is_told_by_a_drawing_and_not_by_a_colour():
    hidden = [
        area("A", None, 3.0, state="masked"),
        area("B", None, 4.0, state="missing"),
        area("C", None, 5.0, state="na"),
    ]
    drawing = choropleth("Familles", [*PLACES, *hidden], thresholds=(100,))
    assert len({key.tile for key in drawing.tiles}) == 3
    assert [shape.fill for shape in drawing.shapes][3:] == [f"url(#map-{key.css})" for key in drawing.tiles]
    svg = render_to_string("components/_map_drawing.html", {"map": drawing})
    assert all(f'<pattern id="map-{key.css}"' in svg and key.tile in svg for key in drawing.tiles)
    assert all(
        key.tile
        in render_to_string("components/_map.html", {"map": drawing, "caption": "Familles", "source": ""}).split(
            "</svg>", 1
        )[1]
        for key in drawing.tiles
    )


def test_the_sentence_and_the_label_say_the_extremes():
    drawing = choropleth("Population", PLACES, thresholds=(100,))
    assert drawing.sentence == "De 55 habitants (Urbanya) à 6124 habitants (Prades)."
    assert [label.text for label in drawing.labels] == ["Prades"]
    assert [row.name for row in drawing.rows] == ["Eus", "Prades", "Urbanya"]


@pytest.mark.parametrize(
    ("west", "south", "says"),
    [
        (5.0, 45.0, "above"),
        (5.0, 48.0, "below"),  # nothing is left above
        (10.0, 45.0, "above"),  # on the edge: pushed back inside
    ],
)
def test_the_name_of_the_highest_does_not_hide_it_nor_leave_the_drawing(west, south, says):
    name, corners = "Saint-Michel-de-Llotes", [(0.0, 42.0), (10.0, 48.0)]
    around = [Area(f"C{x}", square(x, y), "1", Decimal(1)) for x, y in corners]
    drawing = choropleth("Familles", [Area(name, square(west, south), "9", Decimal(9)), *around])
    [label], (left, top, right, bottom) = drawing.labels, box(drawing.shapes[0].d)
    half = len(name) * LETTER // 2
    assert (label.y < top, label.y - LETTER > bottom) == (says == "above", says == "below")
    assert half <= label.x <= WIDTH - half
    assert abs(label.x - (left + right) // 2) < half


def test_a_name_that_fits_is_written_inside():
    drawing = choropleth("Familles", [area("Eus", 1), area("Py", 9, 1.0)])
    [label], (left, top, right, bottom) = drawing.labels, box(drawing.shapes[1].d)
    assert (label.x, label.y) == ((left + right) // 2, (top + bottom) // 2)


def box(path):
    points = [tuple(map(int, point.split(","))) for point in path.strip("MZ").split()]
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def test_a_map_without_any_figure_says_so():
    drawing = choropleth("Familles", [area("Mantet", None, state="masked")])
    assert drawing.sentence.startswith("Aucun chiffre ne peut être montré. Sans couleur\u00a0: secret statistique")
    assert [key.css for key in drawing.legend] == ["masked"]
    assert choropleth("Familles", []).shapes == ()


def test_neighbours_are_drawn_around_without_widening_the_frame():
    alone = choropleth("Population", PLACES, thresholds=(100,))
    far, near = area("Loin", None, 90.0, state="neighbour"), Area("Près", square(2.9, 42.5), state="neighbour")
    drawing = choropleth("Population", [*PLACES, far, near], thresholds=(100,))
    assert drawing.view_box == alone.view_box
    assert [shape.css for shape in drawing.shapes] == ["c0", "c1", "c1", "neighbour"]
    assert len(drawing.rows) == 3


def test_a_degree_of_longitude_is_shorter_than_one_of_latitude():
    drawing = choropleth("Population", [Area("Carré", square(2.0, 60.0), "1", Decimal(1))])
    _, _, width, height = map(int, drawing.view_box.split())
    assert height / width == pytest.approx(2.0, rel=0.05)  # cos(60°) = 1/2


def test_the_direction_of_a_ring_does_not_matter():
    one, other = (
        choropleth("P", [Area("A", square(2.0, 42.0, clockwise=clockwise), "1", Decimal(1))])
        for clockwise in (True, False)
    )
    corners = [set(re.findall(r"\d+,\d+", drawing.shapes[0].d)) for drawing in (one, other)]
    assert corners[0] == corners[1]
    assert len(corners[0]) == 4


def test_a_multipolygon_keeps_its_pieces_and_drops_the_invisible_ones():
    pieces = [
        square(2.0, 42.0)["coordinates"],
        square(3.5, 42.0)["coordinates"],
        square(3.0, 42.0, 0.0001)["coordinates"],
    ]
    drawing = choropleth("P", [Area("A", {"type": "MultiPolygon", "coordinates": pieces}, "1", Decimal(1))])
    assert drawing.shapes[0].d.count("M") == 2


def test_too_many_classes_are_refused():
    with pytest.raises(ValueError, match="5 classes"):
        choropleth("Population", PLACES, thresholds=(1, 2, 3, 4, 5))


# --- Curves -----------------------------------------------------------------------------------------------------------

POPULATION = [
    Series("here", "Conflent-Canigó", ((2017, Decimal(20391)), (2018, Decimal(20466)), (2019, None))),
    Series("dept", "Pyrénées-Orientales", ((2018, Decimal(20000)), (2019, Decimal(20100)))),
]


@pytest.fixture
def curves():
    return line_chart("Population <b>", "Elle monte & monte.", POPULATION)


def test_the_curves_carry_their_table(curves):
    assert curves.years == (2017, 2018, 2019)
    assert curves.rows[0] == ("Conflent-Canigó", ("20\u202f391", "20\u202f466", "n.d."))
    assert curves.rows[1][1] == ("n.d.", "20\u202f000", "20\u202f100")


def test_the_drawing_obeys_a_strict_policy_and_speaks_french(curves):
    root = ElementTree.fromstring(curves.svg)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == "Population <b>. Elle monte & monte."
    assert [child.text for child in root[:2]] == ["Population <b>", "Elle monte & monte."]
    for forbidden in (" style=", "<style", "<script", "chart for", "mark container", "Y-axis", " id="):
        assert forbidden not in curves.svg


def test_colours_are_attributes_and_classes(curves):
    assert 'stroke="#0b5f66" stroke-width="3" class="stroke-here"' in curves.svg
    assert 'class="fill-dept"' in curves.svg
    assert 'class="fill-ink-soft"' in curves.svg


def test_a_year_without_a_figure_leaves_no_dot(curves):
    assert curves.svg.count('class="fill-here"') == 2
    assert curves.svg.count('class="fill-dept"') == 2


def test_the_same_description_is_drawn_once(monkeypatch, curves):
    monkeypatch.setattr(lines, "_drawn", lambda spec: pytest.fail("drawn again"))
    again = line_chart("Autre titre", "Autre phrase.", POPULATION)
    assert "Autre titre" in again.svg


def test_thousands_are_written_in_french(curves):
    assert re.search(r">20[\u00a0\u202f]\d00</text>", curves.svg)


def test_in_a_column_the_dots_keep_their_size_and_their_order():
    plot = dot_plot("Bas revenus", points(*LOW_INCOME), Scale(Decimal(0), Decimal(70)))
    narrow = plot.narrow
    assert narrow.width < plot.width
    assert [mark.kind for mark in narrow.marks] == [mark.kind for mark in plot.marks]
    places = [float(mark.x) for mark in narrow.marks]
    assert all(14 <= place <= narrow.axis_end for place in places)
    assert sorted(places) == [float(mark.x) for mark in sorted(narrow.marks, key=lambda m: float(m.x))]
    assert narrow.label == plot.label
    assert not any(mark.text for mark in narrow.marks)


def test_an_axis_that_leaves_zero_out_says_so():
    years = [(2017, Decimal(20391)), (2018, Decimal(20466)), (2019, Decimal(20559))]
    assert line_chart("Population", "", [Series("here", "Ici", tuple(years))]).caption.endswith("ne part pas de zéro.")
    low = tuple((year, number - 20390) for year, number in years)
    assert line_chart("Population", "", [Series("here", "Ici", low)]).caption == "Population"
