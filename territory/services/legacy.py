"""The Cej that ends: its actions, and the share of each that an equipment keeps, frozen to the cent."""

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from territory.bonus import split_exactly
from territory.models import Facility, LegacyAction, LegacyContract, LegacyShare


@transaction.atomic
def save_legacy_contract(contract: LegacyContract, *, by: User | None) -> LegacyContract:
    if contract.payee.caf_id != contract.caf_id:
        raise RuleBroken("Choisissez la collectivité dans l’annuaire de cette Caf.")
    gesture = "saved" if contract.pk else "added"
    save_checked(contract)
    record(by, f"legacy.contract_{gesture}", contract, caf_code=contract.caf.code, amount=str(contract.last_amount))
    return contract


@transaction.atomic
def save_legacy_action(action: LegacyAction, *, by: User | None) -> LegacyAction:
    """An amount already shared between equipments is frozen: it does not move under them."""
    before = LegacyAction.objects.filter(pk=action.pk).first() if action.pk else None
    if before and before.amount != action.amount and action.shares.exists():
        raise RuleBroken("Cette action est déjà répartie : refaites la répartition pour changer son montant.")
    save_checked(action)
    record(by, "legacy.action_saved", action, caf_code=action.contract.caf.code, amount=str(action.amount))
    return action


@transaction.atomic
def split_legacy_action(
    action: LegacyAction,
    units: Mapping[Facility, Decimal],
    *,
    by: User | None,
    local_amounts: Mapping[Facility, Decimal] | None = None,
) -> list[LegacyShare]:
    """In proportion to the existing units, largest remainder first: the sum is the amount of the action, to the cent."""
    facilities = sorted(units, key=lambda facility: (-units[facility], facility.code))
    if any(facility.caf_id != action.contract.caf_id for facility in facilities):
        raise RuleBroken("Un équipement d’une autre Caf ne peut pas recevoir une part de ce contrat.")
    try:
        amounts = split_exactly(action.amount, [units[facility] for facility in facilities])
    except ValueError as error:
        raise RuleBroken("Donnez des unités existantes positives, une au moins, pour répartir l’action.") from error
    action.shares.all().delete()
    shares = [
        LegacyShare(
            action=action,
            facility=facility,
            units=units[facility],
            amount=amount,
            local_amount=(local_amounts or {}).get(facility),
        )
        for facility, amount in zip(facilities, amounts, strict=True)
    ]
    for share in shares:
        save_checked(share)
    record(by, "legacy.action_split", action, caf_code=action.contract.caf.code, shares=len(shares))
    return shares


@transaction.atomic
def save_split_action(
    action: LegacyAction,
    units: Mapping[Facility, Decimal],
    *,
    by: User | None,
    local_amounts: Mapping[Facility, Decimal] | None = None,
) -> LegacyAction:
    """The action and its shares in one gesture: a new amount is shared again at once."""
    if action.pk:
        action.shares.all().delete()
    save_legacy_action(action, by=by)
    if units:
        split_legacy_action(action, units, by=by, local_amounts=local_amounts)
    return action
