"""Figures of a set of communes that nobody published for the set: sums of its communes, never means of their ratios."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q

from territory.known import Rules, read_rules
from territory.models import Belonging, Caf, Indicator, Territory, Value
from territory.portraits.stored import Key, Pack, Rows, read_packs
from territory.secrecy import State, public_value

LAST_KNOWN = date.max  # the composition that has no end: the last one known, without a clock
POPULATION = "population"
SUMMED = (Territory.Kind.EPCI, Territory.Kind.PERIMETER)


@dataclass(frozen=True)
class Parts:
    """The communes of a set and their figures; ``twin`` is the EPCI made of exactly the same communes."""

    whole: Territory | None = None
    communes: Sequence[Territory] = ()
    known: frozenset[int] = frozenset()  # the indicators that were looked for in the communes
    twin: Territory | None = None
    values: Mapping[Key, list[Value]] = field(default_factory=dict)
    rules: Rules | None = None

    def knows(self, indicator: Indicator) -> bool:
        return indicator.pk in self.known and any(
            (indicator.pk, commune.pk) in self.values for commune in self.communes
        )

    def sums(self, indicator: Indicator) -> list[Value]:
        """One figure a year, the newest first: the EPCI's own, else the sum where every commune is known."""
        if self.twin and (own := self.values.get((indicator.pk, self.twin.pk))):
            return own
        if not indicator.is_additive or not self.communes:
            return []
        by_year: dict[int, dict[int, Value]] = defaultdict(dict)
        for commune in self.communes:
            for value in self.values.get((indicator.pk, commune.pk), []):
                by_year[value.year].setdefault(commune.pk, value)
        whole = {year: rows for year, rows in by_year.items() if len(rows) == len(self.communes)}
        return [self._sum(indicator, list(whole[year].values())) for year in sorted(whole, reverse=True)]

    def _sum(self, indicator: Indicator, terms: list[Value]) -> Value:
        """A masked term masks the sum, a missing one makes it missing (rule R45)."""
        states = {public_value(term, indicator).state for term in terms}
        first = terms[0]
        total = Value(
            indicator=indicator,
            territory=self.whole,
            year=first.year,
            start_year=first.start_year,
            release=first.release,
            quality=_quality(states, terms),
        )
        if total.quality not in Value.WITHOUT_NUMBER:
            total.number = sum((term.number for term in terms if term.number is not None), Decimal(0))
            total.is_withheld = self._is_small(indicator, first, total.number)
        return total

    def _is_small(self, indicator: Indicator, like: Value, number: Decimal) -> bool:
        """A perimeter is ours, whoever published its communes: a small count of it is masked."""
        if self.rules is None or not indicator.is_head_count:
            return False
        return 0 < number < self.rules.of(like.release.source_id, like.year).threshold


NOTHING = Parts()


def read_parts(
    place: Territory, wanted: Collection[Indicator], stated: Rows, caf: Caf | None, *, whole: bool
) -> tuple[Parts, list[Pack]]:
    """Two queries (the communes, their figures), none when every figure of the place is stated; ``whole`` reads all that
    the communes have of the years of the place. For a perimeter, the EPCI of the same communes comes first."""
    lacking = [one for one in wanted if (one.pk, place.pk) not in stated or (one.code == POPULATION and not whole)]
    if place.kind not in SUMMED or not (lacking or whole):
        return NOTHING, []
    members = place.communes_on(LAST_KNOWN).order_by("name", "pk")
    communes = list(members if whole else members.select_related("outline"))
    twin = _twin(place, communes, LAST_KNOWN) if place.kind == Territory.Kind.PERIMETER else None
    summed = {one for one in lacking if one.is_additive}
    packs = read_packs([twin], lacking, caf) if twin else []
    if whole:
        which = Q(year__in=stated.years_of(place))
        packs += read_packs(communes, None, caf, which | Q(indicator__in=summed) if summed else which)
    elif summed:
        packs += read_packs(communes, summed, caf)
    known = wanted if whole else summed
    rules = read_rules() if place.kind == Territory.Kind.PERIMETER else None
    return Parts(place, communes, frozenset(one.pk for one in known), twin, rules=rules), packs


def _twin(place: Territory, communes: Sequence[Territory], on: date) -> Territory | None:
    """The EPCI made of these communes and no other on that day."""
    ids = [commune.pk for commune in communes]
    same = (
        Belonging.objects.valid_on(on)
        .filter(
            group__kind=Territory.Kind.EPCI, group__in=Belonging.objects.filter(commune__in=ids[:1]).values("group")
        )
        .values("group")
        .annotate(total=Count("commune"), shared=Count("commune", filter=Q(commune__in=ids)))
        .filter(total=len(ids), shared=len(ids))
    )
    return Territory.objects.filter(pk__in=same.values("group")).order_by("pk").first()


def _quality(states: set[State], terms: list[Value]) -> str:
    if State.MASKED in states:
        return Value.Quality.MASKED
    if states != {State.SHOWN}:
        return Value.Quality.MISSING
    qualities = {term.quality for term in terms}
    return Value.Quality.EXACT if qualities == {Value.Quality.EXACT} else Value.Quality.ESTIMATED
