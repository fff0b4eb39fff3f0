"""Amounts piled up on one bar, one bar a row: who makes the total of each year.

Each part bears the number of its name in the key, so that the drawing reads in black and white.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ctg_site.lib.charts.palette import CLASSES, COLOURS
from ctg_site.lib.numbers import NBSP, euros

WIDTH, LABELS, AMOUNTS = 960, 84, 130
ROW, THICK = 44, 30
SHADES = (4, 1, 3, 0)  # neighbours far apart, from dark to light
WIDE_ENOUGH = 22


@dataclass(frozen=True)
class Part:
    number: str
    css: str
    fill: str
    ink: str
    x: str
    width: str
    middle: str
    title: str
    has_room: bool


@dataclass(frozen=True)
class Stack:
    label: str
    total: str
    total_x: str
    text_y: str
    bar_y: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Key:
    number: str
    css: str
    fill: str
    name: str
    total: str


@dataclass(frozen=True)
class StackChart:
    title: str
    sentence: str
    view_box: str
    thickness: str
    rows: tuple[Stack, ...]
    keys: tuple[Key, ...]
    colours: dict[str, str]


def stack_chart(
    title: str, sentence: str, names: Sequence[str], rows: Sequence[tuple[str, Sequence[Decimal]]]
) -> StackChart:
    """``rows``: a label and an amount for each name, in the same order."""
    longest = max((sum(amounts) for _, amounts in rows), default=Decimal(0)) or Decimal(1)
    totals = [sum((amounts[place] for _, amounts in rows), Decimal(0)) for place in range(len(names))]
    return StackChart(
        title=title,
        sentence=sentence,
        view_box=f"0 0 {WIDTH} {ROW * len(rows)}",
        thickness=str(THICK),
        rows=tuple(_stack(place, label, amounts, names, longest) for place, (label, amounts) in enumerate(rows)),
        keys=tuple(_key(place, name, total) for place, (name, total) in enumerate(zip(names, totals, strict=True))),
        colours={"ink": COLOURS["ink"]},
    )


def _stack(place: int, label: str, amounts: Sequence[Decimal], names: Sequence[str], longest: Decimal) -> Stack:
    x, top, parts = float(LABELS), ROW * place + (ROW - THICK) // 2, []
    for number, (name, amount) in enumerate(zip(names, amounts, strict=True)):
        width = float(amount / longest) * (WIDTH - LABELS - AMOUNTS)
        if amount > 0:
            parts.append(_part(number, x, width, f"{label}, {name}{NBSP}: {euros(amount)}"))
        x += max(width, 0)
    total = sum(amounts, Decimal(0))
    return Stack(label, euros(total), f"{x + 10:.1f}", str(top + THICK // 2 + 5), str(top), tuple(parts))


def _part(number: int, x: float, width: float, title: str) -> Part:
    shade = SHADES[number % len(SHADES)]
    return Part(
        number=str(number + 1),
        css=f"c{shade}",
        fill=CLASSES[shade],
        ink="#ffffff" if shade >= 3 else COLOURS["ink"],
        x=f"{x:.1f}",
        width=f"{width:.1f}",
        middle=f"{x + width / 2:.1f}",
        title=title,
        has_room=width >= WIDE_ENOUGH,
    )


def _key(place: int, name: str, total: Decimal) -> Key:
    shade = SHADES[place % len(SHADES)]
    return Key(str(place + 1), f"c{shade}", CLASSES[shade], name, euros(total))
