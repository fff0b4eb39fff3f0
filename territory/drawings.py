"""The charts of an indicator as files: the drawing of the page, with its title, its key, its source and the day burnt in."""

import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from ctg_site.lib.charts.lines import CUT
from ctg_site.lib.charts.marks import shape
from ctg_site.lib.charts.palette import COLOURS
from ctg_site.lib.dates import french_date
from territory.portraits.opened import Opened
from territory.portraits.themes import years_of
from territory.secrecy import PublicValue

KINDS = ("here", "dept", "france")
WIDTH, MARGIN, LINE = 680, 24, 20
LETTERS = 88  # of a line of text across the drawing
BAR_LEFT, BAR_WIDTH, BAR_STEP = 250, 300, 22


@dataclass(frozen=True)
class Text:
    y: int
    text: str


@dataclass(frozen=True)
class Key:
    y: int
    d: str
    fill: str
    text: str


@dataclass(frozen=True)
class BarRow:
    y: int
    width: str
    text_x: str
    label: str
    text: str
    fill: str


@dataclass
class Sheet:
    """What the template prints, from the top to the bottom; ``height`` grows with each part."""

    title: list[Text] = field(default_factory=list)
    sentence: list[Text] = field(default_factory=list)
    body: SafeString = SafeString("")
    body_y: int = 0
    body_height: int = 0
    bars: list[BarRow] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    footer: list[Text] = field(default_factory=list)
    height: int = MARGIN

    def write(self, into: list[Text], text: str, step: int = LINE, letters: int = LETTERS) -> None:
        for line in textwrap.wrap(text, letters):
            self.height += step
            into.append(Text(self.height, line))


def draw(opened: Opened, name: str, *, on: date) -> str | None:
    """SVG, or None when there is nothing to draw under this name."""
    sheet = _BODIES[name](opened)
    if sheet is None:
        return None
    sheet.height += LINE
    sheet.write(sheet.footer, _source(opened, name, on), 16, 105)
    sheet.height += MARGIN
    sizes = {"width": WIDTH, "margin": MARGIN, "body_width": WIDTH - 2 * MARGIN, "key_x": MARGIN + 8}
    return render_to_string("territory/place/drawing.svg", {"sheet": sheet} | sizes)


def _comparison(opened: Opened) -> Sheet | None:
    if opened.line is None or not opened.line.row.is_shown:
        return None
    row, names = opened.line.row, opened.stage.names
    sheet = _headed(row.label, row.sentence)
    columns = [(kind, name, value) for kind, name, value in zip(KINDS, names.values(), row.values, strict=True) if name]
    if row.plot.marks:
        _place(sheet, render_to_string("components/_dot_plot.html", {"plot": row.plot}), 420, 44)
        _add_keys(sheet, [(kind, f"{name}\u00a0: {_dated(value)}") for kind, name, value in columns])
    else:
        _add_bars(sheet, [(name, _dated(value), value.number, COLOURS[kind]) for kind, name, value in columns])
    return sheet


def _curve(opened: Opened) -> Sheet | None:
    if opened.curve is None:
        return None
    said = f"{opened.sentence} {CUT}" if opened.curve.is_cut else opened.sentence
    sheet = _headed(opened.curve.title, said)
    _, _, width, height = (
        float(number) for number in opened.curve.svg.partition('viewBox="')[2].partition('"')[0].split()
    )
    _place(sheet, opened.curve.svg, width, height)
    _add_keys(sheet, [(one.kind, one.name) for one in opened.curve.series])
    return sheet


def _map(opened: Opened) -> Sheet | None:
    if opened.inside is None or opened.inside.map is None:
        return None
    drawn = opened.inside.map
    sheet = _headed(drawn.title, drawn.sentence)
    _, _, width, height = (float(number) for number in drawn.view_box.split())
    _place(sheet, render_to_string("components/_map_drawing.html", {"map": drawn}), width, height)
    for key in drawn.legend:
        sheet.height += LINE
        sheet.keys.append(Key(sheet.height, "M-8 -8h16v16h-16z", key.fill, key.text))
    return sheet


def _bars(opened: Opened) -> Sheet | None:
    if opened.inside is None:
        return None
    rows = opened.inside.rows
    sheet = _headed(opened.inside.title, opened.inside.sentence)
    _add_bars(sheet, [(row.territory.name, row.value.words, row.value.number, COLOURS["here"]) for row in rows])
    return sheet


_BODIES: dict[str, Callable[[Opened], Sheet | None]] = {
    "comparaison": _comparison,
    "courbe": _curve,
    "carte": _map,
    "barres": _bars,
}


def _headed(title: str, sentence: str) -> Sheet:
    sheet = Sheet()
    sheet.write(sheet.title, title, 24, 66)
    sheet.height += 4
    sheet.write(sheet.sentence, sentence)
    sheet.height += LINE
    return sheet


def _place(sheet: Sheet, drawing: str, width: float, height: float) -> None:
    sheet.body, sheet.body_y = SafeString(drawing), sheet.height
    sheet.body_height = round((WIDTH - 2 * MARGIN) * height / width)
    sheet.height += sheet.body_height + 8


def _add_bars(sheet: Sheet, rows: Sequence[tuple[str, str, Decimal | None, str]]) -> None:
    largest = max((number for _, _, number, _ in rows if number is not None), default=Decimal(0)) or Decimal(1)
    for label, text, number, fill in rows:
        width = max(number or Decimal(0), Decimal(0)) / largest * BAR_WIDTH
        label = textwrap.shorten(label, 34, placeholder="…")
        sheet.bars.append(BarRow(sheet.height, f"{width:.1f}", f"{BAR_LEFT + width + 6:.1f}", label, text, fill))
        sheet.height += BAR_STEP


def _add_keys(sheet: Sheet, rows: Iterable[tuple[str, str]]) -> None:
    for kind, text in rows:
        sheet.height += LINE
        sheet.keys.append(Key(sheet.height, shape(kind), COLOURS[kind], text))


def _dated(value: PublicValue) -> str:
    return f"{value.words} ({years_of(value)})" if value.year else value.words


def _source(opened: Opened, name: str, on: date) -> str:
    sources = [row["source"] for row in opened.tables.sources]
    rows = [f"{one.name} ({', '.join(filter(None, (one.producer, one.licence)))})" for one in sources]
    outlines = [opened.inside.outline_source] if name == "carte" and opened.inside else []
    said = "\u00a0; ".join([*rows, *filter(None, outlines)])
    return f"{opened.stage.here.name}. Source\u00a0: {said}. Extrait le {french_date(on)}."
