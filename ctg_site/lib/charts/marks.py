"""Marks that live inside a table: dots on a common scale, bars."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from ctg_site.lib.charts.palette import COLOURS, DEPT, FRANCE, HERE
from ctg_site.lib.numbers import NBSP

WIDTH, HEIGHT, MARGIN, LINE = 420, 44, 14, 26
MOST_STEPS = 10


@dataclass(frozen=True)
class Point:
    """What to compare: ``role`` is here, dept or france; ``number`` is None when the figure is secret or missing,
    and ``text`` says which (« 43 % », « secret », « n.d. »)."""

    role: str
    name: str
    text: str
    number: Decimal | None = None


@dataclass(frozen=True)
class Scale:
    """One for all the rows of a table, or their dots would not compare."""

    low: Decimal
    high: Decimal

    @classmethod
    def covering(cls, numbers: Iterable[Decimal | None]) -> "Scale":
        """From zero (or below) to the first round number that covers them all."""
        shown = [number for number in numbers if number is not None]
        low, high = min([*shown, Decimal(0)]), max([*shown, Decimal(0)])
        step = _round_step(high - low)
        steps_up = (high / step).to_integral_value(ROUND_CEILING)
        steps_down = (low / step).to_integral_value(ROUND_FLOOR)
        return cls(steps_down * step, max(steps_up, steps_down + 1) * step)

    def share(self, number: Decimal) -> Decimal:
        return (number - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class Mark:
    """A dot: here is a circle, the département a diamond, France a square."""

    role: str
    x: str
    d: str
    fill: str


@dataclass(frozen=True)
class DotPlot:
    """``span`` is the segment between the extreme dots, ``label`` what is written above the dot of here."""

    title: str
    sentence: str
    marks: tuple[Mark, ...]
    span: tuple[str, str] | None
    label: str
    label_x: str
    label_anchor: str
    rows: tuple[Point, ...]
    view_box: str = f"0 0 {WIDTH} {HEIGHT}"
    axis: tuple[int, int] = (MARGIN, WIDTH - MARGIN)
    y: int = LINE


@dataclass(frozen=True)
class Bar:
    """``width`` goes from 0 to 100, the longest bar being 100; empty when there is no figure to draw."""

    label: str
    text: str
    width: str


def dot_plot(title: str, points: Sequence[Point], scale: Scale) -> DotPlot:
    """A dot for each figure that may be shown; the sentence says them all, those that may not included."""
    placed = {point.role: _x(scale.share(point.number)) for point in points if point.number is not None}
    here = next((point for point in points if point.role == HERE and point.role in placed), None)
    label_x = placed.get(HERE, Decimal(0))
    marks = (Mark(role, f"{x:.1f}", _SHAPES[role](x), COLOURS[role]) for role, x in _back_to_front(placed))
    return DotPlot(
        title=title,
        sentence=f"{title}{NBSP}: " + ", ".join(f"{point.name} {point.text}" for point in points),
        marks=tuple(marks),
        span=(f"{min(placed.values()):.1f}", f"{max(placed.values()):.1f}") if len(placed) > 1 else None,
        label=here.text if here else "",
        label_x=f"{label_x:.1f}",
        label_anchor=_anchor(label_x),
        rows=tuple(points),
    )


def bars(rows: Sequence[tuple[str, str, Decimal | None]]) -> list[Bar]:
    """Label, text and number of each row; widths are relative to the largest."""
    largest = max((number for _, _, number in rows if number is not None), default=Decimal(0))
    return [Bar(label, text, _width(number, largest)) for label, text, number in rows]


def _width(number: Decimal | None, largest: Decimal) -> str:
    if number is None:
        return ""
    return f"{max(number, Decimal(0)) / largest * 100:.1f}" if largest else "0.0"


def _round_step(extent: Decimal) -> Decimal:
    """The smallest of 1, 2, 5, 10, 20, 50… (and their tenths) that covers the extent in ten steps."""
    if not extent:
        return Decimal(1)
    power = Decimal(1).scaleb(extent.adjusted() - 1)
    return next(power * factor for factor in (1, 2, 5, 10) if extent / (power * factor) <= MOST_STEPS)


def _x(share: Decimal) -> Decimal:
    return MARGIN + share * (WIDTH - 2 * MARGIN)


def _anchor(x: Decimal) -> str:
    """The text above the first or the last dots stays inside the drawing."""
    if x < 3 * MARGIN:
        return "start"
    return "end" if x > WIDTH - 3 * MARGIN else "middle"


def _back_to_front(placed: dict[str, Decimal]) -> Iterable[tuple[str, Decimal]]:
    return ((role, placed[role]) for role in (FRANCE, DEPT, HERE) if role in placed)


def _circle(x: Decimal) -> str:
    return f"M{x - 8:.1f} {LINE}a8 8 0 1 0 16 0a8 8 0 1 0 -16 0z"


def _diamond(x: Decimal) -> str:
    return f"M{x:.1f} {LINE - 7}l7 7 -7 7 -7 -7z"


def _square(x: Decimal) -> str:
    return f"M{x - 5:.1f} {LINE - 5}h10v10h-10z"


_SHAPES = {HERE: _circle, DEPT: _diamond, FRANCE: _square}
