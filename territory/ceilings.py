"""The prestations de service paid on a capped cost: the ceiling of the year, then a share of the cost. No database."""

from dataclasses import dataclass, field
from decimal import Decimal

from ctg_site.lib import numbers

_NBSP = numbers.NBSP


@dataclass(frozen=True)
class Aid:
    """``amount`` None: a rate is missing, the aid is « à chiffrer »."""

    amount: Decimal | None
    steps: list[str] = field(default_factory=list)


def psu_ceiling(billing: Decimal, *, high: Decimal, low: Decimal, starts: Decimal, ends: Decimal) -> Decimal:
    """The ceiling for a taux de facturation in %: ``high`` up to ``starts``, ``low`` from ``ends``, a straight line between."""
    if billing <= starts:
        return high
    if billing >= ends:
        return low
    return numbers.rounded(high - (high - low) * (billing - starts) / (ends - starts), 4)


def capped_share(
    *,
    units: Decimal,
    unit_cost: Decimal,
    ceiling: Decimal | None,
    share: Decimal | None,
    families: Decimal = Decimal(0),
    general_scheme: Decimal = Decimal(100),
) -> Aid:
    """Units × (share % of the cost within its ceiling − what families pay) × part of the régime général.

    Never more than the real cost, never less than nothing.
    """
    if ceiling is None or share is None:
        return Aid(None, [f"Le plafond ou le taux de l’année n’est pas connu{_NBSP}: à chiffrer."])
    retained = min(unit_cost, ceiling)
    per_unit = max(retained * share / 100 - families, Decimal(0))
    amount = min(numbers.rounded(units * per_unit * general_scheme / 100, 2), numbers.rounded(units * unit_cost, 2))
    return Aid(amount, _in_words(units, unit_cost, ceiling, share, families, general_scheme, amount))


def _in_words(
    units: Decimal,
    unit_cost: Decimal,
    ceiling: Decimal,
    share: Decimal,
    families: Decimal,
    general_scheme: Decimal,
    amount: Decimal,
) -> list[str]:
    retained = price_in_words(min(unit_cost, ceiling))
    kept = f"Coût retenu{_NBSP}: {retained} par unité"
    kept += f", le plafond ({price_in_words(unit_cost)} de coût réel)." if ceiling < unit_cost else ", le coût réel."
    less = f" − {price_in_words(families)} payés par les familles" if families else ""
    part = f" × {numbers.shortest(general_scheme)}{_NBSP}% de régime général" if general_scheme != 100 else ""
    sum_up = f"{numbers.shortest(units)} × ({numbers.shortest(share)}{_NBSP}% de {retained}{less}){part}"
    return [kept, f"{sum_up} = {_euros(amount)}."]


def _euros(amount: Decimal) -> str:
    return numbers.euros(amount, cents=True)


def price_in_words(amount: Decimal) -> str:
    """With all its decimals, so that whoever does the sum again finds the same cent."""
    return f"{numbers.decimal(amount, 2 if amount == numbers.rounded(amount, 2) else 4)}{_NBSP}€"
