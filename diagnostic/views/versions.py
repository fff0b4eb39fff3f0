"""The versions of a diagnosis: read an old one as it was validated, reopen what is validated."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from ctg_site.accounts.requests import Request
from ctg_site.drafts.pages import with_draft
from ctg_site.lib.dates import today
from ctg_site.lib.http import saved
from diagnostic import perms, services
from diagnostic.forms import ReopeningForm
from diagnostic.models import Diagnosis
from diagnostic.views.access import REOPENERS_ONLY, diagnosis_inside, shown_diagnosis
from diagnostic.views.diagnoses import send_pdf, send_xlsx, show_diagnosis
from territory.perms import require


@login_not_required
def diagnosis_versions(request: Request, slug: str) -> HttpResponse:
    """Those this visitor may open."""
    diagnosis = shown_diagnosis(request, slug)
    versions = Diagnosis.objects.open_to(request.user).filter(ctg=diagnosis.ctg).order_by("-version")
    context = {
        "ctg": diagnosis.ctg,
        "versions": versions,
        "can_reopen": diagnosis.is_validated and perms.can_publish_diagnosis(request.user, diagnosis.ctg),
    }
    return render(request, "diagnostic/diagnosis_versions.html", context)


@login_not_required
def diagnosis_version(request: Request, slug: str, version: int) -> HttpResponse:
    return show_diagnosis(request, _version(request, slug, version))


@login_not_required
def diagnosis_version_pdf(request: Request, slug: str, version: int) -> HttpResponse:
    return send_pdf(_version(request, slug, version))


@login_not_required
def diagnosis_version_xlsx(request: Request, slug: str, version: int) -> HttpResponse:
    return send_xlsx(_version(request, slug, version))


def diagnosis_reopen(request: Request, slug: str) -> HttpResponse:
    diagnosis = diagnosis_inside(request, slug)
    require(perms.can_publish_diagnosis(request.user, diagnosis.ctg), REOPENERS_ONLY)
    form = ReopeningForm(request.POST or None)
    if request.method == "POST" and saved(
        form, lambda: services.reopen_diagnosis(diagnosis, by=request.user, on=today(), **form.cleaned_data)
    ):
        messages.success(request, "Une nouvelle version du diagnostic est ouverte ; l’ancienne reste lisible.")
        return redirect("diagnostic:diagnosis", slug)
    context = {"ctg": diagnosis.ctg, "form": form, "draft": with_draft(request, form)}
    return render(request, "diagnostic/diagnosis_reopen.html", context)


def _version(request: Request, slug: str, version: int) -> Diagnosis:
    rows = Diagnosis.objects.open_to(request.user).for_page()
    return get_object_or_404(rows, ctg__slug=slug, version=version)
