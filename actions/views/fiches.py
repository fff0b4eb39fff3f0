from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from actions import perms, services
from actions.budgets import action_section, balances
from actions.forms import BY_SLUG, STAGES, EssentialForm, Stage, StageForms, stages_for
from actions.models import Action
from actions.services import sources
from actions.views.access import (
    WRITERS_ONLY,
    action_to_edit,
    action_to_write,
    plan_to_edit,
    shown_action,
)
from ctg_site.accounts.requests import Request
from ctg_site.drafts.pages import with_draft
from ctg_site.lib.dates import today
from ctg_site.lib.http import done, saved
from territory.discussions import read_discussion


@login_not_required
def action(request: Request, slug: str, pk: int) -> HttpResponse:
    action = shown_action(request, slug, pk)
    plan, ctg, user = action.plan, action.plan.ctg, request.user
    inside, is_draft = perms.is_inside(user, ctg), not plan.is_adopted
    years, section = action_section(action)
    context = {
        "ctg": ctg,
        "plan": plan,
        "action": action,
        "partnerships": action.partnerships.select_related("organisation"),
        "links": action.linked_names(),
        "steps": action.steps.all(),
        "on": today(),
        "costs": list(action.costs.all()),
        "financings": list(action.financings.all()),
        "years": years,
        "section": section,
        "balances": balances(action),
        "targets": action.targets.all(),
        "inside": inside,
        "may_open": perms.may_read_diagnosis(user, plan),
        "discussion": read_discussion(action, ctg=ctg, user=user) if inside else None,
        "can_edit": is_draft and perms.can_edit_plan(user, ctg),
        "can_write": is_draft and inside and perms.can_write_action(user, action),
        "can_give_verdict": is_draft and perms.can_give_verdict(user, ctg),
        "can_record": inside and perms.can_record_payment(user, action) and (plan.is_adopted or plan.previous_id),
    }
    return render(request, "actions/action.html", context)


def action_new(request: Request, slug: str) -> HttpResponse:
    """A new fiche: blank, or begun from what the address names, a priority, an idea, a model, another action."""
    plan = plan_to_edit(request, slug)
    source = sources.find_source(plan, request.GET, user=request.user)
    form = EssentialForm(
        request.POST or None,
        instance=Action(plan=plan),
        initial={"objective": request.GET.get("objective"), **source.first_values(plan)},
    )
    if request.method == "POST" and saved(form, lambda: _create(form, source, request)):
        messages.success(request, f"L’action {form.instance.code} est créée : poursuivez sa fiche.")
        return redirect("actions:action_step", slug, form.instance.pk, STAGES[1].slug)
    context = {"ctg": plan.ctg, "form": form, "source": source, "draft": with_draft(request, form)}
    return render(request, "actions/action_new.html", context)


def action_edit(request: Request, slug: str, pk: int) -> HttpResponse:
    """The first step that this person may write."""
    action = action_to_write(request, slug, pk)
    is_writer = perms.can_edit_plan(request.user, action.plan.ctg)
    return redirect("actions:action_step", slug, pk, stages_for(is_writer=is_writer)[0].slug)


def action_step(request: Request, slug: str, pk: int, step: str) -> HttpResponse:
    """One step of the fiche, saved by itself; « continuer » leads to the next one."""
    action = action_to_write(request, slug, pk)
    stage, is_writer = BY_SLUG.get(step), perms.can_edit_plan(request.user, action.plan.ctg)
    if stage is None:
        raise Http404
    perms.require(is_writer or not stage.for_writers, WRITERS_ONLY)
    forms = StageForms(stage, action, request.POST or None, is_writer=is_writer)
    if request.method == "POST" and saved(forms, lambda: _write(forms, request)):
        messages.success(request, f"{stage.label} : c’est enregistré.")
        return redirect(_after(request, action, stage))
    context = {
        "ctg": action.plan.ctg,
        "action": action,
        "forms": forms,
        "draft": with_draft(request, *forms.parts()),
        "stage": stage,
        "stages": stages_for(is_writer=is_writer),
        "can_delete": is_writer,
    }
    return render(request, "actions/action_step.html", context)


def action_delete(request: Request, slug: str, pk: int) -> HttpResponse:
    """Asked first, on a page of its own."""
    action = action_to_edit(request, slug, pk)
    if request.method == "POST":
        done(request, lambda: services.delete_action(action, by=request.user), f"L’action {action.code} est supprimée.")
        return redirect("actions:plan", slug)
    return render(request, "actions/action_delete.html", {"ctg": action.plan.ctg, "action": action})


def _create(form: EssentialForm, source: sources.Source, request: Request) -> None:
    data = form.cleaned_data
    services.create_action(
        form.instance, source=source, themes=data["themes"], findings=data["findings"], by=request.user
    )


def _write(forms: StageForms, request: Request) -> None:
    services.write_fiche(
        forms.form.instance, rows=forms.changed(), deleted=forms.deleted(), by=request.user, **forms.links()
    )


def _after(request: Request, action: Action, stage: Stage) -> str:
    """Stay to add rows, go on to the next step, or come back to the fiche."""
    slug = action.plan.ctg.slug
    if "more" in request.POST:
        return reverse("actions:action_step", args=[slug, action.pk, stage.slug])
    if "next" in request.POST:
        place = STAGES.index(stage) + 1
        if place < len(STAGES):
            return reverse("actions:action_step", args=[slug, action.pk, STAGES[place].slug])
        return reverse("actions:budget", args=[slug, action.pk])
    return reverse("actions:action", args=[slug, action.pk])
