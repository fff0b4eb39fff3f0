"""Places alike: the same level, the same class of size, the same quartile of income."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median, quantiles

from django.db.models import Count, Q

from ctg_site.lib import numbers
from territory.models import Belonging, Indicator, Territory, Value
from territory.portraits.figures import POPULATION, Figures
from territory.portraits.stage import Stage
from territory.portraits.stored import Rows, values_by_place
from territory.secrecy import MISSING, PublicValue, State, text_of

INCOME = "niveau-vie-median"
SIZES = (500, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 300_000)  # habitants
NEARLY_ALL = 0.9  # of the communes that the best known year has: a later one may be that of a few
AT_LEAST = 3  # below, a median would point at one place
QUARTILES = ("le quart le plus modeste", "le deuxième quart", "le troisième quart", "le quart le plus aisé")

OF_ONE_PLACE = PublicValue(State.NOT_APPLICABLE, text="sans objet")

Known = dict[int, Decimal]


@dataclass(frozen=True)
class Similar:
    """``quartile`` is None when the income of here is not known: the size alone makes the class."""

    here: Territory
    size: int
    quartile: int | None
    places: list[Territory]

    @property
    def name(self) -> str:
        return f"Médiane de {len(self.places)} territoires semblables"

    @property
    def sentence(self) -> str:
        size = f"{_level(self.here)} {_between(self.size)}"
        if self.quartile is None:
            return f"{size} (niveau de vie médian non connu\u00a0: la taille seule est comparée)."
        return f"{size}, dans {QUARTILES[self.quartile]} pour le niveau de vie médian."

    @property
    def is_enough(self) -> bool:
        return len(self.places) >= AT_LEAST


def similar_to(here: Territory) -> Similar | None:
    """Over open data, in six queries at most: who lives where, with which median income, then the places."""
    population, income = _latest(here, POPULATION), _latest(here, INCOME)
    if here.pk not in population:
        return None
    size = bisect_right(SIZES, population[here.pk])
    quartile = _quartile(income, here.pk)
    alike = [pk for pk, number in population.items() if pk != here.pk and bisect_right(SIZES, number) == size]
    if quartile is not None:
        alike = [pk for pk in alike if _quartile(income, pk) == quartile]
    places = Territory.objects.filter(pk__in=alike).select_related("parent").order_by("name", "pk")
    return Similar(here, size, quartile, list(places))


@dataclass
class Median:
    """The column of the places alike: the median of their figures of the same years, those that may be shown."""

    similar: Similar
    figures: list[Figures] = field(default_factory=list)

    def median(self, indicator: Indicator, like: PublicValue) -> PublicValue:
        if indicator.is_additive:  # a count is that of a place, not of its class
            return OF_ONE_PLACE if like.number is not None else MISSING
        found = [figures.shown(indicator, figures.stage.here, like) for figures in self.figures]
        shown = [
            v.number for v in found if v.number is not None and (v.year, v.start_year) == (like.year, like.start_year)
        ]
        if len(shown) < AT_LEAST:
            return MISSING
        number = Decimal(median(shown))
        text = text_of(number, indicator)
        return PublicValue(State.SHOWN, number, text, indicator.unit, like.year, like.start_year, like.source)


def median_of(similar: Similar, indicators: dict[str, Indicator]) -> Median:
    """One query: open data of all the places."""
    wanted = {term for one in indicators.values() for term in (one, one.numerator, one.denominator) if term}
    values = values_by_place(similar.places, wanted, None)
    return Median(similar, [_figures(place, indicators, values) for place in similar.places])


def _figures(place: Territory, indicators: dict[str, Indicator], values: Rows) -> Figures:
    return Figures(Stage(place, None, None), indicators, None, values)


def _latest(here: Territory, code: str) -> Known:
    """By place of the same level; communes are compared inside their département."""
    rows = Value.objects.filter(
        indicator__code=code, territory__kind=here.kind, release__caf=None, number__isnull=False, is_withheld=False
    ).filter(Q(territory__valid_to=None) | Q(territory=here))  # what has ceased is like nobody any more
    if here.kind == Territory.Kind.COMMUNE:
        rows = rows.filter(territory__parent=here.parent_id)
    found = list(rows.order_by("year", "pk").values_list("territory", "year", "number"))
    if code == INCOME:  # incomes rise: those of one year alone fall into quarters
        of_here = max((year for pk, year, _ in found if pk == here.pk), default=None)
        found = [row for row in found if row[1] == of_here]
    known = {pk: number for pk, _, number in found if number is not None}
    return _summed() | known if (here.kind, code) == (Territory.Kind.EPCI, POPULATION) else known


def _summed() -> Known:
    """Who lives in each EPCI where nobody published it: its communes of the last year told of nearly all France, when all
    are known. Three queries."""
    rows = Value.objects.filter(
        indicator__code=POPULATION, territory__kind=Territory.Kind.COMMUNE, release__caf=None, number__isnull=False
    ).order_by()
    told = dict(rows.values("year").annotate(count=Count("*")).values_list("year", "count"))
    last = max((year for year, count in told.items() if count >= NEARLY_ALL * max(told.values())), default=0)
    found = rows.filter(year=last, is_withheld=False).values_list("territory", "number")
    inhabitants = {pk: number for pk, number in found if number is not None}
    members: dict[int, list[int]] = defaultdict(list)
    lasting = Belonging.objects.filter(valid_to=None, group__kind=Territory.Kind.EPCI)
    for group, commune in lasting.values_list("group", "commune"):
        members[group].append(commune)
    return {
        group: sum((inhabitants[commune] for commune in communes), Decimal(0))
        for group, communes in members.items()
        if all(commune in inhabitants for commune in communes)
    }


def _quartile(income: Known, pk: int) -> int | None:
    if pk not in income or len(income) < 4:
        return None
    return bisect_left(_cuts(sorted(income.values())), income[pk])


def _cuts(sorted_numbers: Sequence[Decimal]) -> list[Decimal]:
    return quantiles(sorted_numbers, n=4, method="inclusive")


def _between(size: int) -> str:
    low = numbers.integer(SIZES[size - 1]) if size else ""
    high = numbers.integer(SIZES[size]) if size < len(SIZES) else ""
    if low and high:
        return f"de {low} à {high} habitants"
    return f"de moins de {high} habitants" if high else f"de {low} habitants et plus"


def _level(place: Territory) -> str:
    words: Iterable[tuple[str, str]] = (
        (Territory.Kind.COMMUNE, "Communes du département"),
        (Territory.Kind.EPCI, "Intercommunalités"),
        (Territory.Kind.DEPARTEMENT, "Départements"),
        (Territory.Kind.REGION, "Régions"),
    )
    return dict(words).get(place.kind, "Territoires")
