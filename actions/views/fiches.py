from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render

from actions import perms, services
from actions.budgets import action_section, balances
from actions.forms import ActionForm, ActionTextForm, VerdictForm
from actions.models import Action
from actions.views.access import action_inside, action_to_edit, plan_to_edit, refuse_frozen, shown_action
from ctg_site.accounts.requests import Request
from ctg_site.lib.http import done, saved
from ctg_site.lib.text import search_key
from territory.discussions import read_discussion

LEADS_ONLY = "Cette action est décrite par son pilote et par les personnes qui rédigent cette Ctg."
STEERERS_ONLY = "L’avis de faisabilité est saisi par la Caf ou par la personne chargée de la coopération."


@login_not_required
def action(request: Request, slug: str, pk: int) -> HttpResponse:
    action = shown_action(request, slug, pk)
    ctg, user = action.plan.ctg, request.user
    is_draft = not action.plan.is_adopted
    can_edit = is_draft and perms.can_edit_plan(user, ctg)
    costs, financings = list(action.costs.all()), list(action.financings.all())
    years, section = action_section(action)
    context = {
        "ctg": ctg,
        "plan": action.plan,
        "action": action,
        "partners": action.partners.all(),
        "communes": sorted(action.communes.all(), key=lambda commune: search_key(commune.name)),
        "priorities": action.objective.axis.priorities.all(),
        "costs": costs,
        "financings": financings,
        "years": years,
        "section": section,
        "balances": balances(action),
        "targets": action.targets.all(),
        "inside": perms.is_inside(user, ctg),
        "discussion": read_discussion(action, ctg=ctg, user=user) if perms.is_inside(user, ctg) else None,
        "can_edit": can_edit,
        "can_describe": is_draft and not can_edit and perms.can_describe_action(user, action),
        "can_give_verdict": is_draft and perms.can_give_verdict(user, ctg),
        "can_record_payment": action.plan.is_adopted and perms.can_record_payment(user, action),
    }
    return render(request, "actions/action.html", context)


def action_new(request: Request, slug: str) -> HttpResponse:
    """A new fiche, on the objective that ``?objective=`` names."""
    plan = plan_to_edit(request, slug)
    form = ActionForm(
        request.POST or None, instance=Action(plan=plan), initial={"objective": request.GET.get("objective")}
    )
    return _edit(request, form)


def action_edit(request: Request, slug: str, pk: int) -> HttpResponse:
    return _edit(request, ActionForm(request.POST or None, instance=action_to_edit(request, slug, pk)))


def action_describe(request: Request, slug: str, pk: int) -> HttpResponse:
    """The words of an action, by the person who leads it."""
    action = action_inside(request, slug, pk)
    perms.require(perms.can_describe_action(request.user, action), LEADS_ONLY)
    refuse_frozen(action.plan)
    form = ActionTextForm(request.POST or None, instance=action)
    if request.method == "POST" and saved(form, lambda: services.save_action(form.instance, by=request.user)):
        messages.success(request, "La description est enregistrée.")
        return redirect("actions:action", slug, pk)
    return render(request, "actions/action_edit.html", {"ctg": action.plan.ctg, "action": action, "form": form})


def action_verdict(request: Request, slug: str, pk: int) -> HttpResponse:
    action = action_inside(request, slug, pk)
    perms.require(perms.can_give_verdict(request.user, action.plan.ctg), STEERERS_ONLY)
    refuse_frozen(action.plan)
    form = VerdictForm(request.POST or None, instance=action)
    if request.method == "POST" and saved(form, lambda: _give_verdict(form, request)):
        messages.success(request, "L’avis est enregistré.")
        return redirect("actions:action", slug, pk)
    return render(request, "actions/action_verdict.html", {"ctg": action.plan.ctg, "action": action, "form": form})


def action_delete(request: Request, slug: str, pk: int) -> HttpResponse:
    """Asked first, on a page of its own."""
    action = action_to_edit(request, slug, pk)
    if request.method == "POST":
        done(request, lambda: services.delete_action(action, by=request.user), f"L’action {action.code} est supprimée.")
        return redirect("actions:plan", slug)
    return render(request, "actions/action_delete.html", {"ctg": action.plan.ctg, "action": action})


def _edit(request: Request, form: ActionForm) -> HttpResponse:
    action, ctg = form.instance, form.instance.plan.ctg
    if request.method == "POST" and saved(form, lambda: _save(form, request)):
        messages.success(request, f"L’action {action.code} est enregistrée.")
        return redirect("actions:action", ctg.slug, action.pk)
    return render(request, "actions/action_edit.html", {"ctg": ctg, "action": action, "form": form, "can_delete": True})


def _save(form: ActionForm, request: Request) -> None:
    data = form.cleaned_data
    services.save_action(form.instance, partners=data["partners"], communes=data["communes"], by=request.user)


def _give_verdict(form: VerdictForm, request: Request) -> None:
    data = form.cleaned_data
    services.give_verdict(form.instance, verdict=data["verdict"], reason=data["verdict_reason"], by=request.user)
