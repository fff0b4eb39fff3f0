"""All the money of a Caf, by territory, scheme and year, in one aggregate; France from the totals of each Caf."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from territory.models import Caf, FundingLine, FundingRollup

ZERO = Decimal(0)


@dataclass(frozen=True)
class Row:
    label: str
    amounts: list[Decimal | None]
    total: Decimal
    key: Any = None


@dataclass(frozen=True)
class Table:
    """Rows × years. The total of the rows, of the columns, and the one SQL gave are the same amount."""

    years: list[int]
    rows: list[Row]
    totals: list[Decimal]
    total: Decimal
    lines: int
    unpriced: int


def caf_lines(caf: Caf, *, state: str) -> "QuerySet[FundingLine]":
    return FundingLine.objects.filter(caf=caf, state=state).order_by()


def by_territory_and_scheme(caf: Caf, *, state: str) -> tuple[Table, Table]:
    """One query for both tables: they are two readings of the same sums."""
    cells = list(
        caf_lines(caf, state=state)
        .values("territory_id", "territory__name", "scheme__position", "scheme__label", "year")
        .annotate(total=Sum("amount"), count=Count("pk"), missing=Count("pk", filter=Q(amount=None)))
        .order_by("territory__name", "territory_id", "scheme__position", "scheme__label", "year")
    )
    by_territory = table((c["territory__name"], c["territory_id"], c) for c in cells)
    by_scheme = table((c["scheme__label"], c["scheme__position"], c) for c in cells)
    return by_territory, by_scheme


def by_territory(caf: Caf, *, state: str, scheme_id: int) -> Table:
    """The territories, for one scheme."""
    cells = (
        caf_lines(caf, state=state)
        .filter(scheme=scheme_id)
        .values("territory_id", "territory__name", "year")
        .annotate(total=Sum("amount"), count=Count("pk"), missing=Count("pk", filter=Q(amount=None)))
    )
    return table(
        (c["territory__name"], c["territory_id"], c) for c in cells.order_by("territory__name", "territory_id", "year")
    )


def national(*, state: str) -> Table:
    """Every Caf, scheme by scheme, from the rollup: a few thousand rows whatever the number of lines."""
    cells = (
        FundingRollup.objects.filter(state=state)
        .order_by()
        .values("scheme_id", "scheme__label", "scheme__position", "year")
        .annotate(total=Sum("amount"), count=Sum("lines"), missing=Sum("unpriced"))
        .order_by("scheme__position", "scheme__label", "year")
    )
    return table((c["scheme__label"], c["scheme_id"], c) for c in cells)


def table(cells: Iterable[tuple[str, Any, Mapping[str, Any]]]) -> Table:
    """Sum the cells into rows and years, in the order they come."""
    cells = list(cells)
    years = sorted({cell["year"] for _, _, cell in cells})
    sums: dict[tuple[Any, str], dict[int, Decimal]] = {}
    for label, key, cell in cells:
        row = sums.setdefault((key, label), {})
        if cell["total"] is not None:
            row[cell["year"]] = row.get(cell["year"], ZERO) + cell["total"]
    rows = [
        Row(label, [row.get(year) for year in years], sum(row.values(), ZERO), key)
        for (key, label), row in sums.items()
    ]
    totals = [sum((row.get(year, ZERO) for row in sums.values()), ZERO) for year in years]
    return Table(
        years,
        rows,
        totals,
        sum(totals, ZERO),
        sum(cell["count"] for _, _, cell in cells),
        sum(cell["missing"] for _, _, cell in cells),
    )
