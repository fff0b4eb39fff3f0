"""What no document can say of an indicator, typed or brought by a file. Pure: the guarded process reads it too."""

from decimal import Decimal
from typing import Protocol

_UNSIGNED = {"percent": "une part", "rate": "un taux", "fte": "un nombre de postes"}


class Measured(Protocol):
    """An indicator, as the database or a reading knows it."""

    @property
    def unit(self) -> str: ...

    @property
    def counts_people(self) -> bool: ...

    @property
    def is_evolution(self) -> bool: ...


def below_zero(measured: Measured, number: Decimal) -> str:
    """What the indicator is, where a number below zero says nothing of it: « un effectif », « une part »."""
    if number >= 0 or measured.is_evolution:
        return ""
    return "un effectif" if measured.counts_people else _UNSIGNED.get(measured.unit, "")


def is_to_come(year: int, latest: int) -> bool:
    """A figure states a year begun; a projection is not one, and would be shown as what is."""
    return year > latest
