"""A page of a place gets it here, with the eyes of the visitor: open data, what a Ctg publishes, what their Caf knows."""

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from territory import perms
from territory.models import Belonging, Caf, Ctg, Indicator, Territory
from territory.portraits.stage import Stage, stage_below

UP = "parent__parent__parent__parent"


@dataclass(frozen=True)
class Seen:
    """``caf`` lends its own figures: they are public once a Ctg of this very territory publishes its portrait."""

    place: Territory
    stage: Stage
    caf: Caf | None
    is_public: bool

    @property
    def key(self) -> str:
        return f"{self.place.kind}-{self.place.code}"


def seen_place(request: HttpRequest, kind: str, code: str) -> Seen:
    """Three queries: the place with the levels above, its Ctgs that this visitor may open, the Cafs where they work."""
    elsewhere = Belonging.objects.filter(group=OuterRef("pk"), valid_to=None).exclude(
        commune__parent=OuterRef("parent")
    )
    places = Territory.objects.filter(kind=kind, code=code).select_related(UP).annotate(is_astride=Exists(elsewhere))
    place = places.order_by("-valid_from", "pk").first()
    if place is None:
        raise Http404
    ctgs = list(Ctg.objects.open_to(request.user).filter(territory=place).select_related("caf").order_by("pk"))
    if place.kind == Territory.Kind.PERIMETER and not ctgs:
        raise Http404
    stage = replace(stage_below(place, place.parent), is_astride=place.is_astride)
    caf = _own_caf(request.user, stage, ctgs) or _lender(ctgs, request.user)
    is_public = caf is None or any(ctg.caf_id == caf.pk and ctg.portrait_published_at for ctg in ctgs)
    return Seen(place, stage, caf, is_public)


def seen_indicator(code: str) -> Indicator:
    return get_object_or_404(Indicator.objects.select_related("numerator", "denominator", "source"), code=code)


def seen_key(request: HttpRequest, key: str) -> Seen | None:
    """The place chosen to compare with, by its key « epci-246600373 »."""
    kind, _, code = key.partition("-")
    try:
        return seen_place(request, kind, code)
    except Http404:
        return None


def _own_caf(user: Any, stage: Stage, ctgs: list[Ctg]) -> Caf | None:
    """The Caf where this person works, when the place is on its territory."""
    staffed = perms.staffed_cafs(user)
    if not staffed:
        return None
    known = next((ctg.caf for ctg in ctgs if ctg.caf_id in staffed), None)
    return known or Caf.objects.filter(pk__in=staffed, territory__in=stage.all).order_by("pk").first()


def _lender(ctgs: list[Ctg], user: Any) -> Caf | None:
    """A Ctg of the visitor first, else the one that publishes its portrait."""
    own = next((ctg for ctg in ctgs if perms.is_inside(user, ctg)), None)
    published = next((ctg for ctg in ctgs if ctg.portrait_published_at), None)
    chosen = own or published
    return chosen.caf if chosen else None
