"""The register of equipments of a Ctg: public list and map, one page each, written by the Caf."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from ctg_site.drafts.pages import with_draft
from ctg_site.lib.dates import today
from ctg_site.lib.http import done, saved
from territory import perms
from territory.eligibility import conditions_of
from territory.forms import FacilityFactForm, FacilityForm
from territory.models import Ctg, Facility
from territory.reports.register import register_of
from territory.views.fetching import open_ctg
from territory.views.funding import ctg_to_write


@login_not_required
def facilities(request: HttpRequest, slug: str) -> HttpResponse:
    ctg = open_ctg(request, slug)
    kind, text = request.GET.get("nature", ""), request.GET.get("q", "").strip()[:100]
    closed = request.GET.get("fermes") == "1"
    context = {
        "ctg": ctg,
        "register": register_of(ctg, on=today(), kind=kind, text=text, closed=closed),
        "kind": kind,
        "text": text,
        "closed": closed,
        "can_edit": perms.can_edit_funding(request.user, ctg),
    }
    return render(request, "territory/facilities.html", context)


@login_not_required
def facility(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg = open_ctg(request, slug)
    found = _facility(ctg, pk)
    can_edit = perms.can_edit_funding(request.user, ctg)
    lines = found.funding_lines.select_related("scheme", "payee").order_by("-year", "state", "scheme__position", "pk")
    if not can_edit:  # it may serve another Ctg too, whose money is not public yet
        lines = lines.filter(territory=ctg.territory)
    context = {
        "ctg": ctg,
        "facility": found,
        "conditions": conditions_of(found, ctg, today()),
        "lines": lines,
        "agreements": found.agreements.for_list() if can_edit else [],
        "history": _changes(found) if perms.is_inside(request.user, ctg) else [],
        "can_edit": can_edit,
        "form": FacilityFactForm() if can_edit else None,
    }
    return render(request, "territory/facility.html", context)


def facility_new(request: HttpRequest, slug: str) -> HttpResponse:
    ctg = ctg_to_write(request, slug)
    return _form_page(request, ctg, Facility(caf=ctg.caf), "Ajouter un équipement")


def facility_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg = ctg_to_write(request, slug)
    return _form_page(request, ctg, _facility(ctg, pk), "Modifier l’équipement")


@require_POST
def facility_fact(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg = ctg_to_write(request, slug)
    found, form = _facility(ctg, pk), FacilityFactForm(request.POST)
    if form.is_valid():
        done(request, lambda: form.save_as(found, ctg, request.user), "La condition est enregistrée.")
    else:
        messages.error(request, "Choisissez la condition, et la date depuis laquelle elle est remplie.")
    return redirect("territory:facility", slug, pk)


def _facility(ctg: Ctg, pk: int) -> Facility:
    return get_object_or_404(Facility.objects.of(ctg).for_list().prefetch_related("facts"), pk=pk)


def _form_page(request: HttpRequest, ctg: Ctg, row: Facility, title: str) -> HttpResponse:
    form = FacilityForm(request.POST or None, instance=row, ctg=ctg, on=today())
    if request.method == "POST" and saved(form, lambda: form.save_as(request.user)):
        return redirect("territory:facility", ctg.slug, row.pk)
    back = reverse("territory:facilities", args=[ctg.slug])
    context = {
        "ctg": ctg,
        "form": form,
        "title": title,
        "back": back,
        "delete_url": "",
        "draft": with_draft(request, form),
    }
    return render(request, "territory/form.html", context)


def _changes(found: Facility) -> list[dict[str, object]]:
    """The last versions, newest first: when, by whom, what moved."""
    versions = list(found.history.select_related("history_user").order_by("-history_date", "-history_id")[:11])
    rows = []
    for new, old in zip(versions, versions[1:], strict=False):
        delta = new.diff_against(old, excluded_fields=["served"])
        names = [str(getattr(Facility._meta.get_field(change.field), "verbose_name", "")) for change in delta.changes]
        if names:
            rows.append({"at": new.history_date, "by": new.history_user, "names": ", ".join(names)})
    return rows
