"""How far each axis is: the mean of its actions weighted by their cost, weights in sight, abandoned actions apart (R66)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from actions.models import Objective
from ctg_site.lib.numbers import percent
from governance.models import ActionReview

ALL, NOTHING = Decimal(100), Decimal(0)
IMPLIED = {ActionReview.Progress.DONE: ALL, ActionReview.Progress.NOT_STARTED: NOTHING}


@dataclass(frozen=True)
class Row:
    """``percent`` is None when nobody gave it; ``weight`` is the share of the axis, in %, None when the action does not count."""

    review: ActionReview
    cost: Decimal
    percent: Decimal | None
    weight: Decimal | None

    @property
    def is_dropped(self) -> bool:
        return self.review.progress == ActionReview.Progress.DROPPED


@dataclass(frozen=True)
class AxisProgress:
    axis: Objective
    rows: list[Row]

    @property
    def percent(self) -> Decimal | None:
        counted = [row for row in self.rows if row.percent is not None and row.weight is not None]
        if not counted:
            return None
        return sum((row.percent * row.weight for row in counted), NOTHING) / ALL  # type: ignore[operator]

    @property
    def dropped(self) -> int:
        return sum(row.is_dropped for row in self.rows)

    @property
    def unknown(self) -> int:
        """Neither abandoned nor measured: left out of the mean, and said."""
        return sum(row.percent is None and not row.is_dropped for row in self.rows)

    @property
    def left_out(self) -> str:
        """« 1 abandonnée, 2 sans pourcentage »; empty when every action counts."""
        parts = [f"{self.dropped} abandonnée{'s' if self.dropped > 1 else ''}"] if self.dropped else []
        return ", ".join(parts + ([f"{self.unknown} sans pourcentage"] if self.unknown else []))


def progress_by_axis(reviews: Iterable[ActionReview]) -> list[AxisProgress]:
    """No query: reads ``action.objective.parent.parent`` and ``action.total_cost`` of reviews fetched by ``for_year``."""
    axes: dict[int, tuple[Objective, list[ActionReview]]] = {}
    for review in reviews:
        axis = axis_of(review.action.objective)
        axes.setdefault(axis.pk, (axis, []))[1].append(review)
    ordered = sorted(axes.values(), key=lambda item: (item[0].position, item[0].code))
    return [AxisProgress(axis, _weighted(found)) for axis, found in ordered]


def progress_sentence(axes: Iterable[AxisProgress]) -> str:
    """« Le plus avancé : 3. Rapprocher les droits, 51 % ; … »; empty without a figure."""
    known = [(axis.percent, str(axis.axis)) for axis in axes if axis.percent is not None]
    if not known:
        return ""
    (low, last), (high, first) = min(known), max(known)
    if percent(low) == percent(high):
        return f"Avancement\u00a0: {percent(high)}."
    return f"Le plus avancé\u00a0: {first}, {percent(high)}\u00a0; le moins avancé\u00a0: {last}, {percent(low)}."


def axis_of(objective: Objective) -> Objective:
    return objective if objective.parent is None else axis_of(objective.parent)


def percent_of(review: ActionReview) -> Decimal | None:
    """What was typed; else what « réalisée » and « non démarrée » imply; else unknown, which is not zero."""
    if review.progress == ActionReview.Progress.DROPPED:
        return None
    if review.percent is not None:
        return Decimal(review.percent)
    return IMPLIED.get(ActionReview.Progress(review.progress)) if review.progress else None


def _weighted(reviews: list[ActionReview]) -> list[Row]:
    """By cost; equally when none of the actions that count costs anything."""
    percents = {review.pk: percent_of(review) for review in reviews}
    costs = {review.pk: review.total_cost for review in reviews}  # type: ignore[attr-defined]
    counted = [pk for pk, percent in percents.items() if percent is not None]
    total = sum((costs[pk] for pk in counted), NOTHING)
    weights = {pk: ALL * costs[pk] / total if total else ALL / len(counted) for pk in counted}
    return [Row(review, costs[review.pk], percents[review.pk], weights.get(review.pk)) for review in reviews]
