from collections.abc import Iterable

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.ranks import moved
from ctg_site.lib.saving import save_checked
from diagnostic.models import Finding, Priority
from diagnostic.services.writing import draft


@transaction.atomic
def save_priority(priority: Priority, *, by: User | None, findings: Iterable[Finding] | None = None) -> Priority:
    """Write a priority; ``findings`` replaces those it rests on, None leaves them."""
    diagnosis = draft(priority.diagnosis)
    is_new = priority.pk is None
    if is_new:
        priority.position = diagnosis.priorities.count() + 1
    save_checked(priority, by=by)
    if findings is not None:
        _set_findings(priority, list(findings))
    record(by, "priority.created" if is_new else "priority.changed", priority, ctg=diagnosis.ctg)
    return priority


@transaction.atomic
def delete_priority(priority: Priority, *, by: User | None) -> None:
    diagnosis = draft(priority.diagnosis)
    record(by, "priority.deleted", priority, ctg=diagnosis.ctg)
    priority.delete()
    _renumber(list(diagnosis.priorities.order_by("position", "pk")))


@transaction.atomic
def move_priority(priority: Priority, *, ranks: int, by: User | None, seen_at: int | None = None) -> Priority:
    """Some ranks down, or up when negative."""
    diagnosis = draft(priority.diagnosis)
    _renumber(moved(diagnosis.priorities.order_by("position", "pk"), priority, ranks, seen_at=seen_at))
    record(by, "priority.moved", priority, ctg=diagnosis.ctg, ranks=ranks)
    priority.refresh_from_db(fields=["position"])
    return priority


def _renumber(rows: list[Priority]) -> None:
    for position, row in enumerate(rows, start=1):
        row.position = position
    Priority.objects.bulk_update(rows, ["position"])


def _set_findings(priority: Priority, findings: list[Finding]) -> None:
    if any(finding.diagnosis_id != priority.diagnosis_id for finding in findings):
        raise RuleBroken("Un de ces constats appartient à un autre diagnostic.")
    priority.findings.set(findings)
