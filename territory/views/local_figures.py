"""The figures that the territory counts itself: a list, a form below it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from ctg_site.accounts.requests import Request
from ctg_site.lib.dates import now, today
from ctg_site.lib.http import done, saved
from territory import perms, services
from territory.asked import ask_to_remove
from territory.forms import LocalFigureForm
from territory.models import Ctg, Value
from territory.secrecy import public_value
from territory.views.fetching import own_ctg

MOST = 200


def local_figures(request: Request, slug: str) -> HttpResponse:
    ctg = _ctg_to_write(request, slug)
    form = LocalFigureForm(request.POST or None, ctg=ctg)
    if request.method == "POST" and saved(form, lambda: form.ask_as(request.user, on=today())):
        return redirect("territory:local_figures", slug)
    rows = [(value, public_value(value, value.indicator)) for value in services.local_figures_of(ctg)[:MOST]]
    context = {"ctg": ctg, "form": form, "rows": rows, "asked": ctg.asked_gestures.told_to(request.user, at=now())}
    return render(request, "territory/local_figures.html", context)


@require_POST
def local_figure_delete(request: Request, slug: str, pk: int) -> HttpResponse:
    ctg = _ctg_to_write(request, slug)
    value: Value = get_object_or_404(services.local_figures_of(ctg), pk=pk)
    done(request, lambda: ask_to_remove(ctg, value, by=request.user), "La suppression du chiffre est demandée.")
    return redirect("territory:local_figures", slug)


def _ctg_to_write(request: Request, slug: str) -> Ctg:
    ctg = own_ctg(request, slug)
    perms.require(
        perms.can_edit(request.user, ctg), "Les chiffres du territoire sont saisis par la Caf et par la collectivité."
    )
    return ctg
