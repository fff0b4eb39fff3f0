"""Figures of a set of communes that nobody published for the set: sums of its communes, never means of their ratios."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from territory.known import Rules, read_rules
from territory.models import Belonging, Caf, Indicator, Territory, Value
from territory.portraits.stored import ALL, Pack, Rows, Stored, read_packs
from territory.secrecy import State, state_of

LAST_KNOWN = date.max  # the composition that has no end: the last one known, without a clock
POPULATION = "population"
SUMMED = (Territory.Kind.EPCI, Territory.Kind.PERIMETER)


@dataclass(frozen=True)
class Parts:
    """The communes of a set and their figures; ``twin`` is the key of the EPCI made of exactly the same communes."""

    whole: Territory | None = None
    communes: Sequence[Territory] = ()
    known: frozenset[int] = frozenset()  # the indicators that were looked for in the communes
    twin: int | None = None
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
        """One figure a year, the newest first: the EPCI's own, else the sum where every commune is known."""
        if self.twin and (own := self.values.get((indicator.pk, self.twin))):
            return own
        if not indicator.is_additive or not self.communes:
            return []
        if indicator.pk not in self._made:
            self._made[indicator.pk] = self._add_up(indicator)
        return self._made[indicator.pk]

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
    """One query: the communes and their twin. A perimeter is seldom published: its parts are read with it, not after."""
    communes = list(_with_epci(_communes_of(perimeter).select_related("outline")))
    known = frozenset(one.pk for one in wanted if one.is_additive)
    return Parts(perimeter, communes, known, _twin(communes))


def with_parts(parts: Parts) -> tuple[list[Territory | int], Q]:
    """The places to read beside a perimeter, and which of their figures: of the communes, only what can be summed."""
    twin = [parts.twin] if parts.twin else []
    if not parts.known:
        return [*twin], ALL
    return [*twin, *parts.communes], ~Q(territory__in=parts.communes) | Q(indicator__in=parts.known)


def read_parts(
    place: Territory, wanted: Collection[Indicator], stated: Rows, caf: Caf | None, *, whole: bool
) -> tuple[Parts, list[Pack]]:
    """Two queries (the communes, their figures), none when every figure of the place is stated; ``whole`` reads all that
    the communes have of the years of the place, and for a perimeter what its twin publishes."""
    lacking = [one for one in wanted if (one.pk, place.pk) not in stated or (one.code == POPULATION and not whole)]
    if place.kind not in SUMMED or not (lacking or whole):
        return NOTHING, []
    summed = {one for one in lacking if one.is_additive}
    if not whole:
        communes = list(_communes_of(place).select_related("outline"))
        packs = read_packs(communes, summed, caf) if summed else []
        return Parts(place, communes, frozenset(one.pk for one in summed)), packs
    communes = list(_with_epci(_communes_of(place)))
    twin = _twin(communes) if is_perimeter(place) else None
    which = Q(year__in=stated.years_of(place))
    packs = read_packs(communes, None, caf, which | Q(indicator__in=summed) if summed else which)
    packs += read_packs([twin], lacking, caf) if twin else []
    return Parts(place, communes, frozenset(one.pk for one in wanted), twin), packs


def _communes_of(place: Territory) -> QuerySet[Territory]:
    return place.communes_on(LAST_KNOWN).order_by("name", "pk")


def _with_epci(communes: QuerySet[Territory]) -> QuerySet[Territory]:
    """Each commune with its EPCI, and how many communes that one has."""
    epcis = Belonging.objects.valid_on(LAST_KNOWN).filter(group__kind=Territory.Kind.EPCI).order_by()
    own = epcis.filter(commune=OuterRef("pk")).order_by("group").values("group")[:1]
    size = epcis.filter(group=OuterRef("epci")).values("group").annotate(size=Count("commune")).values("size")
    return communes.annotate(epci=Subquery(own), epci_size=Subquery(size))


def _twin(communes: Sequence[Territory]) -> int | None:
    """The EPCI made of these communes and no other."""
    found = {(commune.epci, commune.epci_size) for commune in communes}  # type: ignore[attr-defined]
    epci, size = found.pop() if len(found) == 1 else (None, 0)
    return epci if size == len(communes) else None


def _quality(states: set[State], terms: list[Stored]) -> str:
    if State.MASKED in states:
        return Value.Quality.MASKED
    if states != {State.SHOWN}:
        return Value.Quality.MISSING
    qualities = {term.quality for term in terms}
    return Value.Quality.EXACT if qualities == {Value.Quality.EXACT} else Value.Quality.ESTIMATED
