from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from actions import perms, services
from actions.forms import TargetForm, stages_for
from actions.models import Target
from actions.views.access import action_to_write
from ctg_site.accounts.requests import Request
from ctg_site.drafts.pages import with_draft
from ctg_site.lib.http import done, saved


def target_new(request: Request, slug: str, pk: int) -> HttpResponse:
    return _form(request, slug, Target(action=action_to_write(request, slug, pk)))


def target_edit(request: Request, slug: str, pk: int) -> HttpResponse:
    return _form(request, slug, _target(request, slug, pk))


def target_delete(request: Request, slug: str, pk: int) -> HttpResponse:
    """Asked first, on a page of its own."""
    target = _target(request, slug, pk)
    if request.method == "POST":
        done(
            request, lambda: services.delete_target(target, by=request.user), f"L’indicateur « {target} » est supprimé."
        )
        return redirect("actions:action", slug, target.action_id)
    return render(request, "actions/target_delete.html", {"ctg": target.action.plan.ctg, "target": target})


def _target(request: Request, slug: str, pk: int) -> Target:
    target = get_object_or_404(Target.objects.visible_to(request.user), pk=pk)
    target.action = action_to_write(request, slug, target.action_id)
    return target


def _form(request: Request, slug: str, target: Target) -> HttpResponse:
    action = target.action
    form = TargetForm(request.POST or None, instance=target)
    if request.method == "POST" and saved(form, lambda: services.save_target(form.instance, by=request.user)):
        messages.success(request, "L’indicateur est enregistré.")
        return redirect("actions:action", slug, action.pk)
    context = {
        "ctg": action.plan.ctg,
        "action": action,
        "target": target,
        "targets": action.targets.all(),
        "form": form,
        "stages": stages_for(is_writer=perms.can_edit_plan(request.user, action.plan.ctg)),
        "draft": with_draft(request, form),
    }
    return render(request, "actions/target_edit.html", context)
