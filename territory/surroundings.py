"""What lines of money are checked against, read once for all of them, in a number of queries that does not depend on theirs:
the communes of their territories and of their equipments, the Ctgs, the dated facts that open a bonus."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from django.db.models import Q

from territory.models import Belonging, Ctg, Facility, FacilityFact, FundingLine, Territory

Kind = Territory.Kind
Stay = tuple[int, date, date | None]  # a commune, from a day to another
GROUPED_BY_PARENT = (Kind.DEPARTEMENT, Kind.REGION, Kind.FRANCE)


class Surroundings:
    def __init__(self, lines: Sequence[FundingLine]) -> None:
        placed = [line for line in lines if line.facility_id]
        bonuses = [line for line in lines if line.scheme_id and line.scheme.is_bonus]
        self._stays = _stays({line.territory for line in placed})
        self._served = _served({line.facility for line in placed if line.facility})
        self._ctgs = _ctgs(bonuses)
        self._facts = _facts(line for line in bonuses if line.state == FundingLine.State.ACTUAL)

    def holds(self, territory: Territory, facility: Facility, year: int) -> bool:
        """At the end of the year; a perimeter drawn later is taken as it was drawn, for the years before it."""
        on = date(year, 12, 31)
        stays = self._stays[territory.pk]
        communes = {commune for commune, since, until in stays if since <= on and (until is None or on <= until)}
        return not (communes or {commune for commune, _, _ in stays}).isdisjoint(self._served[facility.pk])

    def ctg_of(self, line: FundingLine) -> Ctg | None:
        """The Ctg of the same Caf and perimeter whose period holds the year of the line."""
        return next((ctg for ctg in self._ctgs[line.caf_id, line.territory_id] if line.year in ctg.years), None)

    def facts_of(self, facility: Facility) -> list[FacilityFact]:
        return self._facts[facility.pk]


def _stays(territories: Collection[Territory]) -> dict[int, list[Stay]]:
    found: dict[int, list[Stay]] = defaultdict(list)
    above = [place for place in territories if place.kind in GROUPED_BY_PARENT]
    groups = [place for place in territories if place.kind not in (Kind.COMMUNE, *GROUPED_BY_PARENT)]
    for place in territories:
        if place.kind == Kind.COMMUNE:
            found[place.pk].append((place.pk, date.min, None))
    for group, commune, since, until in (
        Belonging.objects.filter(group__in=groups)
        .order_by()
        .values_list("group_id", "commune_id", "valid_from", "valid_to")
    ):
        found[group].append((commune, since, until))
    if above:
        for place in _communes_under(above):
            for parent in _parents(place):
                found[parent].append((place.pk, place.valid_from, place.valid_to))
    return found


def _communes_under(places: list[Territory]) -> Iterable[Territory]:
    paths = ["parent", "parent__parent", "parent__parent__parent", "parent__parent__parent__parent"]
    any_of = Q()
    for path in paths:
        any_of |= Q(**{f"{path}__in": places})
    return Territory.objects.communes().filter(any_of).select_related(paths[-1]).order_by()


def _parents(place: Territory) -> Iterable[int]:
    while place.parent is not None:
        place = place.parent
        yield place.pk


def _served(facilities: Collection[Facility]) -> dict[int, set[int]]:
    found = {facility.pk: {facility.seat_id} for facility in facilities}
    for facility, commune in (
        Facility.served.through.objects.filter(facility__in=facilities)
        .order_by()
        .values_list("facility_id", "territory_id")
    ):
        found[facility].add(commune)
    return found


def _ctgs(lines: Sequence[FundingLine]) -> dict[tuple[int, int], list[Ctg]]:
    found: dict[tuple[int, int], list[Ctg]] = defaultdict(list)
    if lines:
        same = Ctg.objects.filter(
            caf__in={line.caf_id for line in lines}, territory__in={line.territory_id for line in lines}
        )
        for ctg in same.prefetch_related("facts").order_by("starts_on", "pk"):
            found[ctg.caf_id, ctg.territory_id].append(ctg)
    return found


def _facts(lines: Iterable[FundingLine]) -> dict[int, list[FacilityFact]]:
    found: dict[int, list[FacilityFact]] = defaultdict(list)
    if facilities := {line.facility_id for line in lines if line.facility_id}:
        for fact in FacilityFact.objects.filter(facility__in=facilities).order_by("pk"):
            found[fact.facility_id].append(fact)
    return found
