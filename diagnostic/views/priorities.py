from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from ctg_site.accounts.requests import Request
from ctg_site.drafts.pages import with_draft
from ctg_site.lib.http import done, rank_seen, ranks_asked, saved
from ctg_site.lib.numbers import key_in
from diagnostic import perms, services
from diagnostic.forms import PriorityForm
from diagnostic.models import Priority
from diagnostic.views.access import diagnosis_to_edit, was_replaced
from territory.discussions import read_discussion
from territory.perms import is_inside


@login_not_required
def priority(request: Request, slug: str, pk: int) -> HttpResponse:
    rows = Priority.objects.open_to(request.user).for_page()
    priority = get_object_or_404(rows, diagnosis__ctg__slug=slug, pk=pk)
    diagnosis, ctg = priority.diagnosis, priority.diagnosis.ctg
    inside = is_inside(request.user, ctg)
    findings = priority.findings.select_related("group").order_by("group__position", "group", "position", "pk")
    context = {
        "ctg": ctg,
        "priority": priority,
        "findings": findings,
        "can_edit": perms.can_edit_diagnosis(request.user, ctg) and not diagnosis.is_validated,
        "is_former": was_replaced(diagnosis, inside),
        "discussion": read_discussion(priority, ctg=ctg, user=request.user) if inside else None,
    }
    return render(request, "diagnostic/priority.html", context)


def priority_new(request: Request, slug: str) -> HttpResponse:
    """Of the finding that ``?constat=`` names, when there is one."""
    diagnosis = diagnosis_to_edit(request, slug)
    asked = key_in(request.GET.get("constat", ""))
    chosen = diagnosis.findings.filter(pk=asked).values_list("pk", flat=True)
    return _form(request, Priority(diagnosis=diagnosis), {"findings": list(chosen)})


def priority_edit(request: Request, slug: str, pk: int) -> HttpResponse:
    return _form(request, _priority(request, slug, pk))


@require_POST
def priority_move(request: Request, slug: str, pk: int) -> HttpResponse:
    priority = _priority(request, slug, pk)
    ranks, seen_at = ranks_asked(request), rank_seen(request)
    is_moved = done(
        request,
        lambda: services.move_priority(priority, ranks=ranks, seen_at=seen_at, by=request.user),
        f"« {priority} » change de rang.",
    )
    return redirect(reverse("diagnostic:diagnosis", args=[slug]) + ("#priorities" if is_moved else ""))


@require_POST
def priority_delete(request: Request, slug: str, pk: int) -> HttpResponse:
    priority = _priority(request, slug, pk)
    done(
        request, lambda: services.delete_priority(priority, by=request.user), f"« {priority} » n’est plus une priorité."
    )
    return redirect("diagnostic:diagnosis", slug)


def _priority(request: Request, slug: str, pk: int) -> Priority:
    diagnosis = diagnosis_to_edit(request, slug)
    priority = get_object_or_404(diagnosis.priorities.all(), pk=pk)
    priority.diagnosis = diagnosis
    return priority


def _form(request: Request, priority: Priority, initial: dict[str, object] | None = None) -> HttpResponse:
    ctg = priority.diagnosis.ctg
    form = PriorityForm(request.POST or None, instance=priority, initial=initial)
    if request.method == "POST" and saved(form, lambda: _save(form, request)):
        messages.success(request, "La priorité est enregistrée.")
        return redirect("diagnostic:diagnosis", ctg.slug)
    context = {"ctg": ctg, "form": form, "priority": priority, "draft": with_draft(request, form)}
    return render(request, "diagnostic/priority_edit.html", context)


def _save(form: PriorityForm, request: Request) -> None:
    services.save_priority(form.instance, findings=form.cleaned_data["findings"], by=request.user)
