"""What anyone may read of a place: its portrait, its themes, one indicator opened, what it compares with."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from ctg_site.lib.dates import french_date, today
from territory.models import Belonging, Ctg, Indicator, Territory
from territory.portraits import portrait_from
from territory.portraits.figures import KEYS, Figures, read_figures
from territory.portraits.opened import open_indicator
from territory.portraits.similar import Similar, similar_to
from territory.portraits.themes import face, tables_of
from territory.views.place_fetching import Seen, seen_indicator, seen_key, seen_place

SIMILAR = "semblables"
MOST_CTGS = 20
MOST_FOUND = 20
Theme = Indicator.Theme


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    current: str  # the value of aria-current


@login_not_required
def portrait(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """Beside another place chosen, the page compares and tells nothing else."""
    seen = seen_place(request, kind, code)
    figures = chosen_figures(request, seen, which_of(Theme.PORTRAIT))
    context = _context(request, seen, Theme.PORTRAIT, figures) | {
        "keys": tables_of(figures, figures.keys, today()),
        "tables": tables_of(figures, [i for i in figures.indicators.values() if not i.is_key], today()),
    }
    if "avec" not in request.GET:
        told = portrait_from(figures, seen.caf)
        context |= _family(seen.place)
        context |= {"portrait": told, "ctgs": _ctgs(request, seen, [row.territory for row in told.places.rows])}
    return render(request, "territory/place/portrait.html", context)


def _family(place: Territory) -> dict[str, Any]:
    """What is next to this one: the EPCI of a commune, the EPCIs of a département, what came after what has ceased. One query."""
    kinds = Territory.Kind
    if place.valid_to:
        after = Territory.objects.filter(predecessors__before=place).order_by("name", "pk").distinct()
        return {"family": after, "family_words": "Ce qui lui a succédé"}
    if place.kind == kinds.COMMUNE:
        groups = Belonging.objects.valid_on(today()).filter(commune=place, group__kind=kinds.EPCI)
        return {
            "family": Territory.objects.filter(pk__in=groups.values("group")),
            "family_words": "Son intercommunalité",
        }
    below = {
        kinds.DEPARTEMENT: (kinds.EPCI, "Ses intercommunalités"),
        kinds.REGION: (kinds.DEPARTEMENT, "Ses départements"),
        kinds.FRANCE: (kinds.REGION, "Ses régions"),
    }
    if place.kind not in below:
        return {"family": [], "family_words": ""}
    kind, words = below[kinds(place.kind)]
    children = place.children.filter(kind=kind, valid_to=None).order_by("name", "pk")
    return {"family": children, "family_words": words}


def _ctgs(request: HttpRequest, seen: Seen, communes: list[Territory]) -> QuerySet[Ctg]:
    covered = communes or seen.place.communes_on(today()).order_by().only("pk")
    return Ctg.objects.open_to(request.user).covering(covered).for_list()[:MOST_CTGS]


@login_not_required
def theme(request: HttpRequest, kind: str, code: str, theme: str) -> HttpResponse:
    if theme not in Theme.values or theme == Theme.PORTRAIT:
        raise Http404
    seen = seen_place(request, kind, code)
    figures = chosen_figures(request, seen, which_of(theme))
    tables = tables_of(figures, figures.indicators.values(), today())
    context = _context(request, seen, theme, figures) | {"tables": tables, "label": Theme(theme).label}
    return render(request, "territory/place/theme.html", context)


@login_not_required
def indicator(request: HttpRequest, kind: str, code: str, indicator: str) -> HttpResponse:
    seen, found = seen_place(request, kind, code), seen_indicator(indicator)
    figures = chosen_figures(request, seen, Q(pk=found.pk))
    context = _context(request, seen, found.theme, figures) | {
        "opened": open_indicator(figures.indicators[found.code], figures, today()),
    }
    return render(request, "territory/place/indicator.html", context)


@login_not_required
def compare(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """Which place to put beside this one: those alike, the neighbours, any other by its name."""
    seen = seen_place(request, kind, code)
    text = request.GET.get("q", "").strip()[:100]
    reference = Territory.objects.reference().select_related("parent").exclude(pk=seen.place.pk)
    context = _heading(seen, "") | {
        "text": text,
        "found": reference.matching(text).filter(valid_to=None)[:MOST_FOUND],
        "neighbours": _neighbours(seen.place, reference.epcis().filter(valid_to=None)).order_by("name", "pk")[
            :MOST_FOUND
        ],
        "similar": similar_to(seen.place),
    }
    return render(request, "territory/place/compare.html", context)


def _neighbours(place: Territory, epcis: QuerySet[Territory]) -> QuerySet[Territory]:
    """The other EPCIs of the département; of a perimeter, those of its communes."""
    if place.kind == Territory.Kind.EPCI:
        return epcis.filter(parent=place.parent_id)
    if place.kind == Territory.Kind.PERIMETER:
        inside = Belonging.objects.valid_on(today()).filter(commune__in=place.communes_on(today()).order_by())
        return epcis.filter(pk__in=inside.values("group"))
    return epcis.none()


def which_of(theme: str) -> Q:
    return Q(theme=theme) | KEYS if theme == Theme.PORTRAIT else Q(theme=theme)


def chosen_figures(request: HttpRequest, seen: Seen, which: Q) -> Figures:
    """Beside the département, or beside what the address asks for: ``?avec=epci-246600373``, ``?avec=semblables``."""
    beside = request.GET.get("avec", "")
    if beside == SIMILAR:
        figures = read_figures(seen.stage, seen.caf, which, with_communes=True)
        if (similar := similar_to(seen.place)) and similar.is_enough:
            face(figures, similar)
        return figures
    other = seen_key(request, beside) if beside else None
    if other is None or other.place == seen.place:
        return read_figures(seen.stage, seen.caf, which, with_communes=True)
    return read_figures(seen.stage.facing(other.place), seen.caf, which, lender=other.caf, with_communes=True)


def _context(request: HttpRequest, seen: Seen, theme: str, figures: Figures) -> dict[str, Any]:
    against = request.GET.get("avec", "") if figures.stage.against else ""
    few = request.GET.get("avec") == SIMILAR and not against
    told = {"stage": figures.stage, "similar": _similar(figures), "has_few_alike": few, "on": today()}
    return _heading(seen, theme, against) | told


def _similar(figures: Figures) -> Similar | None:
    return getattr(figures.group, "similar", None)


def _former(place: Territory) -> str:
    if place.valid_to is None:
        return ""
    return f"il a existé jusqu’au {french_date(place.valid_to)}. Ses chiffres s’arrêtent là."


def _heading(seen: Seen, theme: str, against: str = "") -> dict[str, Any]:
    query = f"?avec={against}" if against else ""
    kind, code = seen.place.kind, seen.place.code
    current = {theme: "page"}
    tabs = [Tab("Portrait", reverse("places:portrait", args=[kind, code]) + query, current.get(Theme.PORTRAIT, ""))]
    tabs += [
        Tab(label, reverse("places:theme", args=[kind, code, value]) + query, current.get(value, ""))
        for value, label in Theme.choices
        if value != Theme.PORTRAIT
    ]
    return {"seen": seen, "place": seen.place, "tabs": tabs, "query": query, "former": _former(seen.place)}
