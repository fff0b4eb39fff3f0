"""The rates of a day, read once: the newest row that is valid, the one of the wealth class before the general one."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from territory.bonus import UNKNOWN, Known, YearRates
from territory.models import Rate, Scheme, WealthClass

M = Rate.Measure


class RateBook:
    """All the rates of some schemes, in one query."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._rows: dict[tuple[int, str], list[Rate]] = defaultdict(list)
        for rate in rates:
            self._rows[rate.scheme_id, rate.measure].append(rate)

    @classmethod
    def of(cls, schemes: Iterable[Scheme]) -> "RateBook":
        return cls(Rate.objects.filter(scheme__in=[scheme.pk for scheme in schemes]))

    def row(self, scheme: Scheme, measure: str, on: date, wealth: str = "") -> Rate | None:
        """None when nothing was ever entered for that day: the caller says « à chiffrer »."""
        rows = [
            rate
            for rate in self._rows[scheme.pk, measure]
            if rate.wealth in ("", wealth) and rate.valid_from <= on and (rate.valid_to is None or on <= rate.valid_to)
        ]
        return max(rows, key=lambda rate: (rate.wealth != "", rate.valid_from, rate.pk), default=None)

    def known(self, scheme: Scheme, measure: str, on: date, wealth: str = "") -> Known | None:
        row = self.row(scheme, measure, on, wealth)
        return Known(row.value, row.to_verify) if row else None

    def of_year(self, scheme: Scheme, year: int, *, wealth: str = "", assumed_rise: Decimal | None = None) -> YearRates:
        """The rates in force on 1 January; an assumed revaluation stands in where no rate gives one."""
        on = date(year, 1, 1)
        rise = self.known(scheme, M.YEARLY_RISE, on)
        if (rise is None or rise.value is None) and assumed_rise is not None:
            rise = Known(assumed_rise)
        return YearRates(
            year=year,
            new_unit=self.known(scheme, M.NEW_UNIT, on, wealth or WealthClass.ANY) or UNKNOWN,
            floor=self.known(scheme, M.FLOOR, on, wealth),
            rise=rise,
            growth_cap=self.known(scheme, M.GROWTH_CAP, on),
        )
