"""Figures of a set of communes that nobody published for the set: sums of its communes, never means of their ratios."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import Q, QuerySet

from ctg_site.lib.dates import PARIS
from territory.compositions import LAST_KNOWN, Span, compositions
from territory.known import Rules, read_rules
from territory.models import Belonging, Caf, Indicator, Territory, Value
from territory.portraits.stored import ALL, Pack, Rows, Stored, read_packs
from territory.secrecy import State, state_of

POPULATION = "population"
SUMMED = (Territory.Kind.EPCI, Territory.Kind.PERIMETER)


@dataclass(frozen=True)
class Parts:
    """The communes of a set and their figures; ``twins`` are the EPCIs that are, or once were, made of exactly the same
    communes, by their key: when each was made of others."""

    whole: Territory | None = None
    communes: Sequence[Territory] = ()
    known: frozenset[int] = frozenset()  # the indicators that were looked for in the communes
    twins: dict[int, list[Span]] = field(default_factory=dict)
    values: Rows = field(default_factory=Rows)
    _made: dict[int, list[Value]] = field(default_factory=dict, init=False)

    @cached_property
    def rules(self) -> Rules:
        """Read when a sum first needs them."""
        return read_rules()

    def knows(self, indicator: Indicator) -> bool:
        return indicator.pk in self.known and any(
            (indicator.pk, commune.pk) in self.values for commune in self.communes
        )

    def sums(self, indicator: Indicator) -> list[Value]:
        """The best first: of each year what the EPCI of the same communes has of its own, else the sum where every commune
        is known."""
        if indicator.pk not in self._made:
            own = [value for twin in self.twins for value in self._own(indicator, twin)]
            years = {value.year for value in own}
            sums = self._add_up(indicator) if indicator.is_additive and self.communes else []
            rows = [*own, *(total for total in sums if total.year not in years)]
            self._made[indicator.pk] = sorted(rows, key=_goodness, reverse=True)
        return self._made[indicator.pk]

    def _own(self, indicator: Indicator, twin: int) -> list[Value]:
        """No delivery says of which geography it is, and none is of one older than the year it counts: a figure is of
        these communes when the EPCI had no other from the end of that year to the day of the delivery."""
        others = self.twins[twin]
        return [
            value
            for value in self.values.get((indicator.pk, twin), [])
            if not any(start <= _delivered(value) and end >= _counted(value) for start, end in others)
        ]

    def _add_up(self, indicator: Indicator) -> list[Value]:
        by_year: dict[int, dict[int, Stored]] = defaultdict(dict)
        for commune in self.communes:
            for row in self.values.stored((indicator.pk, commune.pk)):
                by_year[row.year].setdefault(commune.pk, row)
        whole = {year: rows for year, rows in by_year.items() if len(rows) == len(self.communes)}
        return [self._sum(indicator, list(whole[year].values())) for year in sorted(whole, reverse=True)]

    def _sum(self, indicator: Indicator, terms: list[Stored]) -> Value:
        """A masked term masks the sum, a missing one makes it missing (rule R45)."""
        states = {state_of(term) for term in terms}
        first = terms[0]
        total = Value(
            indicator=indicator,
            territory=self.whole,
            year=first.year,
            start_year=first.start_year,
            release=self.values.release(first.release),
            quality=_quality(states, terms),
        )
        if total.quality not in Value.WITHOUT_NUMBER:
            total.number = sum((term.number for term in terms if term.number is not None), Decimal(0))
            total.is_withheld = self._is_small(indicator, total)
        return total

    def _is_small(self, indicator: Indicator, total: Value) -> bool:
        """A perimeter is ours, whoever published its communes: a small count of it is masked."""
        if not (is_perimeter(self.whole) and indicator.is_head_count and total.number):
            return False
        return 0 < total.number < self.rules.of(total.release.source_id, total.year).threshold


NOTHING = Parts()


def is_perimeter(place: Territory | None) -> bool:
    return place is not None and place.kind == Territory.Kind.PERIMETER


def parts_of(perimeter: Territory, wanted: Collection[Indicator]) -> Parts:
    """Two queries: the communes and their twins. A perimeter is seldom published: its parts are read with it, not after."""
    communes = list(_communes_of(perimeter).select_related("outline"))
    known = frozenset(one.pk for one in wanted if one.is_additive)
    return Parts(perimeter, communes, known, _twins(communes))


def with_parts(parts: Parts) -> tuple[list[Territory | int], Q]:
    """The places to read beside a perimeter, and which of their figures: of the communes, only what can be summed."""
    if not parts.known:
        return [*parts.twins], ALL
    return [*parts.twins, *parts.communes], ~Q(territory__in=parts.communes) | Q(indicator__in=parts.known)


def read_parts(
    place: Territory, wanted: Collection[Indicator], stated: Rows, caf: Caf | None, *, whole: bool
) -> tuple[Parts, list[Pack]]:
    """Two queries (the communes, their figures), none when every figure of the place is stated; ``whole`` reads all that
    the communes have of the years of the place, and for a perimeter, in two more, what its twins publish."""
    lacking = [one for one in wanted if (one.pk, place.pk) not in stated or (one.code == POPULATION and not whole)]
    if place.kind not in SUMMED or not (lacking or whole):
        return NOTHING, []
    summed = {one for one in lacking if one.is_additive}
    if not whole:
        communes = list(_communes_of(place).select_related("outline"))
        packs = read_packs(communes, summed, caf) if summed else []
        return Parts(place, communes, frozenset(one.pk for one in summed)), packs
    communes = list(_communes_of(place))
    twins = _twins(communes) if is_perimeter(place) else {}
    which = Q(year__in=stated.years_of(place))
    packs = read_packs(communes, None, caf, which | Q(indicator__in=summed) if summed else which)
    packs += read_packs(twins, lacking, caf) if twins else []
    return Parts(place, communes, frozenset(one.pk for one in wanted), twins), packs


def _communes_of(place: Territory) -> QuerySet[Territory]:
    return place.communes_on(LAST_KNOWN).order_by("name", "pk")


def _twins(communes: Sequence[Territory]) -> dict[int, list[Span]]:
    """One query: every EPCI that the first commune has been of, with all it was made of from its first day known."""
    if not communes:
        return {}
    epcis = Belonging.objects.filter(commune=communes[0], group__kind=Territory.Kind.EPCI).values("group")
    rows = Belonging.objects.filter(group__in=epcis).order_by()
    members: dict[int, list[tuple[int, date, date]]] = defaultdict(list)
    for epci, commune, start, end in rows.values_list("group", "commune", "valid_from", "valid_to"):
        members[epci].append((commune, start, end or LAST_KNOWN))
    wanted = {commune.pk for commune in communes}
    found = {epci: list(compositions(rows)) for epci, rows in members.items()}
    return {
        epci: [span for span, inside in spans if inside != wanted]
        for epci, spans in found.items()
        if any(inside == wanted for _, inside in spans)
    }


def _counted(value: Value) -> date:
    return date(value.year, 12, 31)


def _delivered(value: Value) -> date:
    return max(_counted(value), value.release.published_on or value.release.loaded_at.astimezone(PARIS).date())


def _goodness(value: Value) -> tuple[bool, int]:
    """As portraits/stored.py ranks the rows of one territory."""
    return value.release.caf_id is not None, value.year


def _quality(states: set[State], terms: list[Stored]) -> str:
    if State.MASKED in states:
        return Value.Quality.MASKED
    if states != {State.SHOWN}:
        return Value.Quality.MISSING
    qualities = {term.quality for term in terms}
    return Value.Quality.EXACT if qualities == {Value.Quality.EXACT} else Value.Quality.ESTIMATED
