"""The totals by Caf, scheme, year and state, refreshed in the transaction of the change."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Sum

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
    """Each total computed again from its lines. The row is locked before the sum is read, in one order for all,
    so that two people who save at the same moment both count, and never wait for each other in a circle."""
    for key in sorted(set(keys)):
        FundingRollup.objects.get_or_create(**key._asdict())
        row = FundingRollup.objects.select_for_update().get(**key._asdict())
        found = FundingLine.objects.filter(**key._asdict()).aggregate(
            total=Sum("amount"), count=Count("*"), missing=Count("*") - Count("amount")
        )
        row.amount, row.lines, row.unpriced = found["total"] or Decimal(0), found["count"], found["missing"]
        row.save(update_fields=["amount", "lines", "unpriced"])


@transaction.atomic
def rebuild_rollups() -> int:
    """All of them, set-based; for a bulk load and for the check that compares them with the lines."""
    FundingRollup.objects.all().delete()
    groups = FundingLine.objects.order_by().values("caf_id", "scheme_id", "year", "state")
    sums = groups.annotate(total=Sum("amount"), count=Count("*"), missing=Count("*") - Count("amount"))
    rows = [
        FundingRollup(
            **Key(group["caf_id"], group["scheme_id"], group["year"], group["state"])._asdict(),
            amount=group["total"] or Decimal(0),
            lines=group["count"],
            unpriced=group["missing"],
        )
        for group in sums.order_by("caf_id", "scheme_id", "year", "state")
    ]
    FundingRollup.objects.bulk_create(rows, batch_size=1000)
    return len(rows)
