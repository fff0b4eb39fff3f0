"""The money of the Caf: lines and stated totals, entered by the Caf, each change in the journal."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.models import Entry
from ctg_site.audit.services import entry_of, record, record_all
from ctg_site.lib.dates import FIRST_YEAR, LAST_YEAR
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_all_checked, save_checked
from territory.eligibility import missing_conditions
from territory.models import ControlTotal, Ctg, CtgFact, FundingLine
from territory.pricing import aid_of
from territory.rates import RateBook
from territory.services.rollups import key_of, refresh_rollups
from territory.surroundings import Surroundings

AS_KNOWN = date.max  # the facts known so far: no clock in a rule


def save_funding_line(line: FundingLine, *, by: User | None, on: date = AS_KNOWN) -> FundingLine:
    save_funding_lines([line], by=by, on=on)
    return line


@transaction.atomic
def save_funding_lines(lines: Sequence[FundingLine], *, by: User | None, on: date = AS_KNOWN) -> None:
    """All or nothing: completed by what the equipment and the rates say (nature, object, manager, amount), checked,
    written, the totals refreshed; as many queries for a thousand lines as for one, to the batch."""
    for line in lines:
        _check_what_it_is(line)
    before = FundingLine.objects.in_bulk([line.pk for line in lines if line.pk])
    complete_lines(lines)
    around = Surroundings(lines)
    for line in lines:
        known = before.get(line.pk)
        if known and known.amount != line.amount and known.explanation == line.explanation:
            line.explanation = []  # it proved another amount
        check_funding_line(line, around, on=on, paid_to=_paid_to(line, known))
    save_all_checked(lines, by=by)
    record_all(_entry(line, before.get(line.pk), by) for line in lines)
    refresh_rollups({key_of(line) for line in [*lines, *before.values()]})


def _entry(line: FundingLine, before: FundingLine | None, by: User | None) -> Entry:
    gesture, amount = ("saved", str(before.amount)) if before else ("added", None)
    return entry_of(by, f"funding.line.{gesture}", line, caf_code=line.caf.code, before=amount, amount=str(line.amount))


def complete_lines(lines: Sequence[FundingLine]) -> None:
    priced = [line.scheme for line in lines if line.amount is None and line.unit_cost is not None]
    rates = RateBook.of(priced) if priced else None
    for line in lines:
        complete_line(line, rates)


def complete_line(line: FundingLine, rates: RateBook | None = None) -> None:
    """What the equipment says, and the amount when it can be computed; a typed amount is left as it is."""
    complete_from_facility(line)
    if line.amount is None and line.unit_cost is not None:
        aid = aid_of(line, rates)
        line.amount, line.explanation = aid.amount, aid.steps


def complete_from_facility(line: FundingLine) -> None:
    if line.facility is None:
        return
    line.service = line.facility.kind.on(date(line.year, 12, 31))
    line.label = line.label or line.facility.name
    line.payee = line.payee or line.facility.manager


def _paid_to(line: FundingLine, known: FundingLine | None) -> int | None:
    """Whom the same line was already paid to, before it is corrected."""
    same = known and (known.facility_id, known.scheme_id, known.year) == (line.facility_id, line.scheme_id, line.year)
    return known.payee_id if known and same else None


def check_funding_line(line: FundingLine, around: Surroundings, *, on: date, paid_to: int | None = None) -> None:
    """What the line says against what the rest of the database says."""
    _check_owner(line)
    if line.scheme.school_year and line.period != FundingLine.Period.SCHOOL:
        raise RuleBroken(f"« {line.scheme} » se compte par année scolaire : choisissez ce rattachement.")
    _check_facility(line, around)
    _check_agreement(line)
    if line.scheme.is_bonus:
        _check_bonus(line, around, on, paid_to)


def _check_what_it_is(line: FundingLine) -> None:
    """Trap 27: an amount without its year, its payer or its territory is no line."""
    if not (line.year and line.scheme_id and line.caf_id and line.territory_id):
        raise RuleBroken("Donnez l’année, le dispositif, la Caf et le territoire de la ligne.")
    if not FIRST_YEAR <= line.year <= LAST_YEAR:  # the kind of an equipment is asked of a day of that year
        raise RuleBroken("Écrivez l’année en quatre chiffres, par exemple 2024.")


def _check_owner(line: FundingLine) -> None:
    _check_perimeter(line)
    for owned in (line.facility, line.payee, line.agreement):
        if owned is not None and owned.caf_id != line.caf_id:
            raise RuleBroken(f"« {owned} » appartient à une autre Caf : choisissez dans l’annuaire de la vôtre.")


def _check_facility(line: FundingLine, around: Surroundings) -> None:
    if line.facility and not around.holds(line.territory, line.facility, line.year):
        raise RuleBroken(
            f"« {line.facility} » n’est pas dans le périmètre « {line.territory} » : "
            "corrigez son siège ou ses communes desservies, ou choisissez un autre territoire."
        )


def _check_agreement(line: FundingLine) -> None:
    cof = line.agreement
    if cof is None:
        return
    if line.year not in cof.years:
        raise RuleBroken(f"La {cof} ne couvre pas {line.year} : rattachez la ligne à celle de cette année.")
    if cof.scheme_id != line.scheme_id:
        raise RuleBroken(f"La {cof} porte sur « {cof.scheme} », pas sur « {line.scheme} ».")


def _check_bonus(line: FundingLine, around: Surroundings, on: date, paid_to: int | None) -> None:
    """Paid to the manager, inside a Ctg; a real bonus needs the four conditions, a forecast does not.

    Who ran the equipment when the line was written stays right: it may still be corrected once another runs it.
    """
    if line.facility and line.payee_id not in (line.facility.manager_id, paid_to):
        raise RuleBroken(
            f"Un bonus territoire se verse au gestionnaire de l’équipement, « {line.facility.manager} », "
            f"et non à « {line.payee} » : corrigez le bénéficiaire."
        )
    ctg = around.ctg_of(line)
    if ctg is None:
        raise RuleBroken(
            f"Aucune Ctg de « {line.territory} » ne couvre {line.year} : un bonus territoire s’inscrit dans une Ctg. "
            "Choisissez une année de sa période, ou un autre dispositif."
        )
    if line.state == FundingLine.State.ACTUAL:
        refuse_unmet_conditions(line, ctg, around, on)


def refuse_unmet_conditions(line: FundingLine, ctg: Ctg, around: Surroundings, on: date) -> None:
    if line.facility:
        missing = missing_conditions(line.facility, ctg, on, around.facts_of(line.facility))
    else:
        signed = ctg.fact(CtgFact.Kind.SIGNED)
        missing = [] if signed and signed <= on else ["La convention n’est pas signée."]
    if missing:
        raise RuleBroken("Un bonus réel demande que toutes ses conditions soient remplies.", missing=missing)


@transaction.atomic
def save_control_total(total: ControlTotal, *, by: User | None) -> ControlTotal:
    """Kept beside the sum of the lines, even when they differ."""
    _check_perimeter(total)
    gesture = "saved" if total.pk else "added"
    save_checked(total)
    record(by, f"funding.total.{gesture}", total, caf_code=total.caf.code, amount=str(total.amount))
    return total


@transaction.atomic
def delete_funding_line(line: FundingLine, *, by: User | None) -> None:
    if line.agreement and line.agreement.payments.filter(year=line.year).exists():
        raise RuleBroken(
            f"Des paiements {line.year} de la {line.agreement} s’appuient sur cette ligne : elle se corrige."
        )
    key = key_of(line)
    _delete(line, "funding.line", by)
    refresh_rollups([key])


@transaction.atomic
def delete_control_total(total: ControlTotal, *, by: User | None) -> None:
    _delete(total, "funding.total", by)


def _delete(row: FundingLine | ControlTotal, verb: str, by: User | None) -> None:
    record(by, f"{verb}.deleted", row, caf_code=row.caf.code, amount=str(row.amount))
    row.delete()


def _check_perimeter(row: FundingLine | ControlTotal) -> None:
    if row.territory.caf_id not in (None, row.caf_id):
        raise RuleBroken("Ce périmètre appartient à une autre Caf.")
