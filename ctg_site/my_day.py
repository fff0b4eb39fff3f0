"""« Ce qui m’attend »: what each person is asked to do, read from the rooms; a constant number of queries."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q
from django.urls import reverse

from ctg_site.accounts.models import User
from ctg_site.my_actions import ActionTask, CommuneActions, action_tasks, commune_actions
from diagnostic.models import ThematicGroup
from governance.models import Meeting, Party
from territory import perms
from territory.models import Caf, Ctg, Invitation, Membership, Role

LIMIT = 20


@dataclass(frozen=True)
class Task:
    title: str
    detail: str
    url: str
    due_on: date | None = None


@dataclass(frozen=True)
class Awaited:
    invitation: Invitation
    state: str


@dataclass
class Day:
    """What a person finds when they arrive: their tasks, the people they wait for, their meetings, their Ctgs."""

    tasks: list[Task] = field(default_factory=list)
    invitations: list[Awaited] = field(default_factory=list)
    meetings: list[Meeting] = field(default_factory=list)
    ctgs: list[Ctg] = field(default_factory=list)
    steps: list[ActionTask] = field(default_factory=list)
    communes: list[CommuneActions] = field(default_factory=list)
    cafs: list[Caf] = field(default_factory=list)


def day_of(user: User, *, on: date) -> Day:
    ctgs = list(Ctg.objects.visible_to(user).for_list()[:LIMIT])
    steered = [ctg for ctg in ctgs if perms.can_steer(user, ctg)]
    return Day(
        tasks=[*_contributions(user, on), *_led_groups(user), *_signatures(user)],
        invitations=_invitations(steered, on),
        meetings=_meetings(user, on),
        ctgs=ctgs,
        steps=action_tasks(user, on=on),
        communes=commune_actions(_communes(user)),
        cafs=list(Caf.objects.visible_to(user).distinct().order_by("name", "pk")[:LIMIT]),
    )


def _contributions(user: User, on: date) -> list[Task]:
    """Groups where I sit, open to contributions, that I have not answered yet."""
    groups = (
        ThematicGroup.objects.filter(members__user=user, contributions_open_on__lte=on)
        .filter(Q(contributions_close_on=None) | Q(contributions_close_on__gte=on))
        .exclude(contributions__author=user)
        .select_related("ctg")
        .distinct()[:LIMIT]
    )
    return [
        Task(
            f"Contribuer au groupe {group.name}",
            f"{group.ctg} : dites ce qui marche, ce qui manque, vos idées.",
            reverse("diagnostic:contribute", args=[group.ctg.slug, group.pk]),
            group.contributions_close_on,
        )
        for group in groups
    ]


def _led_groups(user: User) -> list[Task]:
    groups = ThematicGroup.objects.filter(
        lead=user, findings=None, ctg__in=Ctg.objects.visible_to(user)
    ).select_related("ctg")[:LIMIT]
    return [
        Task(
            f"Écrire les constats du groupe {group.name}",
            f"{group.ctg} : aucun constat pour l’instant.",
            reverse("diagnostic:group", args=[group.ctg.slug, group.pk]),
        )
        for group in groups
    ]


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


def _meetings(user: User, on: date) -> list[Meeting]:
    """The next meetings, drafts left to those who prepare them."""
    rows = Meeting.objects.visible_to(user).filter(starts_on__gte=on, status=Meeting.Status.PLANNED)
    return list(rows.select_related("committee__ctg").order_by("starts_on", "pk")[:LIMIT])


def _communes(user: User) -> list[Membership]:
    """A mayor sees what concerns their commune."""
    return list(
        Membership.objects.filter(user=user, role=Role.SIGNATORY, organisation__territory__isnull=False)
        .select_related("organisation__territory", "ctg")
        .order_by("pk")[:LIMIT]
    )
