"""The rows of figures as they are stored, the best first; nothing here is shown before it passes territory/secrecy.py."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from territory.models import Caf, Indicator, Territory, Value


def values_by_place(
    territories: Iterable[Territory], indicators: Iterable[Indicator], caf: Caf | None, year: int | None = None
) -> dict[tuple[int, int], list[Value]]:
    """By (indicator, territory): the Caf's own before open data, newest year, last delivery."""
    rows = Value.objects.filter(territory__in=territories, indicator__in=indicators)
    rows = rows.visible_to_caf(caf) if caf else rows.filter(release__caf=None)
    if year:
        rows = rows.filter(year=year)
    grouped: dict[tuple[int, int], list[Value]] = defaultdict(list)
    for value in sorted(rows.select_related("release__source"), key=_goodness, reverse=True):
        grouped[value.indicator_id, value.territory_id].append(value)
    return grouped


def _goodness(value: Value) -> tuple[Any, ...]:
    return (value.release.caf_id is not None, value.year, value.release.loaded_at, value.pk)
