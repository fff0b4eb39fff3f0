"""What the guarded process must know of the database: indicators, places of the official geography, names of columns."""

from typing import Any, TextIO

from django.db.models import Q

from territory.imports.places import FOREVER
from territory.loading import REFERENCE, read_csv
from territory.models import FigureFile, Indicator, SecrecyRule, Source, Territory
from territory.vintages import districts


def catalogue_for(file: FigureFile) -> dict[str, Any]:
    """All but the places, which have lines of their own."""
    return {
        "name": file.name,
        "year": file.year,
        "latest": file.latest_year,
        "answers": file.answers,
        "source": file.source.code if file.source else "",
        "headings": [list(row.values()) for row in read_csv(REFERENCE / "headings.csv")],
        "indicators": {row["code"]: row for row in _indicators()},
        "blanks": dict(Source.objects.values_list("code", "blank_means")),
        "rounded": _rounded(),
        "districts": districts(),
    }


def _indicators() -> list[dict[str, Any]]:
    fields = ["pk", "code", "label", "unit", "decimals", "is_additive", "counts_people", "is_evolution", "unit_name"]
    return list(Indicator.objects.values(*fields))


def _rounded() -> dict[str, list[tuple[int, bool]]]:
    """By source, from which year of figures its counts are rounded, or no longer are."""
    found: dict[str, list[tuple[int, bool]]] = {}
    rows = SecrecyRule.objects.order_by("first_year").values_list("source__code", "first_year", "base")
    for source, first_year, base in rows:
        found.setdefault(source, []).append((first_year, base > 1))
    return found


def write_places(file: FigureFile, out: TextIO) -> None:
    """One line an entity, oldest first, never all in memory: 40 000 of them for the whole of France."""
    rows = Territory.objects.filter(Q(caf=None) | Q(caf=file.caf_id)).order_by("valid_from", "pk")
    columns = rows.values_list("kind", "code", "name", "valid_from", "valid_to", "pk")
    for kind, code, name, start, end, pk in columns.iterator(chunk_size=2000):
        last = FOREVER if end is None else end.year if (end.month, end.day) == (12, 31) else end.year - 1
        out.write("\t".join((kind, code, " ".join(name.split()), str(start.year), str(last), str(pk))) + "\n")
