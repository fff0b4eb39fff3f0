from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Max, ProtectedError, Q

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from diagnostic.models import GroupMember, ThematicGroup
from territory.models import Ctg, Indicator, Membership, Organisation


@dataclass(frozen=True)
class GroupSeed:
    """A group proposed when a diagnosis opens."""

    name: str
    audience: str
    colour: ThematicGroup.Colour


DEFAULT_GROUPS = (
    GroupSeed("Petite enfance", "0 – moins de 3 ans", ThematicGroup.Colour.EARLY_CHILDHOOD),
    GroupSeed("Enfance-Jeunesse", "3 – 17 ans", ThematicGroup.Colour.YOUTH),
    GroupSeed("Parentalité", "", ThematicGroup.Colour.PARENTING),
    GroupSeed("Accès aux droits / Jeunes adultes", "", ThematicGroup.Colour.RIGHTS),
    GroupSeed("Animation de la vie sociale / Logement", "", ThematicGroup.Colour.SOCIAL_LIFE),
)


@transaction.atomic
def save_group(
    group: ThematicGroup, *, by: User | None, indicators: Iterable[Indicator] | None = None
) -> ThematicGroup:
    """``indicators`` replace those the group follows; None leaves them."""
    is_new = group.pk is None
    if group.lead is not None:
        _refuse_an_outsider(group.lead, group.ctg)
    if is_new:
        group.position = (group.ctg.groups.aggregate(last=Max("position"))["last"] or 0) + 1
    save_checked(group)
    if indicators is not None:
        group.indicators.set(indicators)
    record(by, "group.created" if is_new else "group.changed", group, ctg=group.ctg)
    return group


@transaction.atomic
def delete_group(group: ThematicGroup, *, by: User | None) -> None:
    """An empty group only: what partners said, and the meetings held, are never lost."""
    if group.contributions.exists() or group.findings.exists() or group.ideas.exists():
        raise RuleBroken("Ce groupe a des constats, des pistes ou des contributions : il ne se supprime plus.")
    record(by, "group.deleted", group, ctg=group.ctg)
    try:
        group.delete()
    except ProtectedError as error:
        raise RuleBroken(
            "Ce groupe a son comité et ses réunions : il ne se supprime plus, mais vous pouvez le renommer."
        ) from error


@transaction.atomic
def schedule_contributions(
    groups: Iterable[ThematicGroup], *, opens_on: date, closes_on: date, by: User | None
) -> list[ThematicGroup]:
    """A campaign: the same dates for several groups, or for the whole Ctg."""
    groups = list(groups)
    if not groups:
        raise RuleBroken("Choisissez au moins un groupe.")
    for group in groups:
        group.contributions_open_on, group.contributions_close_on = opens_on, closes_on
        save_checked(group)
        record(by, "group.scheduled", group, ctg=group.ctg, opens_on=str(opens_on), closes_on=str(closes_on))
    return groups


@transaction.atomic
def add_member(
    group: ThematicGroup,
    *,
    organisation: Organisation,
    user: User | None = None,
    joined_on: date | None = None,
    by: User | None,
) -> GroupMember:
    """An organisation takes its seat, through a person who has a role in the Ctg or nobody named yet."""
    if organisation.caf_id != group.ctg.caf_id:
        raise RuleBroken("Cet organisme est dans l’annuaire d’une autre Caf.")
    if user is not None:
        _refuse_an_outsider(user, group.ctg)
    if group.members.seated().filter(organisation=organisation, user=user).exists():
        raise RuleBroken(f"{user or organisation} est déjà dans ce groupe.")
    member = GroupMember(group=group, organisation=organisation, user=user, joined_on=joined_on)
    save_checked(member)
    record(by, "group_member.added", member, ctg=group.ctg)
    return member


@transaction.atomic
def remove_member(member: GroupMember, *, by: User | None, on: date) -> None:
    """The seat is left, and remembered with its dates."""
    if member.left_on is not None:
        raise RuleBroken(f"{member.organisation} ne siège plus dans ce groupe.")
    member.left_on = on
    save_checked(member)
    record(by, "group_member.removed", member, ctg=member.group.ctg)


def _refuse_an_outsider(user: User, ctg: Ctg) -> None:
    roles = Membership.objects.filter(Q(ctg=ctg) | Q(caf=ctg.caf_id), user=user)
    if not (user.is_superuser or roles.exists()):
        raise RuleBroken(f"{user} n’a pas de rôle dans cette Ctg : invitez d’abord cette personne.")
