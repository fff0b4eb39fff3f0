"""« Ce qui m’attend »: what each person is asked to do, read from the rooms; a constant number of queries."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q
from django.urls import reverse

from actions.models import Action
from ctg_site.accounts.models import User
from ctg_site.journey import Step, current_step, rooms_of_each
from ctg_site.my_actions import ActionTask, action_tasks, commune_actions
from ctg_site.my_groups import Task, commune_findings, group_tasks
from diagnostic.models import Finding
from governance.models import Meeting, Party
from territory import perms
from territory.models import Caf, Ctg, Invitation, Membership, Role

LIMIT = 20


@dataclass(frozen=True)
class Awaited:
    invitation: Invitation
    state: str


@dataclass(frozen=True)
class Commune:
    """What a Ctg holds for the commune of a mayor: what was found there, what will be done."""

    membership: Membership
    findings: list[Finding]
    actions: list[Action]


@dataclass(frozen=True)
class MyCtg:
    """A Ctg of this person, and the step it is at; none once the whole journey is done."""

    ctg: Ctg
    step: Step | None


@dataclass
class Day:
    """What a person finds when they arrive: their tasks, the people they wait for, their meetings, their Ctgs."""

    tasks: list[Task] = field(default_factory=list)
    invitations: list[Awaited] = field(default_factory=list)
    meetings: list[Meeting] = field(default_factory=list)
    ctgs: list[MyCtg] = field(default_factory=list)
    steps: list[ActionTask] = field(default_factory=list)
    communes: list[Commune] = field(default_factory=list)
    cafs: list[Caf] = field(default_factory=list)


def day_of(user: User, *, on: date) -> Day:
    ctgs = list(Ctg.objects.visible_to(user).for_list()[:LIMIT])
    steered = [ctg for ctg in ctgs if perms.can_steer(user, ctg)]
    meetings = _meetings(user, steered, on)
    return Day(
        tasks=[*_overdue(meetings, steered, on), *group_tasks(user, steered, on=on), *_signatures(user)],
        invitations=_invitations(steered, on),
        meetings=[meeting for meeting in meetings if meeting.last_day >= on][:LIMIT],
        ctgs=[MyCtg(rooms.ctg, current_step(rooms, on=on)) for rooms in rooms_of_each(ctgs)],
        steps=action_tasks(user, on=on),
        communes=_communes(user),
        cafs=list(Caf.objects.visible_to(user).distinct().order_by("name", "pk")[:LIMIT]),
    )


def _signatures(user: User) -> list[Task]:
    parties = (
        Party.objects.filter(signatories__user=user, signed_on=None, agreement__frozen_on__isnull=False)
        .select_related("organisation", "agreement__plan__diagnosis__ctg")
        .distinct()[:LIMIT]
    )
    return [
        Task(
            f"Signer la convention pour {party.organisation}",
            f"{party.agreement.ctg} : le texte est arrêté, il attend votre signature.",
            reverse("governance:agreement", args=[party.agreement.ctg.slug]),
        )
        for party in parties
    ]


def _invitations(ctgs: list[Ctg], on: date) -> list[Awaited]:
    """For those who steer: who was invited, who answered, who is late."""
    rows = Invitation.objects.filter(ctg__in=ctgs, revoked_at=None).select_related("ctg", "organisation")
    return [Awaited(row, row.state_on(on)) for row in rows.order_by("accepted_at", "due_on", "full_name", "pk")[:LIMIT]]


def _meetings(user: User, steered: list[Ctg], on: date) -> list[Meeting]:
    """Those to come, drafts left to those who prepare them; for who steers, those of which nobody said that they were held."""
    planned = Meeting.objects.visible_to(user).filter(status=Meeting.Status.PLANNED)
    coming = Q(starts_on__gte=on.replace(day=1)) | Q(ends_on__gte=on)
    rows = planned.filter(coming | Q(committee__ctg__in=steered))
    return list(rows.select_related("committee__ctg").order_by("starts_on", "pk")[: 3 * LIMIT])


def _overdue(meetings: list[Meeting], steered: list[Ctg], on: date) -> list[Task]:
    steering = {ctg.pk for ctg in steered}
    return [
        Task(
            f"{meeting.committee.name}, {meeting.when} : la réunion s’est-elle tenue ?",
            f"{meeting.ctg} : {meeting.purpose}",
            reverse("governance:meeting", args=[meeting.ctg.slug, meeting.pk]),
        )
        for meeting in meetings
        if meeting.last_day < on and meeting.committee.ctg_id in steering
    ]


def _communes(user: User) -> list[Commune]:
    """A mayor sees what concerns their commune."""
    rows = list(
        Membership.objects.filter(user=user, role=Role.SIGNATORY, organisation__territory__isnull=False)
        .select_related("organisation__territory", "ctg")
        .order_by("pk")[:LIMIT]
    )
    findings = commune_findings(rows)
    return [
        Commune(found.membership, findings.get((found.membership.ctg_id, _place(found.membership)), []), found.actions)
        for found in commune_actions(rows)
    ]


def _place(membership: Membership) -> int:
    return membership.organisation.territory_id  # type: ignore[union-attr, return-value]
