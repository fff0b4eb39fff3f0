"""Moving a row among its siblings, by a button or by dragging: the same gesture, told in ranks."""

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Model

from ctg_site.lib.errors import RuleBroken

Row = TypeVar("Row", bound=Model)


def moved(rows: Iterable[Row], row: Model, ranks: int, *, seen_at: int | None = None) -> list[Row]:
    """The rows with this one ``ranks`` places further down, or up when negative.

    ``seen_at`` is the rank, from 1, where the page showed it: elsewhere by now, somebody else has moved it.
    """
    order = list(rows)
    place = next((place for place, sibling in enumerate(order) if sibling.pk == row.pk), None)
    if place is None:
        raise RuleBroken("Quelqu’un d’autre l’a supprimé pendant ce temps.")
    if seen_at not in (None, place + 1):
        raise RuleBroken("Quelqu’un d’autre a changé l’ordre pendant ce temps : le voici. Recommencez s’il le faut.")
    target = place + ranks
    if not ranks or not 0 <= target < len(order):
        raise RuleBroken("Il est déjà au bout de la liste.")
    order.insert(target, order.pop(place))
    return order
