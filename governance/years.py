"""The civil years of a convention and where the evaluation of each stands on a day (R21)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from governance.models import Evaluation
from territory.models import Ctg


class YearState(StrEnum):
    UPCOMING = "upcoming"
    TO_OPEN = "to_open"
    OPEN = "open"
    LATE = "late"
    VALIDATED = "validated"
    PUBLISHED = "published"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    YearState.UPCOMING: "À venir",
    YearState.TO_OPEN: "À ouvrir",
    YearState.OPEN: "Ouverte",
    YearState.LATE: "En retard",
    YearState.VALIDATED: "Validée",
    YearState.PUBLISHED: "Publiée",
}


@dataclass(frozen=True)
class Year:
    year: int
    state: YearState
    evaluation: Evaluation | None

    @property
    def label(self) -> str:
        return str(self.year)

    @property
    def kind(self) -> str:
        """Its badge: an open year is one in progress, a coming one is planned."""
        return {YearState.UPCOMING: "planned", YearState.TO_OPEN: "planned", YearState.OPEN: "ongoing"}.get(
            self.state, self.state.value
        )

    @property
    def due_on(self) -> date:
        return due_on(self.year)

    @property
    def can_open(self) -> bool:
        return self.evaluation is None and self.state in (YearState.TO_OPEN, YearState.LATE)


def due_on(year: int) -> date:
    """30 June of the year after: later, the evaluation is late."""
    return date(year + 1, 6, 30)


def years_of(ctg: Ctg, evaluations: Iterable[Evaluation], *, signed_on: date | None, on: date) -> list[Year]:
    """Every year of the period; nothing is due before the signature."""
    found = {evaluation.year: evaluation for evaluation in evaluations if evaluation.opened_on <= on}
    is_signed = signed_on is not None and signed_on <= on
    return [Year(year, _state(year, found.get(year), is_signed, on), found.get(year)) for year in ctg.years]


def _state(year: int, evaluation: Evaluation | None, is_signed: bool, on: date) -> YearState:
    if evaluation and evaluation.validated_on and evaluation.validated_on <= on:
        return YearState.PUBLISHED if evaluation.published_at else YearState.VALIDATED
    if not is_signed or on < date(year, 1, 1):
        return YearState.UPCOMING
    if on > due_on(year):
        return YearState.LATE
    return YearState.OPEN if evaluation else YearState.TO_OPEN
