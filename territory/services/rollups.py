"""The totals by Caf, scheme, year and state, refreshed in the transaction of the change."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, QuerySet, Sum

from territory.models import FundingLine, FundingRollup


class Key(NamedTuple):
    caf_id: int
    scheme_id: int
    year: int
    state: str


def key_of(line: FundingLine) -> Key:
    return Key(line.caf_id, line.scheme_id, line.year, line.state)


@transaction.atomic
def refresh_rollups(keys: Iterable[Key]) -> None:
    """Each total computed again from its lines. The rows are locked before the sums are read, in one order for all,
    so that two people who save at the same moment both count, and never wait for each other in a circle."""
    wanted = sorted(set(keys))
    FundingRollup.objects.bulk_create([FundingRollup(**key._asdict()) for key in wanted], ignore_conflicts=True)
    among = {f"{name}__in": {getattr(key, name) for key in wanted} for name in Key._fields}
    locked = FundingRollup.objects.select_for_update().filter(**among).order_by(*Key._fields)
    rows = {Key(row.caf_id, row.scheme_id, row.year, row.state): row for row in locked}
    sums = _sums_of(FundingLine.objects.filter(**among))
    for key in wanted:
        row = rows[key]
        row.amount, row.lines, row.unpriced = sums.get(key, (Decimal(0), 0, 0))
    FundingRollup.objects.bulk_update([rows[key] for key in wanted], ["amount", "lines", "unpriced"], batch_size=100)


def _sums_of(lines: "QuerySet[FundingLine]") -> dict[Key, tuple[Decimal, int, int]]:
    groups = lines.order_by().values(*Key._fields)
    found = groups.annotate(total=Sum("amount"), count=Count("*"), missing=Count("*") - Count("amount"))
    return {
        Key(*(group[name] for name in Key._fields)): (group["total"] or Decimal(0), group["count"], group["missing"])
        for group in found.order_by(*Key._fields)
    }


@transaction.atomic
def rebuild_rollups() -> int:
    """All of them, set-based; for a bulk load and for the check that compares them with the lines."""
    FundingRollup.objects.all().delete()
    rows = [
        FundingRollup(**key._asdict(), amount=amount, lines=lines, unpriced=unpriced)
        for key, (amount, lines, unpriced) in _sums_of(FundingLine.objects.all()).items()
    ]
    FundingRollup.objects.bulk_create(rows, batch_size=1000)
    return len(rows)
