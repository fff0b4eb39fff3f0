"""The sum of the lines beside the totals a document states: the gap is shown, never hidden (rule R42)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ctg_site.lib import numbers
from territory.models import ControlTotal, FundingLine


@dataclass(frozen=True)
class Reconciliation:
    """Amounts in euros, to the cent; ``gap_percent`` in % of the stated total; ``unpriced`` lines are outside the sum."""

    lines_sum: Decimal
    stated: Decimal
    gap: Decimal
    gap_percent: Decimal
    largest_rounding: Decimal
    unpriced: int = 0

    @property
    def rounding_can_explain(self) -> bool:
        """True when half a rounding step for each amount reaches the gap."""
        return abs(self.gap) <= self.largest_rounding


def reconcile(lines: Iterable[FundingLine], totals: Iterable[ControlTotal]) -> Reconciliation | None:
    """None when no total is stated: nothing to compare."""
    lines, totals = list(lines), list(totals)
    if not totals:
        return None
    lines_sum = sum((line.amount for line in lines if line.amount is not None), Decimal(0))
    stated = sum((total.amount for total in totals), Decimal(0))
    steps = [line.rounding for line in lines] + [total.rounding for total in totals]
    half_steps = Decimal(sum(steps)) / 2
    gap = lines_sum - stated
    gap_percent = numbers.rounded(gap / stated * 100, 3) if stated else Decimal(0)
    unpriced = sum(line.amount is None for line in lines)
    return Reconciliation(lines_sum, stated, gap, gap_percent, half_steps, unpriced)
