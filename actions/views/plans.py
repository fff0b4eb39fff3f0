from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from actions import exports, perms, services
from actions.budgets import plan_budget
from actions.content import PlanContent, read_plan
from actions.forms import PlanForm
from actions.mending import shown_lacks
from actions.missing import lacks_before
from actions.models import ActionPlan
from actions.views.access import content_for, led_by, plan_inside, plan_to_edit, shown_plan
from ctg_site.accounts.models import User
from ctg_site.accounts.requests import Request
from ctg_site.drafts.pages import with_draft
from ctg_site.lib.dates import today
from ctg_site.lib.http import attached, done, saved
from ctg_site.lib.lacks import ShownLack
from ctg_site.lib.sheets import CONTENT_TYPE

PUBLISHERS_ONLY = "Le plan est publié par la Caf ou par la personne chargée de la coopération."
CLOSURE_LABELS = {
    "axes_fixed": "Axes fixés",
    "formalised": "Plan formalisé",
    "costed": "Faisabilité et chiffrage clos",
    "adopted": "Plan adopté",
}
NEXT_LABELS = {
    "axes_fixed": "Avant de fixer les axes",
    "formalised": "Avant de formaliser le plan",
    "costed": "Avant de clore la faisabilité et le chiffrage",
    "adopted": "Avant d’adopter le plan",
}


@dataclass(frozen=True)
class Closure:
    label: str
    on: date | None
    decision: str


@login_not_required
def plan(request: Request, slug: str) -> HttpResponse:
    return show_plan(request, shown_plan(request, slug))


def show_plan(request: Request, plan: ActionPlan) -> HttpResponse:
    """The current version, or an old one, which is adopted and so only read."""
    inside = perms.is_inside(request.user, plan.ctg)
    theirs = led_by(request, plan)
    content = read_plan(plan, only_retained=not inside, led_by=theirs)
    can_edit = perms.can_edit_plan(request.user, plan.ctg) and not plan.is_adopted
    context = {
        "ctg": plan.ctg,
        "plan": plan,
        "axes": content.axes,
        "budget": plan_budget(content),
        "closures": _closures(plan),
        "next_label": NEXT_LABELS.get(plan.next_closure or ""),
        "lacks": _lacks(plan, content, request.user) if inside else [],
        "inside": inside,
        "only_theirs": theirs is not None,
        "newer": ActionPlan.objects.filter(previous=plan).first() if inside and plan.is_adopted else None,
        "can_edit": can_edit,
        "can_remind": plan.is_adopted and perms.can_publish_plan(request.user, plan.ctg),
        "can_edit_axes": can_edit and plan.axes_fixed_on is None,
        "can_publish": plan.is_adopted and perms.can_publish_plan(request.user, plan.ctg),
    }
    return render(request, "actions/plan.html", context)


def plan_edit(request: Request, slug: str) -> HttpResponse:
    plan = plan_to_edit(request, slug)
    form = PlanForm(request.POST or None, instance=plan)
    if request.method == "POST" and saved(form, lambda: _describe(plan, form, request.user)):
        messages.success(request, "Le projet de territoire est enregistré.")
        return redirect("actions:plan", slug)
    context = {"ctg": plan.ctg, "plan": plan, "form": form, "draft": with_draft(request, form)}
    return render(request, "actions/plan_edit.html", context)


def _describe(plan: ActionPlan, form: PlanForm, by: User) -> None:
    introduction = form.cleaned_data["introduction"]
    services.describe_plan(plan, introduction=introduction, level_names=form.level_list(), by=by)


@login_not_required
def plan_xlsx(request: Request, slug: str) -> HttpResponse:
    plan = shown_plan(request, slug)
    content = content_for(request, plan, in_full=True)
    inside = perms.is_inside(request.user, plan.ctg)
    sheets = exports.plan_sheets(content, on=today(), inside=inside)
    return attached(sheets, CONTENT_TYPE, f"plan-d-actions-{slug}.xlsx")


@require_POST
def plan_publish(request: Request, slug: str) -> HttpResponse:
    plan = plan_inside(request, slug)
    perms.require(perms.can_publish_plan(request.user, plan.ctg), PUBLISHERS_ONLY)
    done(request, lambda: services.publish_plan(plan, by=request.user), "Le plan d’actions est public.")
    return redirect("actions:plan", slug)


@require_POST
def plan_unpublish(request: Request, slug: str) -> HttpResponse:
    plan = plan_inside(request, slug)
    perms.require(perms.can_publish_plan(request.user, plan.ctg), PUBLISHERS_ONLY)
    done(request, lambda: services.unpublish_plan(plan, by=request.user), "Le plan d’actions n’est plus public.")
    return redirect("actions:plan", slug)


def _closures(plan: ActionPlan) -> list[Closure]:
    return [
        Closure(label, getattr(plan, f"{closure}_on"), getattr(plan, f"{closure}_decision"))
        for closure, label in CLOSURE_LABELS.items()
    ]


def _lacks(plan: ActionPlan, content: PlanContent, user: User) -> list[ShownLack]:
    if plan.next_closure is None:
        return []
    return shown_lacks(lacks_before(plan.next_closure, content), user, plan)
