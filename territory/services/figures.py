"""Figures typed or corrected by hand, each with its source."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from territory.models import Caf, Ctg, Indicator, Release, Source, Territory, Value
from territory.possible import FIRST_YEAR, below_zero, is_to_come
from territory.ranking import RANKED, refresh_ranks
from territory.towns import refuse_village
from territory.withholding import settle

LOCAL = "saisie-territoire"


@transaction.atomic
def write_value(
    *,
    indicator: Indicator,
    territory: Territory,
    year: int,
    source: Source,
    caf: Caf | None,
    by: User | None,
    on: date,
    start_year: int | None = None,
    number: Decimal | None = None,
    quality: str = Value.Quality.EXACT,
    document: str = "Saisie",
) -> tuple[Value, str | None]:
    """The figure, with what it said before; what is masked is still to be settled, in the same transaction."""
    if territory.caf_id not in (None, caf and caf.pk):
        raise RuleBroken("Ce périmètre appartient à une autre Caf.")
    if number is not None:  # that a village has none is what the source says
        refuse_village(indicator, territory, source)
    _refuse_year(year, start_year or year, on)
    _refuse_impossible(indicator, number, year, start_year or year)
    release, _ = Release.objects.get_or_create(source=source, name=document, caf=caf, defaults={"loaded_by": by})
    start_year = start_year or year
    key = {"indicator": indicator, "territory": territory, "year": year, "start_year": start_year, "release": release}
    value = Value.objects.filter(**key).first() or Value(**key)
    before = str(value.number) if value.pk else None
    value.number, value.quality, value.is_withheld = number, quality, False
    save_checked(value)
    return value, before


@transaction.atomic
def type_value(
    *,
    indicator: Indicator,
    territory: Territory,
    year: int,
    source: Source,
    caf: Caf | None,
    by: User | None,
    on: date,
    start_year: int | None = None,
    number: Decimal | None = None,
    quality: str = Value.Quality.EXACT,
    document: str = "Saisie",
) -> Value:
    """One figure for this Caf (open data when ``caf`` is None); typed again from the same document, it is corrected."""
    value, before = write_value(
        indicator=indicator,
        territory=territory,
        year=year,
        source=source,
        caf=caf,
        by=by,
        on=on,
        start_year=start_year,
        number=number,
        quality=quality,
        document=document,
    )
    settle(caf, [indicator.pk], [year, value.start_year])
    value.refresh_from_db(fields=["is_withheld"])
    if territory.kind in RANKED:
        refresh_ranks([indicator.pk])
    record(
        by,
        "figure.typed",
        value,
        caf_code=caf.code if caf else "",
        before=before,
        after=str(number),
        quality=str(quality),
    )
    return value


def typed_figures_of(ctg: Ctg, places: Iterable[Territory]) -> QuerySet[Value]:
    """What this Caf typed of these places: neither a file, which is undone whole, nor what the territory counts itself."""
    values = Value.objects.filter(release__caf=ctg.caf_id, release__file=None, territory__in=list(places))
    values = values.exclude(release__source__code=LOCAL).select_related("indicator", "territory", "release__source")
    return values.order_by("indicator__position", "indicator__label", "-year", "territory__name", "pk")


@transaction.atomic
def remove_typed_figure(ctg: Ctg, value: Value, *, by: User | None) -> None:
    """Of a wrong year or a wrong place; the journal keeps what it said."""
    if not typed_figures_of(ctg, [value.territory]).filter(pk=value.pk).exists():
        raise RuleBroken("Seul un chiffre que cette Caf a saisi s’efface ici\u00a0: un fichier s’annule en entier.")
    remove_value(ctg, value, by=by)


def remove_value(ctg: Ctg, value: Value, *, by: User | None) -> None:
    record(by, "figure.removed", value, ctg=ctg, before=str(value.number), year=value.year)
    value.delete()
    settle(ctg.caf, [value.indicator_id], [value.year, value.start_year])
    if value.territory.kind in RANKED:
        refresh_ranks([value.indicator_id])


def _refuse_impossible(indicator: Indicator, number: Decimal | None, year: int, start_year: int) -> None:
    """What no document can say of this indicator."""
    if indicator.is_evolution and start_year == year:
        raise RuleBroken(f"« {indicator.label} » va d’une année à une autre\u00a0: donnez aussi l’année de départ.")
    if not indicator.is_evolution and start_year < year:
        raise RuleBroken(f"« {indicator.label} » n’est pas une évolution\u00a0: videz l’année de départ.")
    if number is not None and (noun := below_zero(indicator, number)):
        raise RuleBroken(f"« {indicator.label} » est {noun}\u00a0: sa valeur ne peut pas être négative.")


def _refuse_year(year: int, start_year: int, on: date) -> None:
    if is_to_come(year, on.year):
        raise RuleBroken(
            f"L’année {year} n’est pas encore venue\u00a0: corrigez-la. Un chiffre dit ce qui a été constaté\u00a0; "
            "ce que l’on prévoit s’écrit dans un constat."
        )
    if start_year < FIRST_YEAR:
        raise RuleBroken(f"L’année {start_year} est trop ancienne pour un chiffre\u00a0: corrigez-la.")
