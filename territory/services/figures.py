"""Figures typed or corrected by hand, each with its source."""

from decimal import Decimal

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from territory.models import Caf, Indicator, Release, Source, Territory, Value
from territory.ranking import RANKED, refresh_ranks
from territory.towns import refuse_village
from territory.withholding import settle


@transaction.atomic
def type_value(
    *,
    indicator: Indicator,
    territory: Territory,
    year: int,
    source: Source,
    caf: Caf | None,
    by: User | None,
    start_year: int | None = None,
    number: Decimal | None = None,
    quality: str = Value.Quality.EXACT,
    document: str = "Saisie",
) -> Value:
    """One figure for this Caf (open data when ``caf`` is None); typed again from the same document, it is corrected."""
    if territory.caf_id not in (None, caf and caf.pk):
        raise RuleBroken("Ce périmètre appartient à une autre Caf.")
    refuse_village(indicator, territory, source)
    release, _ = Release.objects.get_or_create(source=source, name=document, caf=caf, defaults={"loaded_by": by})
    start_year = start_year or year
    key = {"indicator": indicator, "territory": territory, "year": year, "start_year": start_year, "release": release}
    value = Value.objects.filter(**key).first() or Value(**key)
    before = str(value.number) if value.pk else None
    value.number, value.quality, value.is_withheld = number, quality, False
    save_checked(value)
    settle(caf, [indicator.pk], [year, start_year])
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
