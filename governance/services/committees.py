"""Committees, their meetings, who came."""

from calendar import monthrange
from datetime import date

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from governance.models import Attendance, Committee, CommitteeKind, EvaluationMethod, Meeting
from territory.models import Ctg

STANDING = (CommitteeKind.COPIL, CommitteeKind.OPERATIONAL, CommitteeKind.OPERATIONAL_PARTNER)


@transaction.atomic
def open_governance(ctg: Ctg, *, by: User | None) -> list[Committee]:
    """The three committees of the seed, one for each thematic group, and the evaluation method to write."""
    if ctg.committees.exists():
        raise RuleBroken("Les comités de cette Ctg sont déjà créés.")
    committees = [Committee(ctg=ctg, kind=kind, name=kind.label) for kind in STANDING]
    committees += [
        Committee(ctg=ctg, kind=CommitteeKind.GROUP, name=group.name, group=group)
        for group in ctg.groups.order_by("position", "pk")
    ]
    for committee in committees:
        save_checked(committee)
    save_checked(EvaluationMethod(ctg=ctg, is_demo=ctg.is_demo))
    record(by, "governance.opened", ctg, ctg=ctg, committees=[committee.name for committee in committees])
    return committees


@transaction.atomic
def save_committee(committee: Committee, *, by: User | None) -> Committee:
    is_new = committee.pk is None
    if committee.group and committee.group.ctg_id != committee.ctg_id:
        raise RuleBroken("Ce groupe thématique appartient à une autre Ctg.")
    if not is_new and committee.decisions.exists() and _kind_changes(committee):
        raise RuleBroken("Ce comité a déjà pris des décisions : sa nature ne change plus.")
    save_checked(committee)
    record(by, "committee.created" if is_new else "committee.changed", committee, ctg=committee.ctg)
    return committee


@transaction.atomic
def plan_meeting(
    committee: Committee,
    *,
    purpose: str,
    starts_on: date,
    by: User | None,
    starts_precision: str = Meeting.Precision.DAY,
    ends_on: date | None = None,
    ends_precision: str = Meeting.Precision.DAY,
    place: str = "",
    status: str = Meeting.Status.PLANNED,
) -> Meeting:
    meeting = Meeting(
        committee=committee,
        purpose=purpose,
        starts_on=starts_on,
        starts_precision=starts_precision,
        ends_on=ends_on,
        ends_precision=ends_precision,
        place=place,
        status=status,
        is_demo=committee.ctg.is_demo,
    )
    return save_meeting(meeting, by=by)


@transaction.atomic
def save_meeting(meeting: Meeting, *, by: User | None) -> Meeting:
    """Its date, its purpose, its minutes; that it was held or cancelled is said by the two gestures below."""
    is_new = meeting.pk is None
    if is_new and meeting.status not in (Meeting.Status.DRAFT, Meeting.Status.PLANNED):
        raise RuleBroken("Une réunion commence en projet ou prévue.")
    if not is_new and meeting.decisions.exclude(committee=meeting.committee_id).exists():
        raise RuleBroken("Cette réunion a pris des décisions : elle ne change plus de comité.")
    _round_to_months(meeting)
    save_checked(meeting)
    record(
        by,
        "meeting.planned" if is_new else "meeting.changed",
        meeting,
        ctg=meeting.ctg,
        starts_on=meeting.starts_on.isoformat(),
    )
    return meeting


@transaction.atomic
def hold_meeting(meeting: Meeting, *, held_on: date, by: User | None) -> Meeting:
    """Only a meeting that was held takes decisions."""
    meeting = _locked(meeting)
    if meeting.status == Meeting.Status.CANCELLED:
        raise RuleBroken("Cette réunion est annulée : planifiez-en une autre.")
    if meeting.is_held:
        raise RuleBroken("Cette réunion est déjà tenue.")
    meeting.status, meeting.held_on = Meeting.Status.HELD, held_on
    save_checked(meeting)
    record(by, "meeting.held", meeting, ctg=meeting.ctg, on=held_on.isoformat())
    return meeting


@transaction.atomic
def cancel_meeting(meeting: Meeting, *, by: User | None) -> Meeting:
    meeting = _locked(meeting)
    if meeting.is_held:
        raise RuleBroken("Cette réunion s’est tenue : elle ne s’annule plus.")
    if meeting.status == Meeting.Status.CANCELLED:
        raise RuleBroken("Cette réunion est déjà annulée.")
    meeting.status = Meeting.Status.CANCELLED
    save_checked(meeting)
    record(by, "meeting.cancelled", meeting, ctg=meeting.ctg)
    return meeting


@transaction.atomic
def save_attendance(attendance: Attendance, *, by: User | None) -> Attendance:
    meeting = attendance.meeting
    if attendance.organisation.caf_id != meeting.ctg.caf_id:
        raise RuleBroken("Cet organisme n’est pas dans l’annuaire de cette Caf.")
    save_checked(attendance)
    record(by, "meeting.attendance", meeting, ctg=meeting.ctg, who=attendance.full_name, status=attendance.status)
    return attendance


@transaction.atomic
def delete_attendance(attendance: Attendance, *, by: User | None) -> None:
    meeting = attendance.meeting
    record(by, "meeting.attendance_removed", meeting, ctg=meeting.ctg, who=attendance.full_name)
    attendance.delete()


def _kind_changes(committee: Committee) -> bool:
    return not Committee.objects.filter(pk=committee.pk, kind=committee.kind).exists()


def _round_to_months(meeting: Meeting) -> None:
    """A month begins on its first day and ends on its last, so that calendars sort by the earliest day."""
    if meeting.starts_precision == Meeting.Precision.MONTH:
        meeting.starts_on = meeting.starts_on.replace(day=1)
    if meeting.ends_on and meeting.ends_precision == Meeting.Precision.MONTH:
        last = monthrange(meeting.ends_on.year, meeting.ends_on.month)[1]
        meeting.ends_on = meeting.ends_on.replace(day=last)


def _locked(meeting: Meeting) -> Meeting:
    return Meeting.objects.select_for_update(of=("self",)).select_related("committee__ctg__caf").get(pk=meeting.pk)
