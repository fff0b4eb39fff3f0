"""« Nouvelle Ctg »: from nothing to a Ctg whose rooms are open, in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from actions.services import open_plan
from ctg_site.accounts.models import User
from diagnostic.services import DEFAULT_GROUPS, GroupSeed, open_diagnosis
from governance.models import CommitteeKind, Meeting
from governance.services import open_governance, plan_meeting
from territory.models import Caf, Ctg, Role, Territory
from territory.services import create_ctg, fill_directory, invite


@dataclass(frozen=True)
class Milestone:
    """A meeting to plan: which committee, what for, when (to the day or to the month)."""

    committee: CommitteeKind
    purpose: str
    starts_on: date
    precision: Meeting.Precision = Meeting.Precision.DAY


@dataclass(frozen=True)
class Guest:
    full_name: str
    email: str
    role: Role


@transaction.atomic
def start_ctg(
    *,
    caf: Caf,
    name: str,
    communes: Iterable[Territory],
    starts_on: date,
    ends_on: date,
    by: User | None,
    on: date,
    groups: Sequence[GroupSeed] = DEFAULT_GROUPS,
    milestones: Sequence[Milestone] = (),
    guests: Sequence[Guest] = (),
    is_demo: bool = False,
) -> Ctg:
    ctg = create_ctg(
        caf=caf, name=name, communes=communes, starts_on=starts_on, ends_on=ends_on, by=by, is_demo=is_demo
    )
    fill_directory(ctg, by=by)
    diagnosis = open_diagnosis(ctg, by=by, groups=groups)
    open_plan(diagnosis, by=by)
    open_governance(ctg, by=by)
    committees = {committee.kind: committee for committee in ctg.committees.exclude(kind=CommitteeKind.GROUP)}
    for milestone in milestones:
        plan_meeting(
            committees[milestone.committee],
            purpose=milestone.purpose,
            starts_on=milestone.starts_on,
            starts_precision=milestone.precision,
            by=by,
        )
    for guest in guests:
        invite(ctg, email=guest.email, full_name=guest.full_name, role=guest.role, by=by, on=on)
    return ctg
