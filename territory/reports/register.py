"""The register of equipments on the page of a territory: filtered list, and where they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from ctg_site.lib.charts import Area, PointMap, point_map
from territory.models import Ctg, Facility, Outline, ServiceKind, Territory


@dataclass(frozen=True)
class Register:
    facilities: list[Facility]
    kinds: list[ServiceKind]
    map: PointMap | None
    map_source: str
    count: int


def register_of(ctg: Ctg, *, on: date, kind: str = "", text: str = "", closed: bool = False) -> Register:
    """Four queries: the list, the kinds to filter by, the communes and their outlines."""
    every = Facility.objects.of(ctg)
    shown = every if closed else every.open_on(on)
    kinds = ServiceKind.objects.filter(facilities__in=every).annotate(n=Count("pk")).order_by("position", "label", "pk")
    if kind:
        shown = shown.filter(kind__code=kind)
    if text:
        shown = shown.filter(Q(name__icontains=text) | Q(manager__name__icontains=text) | Q(seat__name__icontains=text))
    facilities = list(shown.for_list())
    drawn, source = map_of(ctg.communes.all(), [(facility.name, facility.seat.name) for facility in facilities])
    return Register(facilities, list(kinds), drawn, source, len(facilities))


def map_of(communes: QuerySet[Territory], facilities: Iterable[tuple[str, str]]) -> tuple[PointMap | None, str]:
    """The equipments, each as its name and the commune of its seat, over the outlines of some communes; and their source."""
    outlines = list(
        Outline.objects.filter(territory__in=communes.order_by().values("pk"))
        .select_related("territory")
        .order_by("territory__name", "pk")
    )
    places: dict[str, list[str]] = {}
    for name, seat in facilities:
        places.setdefault(seat, []).append(name)
    areas = [Area(outline.territory.name, outline.geometry) for outline in outlines]
    drawn = point_map("Équipements et services par commune", areas, places, noun="équipement") if areas else None
    return drawn, outlines[0].source if outlines else ""
