"""What the figures shown give away, what a Caf masks, and why: for those who write its figures."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from ctg_site.lib.http import done
from territory import perms, services
from territory.forms import WithholdForm
from territory.masks import masked_values, with_causes
from territory.models import Caf, Ctg, Territory
from territory.views.caf import own_caf
from territory.withholding import exposures

MOST = 100
CHECKED = "verifier"


def unmasked(request: HttpRequest, caf: str) -> HttpResponse:
    found = _caf(request, caf)
    ctgs = Ctg.objects.filter(caf=found).order_by()
    places = Territory.objects.filter(pk__in=ctgs.values("territory")) | Territory.objects.filter(
        pk__in=ctgs.values("communes")
    )
    is_checked = CHECKED in request.GET  # the audit of a whole Caf takes seconds: on demand
    page = Paginator(masked_values(found), MOST).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "masks": with_causes(found, list(page)),
        "caf": found,
        "room": "secrecy",
        "is_checked": is_checked,
        "exposures": exposures(found, places)[:MOST] if is_checked else [],
        "chosen": found.withholdings.select_related("indicator", "territory", "decided_by").order_by(
            "indicator__position", "territory__name", "-year", "pk"
        )[:MOST],
    }
    return render(request, "territory/caf_unmasked.html", context)


@require_POST
def withhold(request: HttpRequest, caf: str) -> HttpResponse:
    found, form = _caf(request, caf), WithholdForm(request.POST)
    done(request, lambda: form.save_as(found, request.user), "Le chiffre est masqué, partout et dès maintenant.")
    return redirect(f"{reverse('caf:unmasked', args=[found.code])}?{CHECKED}=oui")


@require_POST
def show(request: HttpRequest, caf: str, pk: int) -> HttpResponse:
    found = _caf(request, caf)
    row = get_object_or_404(found.withholdings.select_related("caf"), pk=pk)
    sentence = "Votre choix est levé : le chiffre est montré de nouveau, sauf si un petit effectif en dépend."
    done(request, lambda: services.show_value(row, by=request.user), sentence)
    return redirect("caf:unmasked", found.code)


def _caf(request: HttpRequest, code: str) -> Caf:
    found = own_caf(request, code)
    perms.require(
        perms.can_write_caf(request.user, found), "Ce qui est masqué se décide entre ceux qui saisissent les chiffres."
    )
    return found
