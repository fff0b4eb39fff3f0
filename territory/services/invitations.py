"""Invite somebody to a Ctg by e-mail, follow what they answer."""

from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.dates import french_date, now
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from territory.models import Ctg, Invitation, Membership, Organisation
from territory.services.people import grant_role
from territory.tasks import send_invitation


@transaction.atomic
def invite(
    ctg: Ctg,
    *,
    email: str,
    full_name: str,
    role: str,
    by: User | None,
    on: date,
    organisation: Organisation | None = None,
    message: str = "",
    due_on: date | None = None,
) -> Invitation:
    email = email.strip().lower()
    if due_on and due_on < on:
        raise RuleBroken("La date de réponse est déjà passée.")
    if organisation and organisation.caf_id != ctg.caf_id:
        raise RuleBroken("Cet organisme est dans l’annuaire d’une autre Caf.")
    if Membership.objects.filter(ctg=ctg, user__email=email, role=role).exists():
        raise RuleBroken("Cette personne a déjà ce rôle.")
    invitation = Invitation(
        ctg=ctg,
        email=email,
        full_name=full_name.strip(),
        role=role,
        organisation=organisation,
        message=message,
        due_on=due_on,
        invited_by=by,
    )
    save_checked(invitation)
    record(by, "invitation.created", invitation, ctg=ctg, role=role)
    _send(invitation)
    return invitation


@transaction.atomic
def remind(invitation: Invitation, *, by: User | None, on: date) -> None:
    """Only those who have not answered, once a day."""
    invitation = _locked(invitation)
    _check_open(invitation, on)
    if invitation.reminded_on == on:
        raise RuleBroken(f"{invitation.full_name} a déjà été relancé·e aujourd’hui.")
    invitation.reminded_on = on
    invitation.save(update_fields=["reminded_on"])
    record(by, "invitation.reminded", invitation, ctg=invitation.ctg)
    _send(invitation, reminder=True)


@transaction.atomic
def revoke(invitation: Invitation, *, by: User | None) -> Invitation:
    invitation = _locked(invitation)
    if invitation.accepted_at:
        raise RuleBroken("Cette invitation est acceptée : retirez plutôt le rôle de la personne.")
    if invitation.revoked_at:
        raise RuleBroken("Cette invitation est déjà annulée.")
    invitation.revoked_at = now()
    invitation.save(update_fields=["revoked_at"])
    record(by, "invitation.revoked", invitation, ctg=invitation.ctg)
    return invitation


def mark_opened(invitation: Invitation) -> None:
    """The first time only."""
    Invitation.objects.pending().filter(pk=invitation.pk, opened_at=None).update(opened_at=now())


@transaction.atomic
def accept_invitation(
    invitation: Invitation, *, on: date, full_name: str = "", password: str | None = None, user: User | None = None
) -> User:
    """With a new account (name and password), or with the account of the invited address."""
    invitation = _locked(invitation)
    _check_open(invitation, on)
    user = _account_of(invitation, user) if user else _new_account(invitation, full_name, password)
    if not Membership.objects.filter(user=user, ctg=invitation.ctg, role=invitation.role).exists():
        grant_role(user=user, role=invitation.role, ctg=invitation.ctg, organisation=invitation.organisation, by=user)
    invitation.user, invitation.accepted_at = user, now()
    invitation.save(update_fields=["user", "accepted_at"])
    record(user, "invitation.accepted", invitation, ctg=invitation.ctg, role=invitation.role)
    return user


def why_closed(invitation: Invitation, on: date) -> str:
    """A sentence for the person who opens the link too late; empty when they may still answer."""
    if invitation.revoked_at:
        return "Cette invitation a été annulée. Si vous pensez que c’est une erreur, répondez à la personne qui vous a invité·e."
    if invitation.accepted_at:
        return "Cette invitation est déjà acceptée : connectez-vous avec votre adresse et votre mot de passe."
    if invitation.expires_on < on:
        return f"Ce lien était valable jusqu’au {french_date(invitation.expires_on)}. Demandez une nouvelle invitation."
    return ""


def _check_open(invitation: Invitation, on: date) -> None:
    if reason := why_closed(invitation, on):
        raise RuleBroken(reason)


def _locked(invitation: Invitation) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",))
    return rows.select_related("ctg__caf", "organisation").get(pk=invitation.pk)


def _send(invitation: Invitation, *, reminder: bool = False) -> None:
    transaction.on_commit(lambda: send_invitation.enqueue(invitation.pk, reminder=reminder))


def _account_of(invitation: Invitation, user: User) -> User:
    if user.email != invitation.email:
        raise RuleBroken("Cette invitation est adressée à une autre adresse que celle de votre compte.")
    return user


def _new_account(invitation: Invitation, full_name: str, password: str | None) -> User:
    if User.objects.filter(email=invitation.email).exists():
        raise RuleBroken("Un compte existe déjà avec cette adresse : connectez-vous pour accepter.")
    user = User(email=invitation.email, full_name=full_name.strip() or invitation.full_name)
    try:
        validate_password(password or "", user)
    except ValidationError as error:
        raise RuleBroken(" ".join(error.messages)) from error
    return User.objects.create_user(user.email, password, full_name=user.full_name)
