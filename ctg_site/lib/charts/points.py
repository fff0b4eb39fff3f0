"""Places on a map: a circle by commune, its area in proportion to how many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from ctg_site.lib import numbers
from ctg_site.lib.charts.maps import WIDTH, Area, Shape, _Frame, _shape

SMALLEST, LARGEST = 8, 26


@dataclass(frozen=True)
class Dot:
    x: int
    y: int
    r: int
    text: str
    title: str


@dataclass(frozen=True)
class PointMap:
    """``shapes`` are the communes, drawn without a figure; ``dots`` are read with their title."""

    title: str
    sentence: str
    view_box: str
    shapes: tuple[Shape, ...]
    dots: tuple[Dot, ...]


def point_map(title: str, areas: Sequence[Area], places: Mapping[str, Sequence[str]], *, noun: str) -> PointMap | None:
    """``places`` names what stands in each commune; None when no commune that has some can be drawn."""
    frame = _Frame.around(areas)
    here = [area for area in areas if places.get(area.name)]
    if len(areas) < 2 or not here:
        return None
    most = max(len(places[area.name]) for area in here)
    dots = [_dot(area, places[area.name], most, frame) for area in sorted(here, key=lambda a: -len(places[a.name]))]
    count = sum(len(places[area.name]) for area in here)
    return PointMap(
        title=title,
        sentence=f"{count} {noun}{'s' if count > 1 else ''} dans {len(here)} commune{'s' if len(here) > 1 else ''}.",
        view_box=f"0 0 {WIDTH} {frame.height}",
        shapes=tuple(_shape(Area(area.name, area.geometry, state="neighbour"), (), frame) for area in areas),
        dots=tuple(dots),
    )


def _dot(area: Area, names: Sequence[str], most: int, frame: _Frame) -> Dot:
    x, y = frame.middle(area)
    radius = round(SMALLEST + (LARGEST - SMALLEST) * sqrt(len(names) / most)) if most > 1 else SMALLEST + 4
    return Dot(x, y, radius, str(len(names)), f"{area.name}{numbers.NBSP}: {', '.join(names)}")
