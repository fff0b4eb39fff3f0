"""When a party may sign: never before its délibération; before its transmission, only with a reason; the same day, with a warning.

A délibération is executory once transmitted to the préfet (CGCT, art. L. 2131-1); a contract signed before is illegal.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from ctg_site.lib.dates import french_date

if TYPE_CHECKING:
    from governance.models import Agreement, Deliberation, Party


@dataclass(frozen=True)
class SignatureCheck:
    """``overridable`` passes with a reason, which the journal keeps; ``refused`` never passes."""

    refused: list[str] = field(default_factory=list)
    overridable: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def obstacles(self) -> list[str]:
        return [*self.refused, *self.overridable]


def check_signature(party: "Party", *, on: date) -> SignatureCheck:
    refused = _refusals_of_text(party.agreement, on)
    deliberation = getattr(party, "deliberation", None)
    if deliberation is None or deliberation.adopted_on is None:
        return SignatureCheck(refused)
    if on < deliberation.adopted_on:
        sentence = f"{party}\u00a0: la délibération est du {french_date(deliberation.adopted_on)}, on ne peut pas signer avant."
        return SignatureCheck([*refused, sentence])
    if not party.organisation.is_local_authority:
        return SignatureCheck(refused)
    return SignatureCheck(refused, _overridable(deliberation, on), _warnings(deliberation, on))


def _refusals_of_text(agreement: "Agreement", on: date) -> list[str]:
    if agreement.frozen_on is None:
        return ["Le texte de la convention n’est pas encore arrêté par le comité de pilotage."]
    if on < agreement.frozen_on:
        return [f"Le texte est arrêté le {french_date(agreement.frozen_on)} : il ne peut pas être signé avant."]
    if on > agreement.ctg.ends_on:
        return [
            f"La convention s’achève le {french_date(agreement.ctg.ends_on)} : elle ne peut plus être signée après."
        ]
    return []


def _overridable(deliberation: "Deliberation", on: date) -> list[str]:
    sent = deliberation.transmitted_on
    if sent is None:
        return ["La délibération n’est pas encore transmise au préfet : elle n’est pas exécutoire."]
    if on < sent:
        return [
            f"La délibération n’est transmise au préfet que le {french_date(sent)} : elle n’est pas encore exécutoire."
        ]
    return []


def _warnings(deliberation: "Deliberation", on: date) -> list[str]:
    if on != deliberation.transmitted_on:
        return []
    return [
        "La délibération est transmise au préfet le jour même de la signature : vérifiez qu’il l’a reçue avant que l’on signe."
    ]
