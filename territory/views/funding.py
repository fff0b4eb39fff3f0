"""The money of the Caf on a Ctg: read by all once the portrait is public, written by the Caf."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from ctg_site.lib.http import done, saved
from territory import perms, services
from territory.forms import ControlTotalForm, FundingLineForm
from territory.models import ControlTotal, Ctg, FundingLine
from territory.portraits.money import read_money
from territory.views.fetching import open_ctg, own_ctg

NOT_CAF = "L’argent de la Caf est saisi par la Caf."


@login_not_required
def funding(request: HttpRequest, slug: str) -> HttpResponse:
    ctg = open_ctg(request, slug)
    lines = (
        FundingLine.objects.filter(territory=ctg.territory, caf=ctg.caf)
        .for_list()
        .order_by("-year", "state", "-amount", "pk")
    )
    totals = ControlTotal.objects.filter(territory=ctg.territory, caf=ctg.caf).select_related("scheme")
    context = {
        "ctg": ctg,
        "money": read_money(ctg.territory, ctg.caf),
        "lines": lines,
        "totals": totals.order_by("-year", "scheme__position", "pk"),
        "can_edit": perms.can_edit_funding(request.user, ctg),
    }
    return render(request, "territory/funding.html", context)


def funding_new(request: HttpRequest, slug: str) -> HttpResponse:
    ctg = _ctg_to_write(request, slug)
    line = FundingLine(caf=ctg.caf, territory=ctg.territory, year=ctg.starts_on.year)
    return _form_page(request, ctg, FundingLineForm(request.POST or None, instance=line), "Ajouter une ligne")


def funding_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg = _ctg_to_write(request, slug)
    line = _own(ctg, FundingLine, pk)
    return _form_page(
        request,
        ctg,
        FundingLineForm(request.POST or None, instance=line),
        "Modifier la ligne",
        "territory:funding_delete",
    )


@require_POST
def funding_delete(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg = _ctg_to_write(request, slug)
    line = _own(ctg, FundingLine, pk)
    done(request, lambda: services.delete_funding_line(line, by=request.user), "La ligne est supprimée.")
    return redirect("territory:funding", slug)


def total_new(request: HttpRequest, slug: str) -> HttpResponse:
    ctg = _ctg_to_write(request, slug)
    total = ControlTotal(caf=ctg.caf, territory=ctg.territory, year=ctg.starts_on.year)
    return _form_page(request, ctg, ControlTotalForm(request.POST or None, instance=total), "Ajouter un total annoncé")


def total_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg = _ctg_to_write(request, slug)
    total = _own(ctg, ControlTotal, pk)
    return _form_page(
        request, ctg, ControlTotalForm(request.POST or None, instance=total), "Modifier le total annoncé", total
    )


@require_POST
def total_delete(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg = _ctg_to_write(request, slug)
    total = _own(ctg, ControlTotal, pk)
    done(request, lambda: services.delete_control_total(total, by=request.user), "Le total annoncé est supprimé.")
    return redirect("territory:funding", slug)


def _ctg_to_write(request: HttpRequest, slug: str) -> Ctg:
    ctg = own_ctg(request, slug)
    perms.require(perms.can_edit_funding(request.user, ctg), NOT_CAF)
    return ctg


def _own(ctg: Ctg, model: Any, pk: int) -> Any:
    return get_object_or_404(model, pk=pk, caf=ctg.caf, territory=ctg.territory)


def _form_page(request: HttpRequest, ctg: Ctg, form: Any, title: str, delete: str = "") -> HttpResponse:
    if request.method == "POST" and saved(form, lambda: form.save_as(request.user)):
        return redirect("territory:funding", ctg.slug)
    delete_url = reverse(delete, args=[ctg.slug, form.instance.pk]) if delete else ""
    context = {"ctg": ctg, "form": form, "title": title, "delete_url": delete_url}
    return render(request, "territory/funding_form.html", context)
