"""Figures typed or corrected by hand, each with its source."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.dates import FIRST_YEAR
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from territory.models import Caf, Ctg, Indicator, Release, Source, Territory, Value
from territory.possible import below_zero, is_to_come
from territory.ranking import RANKED, refresh_ranks
from territory.towns import refuse_village
from territory.withholding import settle

LOCAL = "saisie-territoire"


@dataclass(frozen=True, kw_only=True)
class Typed:
    """A figure as somebody types it: of what, where, when, and the document that says it. ``start_year`` is that of an
    evolution; ``number`` is None where ``quality`` says why."""

    indicator: Indicator
    territory: Territory
    year: int
    source: Source
    start_year: int | None = None
    number: Decimal | None = None
    quality: str = Value.Quality.EXACT
    document: str = "Saisie"

    @property
    def since(self) -> int:
        return self.start_year or self.year


@transaction.atomic
def write_value(typed: Typed, *, caf: Caf | None, by: User | None, on: date) -> tuple[Value, str | None]:
    """The figure, with what it said before; what is masked is still to be settled, in the same transaction."""
    if typed.territory.caf_id not in (None, caf and caf.pk):
        raise RuleBroken("Ce périmètre appartient à une autre Caf.")
    if typed.number is not None:  # that a village has none is what the source says
        refuse_village(typed.indicator, typed.territory, typed.source)
    _refuse_year(typed.year, typed.since, on)
    _refuse_impossible(typed.indicator, typed.number, typed.year, typed.since)
    release, _ = Release.objects.get_or_create(
        source=typed.source, name=typed.document, caf=caf, defaults={"loaded_by": by}
    )
    key = {"indicator": typed.indicator, "territory": typed.territory, "year": typed.year, "start_year": typed.since}
    value = Value.objects.filter(**key, release=release).first() or Value(**key, release=release)
    before = str(value.number) if value.pk else None
    value.number, value.quality, value.is_withheld = typed.number, typed.quality, False
    save_checked(value)
    return value, before


@transaction.atomic
def type_value(typed: Typed, *, caf: Caf | None, by: User | None, on: date) -> Value:
    """One figure for this Caf (open data when ``caf`` is None); typed again from the same document, it is corrected."""
    value, before = write_value(typed, caf=caf, by=by, on=on)
    settle(caf, [typed.indicator.pk], [typed.year, typed.since])
    value.refresh_from_db(fields=["is_withheld"])
    if typed.territory.kind in RANKED:
        refresh_ranks([typed.indicator.pk])
    caf_code, after, quality = caf.code if caf else "", str(typed.number), str(typed.quality)
    record(by, "figure.typed", value, caf_code=caf_code, before=before, after=after, quality=quality)
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
