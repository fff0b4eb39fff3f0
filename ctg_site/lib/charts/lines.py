"""Curves over the years, drawn by Vega-Lite to a static SVG: no script, no style, nothing from the network."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from ctg_site.lib import numbers
from ctg_site.lib.charts.palette import COLOURS, DEPT, FRANCE, HERE, NAMES

WIDTH, HEIGHT = 520, 220
SHAPES = {HERE: "circle", DEPT: "diamond", FRANCE: "square"}

_ENGLISH_ARIA = re.compile(r' (?:aria-[a-z]+|role)="[^"]*"')
_OPENING = re.compile(r"<svg [^>]*>")
_COLOURED = re.compile(r'<(?:path|line|text|rect)\b[^>]*?(?:fill|stroke)="#[0-9a-f]{6}"[^>]*?(?=/?>)')
_COLOUR = re.compile(r'(fill|stroke)="(#[0-9a-f]{6})"')


@dataclass(frozen=True)
class Series:
    """One curve: ``kind`` is here, dept or france; a year without a figure breaks the line."""

    kind: str
    name: str
    values: tuple[tuple[int, Decimal | None], ...]


CUT = "L’axe vertical ne part pas de zéro."


@dataclass(frozen=True)
class LineChart:
    """``svg`` is safe to print; ``years`` and ``rows`` (name, one text for each year) are its table."""

    title: str
    sentence: str
    svg: SafeString
    series: tuple[Series, ...]
    years: tuple[int, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def caption(self) -> str:
        """The slope of a curve says more than it should where the axis leaves zero out."""
        return f"{self.title}. {CUT}" if self.is_cut else self.title

    @property
    def is_cut(self) -> bool:
        drawn = [number for one in self.series for _, number in one.values if number is not None]
        return bool(drawn) and min(drawn) > (max(drawn) - min(drawn)) / 4


def line_chart(title: str, sentence: str, series: Sequence[Series], *, places: int = 0) -> LineChart:
    years = tuple(sorted({year for one in series for year, _ in one.values}))
    spec = json.dumps(_spec(series, places), sort_keys=True)
    key = "chart:" + hashlib.sha256(spec.encode()).hexdigest()
    drawing = str(cache.get_or_set(key, lambda: _drawn(spec), timeout=None))
    return LineChart(
        title=title,
        sentence=sentence,
        svg=mark_safe(_described(drawing, title, sentence)),  # our own drawing, and the words are escaped
        series=tuple(series),
        years=years,
        rows=tuple((one.name, _texts(one, years, places)) for one in series),
    )


def _texts(series: Series, years: Sequence[int], places: int) -> tuple[str, ...]:
    known = dict(series.values)
    found = [known.get(year) for year in years]
    return tuple("n.d." if number is None else numbers.decimal(number, places) for number in found)


def _spec(series: Sequence[Series], places: int) -> dict[str, Any]:
    """The names of the territories stay out of the drawing: the legend and the table of the page say them."""
    kinds = [one.kind for one in series]
    values = [
        {"kind": one.kind, "year": str(year), "value": None if number is None else float(number)}
        for one in series
        for year, number in one.values
    ]
    colour = {"field": "kind", "scale": {"domain": kinds, "range": [COLOURS[kind] for kind in kinds]}, "legend": None}
    shape = {"field": "kind", "scale": {"domain": kinds, "range": [SHAPES[kind] for kind in kinds]}, "legend": None}
    axis = {"title": None, "labelColor": COLOURS["ink-soft"], "labelFontSize": 13, "gridColor": COLOURS["line"]}
    axis |= {"domainColor": COLOURS["line"], "tickColor": COLOURS["line"], "labelFont": "Ctg Sans, sans-serif"}
    y_axis = axis | {"format": f",.{places}f", "tickCount": 5}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": WIDTH,
        "height": HEIGHT,
        "background": None,
        "config": {"view": {"stroke": None}},
        "data": {"values": values},
        "encoding": {
            "x": {"field": "year", "type": "ordinal", "axis": axis | {"labelAngle": 0, "grid": False}},
            "y": {"field": "value", "type": "quantitative", "axis": y_axis, "scale": {"zero": False}},
            "color": colour,
        },
        "layer": [
            {"mark": {"type": "line", "strokeWidth": 3}},
            {"mark": {"type": "point", "filled": True, "size": 90, "opacity": 1}, "encoding": {"shape": shape}},
        ],
    }


def _drawn(spec: str) -> str:
    import vl_convert  # heavy: only for those who draw

    svg = vl_convert.vegalite_to_svg(spec, format_locale="fr-FR", allowed_base_urls=[])
    return _COLOURED.sub(_with_classes, _ENGLISH_ARIA.sub("", svg))


def _with_classes(tag: re.Match[str]) -> str:
    """stroke="#0b5f66" gains the class stroke-here, that the dark theme can change."""
    names = {f"{attribute}-{NAMES[colour]}" for attribute, colour in _COLOUR.findall(tag[0]) if colour in NAMES}
    return f'{tag[0]} class="{" ".join(sorted(names))}"' if names else tag[0]


def _described(drawing: str, title: str, sentence: str) -> str:
    """What a screen reader says, and what WeasyPrint copies into the tagged PDF."""
    size = f"0 0 {_dimension(drawing, 'width')} {_dimension(drawing, 'height')}"
    label = escape(f"{title}. {sentence}")
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="{size}" role="img" aria-label="{label}">'
    words = f"<title>{escape(title)}</title><desc>{escape(sentence)}</desc>"
    return _OPENING.sub(lambda _: opening + words, drawing, count=1)


def _dimension(drawing: str, name: str) -> str:
    found = re.search(rf'<svg [^>]*\b{name}="([0-9.]+)"', drawing)
    return found[1] if found else "0"
