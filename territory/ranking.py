"""Ranks of the EPCIs and of the départements, computed when figures arrive or leave, so that a page only reads them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet

from territory.models import Indicator, Rank, Territory, Value
from territory.secrecy import public_value, ratio

RANKED = (Territory.Kind.EPCI, Territory.Kind.DEPARTEMENT)
AT_LEAST = {Territory.Kind.EPCI: 600, Territory.Kind.DEPARTEMENT: 50}  # fewer is a sample of France, not France
BATCH = 2000

Place = tuple[str, int | None]  # level, département
Series = tuple[int, int, int, int | None]  # year, start year, source, Caf


@dataclass(frozen=True)
class Standing:
    in_department: int
    department_count: int
    in_country: int
    country_count: int


@transaction.atomic
def refresh_ranks(indicators: Iterable[int]) -> None:
    """Ranks of these indicators and of the ratios they enter, made again from the figures as they are now."""
    ranked = list(_ranked(indicators).select_related("numerator", "denominator").order_by("pk"))
    Rank.objects.filter(indicator__in=ranked).delete()
    Rank.objects.bulk_create((rank for indicator in ranked for rank in _ranks(indicator)), batch_size=BATCH)


def forget_ranks(indicators: Iterable[int]) -> None:
    """Until they are made again: what is masked since would be read in the places of the others."""
    Rank.objects.filter(indicator__in=_ranked(indicators)).delete()


def _ranked(indicators: Iterable[int]) -> QuerySet[Indicator]:
    changed = set(indicators)
    concerned = Q(pk__in=changed) | Q(numerator__in=changed) | Q(denominator__in=changed)
    return Indicator.objects.filter(concerned, is_additive=False)


def stand(places: dict[int, Place], numbers: dict[int, Decimal]) -> dict[int, Standing]:
    """The highest is first, equals share their rank; a level is ranked with itself."""
    inside: dict[tuple[str, int | None], list[Decimal]] = defaultdict(list)
    across: dict[str, list[Decimal]] = defaultdict(list)
    for pk, number in numbers.items():
        kind, department = places[pk]
        across[kind].append(number)
        if department is not None:
            inside[kind, department].append(number)
    near, far = {key: _order(found) for key, found in inside.items()}, {k: _order(found) for k, found in across.items()}
    return {pk: _standing(places[pk], number, near, far) for pk, number in numbers.items()}


def _standing(
    place: Place,
    number: Decimal,
    near: dict[tuple[str, int | None], dict[Decimal, int]],
    far: dict[str, dict[Decimal, int]],
) -> Standing:
    kind, department = place
    around, country = near.get(place, {}), far[kind]
    is_whole = country[_COUNT] >= AT_LEAST[Territory.Kind(kind)]
    return Standing(
        around.get(number, 0),
        around.get(_COUNT, 0),
        country[number] if is_whole else 0,
        country[_COUNT] if is_whole else 0,
    )


_COUNT = Decimal("-Infinity")  # beside the rank of each number: how many there are


def _order(numbers: list[Decimal]) -> dict[Decimal, int]:
    ranks: dict[Decimal, int] = {}
    for rank, number in enumerate(sorted(numbers, reverse=True), 1):
        ranks.setdefault(number, rank)
    return ranks | {_COUNT: len(numbers)}


def _ranks(indicator: Indicator) -> Iterator[Rank]:
    series, places = _series(indicator)
    for (year, start_year, source, caf), numbers in series.items():
        for pk, standing in stand(places, numbers).items():
            yield Rank(
                indicator=indicator,
                territory_id=pk,
                year=year,
                start_year=start_year,
                source_id=source,
                caf_id=caf,
                **vars(standing),
            )


def _series(indicator: Indicator) -> tuple[dict[Series, dict[int, Decimal]], dict[int, Place]]:
    """The figures that may be shown, published or recomputed from their terms, by years, source and owner."""
    values = list(_values(indicator))
    published = _newest(value for value in values if value.indicator_id == indicator.pk)
    found: dict[Series, dict[int, Decimal]] = defaultdict(dict)
    for (key, pk), value in published.items():
        if (number := public_value(value, indicator).number) is not None:
            found[key][pk] = number
    if indicator.numerator and indicator.denominator:
        _add_ratios(indicator, values, found)
    return found, {value.territory_id: _place(value.territory) for value in values}


def _add_ratios(indicator: Indicator, values: list[Value], found: dict[Series, dict[int, Decimal]]) -> None:
    """Over the denominator known when the numerator was counted; a published ratio comes first."""
    below: dict[tuple[int, int | None], list[Value]] = defaultdict(list)
    for value in values:
        if value.indicator_id == indicator.denominator_id:
            below[value.territory_id, value.release.caf_id].append(value)
    for (key, pk), value in _newest(v for v in values if v.indicator_id == indicator.numerator_id).items():
        candidates = [other for owner in {None, value.release.caf_id} for other in below[pk, owner]]
        known = [other for other in candidates if other.year <= value.year]
        if known and pk not in found.get(key, {}):
            number = ratio(value, max(known, key=_nearness), indicator).number
            if number is not None:
                found[key][pk] = number


def _values(indicator: Indicator) -> QuerySet[Value]:
    terms = {indicator.pk, indicator.numerator_id, indicator.denominator_id} - {None}
    rows = Value.objects.filter(indicator__in=terms, territory__kind__in=RANKED)
    return rows.select_related("territory", "release__source").order_by("pk")


def _newest(values: Iterable[Value]) -> dict[tuple[Series, int], Value]:
    """Of a figure that a source delivered twice, the last."""
    best: dict[tuple[Series, int], Value] = {}
    for value in sorted(values, key=_age):
        key = (value.year, value.start_year, value.release.source_id, value.release.caf_id)
        best[key, value.territory_id] = value
    return best


def _age(value: Value) -> tuple[object, ...]:
    return (value.year, value.release.loaded_at, value.pk)


def _nearness(value: Value) -> tuple[object, ...]:
    """As a page chooses what it divides by: the last year, the Caf's own before open data, the last delivery."""
    return (value.year, value.release.caf_id is not None, value.release.loaded_at, value.pk)


def _place(territory: Territory) -> Place:
    is_inside = territory.kind == Territory.Kind.EPCI
    return territory.kind, territory.parent_id if is_inside else None
