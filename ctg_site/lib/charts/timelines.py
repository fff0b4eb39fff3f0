"""Things that last, on one scale of time: bars, the dates that count on them, and today.

Readable in black and white: what a bar is, its shape says (full, hollow, dashed) and not its colour.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ctg_site.lib.charts.palette import COLOURS
from ctg_site.lib.dates import french_span, short_date
from ctg_site.lib.numbers import NBSP

FULL, HOLLOW, DASHED = "full", "hollow", "dashed"

WIDTH, LABELS, RIGHT = 960, 330, 12
HEAD, ROW, THICK = 34, 28, 14
LONGEST_LABEL = 52
MONTHS = ("J", "F", "M", "A", "M", "J", "J", "A", "S", "O", "N", "D")


@dataclass(frozen=True)
class Span:
    """What to draw: from when to when (None: not known), and the dated steps on the way; ``short`` names it on a phone."""

    label: str
    starts_on: date | None
    ends_on: date | None
    shape: str = FULL
    steps: tuple[tuple[date, str], ...] = ()
    short: str = ""


@dataclass(frozen=True)
class Period:
    """The scale: the same for all the drawings of a page."""

    starts_on: date
    ends_on: date

    def place(self, day: date) -> float:
        days = (self.ends_on - self.starts_on).days + 1
        return LABELS + (WIDTH - LABELS - RIGHT) * (day - self.starts_on).days / days

    def holds(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True)
class Tick:
    x: str
    text_x: str
    text: str
    is_strong: bool


@dataclass(frozen=True)
class Step:
    d: str
    title: str


@dataclass(frozen=True)
class Row:
    """``width`` is empty when a date is missing: « dates à fixer » is written instead of a bar."""

    label: str
    short: str
    title: str
    text_y: str
    line_y: str
    bar_x: str
    bar_y: str
    width: str
    shape: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Timeline:
    title: str
    sentence: str
    view_box: str
    bottom: str
    thickness: str
    labels: str
    short_x: str
    right: str
    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]
    today: str
    colours: dict[str, str]


def timeline(title: str, spans: Sequence[Span], period: Period, *, on: date, noun: str = "ligne") -> Timeline:
    bottom = HEAD + ROW * len(spans)
    return Timeline(
        title=title,
        sentence=_sentence(spans, noun),
        view_box=f"0 0 {WIDTH} {bottom + 4}",
        bottom=str(bottom),
        thickness=str(THICK),
        labels=str(LABELS),
        short_x=str(LABELS - 8),
        right=str(WIDTH - RIGHT),
        ticks=tuple(_ticks(period)),
        rows=tuple(_row(span, place, period) for place, span in enumerate(spans)),
        today=f"{period.place(on):.1f}" if period.holds(on) else "",
        colours={"ink": COLOURS["ink"], "soft": COLOURS["ink-soft"], "line": COLOURS["line"], "here": COLOURS["here"]},
    )


def _row(span: Span, place: int, period: Period) -> Row:
    top = HEAD + ROW * place
    first, last = _inside(span, period)
    known = first is not None and last is not None
    x = period.place(first) if first else LABELS
    width = max(period.place(last + timedelta(days=1)) - x, 3) if first and last else 0
    return Row(
        label=span.label if len(span.label) <= LONGEST_LABEL else f"{span.label[: LONGEST_LABEL - 1].rstrip()}…",
        short=span.short,
        title=f"{span.label}{NBSP}: {when(span)}",
        text_y=f"{top + ROW / 2 + 4.5:.1f}",
        line_y=str(top + ROW),
        bar_x=f"{x:.1f}",
        bar_y=f"{top + (ROW - THICK) / 2:.1f}",
        width=f"{width:.1f}" if known else "",
        shape=span.shape,
        steps=tuple(_steps(span, top + ROW / 2, period)),
    )


def _inside(span: Span, period: Period) -> tuple[date | None, date | None]:
    """What of the span falls in the period; nothing when it is elsewhere or without dates."""
    if span.starts_on is None or span.ends_on is None:
        return None, None
    first, last = max(span.starts_on, period.starts_on), min(span.ends_on, period.ends_on)
    return (first, last) if first <= last else (None, None)


def _steps(span: Span, middle: float, period: Period) -> Iterable[Step]:
    for day, label in span.steps:
        if period.holds(day):
            x = period.place(day)
            yield Step(f"M{x:.1f} {middle - 7:.1f}l7 7 -7 7 -7 -7z", f"{label}{NBSP}: {short_date(day)}")


def _ticks(period: Period) -> Iterable[Tick]:
    """A line a year; a line a month when the period is a single year."""
    by_month = period.starts_on.year == period.ends_on.year
    starts = [day for day in _firsts(period, by_month) if period.holds(day)]
    edges = [period.place(day) for day in starts] + [float(WIDTH - RIGHT)]
    for place, day in enumerate(starts):
        text = MONTHS[day.month - 1] if by_month else str(day.year)
        middle = (edges[place] + edges[place + 1]) / 2
        yield Tick(f"{edges[place]:.1f}", f"{middle:.1f}", text, not by_month or day.month == 1)


def _firsts(period: Period, by_month: bool) -> list[date]:
    years = range(period.starts_on.year, period.ends_on.year + 1)
    months = range(1, 13) if by_month else (1,)
    found = [date(year, month, 1) for year in years for month in months]
    return found if found[0] >= period.starts_on else [period.starts_on, *found[1:]]


def _sentence(spans: Sequence[Span], noun: str) -> str:
    dated = [span for span in spans if span.starts_on and span.ends_on]
    count = f"{len(spans)} {noun}{'s' if len(spans) > 1 else ''}"
    if not dated:
        return f"{count}, sans date pour l’instant."
    first = min(span.starts_on for span in dated if span.starts_on)
    last = max(span.ends_on for span in dated if span.ends_on)
    missing = len(spans) - len(dated)
    without = f"{NBSP}; {missing} sans dates" if missing else ""
    return f"{count}, {french_span(first, ends_on=last)}{without}."


def when(span: Span) -> str:
    if span.starts_on and span.ends_on:
        return f"du {short_date(span.starts_on)} au {short_date(span.ends_on)}"
    return "dates à fixer"
