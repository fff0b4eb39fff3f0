"""Equipments, Cej, scenarios, COF and payments of the demonstration: all invented, all marked so."""

import json
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from ctg_site.accounts.models import User
from ctg_site.lib.dates import PARIS
from territory import services
from territory.loading import load_rates, read_csv
from territory.models import (
    Ctg,
    Facility,
    FacilityFact,
    FundingAgreement,
    FundingLine,
    LegacyAction,
    LegacyContract,
    Organisation,
    Payment,
    Scenario,
    Scheme,
    ServiceKind,
    Territory,
)

SOURCE = "Donnée de démonstration"


def open_facilities(folder: Path, ctgs: dict[str, Ctg], by: User) -> "list[Treasurer]":
    """The equipments first: findings and actions speak of them, and the freeze of a text annexes those that are co-funded."""
    data = json.loads((folder / "money.json").read_text(encoding="utf-8"))
    return [Treasurer(ctgs[key], by, row) for key, row in data["ctgs"].items()]


def load_money(folder: Path, treasurers: "list[Treasurer]") -> None:
    load_rates(read_csv(folder / "rates.csv"), is_demo=True)
    for treasurer in treasurers:
        treasurer.play()


class Treasurer:
    """The gestures of the Caf on one Ctg, in their order."""

    def __init__(self, ctg: Ctg, by: User, row: dict[str, Any]) -> None:
        self.ctg, self.by, self.row = ctg, by, row
        self.organisations = {row.name: row for row in Organisation.objects.filter(caf=ctg.caf)}
        self.schemes = {row.code: row for row in Scheme.objects.all()}
        self.kinds = {row.code: row for row in ServiceKind.objects.all()}
        self.facilities = {facility["code"]: self._facility(facility) for facility in row["facilities"]}
        self._facts(row)

    def play(self) -> None:
        row = self.row
        contract = self._contract(row["contract"]) if row["contract"] else None
        for scenario in row["scenarios"]:
            self._scenario(scenario, contract)
        for agreement in row["agreements"]:
            self._agreement(agreement)

    def _facility(self, row: dict[str, Any]) -> Facility:
        facility = Facility(
            caf=self.ctg.caf,
            code=row["code"],
            name=row["name"],
            kind=self.kinds[row["kind"]],
            manager=self.organisations[row["manager"]],
            seat=self._commune(row["seat"]),
            capacity=Decimal(row["capacity"]) if row["capacity"] else None,
            capacity_unit=row["unit"],
            opened_on=_day(row["opened_on"]),
            approval=row["approval"],
            is_demo=True,
        )
        return services.save_facility(facility, by=self.by, served=[self._commune(code) for code in row["served"]])

    def _facts(self, row: dict[str, Any]) -> None:
        on = date.fromisoformat(row["cofunded_on"])
        for code, facility in self.facilities.items():
            services.state_facility_fact(facility, kind=FacilityFact.Kind.ELIGIBLE, on=on, by=self.by)
            if code not in row["not_cofunded"]:
                services.state_facility_fact(facility, kind=FacilityFact.Kind.COFUNDED, on=on, by=self.by, ctg=self.ctg)

    def _contract(self, row: dict[str, Any]) -> LegacyContract:
        contract = LegacyContract(
            caf=self.ctg.caf,
            territory=self.ctg.territory,
            name=row["name"],
            payee=self.organisations[row["payee"]],
            starts_on=_day(row["starts_on"]),
            ends_on=date.fromisoformat(row["ends_on"]),
            last_amount=Decimal(row["last_amount"]),
            source=row["source"],
            is_demo=True,
        )
        services.save_legacy_contract(contract, by=self.by)
        for action in row["actions"]:
            shares = action["shares"]
            units = {self.facilities[code]: Decimal(share[0]) for code, share in shares.items()}
            local = {self.facilities[code]: Decimal(share[1]) for code, share in shares.items() if share[1]}
            line = LegacyAction(contract=contract, service=self.kinds[action["service"]], label=action["label"])
            line.amount = Decimal(action["amount"])
            services.save_split_action(line, units, local_amounts=local, by=self.by)
        return contract

    def _scenario(self, row: dict[str, Any], contract: LegacyContract | None) -> None:
        growth = {
            self.facilities[code].pk: {int(year): Decimal(units) for year, units in years.items()}
            for code, years in row["growth"].items()
        }
        scenario = Scenario(
            ctg=self.ctg,
            contract=contract,
            name=row["name"],
            note=row["note"],
            wealth=row["wealth"],
            yearly_rise=Decimal(row["yearly_rise"]) if row["yearly_rise"] else None,
            local_adjusts=row["local_adjusts"],
            is_demo=True,
        )
        at = datetime.combine(self.ctg.starts_on, time(9), PARIS)
        services.save_scenario(scenario, growth=growth, by=self.by, at=at)
        if row["shared"]:
            services.share_scenario(scenario, by=self.by, at=at)

    def _agreement(self, row: dict[str, Any]) -> None:
        cof = FundingAgreement(
            caf=self.ctg.caf,
            territory=self.ctg.territory,
            reference=row["reference"],
            facility=self.facilities[row["facility"]],
            scheme=self.schemes[row["scheme"]],
            payee=self.organisations[row["payee"]],
            signed_on=_day(row["signed_on"]),
            starts_on=date.fromisoformat(row["starts_on"]),
            ends_on=date.fromisoformat(row["ends_on"]),
            is_demo=True,
        )
        services.save_funding_agreement(cof, by=self.by)
        services.save_funding_lines([self._line(cof, *line) for line in row["lines"]], by=self.by)
        for year, kind, amount, paid_on in row["payments"]:
            payment = Payment(
                agreement=cof, year=year, kind=kind, amount=Decimal(amount), paid_on=date.fromisoformat(paid_on)
            )
            services.record_payment(payment, by=self.by)
        for year, received_on in row["justifications"]:
            services.record_justification(cof, year=year, received_on=date.fromisoformat(received_on), by=self.by)

    def _line(
        self, cof: FundingAgreement, year: int, state: str, amount: str | None, cost: dict[str, str] | None = None
    ) -> FundingLine:
        """An amount as it is known, or the cost from which it is computed."""
        return FundingLine(
            **{name: Decimal(value) for name, value in (cost or {}).items()},
            caf=cof.caf,
            territory=cof.territory,
            year=year,
            facility=cof.facility,
            scheme=cof.scheme,
            agreement=cof,
            state=state,
            amount=Decimal(amount) if amount else None,
            unit="heures" if cost else "",
            source=SOURCE,
            is_demo=True,
        )

    def _commune(self, code: str) -> Territory:
        return Territory.objects.filter(kind=Territory.Kind.COMMUNE, code=code).latest("valid_from")


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
