"""What the plan of actions asks of a person, and what it holds for the commune of a mayor; a constant number of queries."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse

from actions.content import code_key
from actions.models import Action, ActionPlan, Step
from ctg_site.accounts.models import User
from territory.models import Ctg, Membership

LIMIT = 20
SOON = timedelta(days=30)


@dataclass(frozen=True)
class ActionTask:
    title: str
    detail: str
    url: str
    due_on: date | None
    is_late: bool


@dataclass(frozen=True)
class CommuneActions:
    """A commune in a Ctg, and the actions that concern it."""

    membership: Membership
    actions: list[Action]


def action_tasks(user: User, *, on: date) -> list[ActionTask]:
    """The fiches they lead and have not finished, the steps that are due or late."""
    return [*_drafts(user), *_steps(user, on)]


def _led(user: User) -> Q:
    return Q(
        action__lead_user=user,
        action__plan__in=ActionPlan.objects.current(),
        action__plan__diagnosis__ctg__in=Ctg.objects.visible_to(user),
    )


def _drafts(user: User) -> list[ActionTask]:
    rows = Action.objects.filter(
        lead_user=user,
        verdict__in=[Action.Verdict.DRAFT, Action.Verdict.REWORK],
        plan__in=ActionPlan.objects.current(),
        plan__diagnosis__ctg__in=Ctg.objects.visible_to(user),
    )
    return [
        ActionTask(
            f"{'Compléter' if action.is_draft else 'Reprendre'} la fiche {action.code}",
            f"{action.plan.ctg} : {action.title}",
            reverse("actions:action_edit", args=[action.plan.ctg.slug, action.pk]),
            None,
            False,
        )
        for action in rows.select_related("plan__diagnosis__ctg").order_by("code", "pk")[:LIMIT]
    ]


def _steps(user: User, on: date) -> list[ActionTask]:
    rows = Step.objects.filter(_led(user), done_on=None, due_on__lte=on + SOON).exclude(
        action__verdict__in=Action.SET_ASIDE
    )
    return [
        ActionTask(
            step.title,
            f"{step.action.plan.ctg} : action {step.action}",
            reverse("actions:steps_done", args=[step.action.plan.ctg.slug, step.action_id]),
            step.due_on,
            step.is_late_on(on),
        )
        for step in rows.select_related("action__plan__diagnosis__ctg").order_by("due_on", "pk")[:LIMIT]
    ]


def commune_actions(memberships: list[Membership]) -> list[CommuneActions]:
    """For each commune, what is named for it or for the whole territory, aside what was dropped."""
    rows = Action.objects.filter(
        plan__in=ActionPlan.objects.current(), plan__diagnosis__ctg__in=[row.ctg_id for row in memberships]
    ).exclude(verdict__in=[Action.Verdict.DRAFT, *Action.SET_ASIDE])
    actions = list(rows.select_related("plan__diagnosis").prefetch_related("communes").order_by("code", "pk"))
    actions.sort(key=lambda action: code_key(action.code))
    return [CommuneActions(row, [action for action in actions if _concerns(action, row)]) for row in memberships]


def _concerns(action: Action, membership: Membership) -> bool:
    communes = action.communes.all()
    place = membership.organisation.territory_id if membership.organisation else None
    return action.plan.diagnosis.ctg_id == membership.ctg_id and (
        not communes or any(commune.pk == place for commune in communes)
    )
