"""What ties a workbook to its plan, and each of its lines to a row: an identifier that cannot be changed by mistake."""

import re

from django.utils.crypto import constant_time_compare, salted_hmac

from actions.models import ActionPlan

PLAN_MARK = "Repère du plan"
_MARK = re.compile(r"([A-Z])([0-9]{1,18})-([0-9a-f]{6})")


def plan_mark(plan: ActionPlan) -> str:
    """« conflent-canigo-2021-2025, version 1 »."""
    return f"{plan.ctg.slug}, version {plan.version}"


def row_mark(plan: ActionPlan, prefix: str, pk: int) -> str:
    """« A12-7f3c2a »: the end is computed from the plan and the row."""
    return f"{prefix}{pk}-{_check(plan, prefix, pk)}"


def marked_pk(plan: ActionPlan, prefix: str, text: str) -> int | None:
    """The row that this identifier names; None when it was changed, or comes from another plan or another sheet."""
    found = _MARK.fullmatch(text.strip())
    if found is None or found[1] != prefix:
        return None
    pk = int(found[2])
    return pk if constant_time_compare(found[3], _check(plan, prefix, pk)) else None


def _check(plan: ActionPlan, prefix: str, pk: int) -> str:
    return salted_hmac("actions.workbook", f"{plan.pk} {prefix} {pk}", algorithm="sha256").hexdigest()[:6]
