"""Where a fiche may begin: the priorities and ideas of the diagnosis, the library, the actions of other Ctgs."""

from django.http import HttpResponse
from django.shortcuts import render

from actions.models import Action, ModelAction
from actions.views.access import plan_to_edit
from ctg_site.accounts.requests import Request
from ctg_site.lib.numbers import whole_number

MOST_FOUND = 20


def action_begin(request: Request, slug: str) -> HttpResponse:
    plan = plan_to_edit(request, slug)
    text, objective = request.GET.get("q", "").strip()[:100], request.GET.get("objective", "")
    others = Action.objects.open_to(request.user).exclude(plan__diagnosis__ctg=plan.ctg)
    found = (
        others.filter(title__icontains=text).select_related("plan__diagnosis__ctg", "lead") if text else others.none()
    )
    context = {
        "ctg": plan.ctg,
        "plan": plan,
        "objective": whole_number(objective) or "",
        "priorities": plan.diagnosis.priorities.prefetch_related("actions").order_by("position", "pk"),
        "ideas": plan.diagnosis.ideas.select_related("group").prefetch_related("actions").order_by("position", "pk"),
        "models": ModelAction.objects.order_by("position", "code"),
        "text": text,
        "found": found.order_by("title", "pk")[:MOST_FOUND],
    }
    return render(request, "actions/action_begin.html", context)
