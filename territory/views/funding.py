"""The money of the Caf on a Ctg: read by all once the portrait is public, written by the Caf."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from ctg_site.drafts.pages import with_draft
from ctg_site.lib.dates import today, year_in
from ctg_site.lib.http import attached, done, saved
from ctg_site.lib.sheets import CONTENT_TYPE
from territory import perms, services
from territory.exports import lines_csv, register_workbook
from territory.forms import ControlTotalForm, FundingLineForm
from territory.models import ControlTotal, Ctg, FundingLine
from territory.reports.spending import spending_of
from territory.views.fetching import open_ctg, own_ctg

NOT_CAF = "L’argent de la Caf est saisi par la Caf."


@login_not_required
def funding(request: HttpRequest, slug: str) -> HttpResponse:
    ctg = open_ctg(request, slug)
    year, state = year_in(request.GET.get("annee", "")), request.GET.get("etat")
    spending = spending_of(ctg.territory, ctg.caf, year=year, state=state or None)
    context = {
        "ctg": ctg,
        "spending": spending,
        "can_edit": perms.can_edit_funding(request.user, ctg),
        "inside": perms.is_inside(request.user, ctg),
        "chosen": f"{spending.year}-{spending.state}" if spending else "",
    }
    return render(request, "territory/funding.html", context)


@login_not_required
def funding_xlsx(request: HttpRequest, slug: str) -> HttpResponse:
    ctg = open_ctg(request, slug)
    return attached(register_workbook(ctg.caf, ctg=ctg, on=today()), CONTENT_TYPE, f"financements-{ctg.slug}.xlsx")


@login_not_required
def funding_csv(request: HttpRequest, slug: str) -> HttpResponse:
    ctg = open_ctg(request, slug)
    return attached(lines_csv(ctg.caf, ctg), "text/csv; charset=utf-8", f"financements-{ctg.slug}.csv")


def funding_new(request: HttpRequest, slug: str) -> HttpResponse:
    ctg = ctg_to_write(request, slug)
    line = FundingLine(caf=ctg.caf, territory=ctg.territory, year=ctg.starts_on.year)
    form = FundingLineForm(request.POST or None, instance=line, ctg=ctg)
    return _form_page(request, ctg, form, "Ajouter une ligne de financement")


def funding_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg = ctg_to_write(request, slug)
    form = FundingLineForm(request.POST or None, instance=_own(ctg, FundingLine, pk), ctg=ctg)
    return _form_page(request, ctg, form, "Modifier la ligne de financement", "territory:funding_delete")


@require_POST
def funding_delete(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg = ctg_to_write(request, slug)
    line = _own(ctg, FundingLine, pk)
    done(request, lambda: services.delete_funding_line(line, by=request.user), "La ligne est supprimée.")
    return redirect("territory:funding", slug)


def total_new(request: HttpRequest, slug: str) -> HttpResponse:
    ctg = ctg_to_write(request, slug)
    total = ControlTotal(caf=ctg.caf, territory=ctg.territory, year=ctg.starts_on.year)
    return _form_page(request, ctg, ControlTotalForm(request.POST or None, instance=total), "Ajouter un total annoncé")


def total_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg = ctg_to_write(request, slug)
    form = ControlTotalForm(request.POST or None, instance=_own(ctg, ControlTotal, pk))
    return _form_page(request, ctg, form, "Modifier le total annoncé", "territory:total_delete")


@require_POST
def total_delete(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg = ctg_to_write(request, slug)
    total = _own(ctg, ControlTotal, pk)
    done(request, lambda: services.delete_control_total(total, by=request.user), "Le total annoncé est supprimé.")
    return redirect("territory:funding", slug)


def ctg_to_write(request: HttpRequest, slug: str) -> Ctg:
    ctg = own_ctg(request, slug)
    perms.require(perms.can_edit_funding(request.user, ctg), NOT_CAF)
    return ctg


def _own(ctg: Ctg, model: Any, pk: int) -> Any:
    return get_object_or_404(model, pk=pk, caf=ctg.caf, territory=ctg.territory)


def _form_page(request: HttpRequest, ctg: Ctg, form: Any, title: str, delete: str = "") -> HttpResponse:
    if request.method == "POST" and saved(form, lambda: form.save_as(request.user)):
        return redirect("territory:funding", ctg.slug)
    delete_url = reverse(delete, args=[ctg.slug, form.instance.pk]) if delete else ""
    back = reverse("territory:funding", args=[ctg.slug])
    context = {
        "ctg": ctg,
        "form": form,
        "title": title,
        "delete_url": delete_url,
        "back": back,
        "draft": with_draft(request, form),
    }
    return render(request, "territory/form.html", context)
