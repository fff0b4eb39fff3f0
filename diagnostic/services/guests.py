"""Ask partners by e-mail to contribute by link, follow who has read and answered, remind only the others."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.dates import french_date, now
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from diagnostic.models import Guest, ThematicGroup
from diagnostic.tasks import send_contribution_request
from territory.models import Ctg

NOBODY_TO_REMIND = (
    "Personne n’est à relancer : tous les partenaires invités ont répondu, ou ont été relancés aujourd’hui."
)


@transaction.atomic
def invite_guest(guest: Guest, *, groups: Iterable[ThematicGroup], by: User | None) -> Guest:
    """Their mail leaves once the gesture is committed."""
    groups = list(groups)
    guest.email, guest.full_name, guest.invited_by = guest.email.strip().lower(), guest.full_name.strip(), by
    if not groups:
        raise RuleBroken("Choisissez au moins un groupe auquel contribuer.")
    if any(group.ctg_id != guest.ctg_id for group in groups):
        raise RuleBroken("Ce groupe appartient à une autre Ctg.")
    if guest.organisation and guest.organisation.caf_id != guest.ctg.caf_id:
        raise RuleBroken("Cet organisme est dans l’annuaire d’une autre Caf.")
    save_checked(guest)
    guest.groups.set(groups)
    record(by, "guest.invited", guest, ctg=guest.ctg)
    _send(guest)
    return guest


@transaction.atomic
def invite_guests(
    guests: Iterable[Guest], *, groups: Iterable[ThematicGroup], by: User | None, message: str = ""
) -> list[Guest]:
    """All of them or, when one is refused, none: the sentence names whom."""
    groups, invited = list(groups), []
    for guest in guests:
        guest.message = message
        try:
            invited.append(invite_guest(guest, groups=groups, by=by))
        except RuleBroken as refusal:
            raise RuleBroken(f"{guest.full_name} : {refusal}") from refusal
    return invited


@transaction.atomic
def remind_guest(guest: Guest, *, by: User | None, on: date) -> None:
    """Only who has not answered, once a day, while a group still listens to them."""
    guest = _locked(guest)
    check_link(guest, on)
    if guest.answered_at:
        raise RuleBroken(f"{guest.full_name} a déjà répondu.")
    if guest.reminded_on == on:
        raise RuleBroken(f"{guest.full_name} a déjà été relancé·e aujourd’hui.")
    if not any(group.takes_contributions_on(on) for group in guest.groups.order_by("pk")):
        raise RuleBroken(f"Aucun groupe ne reçoit plus les contributions de {guest.full_name}.")
    guest.reminded_on = on
    guest.save(update_fields=["reminded_on"])
    record(by, "guest.reminded", guest, ctg=guest.ctg)
    _send(guest, reminder=True)


@transaction.atomic
def remind_guests(guests: Iterable[Guest], *, by: User | None, on: date) -> int:
    """All those who may be reminded; the others are left in peace. How many mails leave."""
    sent = sum(_reminded(guest, by, on) for guest in guests)
    if not sent:
        raise RuleBroken(NOBODY_TO_REMIND)
    return sent


@transaction.atomic
def revoke_guest(guest: Guest, *, by: User | None) -> Guest:
    """The link opens nothing any more; what was said stays."""
    guest = _locked(guest)
    if guest.revoked_at:
        raise RuleBroken("Ce lien est déjà annulé.")
    guest.revoked_at = now()
    guest.save(update_fields=["revoked_at"])
    record(by, "guest.revoked", guest, ctg=guest.ctg)
    return guest


def mark_link_opened(guest: Guest) -> None:
    """The first time only."""
    Guest.objects.filter(pk=guest.pk, opened_at=None).update(opened_at=now())


def mark_answered(ctg: Ctg, email: str, *, at: datetime) -> None:
    """Whether by their link or by an account of theirs: who has answered is reminded no more."""
    Guest.objects.filter(ctg=ctg, email=email, revoked_at=None, answered_at=None).update(answered_at=at)


def why_link_closed(guest: Guest, on: date) -> str:
    """A sentence for who opens a link that is no more; empty while it lives."""
    if guest.revoked_at:
        return "Ce lien a été annulé. Si vous pensez que c’est une erreur, répondez à la personne qui vous a invité·e."
    if guest.expires_on < on:
        return f"Ce lien était valable jusqu’au {french_date(guest.expires_on)}. Demandez une nouvelle invitation."
    return ""


def check_link(guest: Guest, on: date) -> None:
    if reason := why_link_closed(guest, on):
        raise RuleBroken(reason)


def _reminded(guest: Guest, by: User | None, on: date) -> bool:
    try:
        remind_guest(guest, by=by, on=on)
    except RuleBroken:
        return False
    return True


def _locked(guest: Guest) -> Guest:
    return Guest.objects.select_for_update(of=("self",)).select_related("ctg__caf", "organisation").get(pk=guest.pk)


def _send(guest: Guest, *, reminder: bool = False) -> None:
    transaction.on_commit(lambda: send_contribution_request.enqueue(guest.pk, reminder=reminder))
