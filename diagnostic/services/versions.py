"""A validated diagnosis is reopened as a new version: the old one stays as it was validated, whole and readable."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models, transaction
from simple_history.utils import bulk_create_with_history

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.dates import french_date
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from diagnostic.models import Diagnosis, Finding, Idea, Photograph, Priority
from diagnostic.services.writing import locked

COPIED = (
    "summary",
    "key_points",
    "decisions_asked",
    "team_phase_starts_on",
    "team_phase_ends_on",
    "partner_phase_starts_on",
    "partner_phase_ends_on",
)


@dataclass(frozen=True)
class Reopened:
    """From one version to the next: old number → new row."""

    old: Diagnosis
    new: Diagnosis
    findings: dict[int, Finding]
    ideas: dict[int, Idea]
    priorities: dict[int, Priority]


Follow = Callable[[Reopened], None]
FOLLOWERS: list[Follow] = []


def on_reopening(follow: Follow) -> None:
    """For the rooms above: what answers the diagnosis follows its new version, or refuses that it be reopened."""
    FOLLOWERS.append(follow)


@transaction.atomic
def reopen_diagnosis(diagnosis: Diagnosis, *, reason: str, by: User | None, on: date) -> Diagnosis:
    """The photographs of the findings come along, unmoved; the ballots stay, and count until the group ranks again."""
    diagnosis = locked(diagnosis)
    _refuse_reopening(diagnosis, reason, on)
    new = Diagnosis(ctg=diagnosis.ctg, version=diagnosis.version + 1, previous=diagnosis, reopened_on=on)
    new.reopening_reason = reason.strip()
    for name in COPIED:
        setattr(new, name, getattr(diagnosis, name))
    save_checked(new, by=by)
    findings = _copy_findings(diagnosis, new, by)
    ideas = _copy_ideas(diagnosis, new, findings)
    reopened = Reopened(diagnosis, new, findings, ideas, _copy_priorities(diagnosis, new, findings, by))
    for follow in FOLLOWERS:
        follow(reopened)
    record(by, "diagnosis.reopened", new, ctg=new.ctg, reason=new.reopening_reason, version=new.version)
    return new


def _refuse_reopening(diagnosis: Diagnosis, reason: str, on: date) -> None:
    if diagnosis.validated_on is None:
        raise RuleBroken("Le diagnostic n’est pas validé : il se modifie sans être rouvert.")
    if Diagnosis.objects.filter(previous=diagnosis).exists():
        raise RuleBroken("Une version plus récente de ce diagnostic existe déjà : c’est elle qui se modifie.")
    if not reason.strip():
        raise RuleBroken("Dites pourquoi le diagnostic est rouvert : le motif reste dans son histoire.")
    if on < diagnosis.validated_on:
        day = french_date(diagnosis.validated_on)
        raise RuleBroken(f"Le diagnostic ne se rouvre pas avant d’avoir été validé, le {day}.")


def _copy_findings(old: Diagnosis, new: Diagnosis, by: User | None) -> dict[int, Finding]:
    links = "communes", "facilities", "contributions"
    rows = list(old.findings.prefetch_related(*links, "photographs").order_by("pk"))
    copies = _copies(rows, by, diagnosis=new)
    for row in rows:
        for name in links:
            getattr(copies[row.pk], name).set(getattr(row, name).all())
    photographs = [
        _copy(taken, diagnosis=new, finding=copies[row.pk]) for row in rows for taken in row.photographs.all()
    ]
    Photograph.objects.bulk_create(photographs)
    return copies


def _copy_ideas(old: Diagnosis, new: Diagnosis, findings: dict[int, Finding]) -> dict[int, Idea]:
    rows = list(old.ideas.order_by("pk"))
    made = Idea.objects.bulk_create(
        [_copy(row, diagnosis=new, finding=findings.get(row.finding_id or 0)) for row in rows]
    )
    return dict(zip([row.pk for row in rows], made, strict=True))


def _copy_priorities(
    old: Diagnosis, new: Diagnosis, findings: dict[int, Finding], by: User | None
) -> dict[int, Priority]:
    rows = list(old.priorities.prefetch_related("findings").order_by("pk"))
    copies = _copies(rows, by, diagnosis=new)
    for row in rows:
        copies[row.pk].findings.set([findings[finding.pk] for finding in row.findings.all()])
    return copies


def _copies(rows: list[Any], by: User | None, **changes: Any) -> dict[int, Any]:
    """With the first line of their history."""
    if not rows:
        return {}
    made = bulk_create_with_history([_copy(row, **changes) for row in rows], type(rows[0]), default_user=by)
    return dict(zip([row.pk for row in rows], made, strict=True))


def _copy(row: models.Model, **changes: Any) -> Any:
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    copy = type(row)(**{field.attname: getattr(row, field.attname) for field in fields})
    for name, value in changes.items():
        setattr(copy, name, value)
    return copy
