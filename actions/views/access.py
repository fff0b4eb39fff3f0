"""The only way a view gets a plan or an action: outside is 404, inside but not allowed is 403 with the reason."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from actions import perms
from actions.models import Action, ActionPlan
from ctg_site.lib.errors import RuleBroken

WRITERS_ONLY = "Seules les personnes qui rédigent cette Ctg modifient le plan d’actions."


def shown_plan(request: HttpRequest, slug: str) -> ActionPlan:
    plans = ActionPlan.objects.current().open_to(request.user).for_page()
    return get_object_or_404(plans, diagnosis__ctg__slug=slug)


def plan_inside(request: HttpRequest, slug: str) -> ActionPlan:
    plans = ActionPlan.objects.current().visible_to(request.user).for_page()
    return get_object_or_404(plans, diagnosis__ctg__slug=slug)


def plan_to_edit(request: HttpRequest, slug: str) -> ActionPlan:
    plan = plan_inside(request, slug)
    perms.require(perms.can_edit_plan(request.user, plan.ctg), WRITERS_ONLY)
    return plan


def shown_action(request: HttpRequest, slug: str, pk: int) -> Action:
    return get_object_or_404(Action.objects.open_to(request.user).for_page(), plan__diagnosis__ctg__slug=slug, pk=pk)


def action_inside(request: HttpRequest, slug: str, pk: int) -> Action:
    return get_object_or_404(Action.objects.visible_to(request.user).for_page(), plan__diagnosis__ctg__slug=slug, pk=pk)


def action_to_edit(request: HttpRequest, slug: str, pk: int) -> Action:
    action = action_inside(request, slug, pk)
    perms.require(perms.can_edit_plan(request.user, action.plan.ctg), WRITERS_ONLY)
    return action


def saved(form: BaseForm, gesture: Callable[[], Any]) -> bool:
    """Run the gesture of a valid form; a refusal goes on the form, which keeps what was typed."""
    if not form.is_valid():
        return False
    try:
        gesture()
    except RuleBroken as refusal:
        form.add_error(None, [str(refusal), *refusal.missing])
        return False
    return True


def done(request: HttpRequest, gesture: Callable[[], Any], success: str) -> None:
    """Run a gesture that has no form, and say how it went."""
    try:
        gesture()
    except RuleBroken as refusal:
        for sentence in [str(refusal), *refusal.missing]:
            messages.error(request, sentence)
    else:
        messages.success(request, success)
