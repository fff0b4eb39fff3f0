"""Choose the figures on which a finding rests, each kept as it is that day, and the equipments it speaks of."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from ctg_site.accounts.requests import Request
from ctg_site.lib.dates import today
from ctg_site.lib.http import done, saved
from ctg_site.lib.numbers import key_in
from diagnostic import services
from diagnostic.forms import SupportForm
from diagnostic.models import Finding
from diagnostic.views.findings import mine, to_write
from territory.portraits.figures import read_figures
from territory.portraits.stage import stage_below


def finding_figures(request: Request, slug: str, pk: int) -> HttpResponse:
    finding = _finding(request, slug, pk)
    ctg = finding.diagnosis.ctg
    figures = read_figures(stage_below(ctg.territory, ctg.territory.parent), ctg.caf, Q())
    kept = set(finding.photographs.values_list("indicator", flat=True))
    form = SupportForm(request.POST or None, finding=finding, figures=figures, kept=kept)
    if request.method == "POST" and saved(form, lambda: _save(form, finding, request)):
        messages.success(request, "Les chiffres et les équipements du constat sont enregistrés.")
        return redirect(finding)
    return render(request, "diagnostic/finding_figures.html", {"ctg": ctg, "finding": finding, "form": form})


@require_POST
def finding_figure_retake(request: Request, slug: str, pk: int) -> HttpResponse:
    finding = _finding(request, slug, pk)
    photograph = finding.photographs.filter(pk=key_in(request.POST.get("photograph", ""))).first()
    if photograph is None:
        messages.error(request, "Ce chiffre n’est plus dans le constat.")
    else:
        photograph.finding, photograph.diagnosis = finding, finding.diagnosis
        done(
            request,
            lambda: services.retake_photograph(photograph, by=request.user, on=today()),
            f"« {photograph.label} » est photographié de nouveau.",
        )
    return redirect(finding)


def _finding(request: Request, slug: str, pk: int) -> Finding:
    diagnosis, groups = to_write(request, slug)
    return mine(diagnosis.findings, pk, diagnosis, groups)


def _save(form: SupportForm, finding: Finding, request: Request) -> None:
    services.save_finding(finding, facilities=form.chosen_facilities, by=request.user)
    services.photograph_figures(finding, indicators=form.chosen, by=request.user, on=today())
