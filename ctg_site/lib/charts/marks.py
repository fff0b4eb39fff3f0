"""Marks that live inside a table: dots on a common scale, bars."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from ctg_site.lib.charts.palette import COLOURS, DEPT, FRANCE, HERE
from ctg_site.lib.numbers import NBSP

WIDTH, MARGIN, LINE = 420, 14, 26  # of the drawing: 420 × 44, the dots on the line 26
NARROW = 300  # of the same in the column of a table
BACK_TO_FRONT = (HERE, DEPT, FRANCE)  # the smallest in front: even three equal figures show three marks
MOST_STEPS = 10


@dataclass(frozen=True)
class Point:
    """What to compare: ``kind`` is here, dept or france; ``number`` is None when the figure is secret or missing,
    and ``text`` says which (« 43 % », « secret », « n.d. »)."""

    kind: str
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
    """A dot: here is a circle with its figure above, the département a diamond, France a square.

    ``d`` and ``fill`` draw the whole shape, for a document without CSS.
    """

    kind: str
    x: str
    text: str
    anchor: str
    d: str
    fill: str


@dataclass(frozen=True)
class DotPlot:
    """``label`` is the sentence for who does not see; ``span`` the segment between the extreme dots."""

    title: str
    label: str
    marks: tuple[Mark, ...]
    span: tuple[str, str] | None
    rows: tuple[Point, ...]
    width: int = WIDTH

    @property
    def axis_end(self) -> int:
        return self.width - MARGIN

    @property
    def narrow(self) -> "DotPlot":
        """For a column: dots of the same size closer to one another, without the figure that stands two cells away."""
        marks = tuple(
            replace(mark, x=_closer(mark.x), text="", d=_SHAPES[mark.kind](Decimal(_closer(mark.x))))
            for mark in self.marks
        )
        span = (_closer(self.span[0]), _closer(self.span[1])) if self.span else None
        return replace(self, marks=marks, span=span, width=NARROW)


@dataclass(frozen=True)
class Bar:
    """``share`` goes from 0 to 100, the longest bar being 100."""

    label: str
    text: str
    share: Decimal


def dot_plot(title: str, points: Sequence[Point], scale: Scale) -> DotPlot:
    """A dot for each figure that may be shown; the label says them all, those that may not included."""
    shown = {point.kind: point for point in points if point.number is not None}
    marks = tuple(_mark(shown[kind], scale) for kind in BACK_TO_FRONT if kind in shown)
    places = sorted((mark.x for mark in marks), key=float)
    return DotPlot(
        title=title,
        label=f"{title}{NBSP}: " + ", ".join(f"{point.name} {point.text}" for point in points),
        marks=marks,
        span=(places[0], places[-1]) if len(places) > 1 else None,
        rows=tuple(points),
    )


def bars(rows: Sequence[tuple[str, str, Decimal | None]]) -> list[Bar]:
    """Label, text and number of each row; shares are relative to the largest, and 0 without a figure."""
    largest = max((number for _, _, number in rows if number is not None), default=Decimal(0))
    return [
        Bar(label, text, max(number or Decimal(0), Decimal(0)) / (largest or 1) * 100) for label, text, number in rows
    ]


def _mark(point: Point, scale: Scale) -> Mark:
    x = MARGIN + scale.share(point.number or Decimal(0)) * (WIDTH - 2 * MARGIN)
    text = point.text if point.kind == HERE else ""
    return Mark(point.kind, f"{x:.1f}", text, _anchor(x), _SHAPES[point.kind](x), COLOURS[point.kind])


def _closer(x: str) -> str:
    return f"{MARGIN + (Decimal(x) - MARGIN) * (NARROW - 2 * MARGIN) / (WIDTH - 2 * MARGIN):.1f}"


def shape(kind: str) -> str:
    """The mark of a place around the origin, for a key."""
    return _KEYS[kind]


def _round_step(extent: Decimal) -> Decimal:
    """The smallest of 1, 2, 5, 10, 20, 50… (and their tenths) that covers the extent in ten steps."""
    if not extent:
        return Decimal(1)
    power = Decimal(1).scaleb(extent.adjusted() - 1)
    return next(power * factor for factor in (1, 2, 5, 10) if extent / (power * factor) <= MOST_STEPS)


def _anchor(x: Decimal) -> str:
    """The text above the first or the last dots stays inside the drawing."""
    if x < 3 * MARGIN:
        return "start"
    return "end" if x > WIDTH - 3 * MARGIN else "middle"


def _circle(x: Decimal) -> str:
    return f"M{x - 8:.1f} {LINE}a8 8 0 1 0 16 0a8 8 0 1 0 -16 0z"


def _diamond(x: Decimal) -> str:
    return f"M{x:.1f} {LINE - 7}l7 7 -7 7 -7 -7z"


def _square(x: Decimal) -> str:
    return f"M{x - 5:.1f} {LINE - 5}h10v10h-10z"


_KEYS = {
    HERE: "M-8 0a8 8 0 1 0 16 0a8 8 0 1 0 -16 0z",
    DEPT: "M0 -8l8 8 -8 8 -8 -8z",
    FRANCE: "M-6 -6h12v12h-12z",
}
_SHAPES = {HERE: _circle, DEPT: _diamond, FRANCE: _square}
