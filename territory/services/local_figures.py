"""Figures that the territory counts itself (places, children received, families waiting), on its own ground only."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet

from ctg_site.accounts.models import User
from ctg_site.lib.errors import RuleBroken
from territory.models import Ctg, Indicator, Source, Territory, Value
from territory.services.figures import LOCAL, Typed, remove_value, type_value


def local_indicators() -> QuerySet[Indicator]:
    return Indicator.objects.filter(source__code=LOCAL, numerator=None).order_by("position", "label", "pk")


def places_of(ctg: Ctg) -> QuerySet[Territory]:
    """The whole first, then its communes by name."""
    inside = Territory.objects.filter(Q(pk=ctg.territory_id) | Q(pk__in=ctg.communes.values("pk")))
    return inside.order_by("-kind", "name", "pk")


def local_figures_of(ctg: Ctg) -> QuerySet[Value]:
    values = Value.objects.filter(release__caf=ctg.caf_id, release__source__code=LOCAL, territory__in=places_of(ctg))
    return values.select_related("indicator", "territory", "release__source").order_by(
        "indicator__position", "-year", "territory__name", "pk"
    )


def refuse_elsewhere(ctg: Ctg, indicator: Indicator, place: Territory) -> None:
    if indicator not in local_indicators():
        raise RuleBroken("Cet indicateur vient d’un producteur statistique : la Caf le saisit ou dépose son fichier.")
    if place not in places_of(ctg):
        raise RuleBroken("Ce lieu n’est pas dans le territoire de la Ctg.")


@transaction.atomic
def type_local_figure(
    ctg: Ctg,
    *,
    indicator: Indicator,
    place: Territory,
    year: int,
    number: Decimal,
    document: str,
    by: User | None,
    on: date,
) -> Value:
    refuse_elsewhere(ctg, indicator, place)
    source = Source.objects.get(code=LOCAL)
    return type_value(
        Typed(indicator=indicator, territory=place, year=year, number=number, source=source, document=document),
        caf=ctg.caf,
        by=by,
        on=on,
    )


@transaction.atomic
def remove_local_figure(ctg: Ctg, value: Value, *, by: User | None) -> None:
    """The journal keeps what it said."""
    if value not in local_figures_of(ctg):
        raise RuleBroken("Seul un chiffre compté par le territoire s’efface ici.")
    remove_value(ctg, value, by=by)
