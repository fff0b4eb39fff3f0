"""The figures of a Ctg: a table to check, a form to type or correct one."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from ctg_site.accounts.requests import Request
from ctg_site.lib import numbers
from ctg_site.lib.dates import now, today
from ctg_site.lib.http import done, saved
from territory import perms, services
from territory.asked import ask_to_remove
from territory.checks import Failure, failures_at, rules
from territory.forms import FigureForm
from territory.models import ConsistencyRule, Ctg, Indicator, Territory, Value
from territory.portraits import missing_before_portrait
from territory.portraits.figures import BRIEF, KEYS, Figures, read_figures
from territory.portraits.stage import Stage, stage_of
from territory.portraits.themes import years_of
from territory.secrecy import PublicValue, public_value
from territory.views.fetching import own_ctg

MOST_TYPED = 200


@dataclass(frozen=True)
class TypedCell:
    name: str
    value: PublicValue
    verb: str
    url: str


@dataclass(frozen=True)
class TypedRow:
    indicator: Indicator
    cells: list[TypedCell]


@dataclass(frozen=True)
class TypedFigure:
    """A figure that the Caf typed, with what opens the form on it."""

    value: Value
    shown: PublicValue
    url: str

    @property
    def years(self) -> str:
        return years_of(self.shown)


def figures(request: Request, slug: str) -> HttpResponse:
    ctg = own_ctg(request, slug)
    perms.require(
        perms.can_steer(request.user, ctg),
        "Les chiffres se préparent entre la Caf et la personne chargée de coopération.",
    )
    judged = rules()
    terms = {term.pk for rule in judged for term in (rule.indicator, *rule.terms)}
    known = read_figures(stage_of(ctg.territory), ctg.caf, KEYS | Q(pk__in=terms))
    typed = services.typed_figures_of(ctg, known.stage.all)[:MOST_TYPED]
    context = {
        "typed": [_typed_figure(ctg, value, known) for value in typed],
        "ctg": ctg,
        "columns": known.stage.all,
        "rows": _rows(ctg, known),
        "missing": missing_before_portrait(ctg, known),
        "failures": _failures(known, judged),
        "can_type": perms.can_type_figures(request.user, ctg),
        "asked": ctg.asked_gestures.told_to(request.user, at=now()),
    }
    return render(request, "territory/figures.html", context)


def figure_type(request: Request, slug: str) -> HttpResponse:
    ctg = own_ctg(request, slug)
    perms.require(
        perms.can_type_figures(request.user, ctg),
        "Un chiffre saisi vaut pour toutes les Ctg de la Caf : la Caf le saisit.",
    )
    form = FigureForm(request.POST or None, ctg=ctg, stage=stage_of(ctg.territory), initial=request.GET.dict())
    if request.method == "POST" and saved(form, lambda: form.ask_as(request.user, on=today())):
        return redirect("territory:figures", slug)
    return render(request, "territory/figure_form.html", {"ctg": ctg, "form": form})


@require_POST
def figure_delete(request: Request, slug: str, pk: int) -> HttpResponse:
    ctg, user = own_ctg(request, slug), request.user
    perms.require(
        perms.can_type_figures(user, ctg), "Un chiffre saisi vaut pour toutes les Ctg de la Caf : la Caf l’efface."
    )
    value: Value = get_object_or_404(services.typed_figures_of(ctg, stage_of(ctg.territory).all), pk=pk)
    done(request, lambda: ask_to_remove(ctg, value, by=user), "L’effacement du chiffre est demandé.")
    return redirect("territory:figures", slug)


def _failures(known: Figures, judged: list[ConsistencyRule]) -> list[Failure]:
    """Where the figures of this page contradict one another."""
    terms = {term.pk: known.indicators[term.code] for rule in judged for term in (rule.indicator, *rule.terms)}
    broken = []
    for place in filter(None, known.stage.all):
        found = {key: known.shown(indicator, place).number for key, indicator in terms.items()}
        broken += failures_at(place.name, found, judged)
    return broken


def _rows(ctg: Ctg, known: Figures) -> list[TypedRow]:
    stage = known.stage
    portrayed = [one for one in known.indicators.values() if one.is_key or one.code in BRIEF]
    ordered = sorted(portrayed, key=lambda indicator: (indicator.position, indicator.label))
    return [
        TypedRow(
            indicator,
            [
                _cell(ctg, indicator, choice, place, known.shown(indicator, place), known.value(indicator, place))
                for choice, place in _places(stage)
            ],
        )
        for indicator in ordered
    ]


def _typed_figure(ctg: Ctg, value: Value, known: Figures) -> TypedFigure:
    choice = next(name for name, place in _places(known.stage) if place == value.territory)
    shown = public_value(value, value.indicator)
    query = urlencode({"indicator": value.indicator_id, "place": choice} | _typed(value, shown))
    return TypedFigure(value, shown, f"{reverse('territory:figure_type', args=[ctg.slug])}?{query}")


def _places(stage: Stage) -> list[tuple[str, Territory]]:
    places = [
        (FigureForm.HERE, stage.here),
        (FigureForm.DEPARTMENT, stage.department),
        (FigureForm.FRANCE, stage.france),
    ]
    return [(choice, place) for choice, place in places if place]


def _cell(
    ctg: Ctg, indicator: Indicator, choice: str, place: Territory, value: PublicValue, row: Value | None
) -> TypedCell:
    """What is computed cannot be corrected: a figure of the place itself is typed instead."""
    query = urlencode({"indicator": indicator.pk, "place": choice} | (_typed(row, value) if row else {}))
    verb = "Corriger" if row else "Saisir"
    return TypedCell(place.name, value, verb, f"{reverse('territory:figure_type', args=[ctg.slug])}?{query}")


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
