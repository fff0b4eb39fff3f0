"""Maps of communes: GeoJSON outlines to SVG paths, coloured by class of value."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import cos, radians
from typing import Any

from ctg_site.lib import numbers
from ctg_site.lib.charts.palette import CLASSES, COLOURS, GROUND, NEIGHBOUR
from ctg_site.lib.text import search_key

WIDTH, MARGIN = 560, 6
LETTER, GAP = 8, 5  # the width of a letter of a name, what separates it from its place

# What has no figure is told by a drawing and not by a colour, so that a black and white print tells it too: lines, dots, crosses.
WITHOUT_FIGURE = {"masked": "secret statistique", "missing": "non disponible", "na": "sans objet"}
TILES = {"masked": "M-2 2L2 -2M0 8L8 0M6 10L10 6", "missing": "M3 4h2", "na": "M2 2l4 4M6 2l-4 4"}
FILLS = {
    "neighbour": NEIGHBOUR,
    **{f"c{i}": c for i, c in enumerate(CLASSES)},
    **{css: f"url(#map-{css})" for css in TILES},
}

EVERYWHERE, WHERE_SHOWN = " partout", " partout où un chiffre est montré"

Ring = list[tuple[float, float]]


@dataclass(frozen=True)
class Area:
    """A commune: its outline (GeoJSON, degrees), and its figure as it may be shown.

    ``state`` is shown, masked, missing, na, or neighbour for what is drawn around without a figure.
    """

    name: str
    geometry: dict[str, Any]
    text: str = ""
    number: Decimal | None = None
    state: str = "shown"


@dataclass(frozen=True)
class Shape:
    """``css`` is c0 to c4, masked, missing, na or neighbour."""

    d: str
    css: str
    fill: str
    title: str

    @property
    def stroke(self) -> str:
        """A place without a colour has an outline, or nothing would be seen of it."""
        return COLOURS["ink-soft"] if self.css in TILES else COLOURS["line"] if self.css == "neighbour" else GROUND


@dataclass(frozen=True)
class Key:
    """A line of the legend; ``tile`` is the drawing of what has no figure."""

    css: str
    fill: str
    text: str
    tile: str = ""


@dataclass(frozen=True)
class Label:
    """A name written on the map."""

    x: int
    y: int
    text: str


@dataclass(frozen=True)
class Choropleth:
    """``labels`` name the area with the highest figure."""

    title: str
    sentence: str
    view_box: str
    shapes: tuple[Shape, ...]
    legend: tuple[Key, ...]
    labels: tuple[Label, ...]
    rows: tuple[Area, ...]

    @property
    def tiles(self) -> list[Key]:
        return [key for key in self.legend if key.tile]


def choropleth(
    title: str,
    areas: Sequence[Area],
    *,
    thresholds: Sequence[int | Decimal] | None = None,
    write: Callable[[Any], str] = numbers.integer,
) -> Choropleth:
    """Up to five classes, split at ``thresholds`` or, without them, in classes of as many areas."""
    own = [area for area in areas if area.state != "neighbour"]
    shown = sorted(
        (area for area in own if area.number is not None), key=lambda area: (area.number, search_key(area.name))
    )
    bounds = tuple(thresholds) if thresholds is not None else _quantiles([area.number for area in shown])
    if len(bounds) >= len(CLASSES):
        raise ValueError(f"{len(CLASSES)} classes at most")
    frame = _Frame.around(own)
    shapes = (_shape(area, bounds, frame) for area in areas if area.state != "neighbour" or frame.shows(area))
    return Choropleth(
        title=title,
        sentence=_sentence(shown, own),
        view_box=f"0 0 {WIDTH} {frame.height}",
        shapes=tuple(shape for shape in shapes if shape.d),
        legend=_legend(
            bounds,
            {_css(area, bounds) for area in own},
            write,
            ends=[area.number for area in (*shown[:1], *shown[-1:])],
            is_zero_apart=thresholds is None and bool(shown) and shown[0].number == 0,
        ),
        labels=tuple(Label(*frame.name(area), area.name) for area in shown[-1:] if area.number != shown[0].number),
        rows=tuple(sorted(own, key=lambda area: search_key(area.name))),
    )


@dataclass(frozen=True)
class _Frame:
    """Degrees to pixels: an equirectangular projection true at the middle latitude."""

    west: float
    north: float
    shrink: float
    scale: float
    height: int

    @classmethod
    def around(cls, areas: Iterable[Area]) -> "_Frame":
        points = [point for area in areas for ring in _rings(area) for point in ring]
        if not points:
            return cls(0, 0, 1, 1, WIDTH)
        longitudes, latitudes = [point[0] for point in points], [point[1] for point in points]
        south, north, west = min(latitudes), max(latitudes), min(longitudes)
        shrink = cos(radians((south + north) / 2))
        scale = (WIDTH - 2 * MARGIN) / ((max(longitudes) - west) * shrink)
        return cls(west, north, shrink, scale, round((north - south) * scale) + 2 * MARGIN)

    def place(self, point: tuple[float, float]) -> tuple[int, int]:
        x, y = (point[0] - self.west) * self.shrink * self.scale, (self.north - point[1]) * self.scale
        return round(x) + MARGIN, round(y) + MARGIN

    def shows(self, area: Area) -> bool:
        places = [self.place(point) for ring in _rings(area) for point in ring]
        xs, ys = [x for x, _ in places], [y for _, y in places]
        return bool(places) and min(xs) < WIDTH and max(xs) > 0 and min(ys) < self.height and max(ys) > 0

    def middle(self, area: Area) -> tuple[int, int]:
        """The middle of the widest ring's box: good enough to hang something on."""
        left, top, right, bottom = self._box(area)
        return (left + right) // 2, (top + bottom) // 2

    def name(self, area: Area) -> tuple[int, int]:
        """There when the name fits in the box, else above or below: it must not hide what it names, nor leave the drawing."""
        (x, y), (left, top, right, bottom) = self.middle(area), self._box(area)
        width, above, below = len(area.name) * LETTER, top - GAP, bottom + GAP + LETTER
        if width > right - left:
            y = above if above > 2 * LETTER else below if below < self.height else y
        return min(max(x, width // 2), WIDTH - width // 2), y

    def _box(self, area: Area) -> tuple[int, int, int, int]:
        places = [self.place(point) for point in max(_rings(area), key=len)]
        xs, ys = [x for x, _ in places], [y for _, y in places]
        return min(xs), min(ys), max(xs), max(ys)


def _rings(area: Area) -> Iterator[Ring]:
    """Every ring of a Polygon or MultiPolygon, whichever way it turns (the fill rule is even-odd)."""
    polygons = area.geometry["coordinates"]
    if area.geometry["type"] == "Polygon":
        polygons = [polygons]
    for polygon in polygons:
        yield from polygon


def _shape(area: Area, bounds: Sequence[Any], frame: _Frame) -> Shape:
    css = _css(area, bounds)
    path = "".join(_path([frame.place(point) for point in ring]) for ring in _rings(area))
    title = f"{area.name}{numbers.NBSP}: {area.text}" if area.text else area.name
    return Shape(path, css, FILLS[css], title)


def _path(places: Sequence[tuple[int, int]]) -> str:
    """A ring too small to be seen leaves no mark."""
    kept = [place for i, place in enumerate(places) if i == 0 or place != places[i - 1]]
    return "M" + " ".join(f"{x},{y}" for x, y in kept) + "Z" if len(set(kept)) > 2 else ""


def _css(area: Area, bounds: Sequence[Any]) -> str:
    if area.state != "shown" or area.number is None:
        return "missing" if area.state == "shown" else area.state
    return f"c{bisect_right(bounds, area.number)}"


def _quantiles(values: Sequence[Any]) -> tuple[Any, ...]:
    """Bounds of classes of as many values; fewer when values repeat. Zero is a class of its own: nobody is not few people."""
    if not values:
        return ()
    above = [value for value in values if value > 0] if values[0] == 0 else list(values)
    count = len(CLASSES) - (values[0] == 0)
    bounds = {above[len(above) * i // count] for i in range(count)} if above else set()
    return tuple(sorted(bound for bound in bounds if bound > values[0]))


def _legend(
    bounds: Sequence[Any], used: set[str], write: Callable[[Any], str], *, ends: Sequence[Any], is_zero_apart: bool
) -> tuple[Key, ...]:
    """``ends`` are the lowest and the highest figure: all that one class has to say."""
    texts = [write(bound) for bound in bounds]
    if texts:
        labels = [write(0) if is_zero_apart else f"moins de {texts[0]}"]
        labels += [f"de {low} à moins de {high}" for low, high in zip(texts, texts[1:], strict=False)]
        labels += [f"{texts[-1]} et plus"]
    else:
        labels = [" à ".join(dict.fromkeys(map(write, ends)))]
    keys = [Key(f"c{i}", CLASSES[i], label) for i, label in enumerate(labels)] if ends else []
    others = [Key(css, FILLS[css], label, TILES[css]) for css, label in WITHOUT_FIGURE.items() if css in used]
    return (*keys, *others)


def _sentence(shown: Sequence[Area], own: Sequence[Area]) -> str:
    """The extremes, then how many places have no colour and why: what a reader who cannot see would miss."""
    counts = Counter(_css(area, ()) for area in own)
    without = ", ".join(f"{words}\u00a0: {counts[css]}" for css, words in WITHOUT_FIGURE.items() if counts[css])
    said = f"Sans couleur\u00a0: {without}." if without else ""
    if not shown:
        return f"Aucun chiffre ne peut être montré. {said}".strip()
    low, high = shown[0], shown[-1]
    if low.number == high.number and len(shown) > 1:
        return f"{low.text}{EVERYWHERE if len(shown) == len(own) else WHERE_SHOWN}. {said}".strip()
    return f"De {low.text} ({low.name}) à {high.text} ({high.name}). {said}".strip()
