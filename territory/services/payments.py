"""What is really paid, under a COF: advances, balances, what comes back, and the papers of each year."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib import numbers
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from territory.models import FundingAgreement, FundingLine, Justification, Payment
from territory.services.funding import refuse_unmet_conditions
from territory.surroundings import Surroundings

State, Kind = FundingLine.State, Payment.Kind


@transaction.atomic
def save_funding_agreement(agreement: FundingAgreement, *, by: User | None) -> FundingAgreement:
    gesture = "saved" if agreement.pk else "added"
    save_checked(agreement)
    record(by, f"funding.agreement_{gesture}", agreement, caf_code=agreement.caf.code)
    return agreement


@transaction.atomic
def record_payment(payment: Payment, *, by: User | None) -> Payment:
    """Written once; a mistake is put right by a regularisation, never by erasing."""
    if payment.pk:
        raise RuleBroken("Un paiement ne se modifie pas : enregistrez une régularisation.")
    cof = (
        FundingAgreement.objects.select_for_update(of=("self",))
        .select_related("caf", "scheme")
        .get(pk=payment.agreement_id)
    )
    payment.agreement = cof
    _check_agreement(payment)
    if payment.kind == Kind.ADVANCE:
        _check_advance(payment)
    if paid_of(cof, payment.year) + payment.amount < 0:
        raise RuleBroken("On ne reprend pas plus que ce qui a été versé au titre de cette année.")
    save_checked(payment)
    record(by, "funding.paid", payment, caf_code=cof.caf.code, amount=str(payment.amount), kind=str(payment.kind))
    return payment


def _check_agreement(payment: Payment) -> None:
    cof = payment.agreement
    if cof.signed_on is None or cof.signed_on > payment.paid_on:
        raise RuleBroken(f"La {cof} n’est pas signée à cette date : rien ne se paie avant sa signature.")
    if payment.year not in cof.years:
        raise RuleBroken(f"La {cof} ne couvre pas {payment.year}.")
    if cof.scheme.is_bonus and payment.kind in (Kind.ADVANCE, Kind.BALANCE):
        line = FundingLine(caf=cof.caf, territory=cof.territory, year=payment.year, facility=cof.facility)
        line.scheme, line.state = cof.scheme, State.ACTUAL
        around = Surroundings([line])
        ctg = around.ctg_of(line)
        if ctg is None:
            raise RuleBroken(f"Aucune Ctg ne couvre {payment.year} : ce bonus ne peut pas être payé.")
        refuse_unmet_conditions(line, ctg, around, payment.paid_on)


def _check_advance(payment: Payment) -> None:
    cof, forecast = payment.agreement, forecast_of(payment.agreement, payment.year)
    if forecast is None:
        raise RuleBroken(f"Saisissez d’abord le montant prévisionnel {payment.year} de la {cof} : l’acompte en dépend.")
    most = numbers.rounded(forecast * cof.advance_percent / 100, 2)
    already = cof.payments.filter(year=payment.year, kind=Kind.ADVANCE).aggregate(Sum("amount"))["amount__sum"] or 0
    if already + payment.amount > most:
        raise RuleBroken(
            f"Les acomptes ne dépassent pas {numbers.shortest(cof.advance_percent)}\u00a0% du droit prévisionnel "
            f"({numbers.euros(forecast, cents=True)}) : il reste {numbers.euros(most - already, cents=True)} à avancer."
        )


def forecast_of(cof: FundingAgreement, year: int) -> Decimal | None:
    """The forecast of the year, as updated when it was; None when there is none, or when it is à chiffrer."""
    lines = cof.lines.filter(year=year)
    rows = lines.filter(state=State.UPDATED) or lines.filter(state=State.PLANNED)
    amounts = [line.amount for line in rows]
    if not amounts or None in amounts:
        return None
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


def paid_of(cof: FundingAgreement, year: int) -> Decimal:
    return cof.payments.filter(year=year).aggregate(Sum("amount"))["amount__sum"] or Decimal(0)


@transaction.atomic
def record_justification(
    agreement: FundingAgreement, *, year: int, received_on: date, by: User | None
) -> Justification:
    if year not in agreement.years:
        raise RuleBroken(f"La {agreement} ne couvre pas {year}.")
    if received_on < date(year, 1, 1):
        raise RuleBroken("Les pièces d’une année n’arrivent pas avant qu’elle commence.")
    row = Justification(agreement=agreement, year=year, received_on=received_on)
    save_checked(row)
    record(by, "funding.justified", agreement, caf_code=agreement.caf.code, year=year, on=received_on.isoformat())
    return row
