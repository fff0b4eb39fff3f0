"""The sheet « Cej »: the actions of a Cej that ends, one row an equipment, each action shared to the cent."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar

from ctg_site.lib import numbers
from territory.bonus import split_exactly
from territory.exports.lines import SHARES
from territory.imports.cells import Planned, SheetReader
from territory.models import Facility, LegacyAction

Rows = list[tuple[int, dict[str, Any]]]


class ShareReader(SheetReader):
    title = SHARES
    fields: ClassVar[dict[str, str]] = {
        "Contrat": "contract",
        "Action": "label",
        "Nature": "service",
        "Montant de l’action (€)": "amount",
        "Code équipement": "facility",
        "Unités existantes": "units",
        "Participation de la collectivité (€)": "local_amount",
    }
    required = ("Contrat", "Action", "Nature", "Montant de l’action (€)", "Code équipement", "Unités existantes")

    def keep_all(self, rows: Iterator[tuple[int, dict[str, Any]]]) -> None:
        """Read to the last row first: an action is shared among all its equipments at once."""
        groups: dict[tuple[int, str], Rows] = {}
        for number, values in rows:
            groups.setdefault((values["contract"].pk, values["label"]), []).append((number, values))
        related = LegacyAction.objects.filter(contract__caf=self.caf).select_related("contract__caf", "service")
        known = {(a.contract_id, a.label): a for a in related.prefetch_related("shares").order_by("pk")}
        for key, group in groups.items():
            if self._is_one_action(group):
                self._compare(group, known.get(key))

    def _is_one_action(self, group: Rows) -> bool:
        """One nature and one amount for the action, each equipment once, some units to share by."""
        before, (_, first) = len(self.result.errors), group[0]
        seen: set[int] = set()
        for number, values in group:
            if values["amount"] is None or values["amount"] != first["amount"]:
                say = "Donnez le même montant à toutes les lignes d’une action : celui de l’action entière."
                self.refuse(number, "Montant de l’action (€)", say)
            if values["service"] != first["service"]:
                self.refuse(number, "Nature", "Donnez la même nature à toutes les lignes d’une action.")
            if values["facility"].pk in seen:
                self.refuse(number, "Code équipement", "Cet équipement est déjà dans cette action : gardez-en un.")
            if values["units"] < 0:
                self.refuse(number, "Unités existantes", "Le nombre d’unités ne peut pas être négatif.")
            seen.add(values["facility"].pk)
        if not any(values["units"] > 0 for _, values in group):
            self.refuse(
                group[0][0], "Unités existantes", "Il faut une unité existante au moins pour répartir l’action."
            )
        return len(self.result.errors) == before

    def _compare(self, group: Rows, known: LegacyAction | None) -> None:
        number, first = group[0]
        units = {values["facility"]: values["units"] for _, values in group}
        local = {v["facility"]: v["local_amount"] for _, v in group if v.get("local_amount") is not None}
        same = known is not None and (known.amount, known.service) == (first["amount"], first["service"])
        if known is not None and same and _shared(known) == (_by_pk(units), _by_pk(local)):
            self.result.unchanged += 1
            return
        action = known or LegacyAction(contract=first["contract"], label=first["label"])
        changes = _in_words(action, first["amount"], units)
        before = known.amount if known else None
        action.amount, action.service = first["amount"], first["service"]
        self.result.planned.append(Planned(self.title, number, action, changes, known is None, before, units, local))


def _shared(action: LegacyAction) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
    shares = list(action.shares.all())
    local = {share.facility_id: share.local_amount for share in shares if share.local_amount is not None}
    return {share.facility_id: share.units for share in shares}, local


def _by_pk(numbers_of: dict[Facility, Decimal]) -> dict[int, Decimal]:
    return {facility.pk: number for facility, number in numbers_of.items()}


def _in_words(action: LegacyAction, amount: Decimal, units: dict[Facility, Decimal]) -> list[tuple[str, str, str]]:
    """Each equipment: what it keeps today, what it would keep."""
    before = {share.facility_id: share.amount for share in action.shares.all()} if action.pk else {}
    facilities = sorted(units, key=lambda facility: (-units[facility], facility.code))
    after = dict(zip(facilities, split_exactly(amount, [units[facility] for facility in facilities]), strict=True))
    return [
        (
            str(facility),
            numbers.euros(before[facility.pk], cents=True) if facility.pk in before else "rien",
            numbers.euros(after[facility], cents=True),
        )
        for facility in facilities
    ]
