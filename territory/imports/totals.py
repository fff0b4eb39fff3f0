"""The communes of a file, summed by département, beside the total of the département: stated by the file, or known already."""

from decimal import Decimal
from typing import Any

from territory.known import read_rules
from territory.models import Caf, Indicator, Source, Territory, Value

SHOWN = 100


def compare_totals(sums: list[dict[str, Any]], source: Source, caf: Caf | None) -> list[dict[str, Any]]:
    """Only the gaps, and whether rounding or secrecy explains them; nothing is ever corrected (rule R48)."""
    known = _known(sums, source, caf)
    labels = dict(Indicator.objects.filter(pk__in={row["indicator"] for row in sums}).values_list("pk", "label"))
    names = dict(Territory.objects.filter(kind=Territory.Kind.DEPARTEMENT).values_list("code", "name"))
    rows: list[dict[str, Any]] = []
    rules = read_rules()
    for row in sums:
        stated = row["stated"] or known.get((row["indicator"], row["year"], row["place"]))
        if stated is None or len(rows) == SHOWN:
            continue
        gap = Decimal(row["sum"]) - Decimal(stated)
        if gap:
            base = rules.of(source.pk, row["year"]).base
            room = row["count"] * (base if base > 1 else 0)
            seen = {"indicator": labels[row["indicator"]], "place": names.get(row["place"], row["place"])}
            rows.append(
                row
                | seen
                | {"stated": str(stated), "gap": str(gap), "explained": bool(row["hidden"]) or abs(gap) <= room}
            )
    return rows


def _known(sums: list[dict[str, Any]], source: Source, caf: Caf | None) -> dict[tuple[int, int, str], Decimal]:
    values = Value.objects.filter(
        territory__kind=Territory.Kind.DEPARTEMENT,
        release__source=source,
        release__caf=caf,
        number__isnull=False,
        year__in={row["year"] for row in sums},
        indicator__in={row["indicator"] for row in sums},
    )
    rows = values.order_by("release_id").values_list("indicator_id", "year", "territory__code", "number")
    return {(indicator, year, code): number for indicator, year, code, number in rows if number is not None}
