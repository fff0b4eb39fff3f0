from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from actions import services
from actions.forms import ObjectiveForm
from actions.models import Objective
from actions.views.access import plan_to_edit
from ctg_site.accounts.requests import Request
from ctg_site.drafts.pages import with_draft
from ctg_site.lib.http import done, rank_seen, ranks_asked, saved
from ctg_site.lib.numbers import key_in


def objective_new(request: Request, slug: str) -> HttpResponse:
    """An axis, or an objective when ``?parent=`` names what holds it."""
    plan = plan_to_edit(request, slug)
    parent = plan.objectives.select_related("parent").filter(pk=key_in(request.GET.get("parent", ""))).first()
    return _form(request, Objective(plan=plan, parent=parent))


def objective_edit(request: Request, slug: str, pk: int) -> HttpResponse:
    return _form(request, _objective(request, slug, pk))


@require_POST
def objective_move(request: Request, slug: str, pk: int) -> HttpResponse:
    objective = _objective(request, slug, pk)
    ranks, seen_at = ranks_asked(request), rank_seen(request)
    is_moved = done(
        request,
        lambda: services.move_objective(objective, ranks=ranks, seen_at=seen_at, by=request.user),
        f"« {objective} » est déplacé.",
    )
    return redirect(reverse("actions:plan", args=[slug]) + (f"#objective-{pk}" if is_moved else ""))


def objective_delete(request: Request, slug: str, pk: int) -> HttpResponse:
    """Asked first, on a page of its own."""
    objective = _objective(request, slug, pk)
    if request.method == "POST":
        done(request, lambda: services.delete_objective(objective, by=request.user), f"« {objective} » est supprimé.")
        return redirect("actions:plan", slug)
    return render(request, "actions/objective_delete.html", {"ctg": objective.plan.ctg, "objective": objective})


def _objective(request: Request, slug: str, pk: int) -> Objective:
    plan = plan_to_edit(request, slug)
    objective = get_object_or_404(plan.objectives.select_related("parent__parent"), pk=pk)
    objective.plan = plan
    return objective


def _form(request: Request, objective: Objective) -> HttpResponse:
    plan = objective.plan
    form = ObjectiveForm(request.POST or None, instance=objective)
    if request.method == "POST" and saved(form, lambda: _save(form, request)):
        messages.success(request, f"« {form.instance} » est enregistré.")
        return redirect("actions:plan", plan.ctg.slug)
    context = {"ctg": plan.ctg, "plan": plan, "form": form, "objective": objective}
    return render(request, "actions/objective_edit.html", context | {"draft": with_draft(request, form)})


def _save(form: ObjectiveForm, request: Request) -> None:
    services.save_objective(form.instance, priorities=form.cleaned_data["priorities"], by=request.user)
