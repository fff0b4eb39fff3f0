"""Who signs, with what authority: parties, one or two signatories each, their délibération."""

from django.db import transaction
from django.db.models import Max, Q

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from governance.models import Agreement, Deliberation, Party, Signatory
from governance.services.agreements import draft, locked
from territory.models import Membership, Organisation


@transaction.atomic
def add_party(agreement: Agreement, *, organisation: Organisation, by: User | None) -> Party:
    agreement = draft(agreement)
    if organisation.caf_id != agreement.ctg.caf_id:
        raise RuleBroken("Cet organisme n’est pas dans l’annuaire de cette Caf.")
    last = agreement.parties.aggregate(last=Max("position"))["last"] or 0
    party = Party(agreement=agreement, organisation=organisation, position=last + 1)
    save_checked(party)
    record(by, "party.added", party, ctg=agreement.ctg)
    return party


@transaction.atomic
def remove_party(party: Party, *, by: User | None) -> None:
    agreement = draft(party.agreement)
    record(by, "party.removed", party, ctg=agreement.ctg)
    party.delete()


@transaction.atomic
def save_signatory(signatory: Signatory, *, by: User | None) -> Signatory:
    """The Caf may have two, so may the others; who is not the legal head signs by delegation."""
    agreement = draft(signatory.party.agreement)
    if signatory.user and not _is_member(signatory.user, agreement):
        raise RuleBroken("Le compte du signataire doit d’abord avoir un rôle dans cette Ctg.")
    if signatory.pk is None:
        signatory.is_demo = agreement.is_demo
    save_checked(signatory)
    record(by, "signatory.saved", signatory, ctg=agreement.ctg, party=str(signatory.party))
    return signatory


@transaction.atomic
def delete_signatory(signatory: Signatory, *, by: User | None) -> None:
    agreement = draft(signatory.party.agreement)
    record(by, "signatory.deleted", signatory, ctg=agreement.ctg, party=str(signatory.party))
    signatory.delete()


@transaction.atomic
def save_deliberation(deliberation: Deliberation, *, by: User | None) -> Deliberation:
    """Whole while the text is a draft; afterwards only its transmission, until the party signs."""
    agreement = locked(deliberation.party.agreement)
    if agreement.is_frozen:
        _save_transmission(deliberation)
    else:
        save_checked(deliberation)
    sent = deliberation.transmitted_on
    record(by, "deliberation.saved", deliberation, ctg=agreement.ctg, transmitted_on=sent.isoformat() if sent else None)
    return deliberation


def _save_transmission(deliberation: Deliberation) -> None:
    current = Deliberation.objects.select_related("party").get(pk=deliberation.pk) if deliberation.pk else None
    if current is None or _content(current) != _content(deliberation):
        raise RuleBroken(
            "Le texte est arrêté : de la délibération, seule la transmission au préfet s’enregistre encore."
        )
    if current.party.signed_on:
        raise RuleBroken("Cette partie a signé : sa délibération ne change plus.")
    current.transmitted_on = deliberation.transmitted_on
    if current.transmitted_on and current.adopted_on and current.transmitted_on < current.adopted_on:
        raise RuleBroken("Une délibération est transmise après son adoption.")
    current.save(update_fields=["transmitted_on"])


def _content(deliberation: Deliberation) -> tuple[object, ...]:
    return deliberation.body, deliberation.number, deliberation.adopted_on


def _is_member(user: User, agreement: Agreement) -> bool:
    ctg = agreement.ctg
    return Membership.objects.filter(Q(ctg=ctg) | Q(caf=ctg.caf), user=user).exists()
