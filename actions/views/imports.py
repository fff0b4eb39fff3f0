"""The workbook of the plan, sent back: looked at before anything is written."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from actions.forms.imports import LayoutForm, WorkbookForm
from actions.imports import apply_import, read_again, receive_import, save_layout
from actions.models import PlanImport
from actions.views.access import plan_to_edit
from ctg_site.accounts.requests import Request
from ctg_site.lib.dates import now
from ctg_site.lib.http import done, saved

SHOWN = 200


def plan_workbook(request: Request, slug: str) -> HttpResponse:
    plan = plan_to_edit(request, slug)
    form = WorkbookForm(request.POST or None, request.FILES or None)
    received: list[PlanImport] = []
    if request.method == "POST" and saved(form, lambda: received.append(_receive(form, request, plan))):
        return redirect("actions:plan_import", slug, received[0].pk)
    earlier = plan.imports.select_related("created_by").defer("book", "layout").order_by("-created_at", "-pk")[:10]
    context = {"ctg": plan.ctg, "plan": plan, "form": form, "earlier": earlier}
    return render(request, "actions/plan_workbook.html", context)


def plan_import(request: Request, slug: str, pk: int) -> HttpResponse:
    sent = _import(request, slug, pk)
    report = sent.report
    shown = {name: report.get(name, [])[:SHOWN] for name in ("errors", "changed", "added")}
    return render(request, "actions/plan_import.html", {"ctg": sent.plan.ctg, "sent": sent, "report": report} | shown)


def plan_import_columns(request: Request, slug: str, pk: int) -> HttpResponse:
    """What their headings mean; « mettre à jour » shows the headings of the sheets chosen, and stays."""
    sent = _import(request, slug, pk)
    form = LayoutForm(request.POST or None, sent=sent)
    if (
        request.method == "POST"
        and "more" not in request.POST
        and saved(form, lambda: save_layout(sent, layout=form.layout(), choices=form.choices(), by=request.user))
    ):
        return redirect("actions:plan_import", slug, pk)
    return render(request, "actions/plan_import_columns.html", {"ctg": sent.plan.ctg, "sent": sent, "form": form})


@require_POST
def plan_import_apply(request: Request, slug: str, pk: int) -> HttpResponse:
    sent = _import(request, slug, pk)
    if done(request, lambda: apply_import(sent, by=request.user, at=now()), "Le classeur est appliqué au plan."):
        return redirect("actions:plan_table", slug)
    read_again(sent)
    return redirect("actions:plan_import", slug, pk)


@require_POST
def plan_import_again(request: Request, slug: str, pk: int) -> HttpResponse:
    """Against the plan as it is now."""
    read_again(_import(request, slug, pk))
    messages.success(request, "L’aperçu est à jour.")
    return redirect("actions:plan_import", slug, pk)


def _receive(form: WorkbookForm, request: Request, plan) -> PlanImport:
    file = form.cleaned_data["file"]
    return receive_import(plan, name=file.name, content=file.read(), by=request.user)


def _import(request: Request, slug: str, pk: int) -> PlanImport:
    plan = plan_to_edit(request, slug)
    sent = get_object_or_404(plan.imports, pk=pk)
    sent.plan = plan
    return sent
