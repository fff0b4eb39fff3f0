"""All the money of a Caf, by territory, scheme and year, in one aggregate; France from the totals of each Caf."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum

from ctg_site.lib.text import search_key
from territory.models import Caf, FundingLine, FundingRollup, Scheme, Territory

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
    """One aggregate for both tables, grouped by keys only; then the names, of which there are few."""
    cells = list(
        caf_lines(caf, state=state)
        .values("territory_id", "scheme_id", "year")
        .annotate(total=Sum("amount"), count=Count("*"), missing=Count("*") - Count("amount"))
        .order_by()
    )
    places = Territory.objects.in_bulk({cell["territory_id"] for cell in cells})
    schemes = Scheme.objects.in_bulk({cell["scheme_id"] for cell in cells})
    by_place = sorted(cells, key=lambda c: (search_key(places[c["territory_id"]].name), c["territory_id"], c["year"]))
    by_scheme = sorted(cells, key=lambda c: (schemes[c["scheme_id"]].position, c["scheme_id"], c["year"]))
    return (
        table((places[c["territory_id"]].name, c["territory_id"], c) for c in by_place),
        table((schemes[c["scheme_id"]].label, c["scheme_id"], c) for c in by_scheme),
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
