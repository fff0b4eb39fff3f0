"""What a source publishes of a commune only above ten thousand inhabitants: below, it says nothing (rule R51)."""

from decimal import Decimal

from django.db.models import F, OuterRef, QuerySet, Subquery

from ctg_site.lib import numbers
from ctg_site.lib.errors import RuleBroken
from territory.models import TOWN_INHABITANTS, Indicator, Release, Source, Territory, Value


def refuse_village(indicator: Indicator, territory: Territory, source: Source) -> None:
    """Before a number is typed; one that the territory counts itself has a source of its own."""
    if not _is_for_towns(indicator) or source != indicator.source or territory.kind != Territory.Kind.COMMUNE:
        return
    inhabitants = _inhabitants(territory.pk).values_list("number", flat=True).first()
    if inhabitants is not None and inhabitants <= TOWN_INHABITANTS:
        raise RuleBroken(
            f"« {indicator.label} »\u00a0: {source.name} ne le publie que pour les communes de plus de "
            f"{numbers.integer(TOWN_INHABITANTS)} habitants, et {territory.name} en compte {numbers.integer(inhabitants)}. "
            "Saisissez-le pour l’intercommunalité, comme un chiffre compté par le territoire, ou dites-le sans objet."
        )


def silence_villages(release: Release) -> int:
    """Once a file is loaded, in its transaction: « sans objet » takes the place of these figures."""
    if not told_of_towns(release.source).exists():
        return 0
    rows = release.values.filter(
        indicator__finest_level=Indicator.Level.TOWN,
        indicator__source=F("release__source"),
        territory__kind=Territory.Kind.COMMUNE,
        number__isnull=False,
    ).order_by()
    inhabitants = Subquery(_inhabitants(OuterRef("territory")).values("number")[:1])
    small = rows.annotate(inhabitants=inhabitants).filter(inhabitants__lte=Decimal(TOWN_INHABITANTS))
    return Value.objects.filter(pk__in=list(small.values_list("pk", flat=True))).update(
        number=None, quality=Value.Quality.NOT_APPLICABLE
    )


def told_of_towns(source: Source) -> QuerySet[Indicator]:
    return Indicator.objects.filter(finest_level=Indicator.Level.TOWN, source=source)


def _is_for_towns(indicator: Indicator) -> bool:
    return indicator.finest_level == Indicator.Level.TOWN


def _inhabitants(territory: "int | OuterRef") -> QuerySet[Value]:
    """The last known first."""
    known = Value.objects.filter(indicator__code="population", territory=territory, number__isnull=False)
    return known.order_by("-year", "-release_id")  # « -release » would follow the order of releases, the oldest first
