"""The directory of organisations; roles given and withdrawn."""

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from territory.models import Caf, Ctg, Invitation, Membership, Organisation, Role


@transaction.atomic
def save_organisation(organisation: Organisation, *, by: User | None) -> Organisation:
    """A line of the directory of a Caf, shared by all its Ctgs."""
    verb = "organisation.changed" if organisation.pk else "organisation.added"
    save_checked(organisation)
    record(by, verb, organisation, caf_code=organisation.caf.code)
    return organisation


@transaction.atomic
def grant_role(
    *,
    user: User,
    role: str,
    ctg: Ctg | None = None,
    caf: Caf | None = None,
    organisation: Organisation | None = None,
    by: User | None,
) -> Membership:
    if organisation and organisation.caf_id != (ctg.caf_id if ctg else caf and caf.pk):
        raise RuleBroken("Cet organisme est dans l’annuaire d’une autre Caf.")
    membership = Membership(user=user, role=role, ctg=ctg, caf=caf, organisation=organisation)
    save_checked(membership)
    _open_back_office(user)
    record(by, "role.granted", membership, ctg=ctg, caf_code=caf.code if caf else "", user=user.pk, role=role)
    return membership


@transaction.atomic
def withdraw_role(membership: Membership, *, by: User | None) -> None:
    """The invitation that led to the role is closed with it, so that the person can be invited again."""
    _keep_one_manager(membership)
    ctg, caf = membership.ctg, membership.caf
    record(
        by,
        "role.withdrawn",
        membership,
        ctg=ctg,
        caf_code=caf.code if caf else "",
        user=membership.user_id,
        role=membership.role,
    )
    if ctg:
        closed = Invitation.objects.filter(ctg=ctg, user=membership.user, role=membership.role, revoked_at=None)
        closed.update(revoked_at=now())
    membership.delete()
    _open_back_office(membership.user)


def _open_back_office(user: User) -> None:
    """The back office is for those who work at a Caf, for as long as they do."""
    works_there = user.is_superuser or Membership.objects.filter(user=user, caf__isnull=False).exists()
    if user.is_staff != works_there:
        user.is_staff = works_there
        user.save(update_fields=["is_staff"])


def _keep_one_manager(membership: Membership) -> None:
    if membership.role != Role.CAF_MANAGER:
        return
    managers = Membership.objects.select_for_update().filter(caf=membership.caf, role=Role.CAF_MANAGER)
    if not [
        other for other in managers.order_by("pk") if other.pk != membership.pk
    ]:  # two may leave at the same moment
        raise RuleBroken("La Caf garde au moins une personne responsable : nommez-en une autre d’abord.")
