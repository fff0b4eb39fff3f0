from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from diagnostic.models import Contribution, Diagnosis, Finding, Idea
from diagnostic.services.writing import draft, refuse_a_foreign_group
from territory.models import Facility, Territory


@transaction.atomic
def save_finding(
    finding: Finding,
    *,
    by: User | None,
    communes: Iterable[Territory] | None = None,
    facilities: Iterable[Facility] | None = None,
    contributions: Iterable[Contribution] | None = None,
) -> Finding:
    """Write a finding; ``communes``, ``facilities`` and ``contributions`` replace those it has, None leaves them."""
    diagnosis = draft(finding.diagnosis)
    refuse_a_foreign_group(finding.group, diagnosis)
    is_new = finding.pk is None
    if is_new:
        finding.position = _next_position(diagnosis.findings.filter(group=finding.group))
    save_checked(finding, by=by)
    if communes is not None:
        _set_communes(finding, diagnosis, list(communes))
    if facilities is not None:
        _set_facilities(finding, diagnosis, list(facilities))
    if contributions is not None:
        _set_contributions(finding, list(contributions))
    record(by, "finding.created" if is_new else "finding.changed", finding, ctg=diagnosis.ctg)
    return finding


@transaction.atomic
def delete_finding(finding: Finding, *, by: User | None) -> None:
    """The ideas born of it stay with the group."""
    diagnosis = draft(finding.diagnosis)
    record(by, "finding.deleted", finding, ctg=diagnosis.ctg)
    finding.delete()


@transaction.atomic
def save_idea(idea: Idea, *, by: User | None) -> Idea:
    diagnosis = draft(idea.diagnosis)
    refuse_a_foreign_group(idea.group, diagnosis)
    if idea.finding is not None and (idea.finding.diagnosis_id, idea.finding.group_id) != (diagnosis.pk, idea.group_id):
        raise RuleBroken("Ce constat est celui d’un autre groupe.")
    is_new = idea.pk is None
    if is_new:
        idea.position = _next_position(diagnosis.ideas.filter(group=idea.group))
    save_checked(idea)
    record(by, "idea.created" if is_new else "idea.changed", idea, ctg=diagnosis.ctg)
    return idea


@transaction.atomic
def delete_idea(idea: Idea, *, by: User | None) -> None:
    diagnosis = draft(idea.diagnosis)
    record(by, "idea.deleted", idea, ctg=diagnosis.ctg)
    idea.delete()


def _next_position(rows) -> int:
    return (rows.aggregate(last=Max("position"))["last"] or 0) + 1


def _set_communes(finding: Finding, diagnosis: Diagnosis, communes: list[Territory]) -> None:
    inside = set(diagnosis.ctg.communes.values_list("pk", flat=True))
    strangers = [commune.name for commune in communes if commune.pk not in inside]
    if strangers:
        raise RuleBroken(f"Hors du périmètre de la Ctg : {', '.join(strangers)}.")
    finding.communes.set(communes)


def _set_facilities(finding: Finding, diagnosis: Diagnosis, facilities: list[Facility]) -> None:
    inside = set(Facility.objects.of(diagnosis.ctg).values_list("pk", flat=True))
    strangers = [facility.name for facility in facilities if facility.pk not in inside]
    if strangers:
        raise RuleBroken(f"Hors de la Ctg : {', '.join(strangers)}.")
    finding.facilities.set(facilities)


def _set_contributions(finding: Finding, contributions: list[Contribution]) -> None:
    if any(contribution.group_id != finding.group_id for contribution in contributions):
        raise RuleBroken("Une de ces contributions s’adresse à un autre groupe.")
    finding.contributions.set(contributions)
