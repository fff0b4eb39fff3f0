"""The plan in time: one drawing an axis, on the scale of the Ctg or of one of its years."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from actions.content import PlanContent
from actions.models import Action
from ctg_site.lib.charts import Period, Span, Timeline, timeline
from ctg_site.lib.charts.timelines import DASHED, FULL, HOLLOW


@dataclass(frozen=True)
class AxisSchedule:
    title: str
    chart: Timeline
    actions: list[Action]


def plan_schedule(content: PlanContent, *, on: date, year: int | None = None) -> list[AxisSchedule]:
    period = period_of(content, year)
    found = []
    for axis in content.axes:
        actions = [action for action in axis.all_actions() if year is None or _touches(action, year)]
        if actions:
            title = str(axis.objective)
            chart = timeline(title, [span_of(action) for action in actions], period, on=on, noun="action")
            found.append(AxisSchedule(title, chart, actions))
    return found


def period_of(content: PlanContent, year: int | None = None) -> Period:
    if year is not None:
        return Period(date(year, 1, 1), date(year, 12, 31))
    return Period(content.plan.ctg.starts_on, content.plan.ctg.ends_on)


def span_of(action: Action) -> Span:
    return Span(str(action), action.starts_on, action.ends_on, _shape(action), tuple(_steps(action)), action.code)


def plan_sentence(content: PlanContent) -> str:
    """What the drawing shows, before one looks at it."""
    counted = content.counted_actions
    without = sum(not (action.starts_on and action.ends_on) for action in counted)
    aside = len(content.actions) - len(counted)
    parts = [
        f"{len(counted)} action{_s(len(counted))}, " + (f"dont {without} sans dates" if without else "toutes datées")
    ]
    if aside:
        parts.append(f"en pointillé, {aside} reportée{_s(aside)} ou écartée{_s(aside)}")
    return " ; ".join(parts) + "."


def _s(count: int) -> str:
    return "s" if count > 1 else ""


def _shape(action: Action) -> str:
    if action.is_retained:
        return FULL
    return DASHED if action.is_set_aside else HOLLOW


def _steps(action: Action) -> Iterable[tuple[date, str]]:
    return ((step.due_on, step.title) for step in action.steps.all())


def _touches(action: Action, year: int) -> bool:
    first, last = action.starts_on, action.ends_on
    return (first is None or first.year <= year) and (last is None or last.year >= year)
