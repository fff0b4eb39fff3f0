"""The amount of a prestation de service, when a line gives its real cost: ceiling of the year, share, in words and numbers.

A rate that nobody knows yet leaves the line « à chiffrer »; a line that lacks what the computation needs is refused.
"""

from datetime import date
from decimal import Decimal

from ctg_site.lib import numbers
from ctg_site.lib.errors import RuleBroken
from territory.bonus import Known
from territory.ceilings import Aid, capped_share, price_in_words, psu_ceiling
from territory.models import FundingLine, Rate
from territory.rates import RateBook

M = Rate.Measure
_NBSP = numbers.NBSP


def aid_of(line: FundingLine, book: RateBook | None = None) -> Aid:
    """``book`` holds the rates already read, when several lines are computed at once."""
    book = book or RateBook.of([line.scheme])
    on = date(line.year, 9 if line.period == FundingLine.Period.SCHOOL else 1, 1)
    _check(line, book, on)
    assert line.quantity is not None
    assert line.unit_cost is not None
    share, (ceiling, said, is_unsure) = book.known(line.scheme, M.COST_SHARE, on), _ceiling(line, book, on)
    aid = capped_share(
        units=line.quantity,
        unit_cost=line.unit_cost,
        ceiling=ceiling,
        share=share.value if share else None,
        families=line.family_share or Decimal(0),
        general_scheme=Decimal(100) if line.general_scheme is None else line.general_scheme,
    )
    unsure = [f"Un barème de {on.year} reste à vérifier sur le texte officiel."]
    to_verify = aid.amount is not None and (is_unsure or bool(share and share.to_verify))
    return Aid(aid.amount, [*said, *aid.steps, *(unsure if to_verify else [])])


def _check(line: FundingLine, book: RateBook, on: date) -> None:
    if book.row(line.scheme, M.COST_SHARE, on) is None and book.row(line.scheme, M.CEILING, on) is None:
        raise RuleBroken(
            f"« {line.scheme} » ne se calcule pas sur un coût en {line.year}{_NBSP}: saisissez le montant."
        )
    if line.quantity is None:
        raise RuleBroken("Donnez la quantité, en unités du dispositif, pour que le montant se calcule.")
    if line.billing is None and _starts(line, book, on) is not None:
        raise RuleBroken("Donnez le taux de facturation\u00a0: le plafond de cette année en dépend.")


def _starts(line: FundingLine, book: RateBook, on: date) -> Known | None:
    """The taux de facturation from which the ceiling goes down, the years that have one: its number may remain to be found."""
    return book.known(line.scheme, M.BILLING_LOW, on)


def _ceiling(line: FundingLine, book: RateBook, on: date) -> tuple[Decimal | None, list[str], bool]:
    """The ceiling, the sentence that explains it when it is not one rate, and whether it rests on a rate to verify."""
    high = book.known(line.scheme, M.CEILING, on)
    starts = _starts(line, book, on)
    if starts is None or line.billing is None:
        return (high.value, [], high.to_verify) if high else (None, [], False)
    low, ends = book.known(line.scheme, M.CEILING_LOW, on), book.known(line.scheme, M.BILLING_HIGH, on)
    bounds = [rate for rate in (high, low, starts, ends) if rate is not None and rate.value is not None]
    if len(bounds) < 4:
        return None, [], False
    top, bottom, start, stop = (_value(rate) for rate in bounds)
    ceiling = psu_ceiling(line.billing, high=top, low=bottom, starts=start, ends=stop)
    return ceiling, [_said(line.billing, ceiling, top, bottom, start, stop)], any(rate.to_verify for rate in bounds)


def _said(billing: Decimal, ceiling: Decimal, high: Decimal, low: Decimal, starts: Decimal, ends: Decimal) -> str:
    rule = (
        f"{_euros(high)} jusqu’à {_percent(starts)} de taux de facturation, {_euros(low)} à partir de {_percent(ends)}, "
        "en ligne droite entre les deux"
    )
    return f"Plafond{_NBSP}: {rule}. À {_percent(billing)}{_NBSP}: {price_in_words(ceiling)}."


def _value(rate: Known) -> Decimal:
    assert rate.value is not None
    return rate.value


def _euros(amount: Decimal) -> str:
    return numbers.euros(amount, cents=True)


def _percent(number: Decimal) -> str:
    return f"{numbers.shortest(number)}{_NBSP}%"
