"""Equipments, COF, Cej and scenarios for the tests; what a service makes is made by it."""

from datetime import date, datetime
from decimal import Decimal

from ctg_site.lib.dates import PARIS
from territory import services
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
    Rate,
    Scenario,
    Scheme,
    ServiceKind,
)
from tests.numbering import numbers
from tests.territory.factories import OrganisationFactory, communes_of

AT = datetime(2021, 6, 9, 9, tzinfo=PARIS)
_numbers = numbers()


def a_scheme(code: str = "bt-eaje", **fields: object) -> Scheme:
    values = {"label": code, "family": "bonus" if code.startswith("bt-") else "service", "unit": "place"}
    return Scheme.objects.get_or_create(code=code, defaults=values | fields)[0]


def a_kind(code: str = "eaje", bonus: str = "bt-eaje") -> ServiceKind:
    found, _ = ServiceKind.objects.get_or_create(code=code, defaults={"label": code.upper(), "bonus": a_scheme(bonus)})
    return found


def a_facility(ctg: Ctg, name: str = "", *, manager: Organisation | None = None, **fields: object) -> Facility:
    number = next(_numbers)
    values = {
        "code": f"E-{number}",
        "name": name or f"Équipement {number}",
        "kind": a_kind(),
        "seat": communes_of(ctg.territory)[0],
        "capacity": Decimal(20),
    }
    manager = manager or OrganisationFactory(caf=ctg.caf)
    return services.save_facility(Facility(caf=ctg.caf, manager=manager, **(values | fields)), by=None)


def make_eligible(facility: Facility, ctg: Ctg, *, signed: bool = True, on: date = date(2021, 1, 1)) -> Facility:
    """The four conditions of the bonus."""
    for kind in FacilityFact.Kind:
        services.state_facility_fact(facility, kind=kind, on=on, by=None, ctg=ctg)
    if signed:
        services.state_fact(ctg, kind="signed", on=date(2021, 12, 15), by=None)
    return facility


def a_line(
    facility: Facility, ctg: Ctg, amount: str | None, *, scheme: str = "psu", year: int = 2022, **fields: object
):
    values = {
        "caf": ctg.caf,
        "territory": ctg.territory,
        "year": year,
        "facility": facility,
        "scheme": a_scheme(scheme),
        "state": FundingLine.State.PLANNED,
        "amount": None if amount is None else Decimal(amount),
        "source": "Essai",
    }
    return FundingLine(**(values | fields))


def save(line: FundingLine) -> FundingLine:
    return services.save_funding_line(line, by=None)


def a_cof(facility: Facility, ctg: Ctg, *, scheme: str = "psu", **fields: object) -> FundingAgreement:
    values = {
        "caf": ctg.caf,
        "territory": ctg.territory,
        "reference": f"COF-{next(_numbers)}",
        "facility": facility,
        "payee": facility.manager,
        "scheme": a_scheme(scheme),
        "signed_on": date(2021, 12, 20),
        "starts_on": date(2022, 1, 1),
        "ends_on": date(2025, 12, 31),
    }
    return services.save_funding_agreement(FundingAgreement(**(values | fields)), by=None)


def pay(cof: FundingAgreement, amount: str, *, kind: str = "advance", year: int = 2022, on: date = date(2022, 3, 15)):
    payment = Payment(agreement=cof, year=year, kind=kind, amount=Decimal(amount), paid_on=on)
    return services.record_payment(payment, by=None)


def a_rate(measure: str, value: str | None, *, scheme: str = "bt-eaje", since: int = 2021, **fields: object) -> Rate:
    values = {
        "scheme": a_scheme(scheme),
        "measure": measure,
        "value": None if value is None else Decimal(value),
        "unit": "€",
        "valid_from": date(since, 1, 1),
        "source": "Essai",
    }
    return services.add_rate(Rate(**(values | fields)), by=None)


def a_contract(ctg: Ctg, amount: str = "10000", *, payee: Organisation | None = None) -> LegacyContract:
    payee = payee or OrganisationFactory(caf=ctg.caf, kind=Organisation.Kind.EPCI)
    contract = LegacyContract(caf=ctg.caf, territory=ctg.territory, name=f"Cej {next(_numbers)}", payee=payee)
    contract.ends_on, contract.last_amount, contract.source = date(2020, 12, 31), Decimal(amount), "Essai"
    return services.save_legacy_contract(contract, by=None)


def an_action(contract: LegacyContract, amount: str = "10000", kind: ServiceKind | None = None) -> LegacyAction:
    action = LegacyAction(contract=contract, service=kind or a_kind(), label=f"Action {next(_numbers)}")
    action.amount = Decimal(amount)
    return services.save_legacy_action(action, by=None)


def a_scenario(ctg: Ctg, contract: LegacyContract | None = None, growth=None, **fields: object) -> Scenario:
    scenario = Scenario(ctg=ctg, contract=contract, **({"name": f"Scénario {next(_numbers)}"} | fields))
    return services.save_scenario(scenario, growth=growth or {}, by=None, at=AT)
