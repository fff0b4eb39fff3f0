"""Moving a row among its siblings, by a button or by dragging: the same gesture, told in ranks."""

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Model

from ctg_site.lib.errors import RuleBroken

Row = TypeVar("Row", bound=Model)


def moved(rows: Iterable[Row], row: Model, ranks: int) -> list[Row]:
    """The rows with this one ``ranks`` places further down, or up when negative."""
    order = list(rows)
    place = [sibling.pk for sibling in order].index(row.pk)
    target = place + ranks
    if not ranks or not 0 <= target < len(order):
        raise RuleBroken("Il est déjà au bout de la liste.")
    order.insert(target, order.pop(place))
    return order
