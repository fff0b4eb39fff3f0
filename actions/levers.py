"""What each Caf scheme would bring to an action, year by year, from the dated rates; without a rate, « à chiffrer », never 0."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from ctg_site.lib.numbers import euros, percent, shortest
from territory.models import Rate

if TYPE_CHECKING:
    from actions.models import Action, Lever

CENT = Decimal("0.01")
Rates = dict[tuple[int, str], Decimal]


@dataclass(frozen=True)
class LeverYear:
    year: int
    amount: Decimal | None
    reason: str


@dataclass(frozen=True)
class LeverLine:
    lever: "Lever"
    years: list[LeverYear]

    @property
    def is_known(self) -> bool:
        return any(row.amount is not None for row in self.years)


def lever_lines(action: "Action", levers: Iterable["Lever"]) -> list[LeverLine]:
    """One query more than the levers themselves."""
    rows = list(levers)
    if not rows:
        return []
    rates = list(Rate.objects.filter(scheme__in=[lever.scheme_id for lever in rows], wealth="", value__isnull=False))
    costs: dict[int, Decimal] = {}
    for cost in action.costs.all():
        costs[cost.year] = costs.get(cost.year, Decimal(0)) + cost.amount
    return [
        LeverLine(lever, [_year(lever, year, _valid(rates, year), costs.get(year)) for year in _years(action)])
        for lever in rows
    ]


def _years(action: "Action") -> list[int]:
    first = action.starts_on or action.plan.ctg.starts_on
    last = action.ends_on or action.plan.ctg.ends_on
    return list(range(first.year, last.year + 1))


def _valid(rates: list[Rate], year: int) -> Rates:
    """The newest rate of each measure on 31 December of the year."""
    day = date(year, 12, 31)
    known = [rate for rate in rates if rate.valid_from <= day and (rate.valid_to is None or rate.valid_to >= day)]
    ordered = sorted(known, key=lambda rate: rate.valid_from)
    return {(rate.scheme_id, rate.measure): rate.value for rate in ordered if rate.value is not None}


def _year(lever: "Lever", year: int, rates: Rates, cost: Decimal | None) -> LeverYear:
    if lever.yearly_amount is not None:
        return LeverYear(year, lever.yearly_amount, "montant annoncé")
    forfait = rates.get((lever.scheme_id, Rate.Measure.NEW_UNIT))
    if forfait is not None and lever.units is not None:
        amount = (forfait * lever.units).quantize(CENT, ROUND_HALF_UP)
        return LeverYear(year, amount, f"{shortest(lever.units)} × {euros(forfait, cents=True)}")
    share = rates.get((lever.scheme_id, Rate.Measure.COST_SHARE))
    if share is not None and cost is not None:
        return _share_of_cost(lever, year, rates, cost, share)
    return LeverYear(year, None, "à chiffrer")


def _share_of_cost(lever: "Lever", year: int, rates: Rates, cost: Decimal, share: Decimal) -> LeverYear:
    """A percentage of the cost, capped; never more than the cost (R39)."""
    ceiling = rates.get((lever.scheme_id, Rate.Measure.CEILING))
    capped = cost if ceiling is None or lever.units is None else min(cost, ceiling * lever.units)
    amount = min((capped * share / 100).quantize(CENT, ROUND_HALF_UP), cost)
    return LeverYear(year, amount, f"{percent(share)} de {euros(capped, cents=True)}")
