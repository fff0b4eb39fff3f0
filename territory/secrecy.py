"""The only way a figure leaves: pages, sheets and PDFs print a PublicValue, never a raw number."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from ctg_site.lib import numbers
from territory.models import Indicator, Value


class Figure(Protocol):
    """A row of figures, made into a value or not."""

    @property
    def number(self) -> Decimal | None: ...
    @property
    def quality(self) -> str: ...
    @property
    def is_withheld(self) -> bool: ...


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
    licence: str = ""  # of that source

    @property
    def is_shown(self) -> bool:
        return self.state == State.SHOWN

    @property
    def quality_words(self) -> str:
        """« arrondi par le producteur », « estimé »; nothing of what is exact, nor of what is not shown."""
        return _TOLD.get(self.quality, "") if self.is_shown else ""

    @property
    def words(self) -> str:
        """In full, where nothing explains « secret » or « n.d. » beside it: files, drawings, what a screen reader says."""
        return WORDS.get(self.text, self.text)


FEW = 100  # a count rounded by its producer, below which a ratio has no decimals
MISSING = PublicValue(State.MISSING, text="n.d.")
MASKED = PublicValue(State.MASKED, text="secret")
NOT_COMPUTABLE = PublicValue(State.NOT_APPLICABLE, text="non calculable")

_STATES = {
    Value.Quality.MASKED: State.MASKED,
    Value.Quality.MISSING: State.MISSING,
    Value.Quality.NOT_APPLICABLE: State.NOT_APPLICABLE,
}
_WORDS = {State.MASKED: "secret", State.MISSING: "n.d.", State.NOT_APPLICABLE: "sans objet"}
WORDS = {"secret": "secret statistique", "n.d.": "non disponible"}
_TOLD = {one.value: str(one.label) for one in (Value.Quality.ROUNDED, Value.Quality.ESTIMATED)}
REASONS = {
    "secret": "secret statistique, le chiffre n’est pas montré et n’est pas un zéro",
    "n.d.": "non disponible, personne ne l’a publié",
    "sans objet": "n’a pas de sens pour ce territoire",
    "non calculable": "ne s’additionne pas d’une commune à l’autre, il faudrait le compter pour ce périmètre",
}


def marks_of(values: Iterable[PublicValue]) -> list[tuple[str, str]]:
    """The key of a table: each mark that stands in it for a figure, and why. What masks a figure is never told."""
    used = {value.text for value in values if not value.is_shown}
    return [(text, reason) for text, reason in REASONS.items() if text in used]


def public_value(value: Value | None, indicator: Indicator) -> PublicValue:
    """The gate for one figure: what is masked was decided when the figures arrived (withholding.py)."""
    if value is None:
        return MISSING
    state = state_of(value)
    number = value.number if state == State.SHOWN else None
    return PublicValue(
        state,
        number,
        _WORDS[state] if number is None else text_of(number, indicator),
        unit=indicator.unit,
        year=value.year,
        start_year=value.start_year,
        source=value.release.source.name,
        quality=value.quality,
        licence=value.release.source.licence,
    )


def state_of(value: Figure) -> State:
    if value.number is None:
        return _STATES[Value.Quality(value.quality)]
    return State.MASKED if value.is_withheld else State.SHOWN


def text_of(number: Decimal, indicator: Indicator, decimals: int | None = None) -> str:
    """The number in French, with its unit."""
    decimals = indicator.decimals if decimals is None else decimals
    if indicator.unit == Indicator.Unit.PERCENT:
        return numbers.percent(number, decimals)
    if indicator.unit == Indicator.Unit.EURO:
        return numbers.euros(number)
    if indicator.unit == Indicator.Unit.FTE:
        return numbers.fte(number)
    return numbers.decimal(number, decimals)


def ratio(numerator: Value | None, denominator: Value | None, indicator: Indicator) -> PublicValue:
    """A ratio recomputed from its terms, in %; a masked term masks it, a missing one or a zero below makes it missing.

    The year shown is the numerator's: the two terms may be of different years, the definition says so.
    """
    if indicator.numerator is None or indicator.denominator is None:
        return MISSING
    above, below = public_value(numerator, indicator.numerator), public_value(denominator, indicator.denominator)
    if State.MASKED in (above.state, below.state):
        return PublicValue(State.MASKED, text=_WORDS[State.MASKED], unit=indicator.unit, year=above.year)
    if State.NOT_APPLICABLE in (above.state, below.state):
        state = State.NOT_APPLICABLE
        return PublicValue(state, text=_WORDS[state], unit=indicator.unit, year=above.year)
    if above.number is None or not below.number:
        return MISSING
    number, decimals = above.number / below.number * 100, None
    if above.quality == Value.Quality.ROUNDED and above.number < FEW:
        number, decimals = numbers.rounded(number, 0), 0  # a count known within five says no more (rule R49)
    return PublicValue(
        State.SHOWN,
        number,
        text_of(number, indicator, decimals),
        indicator.unit,
        above.year,
        above.start_year,
        above.source,
        above.quality,
        above.licence,
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
