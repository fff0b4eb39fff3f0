"""What a fiche may begin from: a priority, an idea, a model action, an action of another Ctg. The link stays on the fiche."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from actions.content import code_key
from actions.models import Action, ActionPlan, ModelAction, Step, Target
from actions.services.fiches import save_action
from actions.services.parts import save_part
from actions.services.targets import save_target
from ctg_site.accounts.models import User
from ctg_site.lib.numbers import key_in
from ctg_site.lib.text import search_key
from diagnostic.models import Idea, Priority

TO_MEASURE = "À relever sur ce territoire"
COPIED = (
    "title",
    "description",
    "audience",
    "age_from",
    "age_to",
    "expected_results",
    "success_factors",
    "obstacles",
    "other_plans",
    "staff_means",
    "material_means",
)


@dataclass(frozen=True)
class Source:
    """Nothing for a blank fiche."""

    field: str = ""
    row: Any = None

    @property
    def sentence(self) -> str:
        return f"{SENTENCES[self.field]} « {self.row} »." if self.field else ""

    def first_values(self, plan: ActionPlan) -> dict[str, Any]:
        """What the first page of the fiche proposes."""
        return PROPOSED[self.field](plan, self.row) if self.field else {}


SENTENCES = {
    "priority": "Cette fiche répond à la priorité",
    "idea": "Cette fiche reprend la piste",
    "model": "Cette fiche part de l’action type",
    "copied_from": "Cette fiche reprend l’action",
}


def find_source(plan: ActionPlan, asked: Mapping[str, str], *, user: User) -> Source:
    """From the address; what the person may not read is as if it did not exist."""
    rows = {
        "priority": ("priorite", plan.diagnosis.priorities.all()),
        "idea": ("piste", plan.diagnosis.ideas.select_related("group", "finding")),
        "model": ("modele", ModelAction.objects.all()),
        "copied_from": ("action", Action.objects.open_to(user).select_related("plan__diagnosis__ctg")),
    }
    for field, (name, found) in rows.items():
        row = found.filter(pk=key_in(asked.get(name, ""))).first()
        if row:
            return Source(field, row)
    return Source()


@transaction.atomic
def create_action(action: Action, *, source: Source, by: User | None, **links: Any) -> Action:
    """The fiche with all that its source can give it; who leads it, its dates and its money stay to be written."""
    if source.field:
        setattr(action, source.field, source.row)
    template = source.row if source.field in ("model", "copied_from") else None
    for name in COPIED if template else ():
        if not getattr(action, name):
            setattr(action, name, getattr(template, name, getattr(action, name)))
    save_action(action, by=by, **links)
    if isinstance(template, ModelAction):
        _follow_model(action, template, by=by)
    elif isinstance(template, Action):
        _follow_action(action, template, by=by)
    return action


def _follow_model(action: Action, model: ModelAction, *, by: User | None) -> None:
    for step in model.steps:
        save_part(Step(action=action, title=step["title"], due_on=_months_in(action, step["month"])), by=by)
    for target in model.targets:
        save_target(Target(action=action, baseline_reason=TO_MEASURE, **target), by=by)


def _follow_action(action: Action, other: Action, *, by: User | None) -> None:
    shift = action.plan.ctg.starts_on - other.plan.ctg.starts_on
    for step in other.steps.all():
        save_part(Step(action=action, title=step.title, due_on=_within(action, step.due_on + shift)), by=by)
    for target in other.targets.all():
        kept = {name: getattr(target, name) for name in ("label", "kind", "scale", "level", "frequency", "unit")}
        kept |= {name: getattr(target, name) for name in ("direction", "goal", "source")}
        save_target(Target(action=action, baseline_reason=TO_MEASURE, **kept), by=by)


def _months_in(action: Action, months: int) -> date:
    start = action.starts_on or action.plan.ctg.starts_on
    years, month = divmod(start.month - 1 + months, 12)
    return _within(action, date(start.year + years, month + 1, 1))


def _within(action: Action, day: date) -> date:
    return min(max(day, action.plan.ctg.starts_on), action.plan.ctg.ends_on)


def _from_priority(plan: ActionPlan, priority: Priority) -> dict[str, Any]:
    themes = {finding.group_id for finding in priority.findings.all()}
    return {
        "title": priority.title,
        "priority": priority.pk,
        "findings": [finding.pk for finding in priority.findings.all()],
        "themes": list(themes),
        "objective": _first_objective(plan, priority),
    }


def _first_objective(plan: ActionPlan, priority: Priority) -> int | None:
    """A leaf of the axis that answers the priority."""
    axes = set(plan.objectives.filter(priorities=priority).values_list("pk", flat=True))
    leaves = plan.objectives.filter(children=None, parent__isnull=False).select_related("parent__parent")
    ordered = sorted(leaves, key=lambda leaf: code_key(leaf.code))
    return next((leaf.pk for leaf in ordered if axes & {leaf.pk, leaf.parent_id, leaf.axis.pk}), None)


def _from_idea(plan: ActionPlan, idea: Idea) -> dict[str, Any]:
    findings = [idea.finding_id] if idea.finding_id else []
    return {"title": str(idea)[:200], "idea": idea.pk, "themes": [idea.group_id], "findings": findings}


def _from_model(plan: ActionPlan, model: ModelAction) -> dict[str, Any]:
    themes = [group.pk for group in plan.ctg.groups.all() if search_key(group.name) == search_key(model.theme)]
    return {"title": model.title, "themes": themes}


def _from_action(plan: ActionPlan, action: Action) -> dict[str, Any]:
    names = {search_key(theme.name) for theme in action.themes.all()}
    themes = [group.pk for group in plan.ctg.groups.all() if search_key(group.name) in names]
    return {"title": action.title, "novelty": action.novelty, "themes": themes}


Proposal = Callable[[ActionPlan, Any], dict[str, Any]]
PROPOSED: dict[str, Proposal] = {
    "priority": _from_priority,
    "idea": _from_idea,
    "model": _from_model,
    "copied_from": _from_action,
}
