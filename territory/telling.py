"""Which totals tell a part that nobody counted, where no figure is masked: these sets are then judged as if one were.

Asked at each write, and a national file of a million figures does not fit in memory: the database says which sets lack parts,
and only these are looked into, one indicator and year after the other.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import date
from itertools import groupby

from django.db.models import Count, QuerySet

from territory.compositions import LAST_KNOWN, Made, communes_of_communes, compositions
from territory.models import Belonging, Territory, Value

MADE_OF_COMMUNES = (Territory.Kind.EPCI, Territory.Kind.PERIMETER)  # though they have a département above them
AT_ONCE = 2000
Series = tuple[int, int]  # indicator, year


def telling_sets(visible: "QuerySet[Value]", near: set[int] | None) -> set[int]:
    """Among the sets ``near``, all of them when None; whatever composition the figures may be of."""
    sets = Territory.objects.exclude(kind=Territory.Kind.COMMUNE)
    asked = set((sets if near is None else sets.filter(pk__in=near)).values_list("pk", flat=True))
    totals: dict[Series, set[int]] = defaultdict(set)
    stated = visible.filter(territory__in=asked).values_list("indicator", "year", "territory").distinct()
    for indicator, year, place in stated:
        totals[indicator, year].add(place)
    found = _merged(visible, near)
    if totals:
        made = _made(asked) | {
            whole: [((date.min, LAST_KNOWN), parts)] for whole, parts in communes_of_communes().items()
        }
        lacking = _lacking(visible, totals, made)
        found |= set().union(*_told(visible, lacking, totals, made))
    return found


def _made(groups: set[int]) -> dict[int, Made]:
    """What each was made of, from a day to another: the communes of an EPCI, a perimeter or a département, the départements of
    a région, the régions of France."""
    dated: dict[int, list[tuple[int, date, date]]] = defaultdict(list)
    rows = Belonging.objects.filter(group__in=groups).order_by()
    for group, commune, start, end in rows.values_list("group", "commune", "valid_from", "valid_to"):
        dated[group].append((commune, start, end or LAST_KNOWN))
    found = {group: list(compositions(members)) for group, members in dated.items()}
    below: dict[int, set[int]] = defaultdict(set)
    for pk, parent in _below(groups).values_list("pk", "parent"):
        if parent is not None:
            below[parent].add(pk)
    return found | {
        parent: [((date.min, LAST_KNOWN), inside)] for parent, inside in below.items() if parent not in found
    }


def _below(groups: Iterable[int]) -> QuerySet[Territory]:
    return Territory.objects.filter(parent__in=groups, valid_to=None).exclude(kind__in=MADE_OF_COMMUNES)


def _lacking(
    visible: "QuerySet[Value]", totals: Mapping[Series, set[int]], made: Mapping[int, Made]
) -> dict[Series, dict[int, int]]:
    """The sets with a total and not all their parts, with how many they have."""
    groups = set().union(*totals.values()) & made.keys()
    lasting = Belonging.objects.filter(group__in=groups, valid_to=None)
    parts = [
        (visible.filter(territory__in=_below(groups)), "territory__parent"),
        (visible.filter(territory__belongings__in=lasting), "territory__belongings__group"),
    ]
    counts: dict[tuple[Series, int], int] = {}
    for rows, group in parts:
        found = rows.values("indicator", "year", group).annotate(count=Count("territory", distinct=True))
        for indicator, year, place, count in found.values_list("indicator", "year", group, "count"):
            counts[(indicator, year), place] = count
    return {
        series: lacking
        for series, places in totals.items()
        if (
            lacking := {
                place: counts.get((series, place), 0)
                for place in places & groups
                if len(made[place]) > 1 or counts.get((series, place), 0) < len(made[place][-1][1])
            }
        )
    }


def _told(
    visible: "QuerySet[Value]",
    lacking: Mapping[Series, Mapping[int, int]],
    totals: Mapping[Series, set[int]],
    made: Mapping[int, Made],
) -> Iterator[set[int]]:
    begun = {place for places in lacking.values() for place, count in places.items() if count or len(made[place]) > 1}
    parts = {part for place in begun for _, inside in made[place] for part in inside}
    indicators, years = {series[0] for series in lacking}, {series[1] for series in lacking}
    rows = (
        visible.filter(territory__in=parts, indicator__in=indicators, year__in=years) if parts else Value.objects.none()
    )
    ordered = rows.order_by("indicator", "year").values_list("indicator", "year", "territory").iterator(AT_ONCE)
    rest, known = dict(lacking), dict[tuple[Set[int], Set[int], int], set[int]]()
    for series, same in groupby(ordered, key=lambda row: (row[0], row[1])):
        if places := rest.pop(series, None):
            yield _alone(places.keys(), {row[2] for row in same}, totals[series], series[1], made)
    for series, places in rest.items():  # the same sets from one indicator to the next, where no part is counted
        key = frozenset(places), frozenset(totals[series]), series[1]
        if key not in known:
            known[key] = _alone(places.keys(), set(), totals[series], series[1], made)
        yield known[key]


def _alone(lacking: Set[int], counted: Set[int], totals: set[int], year: int, made: Mapping[int, Made]) -> set[int]:
    """In each geography that the totals may be of, the last one first."""
    end_of_year = date(year, 12, 31)
    ways = {place: [inside for (_, end), inside in reversed(made[place]) if end >= end_of_year] for place in lacking}
    most = max(map(len, ways.values()), default=0)
    found = [
        _alone_among(
            {place: (ways[place][way:] or ways[place][-1:])[0] - counted for place in lacking if ways[place]},
            counted | totals,
            made,
        )
        for way in range(most)
    ]
    return set().union(*found)


def _alone_among(missing: Mapping[int, Set[int]], known: Set[int], made: Mapping[int, Made]) -> set[int]:
    """A part that enters other totals than all the rest is told by these totals less each other: the last one of a set, the
    commune by which two sets differ. So is a set that nobody counted, or a commune made of others, when its parts do."""
    entered: dict[int, set[int]] = defaultdict(set)
    for place, parts in missing.items():
        for part in parts:
            entered[part].add(place)
    kinds = {part: frozenset(places) for part, places in entered.items()}
    alike = Counter(kinds.values())
    found = {place for place, parts in missing.items() if len(parts) == 1}
    found |= {place for kind, count in alike.items() if count == 1 for place in kind}
    for place, spans in made.items():
        rest = spans[-1][1] - known
        if place in known or not rest or not rest <= kinds.keys():
            continue
        inside_of = {kinds[part] for part in rest}
        if sum(alike[kind] for kind in inside_of) == len(rest):
            found |= set().union(*inside_of)
    while beside := set().union(*(kind for kind in alike if not found.isdisjoint(kind))) - found:
        found |= beside  # what they are told less
    return found


def _merged(visible: "QuerySet[Value]", near: set[int] | None) -> set[int]:
    """Communes made of others, or that others came out of, of which all parts but one are counted."""
    parts = {
        whole: inside
        for whole, inside in communes_of_communes().items()
        if len(inside) > 1 and (near is None or not near.isdisjoint(inside | {whole}))
    }
    columns = ("indicator", "year", "territory")
    pieces = visible.filter(territory__in=set().union(*parts.values())) if parts else Value.objects.none()
    counted = set(pieces.values_list(*columns).distinct())
    begun = {place for *_, place in counted}
    told = [whole for whole, inside in parts.items() if not begun.isdisjoint(inside)]
    wholes = set(visible.filter(territory__in=told).values_list(*columns).distinct()) if told else set()
    return {
        whole
        for indicator, year, whole in wholes
        if sum((indicator, year, part) in counted for part in parts[whole]) == len(parts[whole]) - 1
    }
