"""The signature, party by party; the last one puts the convention in force."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from actions.services import mark_signed
from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from governance.models import Agreement, Party
from governance.services.agreements import locked
from governance.signing import check_signature
from territory.models import CtgFact
from territory.services import state_fact


@dataclass(frozen=True)
class RecordedSignature:
    """``warnings`` must be shown to who recorded it; ``completes`` says that every party has now signed."""

    party: Party
    warnings: list[str]
    completes: bool


@transaction.atomic
def record_signature(party: Party, *, on: date, by: User | None, reason: str = "") -> RecordedSignature:
    """Parties sign in any order. Before the transmission of the délibération, only with a reason, which is kept."""
    agreement = locked(party.agreement)
    party = next(row for row in agreement.parties.all() if row.pk == party.pk)
    if party.signed_on:
        raise RuleBroken(f"{party} a déjà signé.")
    check = check_signature(party, on=on)
    if check.refused:
        raise RuleBroken("Cette signature n’est pas possible.", missing=check.refused)
    reason = reason.strip() if check.overridable else ""
    if check.overridable and not reason:
        raise RuleBroken("Cette signature demande un motif, qui sera gardé au journal.", missing=check.overridable)
    _write(party, on, by, reason)
    record(
        by,
        "party.signed",
        party,
        ctg=agreement.ctg,
        on=on.isoformat(),
        reason=reason,
        overridden=check.overridable,
        warnings=check.warnings,
    )
    completes = all(row.signed_on for row in agreement.parties.all())
    if completes:
        _complete(agreement, by)
    return RecordedSignature(party, check.warnings, completes)


def _write(party: Party, on: date, by: User | None, reason: str) -> None:
    party.signed_on, party.signature_reason = on, reason[:300]
    party.signature_recorded_by, party.signature_recorded_at = by, now()
    written = ["signed_on", "signature_reason", "signature_recorded_by", "signature_recorded_at"]
    save_checked(party, fields=written)


def _complete(agreement: Agreement, by: User | None) -> None:
    """Signed on the day of the last signature; in force from then, or from the start of the period when it comes later."""
    ctg = agreement.ctg
    last = max(party.signed_on for party in agreement.parties.all() if party.signed_on)
    agreement.signed_on = last
    agreement.save(update_fields=["signed_on"])
    mark_signed(agreement.plan, by=by, on=last)
    state_fact(ctg, kind=CtgFact.Kind.SIGNED, on=last, by=by)
    state_fact(ctg, kind=CtgFact.Kind.IN_FORCE, on=max(last, ctg.starts_on), by=by)
    record(by, "agreement.signed", agreement, ctg=ctg, on=last.isoformat())
