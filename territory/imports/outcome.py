"""What a workbook of money would do, as the page keeps it: counts, euros by group, the changes themselves, the refusals."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ctg_site.lib import numbers
from territory.imports.cells import Plan, Planned

MOST_DETAILS = 1_000
MOST_ERRORS = 200


def report_of(plan: Plan) -> dict[str, Any]:
    """What changes comes before what is new: an amount that moves is what one looks for first."""
    details = [*plan.changed, *plan.added][:MOST_DETAILS]
    return {
        "added": len(plan.added),
        "changed": len(plan.changed),
        "unchanged": plan.unchanged,
        "groups": _groups(plan.planned),
        "details": [_detail(item) for item in details],
        "error_count": len(plan.errors),
        "errors": [
            [error.sheet, error.cell, error.heading, error.text] for error in plan.errors_in_order[:MOST_ERRORS]
        ],
    }


def _groups(planned: Iterable[Planned]) -> list[dict[str, Any]]:
    """New and changed rows of each group, and by how much its euros move; what is à chiffrer is counted aside."""
    found: dict[str, dict[str, Any]] = {}
    for item in planned:
        empty = {"label": item.group, "added": 0, "changed": 0, "unpriced": 0, "euros": Decimal(0)}
        group = found.setdefault(item.group, empty)
        group["added" if item.is_new else "changed"] += 1
        group["unpriced"] += item.obj.amount is None
        group["euros"] += (item.obj.amount or Decimal(0)) - (item.before or Decimal(0))
    return [_said(found[label]) for label in sorted(found, reverse=True)]


def _said(group: dict[str, Any]) -> dict[str, Any]:
    euros = group.pop("euros")
    return group | {"effect": f"{'+' if euros > 0 else ''}{numbers.euros(euros, cents=euros % 1 != 0)}"}


def _detail(item: Planned) -> dict[str, Any]:
    amount = item.obj.amount
    return {
        "place": f"{item.sheet}, {item.row}",
        "label": item.said,
        "is_new": item.is_new,
        "changes": item.changes,
        "amount": "à chiffrer" if amount is None else numbers.euros(amount, cents=amount % 1 != 0),
    }
