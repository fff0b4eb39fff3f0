"""The only way a figure leaves: pages, sheets and PDFs print a PublicValue, never a raw number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from ctg_site.lib import numbers
from territory.models import Indicator, Source, Value


class State(StrEnum):
    SHOWN = "shown"
    MASKED = "masked"
    MISSING = "missing"
    NOT_APPLICABLE = "na"


@dataclass(frozen=True)
class PublicValue:
    """What may be shown of a figure. ``number`` is None unless the state is shown."""

    state: State
    number: Decimal | None = None
    text: str = ""
    unit: str = ""
    year: int | None = None
    start_year: int | None = None
    source: str = ""
    quality: str = ""

    @property
    def is_shown(self) -> bool:
        return self.state == State.SHOWN


MISSING = PublicValue(State.MISSING, text="n.d.")
MASKED = PublicValue(State.MASKED, text="secret")

_STATES = {
    Value.Quality.MASKED: State.MASKED,
    Value.Quality.MISSING: State.MISSING,
    Value.Quality.NOT_APPLICABLE: State.NOT_APPLICABLE,
}
_WORDS = {State.MASKED: "secret", State.MISSING: "n.d.", State.NOT_APPLICABLE: "sans objet"}


def public_value(value: Value | None, indicator: Indicator, source: Source | None = None) -> PublicValue:
    """The gate for one figure: a small count of people or households is masked, zero is not (0 reveals nobody)."""
    if value is None:
        return MISSING
    source = source or value.release.source
    state = _state_of(value, indicator, source)
    number = value.number if state == State.SHOWN else None
    return PublicValue(
        state,
        number,
        _WORDS[state] if number is None else text_of(number, indicator),
        unit=indicator.unit,
        year=value.year,
        start_year=value.start_year,
        source=source.name,
        quality=value.quality,
    )


def _state_of(value: Value, indicator: Indicator, source: Source) -> State:
    if value.number is None:
        return _STATES[Value.Quality(value.quality)]
    return State.MASKED if is_small(value.number, indicator, source) else State.SHOWN


def is_small(number: Decimal, indicator: Indicator, source: Source) -> bool:
    return indicator.counts_people and indicator.unit == Indicator.Unit.COUNT and 0 < number < source.secrecy_threshold


def text_of(number: Decimal, indicator: Indicator) -> str:
    """The number in French, with its unit."""
    if indicator.unit == Indicator.Unit.PERCENT:
        return numbers.percent(number, indicator.decimals)
    if indicator.unit == Indicator.Unit.EURO:
        return numbers.euros(number)
    if indicator.unit == Indicator.Unit.FTE:
        return numbers.fte(number)
    return numbers.decimal(number, indicator.decimals)


def ratio(numerator: Value | None, denominator: Value | None, indicator: Indicator) -> PublicValue:
    """A ratio recomputed from its terms, in %; a masked term masks it, a missing one or a zero below makes it missing.

    The year shown is the numerator's: the two terms may be of different years, the definition says so.
    """
    if indicator.numerator is None or indicator.denominator is None:
        return MISSING
    above, below = public_value(numerator, indicator.numerator), public_value(denominator, indicator.denominator)
    if State.MASKED in (above.state, below.state):
        return PublicValue(State.MASKED, text=_WORDS[State.MASKED], unit=indicator.unit, year=above.year)
    if above.number is None or not below.number:
        return MISSING
    number = above.number / below.number * 100
    return PublicValue(
        State.SHOWN,
        number,
        text_of(number, indicator),
        indicator.unit,
        above.year,
        above.start_year,
        above.source,
        above.quality,
    )


def total(values: Iterable[PublicValue], indicator: Indicator) -> PublicValue:
    """A sum is only as good as its terms: one masked term masks it, one missing makes it missing (rule R45)."""
    values = list(values)
    states = {value.state for value in values}
    if State.MASKED in states:
        return replace(MASKED, unit=indicator.unit, year=values[0].year)
    if not values or states != {State.SHOWN}:
        return replace(MISSING, unit=indicator.unit, year=values[0].year if values else None)
    number = sum((value.number for value in values if value.number is not None), Decimal(0))
    return replace(values[0], number=number, text=text_of(number, indicator))


def hide_deducible(cells: Sequence[PublicValue]) -> list[PublicValue]:
    """Beside a shown total, one masked cell alone could be found by subtraction: the smallest other one is masked too."""
    hidden = [cell for cell in cells if not cell.is_shown and cell.state != State.NOT_APPLICABLE]
    others = [(cell.number, i) for i, cell in enumerate(cells) if cell.number]
    if len(hidden) != 1 or hidden[0].state != State.MASKED or not others:
        return list(cells)
    smallest = min(others)[1]
    return [replace(MASKED, unit=c.unit, year=c.year) if i == smallest else c for i, c in enumerate(cells)]


def masked_cells(row: Sequence[Decimal | int | None], threshold: int, *, total_shown: bool = True) -> set[int]:
    """Which cells of a row of counts to hide. When a single one is hidden beside a shown total, the smallest other
    non-zero cell is hidden too, or subtraction would give it back (domain T11)."""
    hidden = {i for i, cell in enumerate(row) if cell is not None and 0 < cell < threshold}
    if len(hidden) == 1 and total_shown:
        others = [(cell, i) for i, cell in enumerate(row) if cell and i not in hidden]
        if others:
            hidden.add(min(others)[1])
    return hidden
