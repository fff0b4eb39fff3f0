"""What the figures shown give away, what a Caf masks, and why: for those who write its figures."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from ctg_site.lib.dates import now
from ctg_site.lib.http import done
from territory import perms
from territory.asked import ask_to_check, ask_to_show
from territory.forms import WithholdForm
from territory.masks import masked_values, with_causes
from territory.models import AskedGesture, Caf
from territory.views.caf import own_caf
from territory.withholding import named_exposures

MOST = 100


def unmasked(request: HttpRequest, caf: str) -> HttpResponse:
    found = _caf(request, caf)
    asked = found.asked_gestures
    checked = asked.filter(kind=AskedGesture.Kind.CHECK, state=AskedGesture.State.DONE).first()
    page = Paginator(masked_values(found), MOST).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "masks": with_causes(found, list(page)),
        "caf": found,
        "room": "secrecy",
        "asked": asked.filter(ctg=None).told_to(request.user, at=now()),
        "checked": checked,
        "exposures": named_exposures(checked.found[:MOST]) if checked else [],
        "chosen": found.withholdings.select_related("indicator", "territory", "decided_by").order_by(
            "indicator__position", "territory__name", "-year", "pk"
        )[:MOST],
    }
    return render(request, "territory/caf_unmasked.html", context)


@require_POST
def withhold(request: HttpRequest, caf: str) -> HttpResponse:
    found, form = _caf(request, caf), WithholdForm(request.POST)
    done(request, lambda: form.ask_as(found, request.user), "Le masquage du chiffre est demandé.")
    return redirect("caf:unmasked", found.code)


@require_POST
def show(request: HttpRequest, caf: str, pk: int) -> HttpResponse:
    found = _caf(request, caf)
    row = get_object_or_404(found.withholdings.select_related("caf", "indicator", "territory"), pk=pk)
    sentence = "Levée demandée : le chiffre sera montré de nouveau, sauf si un petit effectif en dépend."
    done(request, lambda: ask_to_show(row, by=request.user), sentence)
    return redirect("caf:unmasked", found.code)


@require_POST
def check(request: HttpRequest, caf: str) -> HttpResponse:
    """The audit of a whole Caf takes tens of seconds: the worker does it."""
    found = _caf(request, caf)
    done(request, lambda: ask_to_check(found, by=request.user), "La vérification est demandée.")
    return redirect("caf:unmasked", found.code)


def _caf(request: HttpRequest, code: str) -> Caf:
    found = own_caf(request, code)
    perms.require(
        perms.can_write_caf(request.user, found), "Ce qui est masqué se décide entre ceux qui saisissent les chiffres."
    )
    return found
