"""The figures of a Ctg: a table to check, a form to type or correct one."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from ctg_site.lib import numbers
from ctg_site.lib.http import saved
from territory import perms
from territory.checks import Failure, failure, rules
from territory.forms import FigureForm
from territory.models import Ctg, Indicator, Territory, Value
from territory.portraits import missing_before_portrait
from territory.portraits.figures import Figures, read_figures
from territory.portraits.stage import stage_of
from territory.secrecy import PublicValue
from territory.views.fetching import own_ctg


@dataclass(frozen=True)
class TypedCell:
    name: str
    value: PublicValue
    url: str


@dataclass(frozen=True)
class TypedRow:
    indicator: Indicator
    cells: list[TypedCell]


def figures(request: HttpRequest, slug: str) -> HttpResponse:
    ctg = own_ctg(request, slug)
    perms.require(
        perms.can_steer(request.user, ctg),
        "Les chiffres se préparent entre la Caf et la personne chargée de coopération.",
    )
    known = read_figures(stage_of(ctg.territory), ctg.caf)
    context = {
        "ctg": ctg,
        "columns": known.stage.all,
        "rows": _rows(ctg, known),
        "missing": missing_before_portrait(ctg, known),
        "failures": _failures(known),
        "can_type": perms.can_type_figures(request.user, ctg),
    }
    return render(request, "territory/figures.html", context)


def figure_type(request: HttpRequest, slug: str) -> HttpResponse:
    ctg = own_ctg(request, slug)
    perms.require(
        perms.can_type_figures(request.user, ctg),
        "Un chiffre saisi vaut pour toutes les Ctg de la Caf : la Caf le saisit.",
    )
    form = FigureForm(request.POST or None, ctg=ctg, stage=stage_of(ctg.territory), initial=request.GET.dict())
    if request.method == "POST" and saved(form, lambda: form.save_as(request.user)):
        return redirect("territory:figures", slug)
    return render(request, "territory/figure_form.html", {"ctg": ctg, "form": form})


def _failures(known: Figures) -> list[Failure]:
    """Where the figures of this page contradict one another."""
    places = [place for place in known.stage.all if place]
    broken = [
        failure(rule, place.name, lambda indicator, place=place: known.shown(indicator, place).number)  # type: ignore[misc]
        for rule in rules()
        for place in places
    ]
    return [item for item in broken if item]


def _rows(ctg: Ctg, known: Figures) -> list[TypedRow]:
    stage = known.stage
    ordered = sorted(known.indicators.values(), key=lambda indicator: (indicator.position, indicator.label))
    places = [
        (FigureForm.HERE, stage.here),
        (FigureForm.DEPARTMENT, stage.department),
        (FigureForm.FRANCE, stage.france),
    ]
    shown = [(choice, place) for choice, place in places if place]
    return [
        TypedRow(
            indicator,
            [
                _cell(ctg, indicator, choice, place, known.shown(indicator, place), known.value(indicator, place))
                for choice, place in shown
            ],
        )
        for indicator in ordered
    ]


def _cell(
    ctg: Ctg, indicator: Indicator, choice: str, place: Territory, value: PublicValue, row: Value | None
) -> TypedCell:
    query = urlencode({"indicator": indicator.pk, "place": choice} | (_typed(row, value) if row else {}))
    return TypedCell(place.name, value, f"{reverse('territory:figure_type', args=[ctg.slug])}?{query}")


def _typed(row: Value, value: PublicValue) -> dict[str, str]:
    """The form opens on the figure of this cell: saved again from the same document, it is corrected."""
    typed = {"year": str(row.year), "source": str(row.release.source_id), "quality": row.quality}
    if row.start_year != row.year:
        typed["start_year"] = str(row.start_year)
    if row.release.caf_id:
        typed["document"] = row.release.name
    if value.number is not None:
        typed["number"] = numbers.shortest(value.number, 4)
    return typed
