"""The versions of a plan: read an old one, see what changed, reopen what was adopted."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from actions import perms, services
from actions.forms import ReopeningForm
from actions.models import ActionPlan
from actions.versions import compare
from actions.views.access import led_by, plan_inside, version_inside
from actions.views.plans import show_plan
from ctg_site.accounts.requests import Request
from ctg_site.drafts.pages import with_draft
from ctg_site.lib.dates import today
from ctg_site.lib.http import saved

STEERERS_ONLY = "Le plan est rouvert par la Caf ou par la personne chargée de la coopération."


def plan_versions(request: Request, slug: str) -> HttpResponse:
    plan = plan_inside(request, slug)
    versions = ActionPlan.objects.filter(diagnosis__ctg=plan.ctg).select_related("previous").order_by("-version")
    context = {"ctg": plan.ctg, "plan": plan, "versions": versions, "can_reopen": _can_reopen(request, plan)}
    return render(request, "actions/plan_versions.html", context)


def plan_version(request: Request, slug: str, version: int) -> HttpResponse:
    return show_plan(request, version_inside(request, slug, version))


def plan_compare(request: Request, slug: str, version: int) -> HttpResponse:
    """From this version to the current one."""
    new = plan_inside(request, slug)
    old = get_object_or_404(ActionPlan, diagnosis__ctg=new.ctg, version=version)
    comparison = compare(old, new, led_by=led_by(request, new))
    return render(request, "actions/plan_compare.html", {"ctg": new.ctg, "plan": new, "comparison": comparison})


def plan_reopen(request: Request, slug: str) -> HttpResponse:
    plan = plan_inside(request, slug)
    perms.require(perms.can_publish_plan(request.user, plan.ctg), STEERERS_ONLY)
    form = ReopeningForm(request.POST or None)
    if request.method == "POST" and saved(
        form, lambda: services.reopen_plan(plan, by=request.user, on=today(), **form.cleaned_data)
    ):
        messages.success(request, "Une nouvelle version du plan est ouverte ; l’ancienne reste lisible.")
        return redirect("actions:plan", slug)
    context = {"ctg": plan.ctg, "plan": plan, "form": form, "draft": with_draft(request, form)}
    return render(request, "actions/plan_reopen.html", context)


def _can_reopen(request: Request, plan: ActionPlan) -> bool:
    return plan.is_adopted and plan.signed_on is None and perms.can_publish_plan(request.user, plan.ctg)
