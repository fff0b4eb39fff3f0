"""The only way a view gets a plan or an action: outside is 404, inside but not allowed is 403 with the reason."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from actions import perms
from actions.content import PlanContent, read_plan
from actions.models import FROZEN, Action, ActionPlan
from ctg_site.accounts.models import User
from ctg_site.accounts.requests import Request

LEADS_ONLY = "Cette fiche est tenue par son pilote et par les personnes qui rédigent cette Ctg."
THEIRS_ONLY = "Vous lisez ici les actions que vous pilotez ; les autres se liront quand le plan sera publié."
WRITERS_ONLY = "Seules les personnes qui rédigent cette Ctg modifient le plan d’actions."


def shown_plan(request: Request, slug: str) -> ActionPlan:
    """The last version; for those outside, the last one that is public."""
    plans = ActionPlan.objects.open_to(request.user).for_page().filter(diagnosis__ctg__slug=slug)
    plan = plans.order_by("-version").first()
    if plan is None:
        raise Http404
    return plan


def content_for(request: Request, plan: ActionPlan, **what: Any) -> PlanContent:
    """What this reader may read of the plan: all of it inside, theirs for who only leads, what is retained outside."""
    inside = perms.is_inside(request.user, plan.ctg)
    return read_plan(plan, only_retained=not inside, led_by=led_by(request, plan), **what)


def led_by(request: Request, plan: ActionPlan) -> User | None:
    """Who only leads actions reads theirs, until the plan is public; None: everything is read."""
    return request.user if perms.sees_only_theirs(request.user, plan.ctg) and not plan.is_public else None


def version_inside(request: Request, slug: str, version: int) -> ActionPlan:
    plans = ActionPlan.objects.visible_to(request.user).for_page()
    return get_object_or_404(plans, diagnosis__ctg__slug=slug, version=version)


def plan_inside(request: Request, slug: str) -> ActionPlan:
    plans = ActionPlan.objects.current().visible_to(request.user).for_page()
    return get_object_or_404(plans, diagnosis__ctg__slug=slug)


def plan_to_edit(request: Request, slug: str) -> ActionPlan:
    plan = plan_inside(request, slug)
    perms.require(perms.can_edit_plan(request.user, plan.ctg), WRITERS_ONLY)
    refuse_frozen(plan)
    return plan


def refuse_frozen(plan: ActionPlan) -> None:
    perms.require(not plan.is_adopted, FROZEN)


def shown_action(request: Request, slug: str, pk: int) -> Action:
    rows = Action.objects.open_to(request.user).for_page().with_money()
    action = get_object_or_404(rows, plan__diagnosis__ctg__slug=slug, pk=pk)
    perms.require(perms.can_read_action(request.user, action), THEIRS_ONLY)
    return action


def action_inside(request: Request, slug: str, pk: int) -> Action:
    rows = Action.objects.visible_to(request.user).for_page()
    action = get_object_or_404(rows, plan__diagnosis__ctg__slug=slug, pk=pk)
    perms.require(perms.can_read_action(request.user, action), THEIRS_ONLY)
    return action


def action_to_write(request: Request, slug: str, pk: int) -> Action:
    """By those who write the plan, and by the person who leads this action."""
    action = action_inside(request, slug, pk)
    perms.require(perms.can_write_action(request.user, action), LEADS_ONLY)
    refuse_frozen(action.plan)
    return action


def action_to_edit(request: Request, slug: str, pk: int) -> Action:
    action = action_inside(request, slug, pk)
    perms.require(perms.can_edit_plan(request.user, action.plan.ctg), WRITERS_ONLY)
    refuse_frozen(action.plan)
    return action
