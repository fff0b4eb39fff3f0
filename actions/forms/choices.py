"""What the lists of the forms offer."""

from typing import Any

from django.db.models import Q, QuerySet

from actions.models import ActionPlan, Objective
from ctg_site.accounts.models import User
from ctg_site.lib.text import search_key
from territory.models import Ctg, Organisation


def leaves(plan: ActionPlan) -> QuerySet[Objective]:
    """Where an action may hang: objectives that are neither an axis nor subdivided."""
    return (
        plan.objectives.filter(parent__isnull=False, children=None)
        .select_related("parent__parent")
        .order_by("code", "pk")
    )


def named(rows: QuerySet[Any], key: str = "pk") -> list[tuple[Any, str]]:
    """Choices in the order of a French dictionary: « Égat » between « Dorres » and « Enveitg »."""
    return sorted(rows.values_list(key, "name"), key=lambda choice: search_key(choice[1]))


def members(ctg: Ctg) -> QuerySet[User]:
    return (
        User.objects.filter(Q(memberships__ctg=ctg) | Q(memberships__caf=ctg.caf))
        .distinct()
        .order_by("full_name", "pk")
    )


def directory(ctg: Ctg) -> QuerySet[Organisation]:
    return Organisation.objects.filter(caf=ctg.caf)


def offer(field: Any, rows: QuerySet[Any], choices: list[tuple[Any, str]], nobody: str = "") -> None:
    """A list read once, in the order of a French dictionary; ``nobody`` is its empty line."""
    field.queryset = rows
    field.choices = [("", nobody), *choices] if nobody else choices
