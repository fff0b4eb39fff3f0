"""The rows of figures as they are stored, the best first; nothing here is shown before it passes territory/secrecy.py.

The thousands of figures of a page come as a few dozen texts, one of all that a delivery says of a territory for a year: to
make a row of each would cost the driver more than the database takes to find them (bench/national_figures.py).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Aggregate, BigIntegerField, Expression, Max, Q, TextField
from django.db.models import Value as Literal
from django.db.models.functions import Cast, Coalesce

from territory.models import Caf, Indicator, Release, Source, Territory, Value

Key = tuple[int, int]  # indicator, territory
COLUMNS = ["id", "indicator_id", "territory_id", "year", "start_year", "release_id", "number", "quality", "is_withheld"]
OF_RELEASE, OF_SOURCE = ([field.attname for field in model._meta.concrete_fields] for model in (Release, Source))
DELIVERY = [*(f"release__{name}" for name in OF_RELEASE), *(f"release__source__{name}" for name in OF_SOURCE)]
ALL = Q()


class Joined(Aggregate):
    """« 12 7 43;13 8 ;… »"""

    output_field = TextField()
    template = "STRING_AGG(CONCAT_WS(' ', %(expressions)s), ';')"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "GROUP_CONCAT(%(expressions)s, ';')"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" || ' ' || ", **context)


# In the order of the index « value_of_territory »: nothing is sorted before it is put together.
ALIKE = ["territory_id", "year", "release_id", "start_year", "quality", "is_withheld"]
FIGURES = Joined("id", "indicator_id", Coalesce(Cast("number", TextField()), Literal("")))
NOBODY: Expression = Literal(None, output_field=BigIntegerField())


class Pack(NamedTuple):
    """Figures of one delivery for a territory and its years, of one quality and as public as each other."""

    territory: int
    year: int
    release: int
    start_year: int
    quality: str
    is_withheld: bool
    caf: int | None
    figures: str
    delivery: Release | None = None


class Stored(NamedTuple):
    """The columns of a figure (``COLUMNS``), its number as the database writes it: a hundred times cheaper than a value."""

    pk: int
    indicator: int
    territory: int
    year: int
    start_year: int
    release: int
    text: str
    quality: str
    is_withheld: bool

    @property
    def number(self) -> Decimal | None:
        return Decimal(self.text) if self.text else None


class Rows(Mapping[Key, list[Value]]):
    """By (indicator, territory): the Caf's own before open data, newest year, last delivery.

    Only what somebody asks for is made into values; a query then reads the deliveries not met before.
    """

    def __init__(self, *packs: Pack) -> None:
        self._packs: dict[int, list[Pack]] = defaultdict(list)
        self._releases: dict[int, Release] = {}
        self._opened: dict[int, dict[int, list[Stored]]] = {}
        self._made: dict[Key, list[Value]] = {}
        self.add(packs)

    def __getitem__(self, key: Key) -> list[Value]:
        if key not in self._made:
            indicator, territory = key
            self._made[key] = [self._value(row) for row in self._sorted(self._open(territory)[indicator])]
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, tuple) and key[0] in self._open(key[1])

    def __iter__(self) -> Iterator[Key]:
        return ((indicator, territory) for territory in self._packs for indicator in self._open(territory))

    def __len__(self) -> int:
        return sum(len(self._open(territory)) for territory in self._packs)

    def years_of(self, territory: Territory) -> set[int]:
        """The last of each of its figures, those of the Caf and open data apart."""
        own = {pack.release for pack in self._packs.get(territory.pk, ()) if pack.caf is not None}
        last: dict[tuple[int, bool], int] = {}
        for row in chain.from_iterable(self._open(territory.pk).values()):
            key = row.indicator, row.release in own
            last[key] = max(last.get(key, 0), row.year)
        return set(last.values())

    def add(self, packs: Iterable[Pack]) -> None:
        """Of other places."""
        for pack in packs:
            self._packs[pack.territory].append(pack)
            if pack.delivery:
                self._releases.setdefault(pack.release, pack.delivery)

    def stored(self, key: Key) -> list[Stored]:
        """The same rows, for who adds up thousands of them."""
        indicator, territory = key
        return self._sorted(self._open(territory).get(indicator, []))

    def release(self, pk: int) -> Release:
        if pk not in self._releases:
            ids = {pack.release for packs in self._packs.values() for pack in packs}
            found = Release.objects.select_related("source").in_bulk(ids - self._releases.keys())
            self._releases |= found
        return self._releases[pk]

    def _open(self, territory: int) -> dict[int, list[Stored]]:
        """The columns of its figures, by indicator."""
        if territory not in self._opened:
            found: dict[int, list[Stored]] = defaultdict(list)
            for pack in self._packs.get(territory, ()):
                years = pack.year, pack.start_year
                for figure in pack.figures.split(";"):
                    pk, indicator, number = figure.split(" ")
                    row = Stored(
                        int(pk), int(indicator), territory, *years, pack.release, number, pack.quality, pack.is_withheld
                    )
                    found[row.indicator].append(row)
            self._opened[territory] = dict(found)
        return self._opened[territory]

    def _sorted(self, rows: list[Stored]) -> list[Stored]:
        return sorted(rows, key=self._goodness, reverse=True) if len(rows) > 1 else rows

    def _goodness(self, row: Stored) -> tuple[Any, ...]:
        release = self.release(row.release)
        return (release.caf_id is not None, row.year, release.loaded_at, row.pk)

    def _value(self, row: Stored) -> Value:
        value = Value.from_db(DEFAULT_DB_ALIAS, COLUMNS, row)
        value.number = row.number
        value.release = self.release(value.release_id)
        return value


def values_by_place(
    territories: Iterable[Territory | int], indicators: Iterable[Indicator] | None, caf: Caf | None, which: Q = ALL
) -> Rows:
    return Rows(*read_packs(territories, indicators, caf, which))


def read_packs(
    territories: Iterable[Territory | int], indicators: Iterable[Indicator] | None, caf: Caf | None, which: Q = ALL
) -> list[Pack]:
    """One query; ``indicators`` is None for all of them, which the index « value_of_territory » answers alone.

    Of a few indicators each delivery comes along, which saves a query; of all of them it is read once, apart.
    """
    rows = Value.objects.filter(which, territory__in=territories).order_by()
    if indicators is not None:
        rows = rows.filter(indicator__in=indicators)
        rows = rows.visible_to_caf(caf) if caf else rows.filter(release__caf=None)
        keys = (*ALIKE, *DELIVERY)
        found = rows.values(*keys).annotate(figures=FIGURES).values_list(*keys, "figures")
        return [_with_delivery(row) for row in found]
    owner: Expression = NOBODY
    if caf:
        rows, owner = rows.visible_to_caf(caf), Max("release__caf")
    else:  # to set aside the few deliveries of the Cafs costs less than to look at the delivery of each figure
        rows = rows.exclude(release__in=Release.objects.exclude(caf=None))
    packed = rows.values(*ALIKE).annotate(owner=owner, figures=FIGURES)
    return [Pack(*row) for row in packed.values_list(*ALIKE, "owner", "figures")]


def _with_delivery(row: tuple[Any, ...]) -> Pack:
    alike, columns, figures = row[: len(ALIKE)], row[len(ALIKE) : -1], row[-1]
    release = Release.from_db(DEFAULT_DB_ALIAS, OF_RELEASE, columns[: len(OF_RELEASE)])
    release.source = Source.from_db(DEFAULT_DB_ALIAS, OF_SOURCE, columns[len(OF_RELEASE) :])
    return Pack._make((*alike, release.caf_id, figures, release))
