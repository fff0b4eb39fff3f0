"""The money of the Caf: lines and stated totals, entered by the Caf, each change in the journal."""

from datetime import date

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from territory.eligibility import missing_conditions
from territory.models import ControlTotal, Ctg, CtgFact, Facility, FundingLine, Territory
from territory.pricing import aid_of
from territory.rates import RateBook
from territory.services.rollups import Key, key_of, refresh_rollups

AS_KNOWN = date.max  # the facts known so far: no clock in a rule


@transaction.atomic
def save_funding_line(line: FundingLine, *, by: User | None, on: date = AS_KNOWN) -> FundingLine:
    """Complete what the equipment and the rates say (nature, object, manager, amount), check, write, refresh the totals."""
    touched = write_line(line, by=by, on=on)
    refresh_rollups(touched)
    return line


@transaction.atomic
def save_funding_lines(lines: list[FundingLine], *, by: User | None, on: date = AS_KNOWN) -> None:
    """All or nothing; the totals are refreshed once."""
    touched: set[Key] = set()
    perimeters = Perimeters()
    for line in lines:
        touched |= write_line(line, by=by, on=on, perimeters=perimeters)
    refresh_rollups(touched)


def write_line(line: FundingLine, *, by: User | None, on: date, perimeters: "Perimeters | None" = None) -> set[Key]:
    """The totals that must be refreshed: before and after."""
    before = FundingLine.objects.filter(pk=line.pk).first() if line.pk else None
    complete_line(line)
    if before and before.amount != line.amount and before.explanation == line.explanation:
        line.explanation = []  # it proved another amount
    check_funding_line(line, on=on, perimeters=perimeters)
    _save(line, "funding.line", by, before=str(before.amount) if before else None)
    return {key_of(line), *([key_of(before)] if before else [])}


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


class Perimeters:
    """The communes of territories and of equipments, each read once for a whole file."""

    def __init__(self) -> None:
        self._communes: dict[tuple[int, int], set[int]] = {}
        self._facilities: dict[int, set[int]] = {}

    def holds(self, territory: Territory, facility: Facility, year: int) -> bool:
        return not self._communes_of(territory, year).isdisjoint(self._communes_served(facility))

    def _communes_of(self, territory: Territory, year: int) -> set[int]:
        """At the end of the year; a perimeter drawn later is taken as it was drawn, for the years before it."""
        if (territory.pk, year) not in self._communes:
            communes = territory.communes_on(date(year, 12, 31)).order_by()
            drawn = Territory.objects.filter(belongings__group=territory).order_by()
            keys = set(communes.values_list("pk", flat=True)) or set(drawn.values_list("pk", flat=True))
            self._communes[territory.pk, year] = keys
        return self._communes[territory.pk, year]

    def _communes_served(self, facility: Facility) -> set[int]:
        if facility.pk not in self._facilities:
            served = facility.served.order_by().values_list("pk", flat=True)
            self._facilities[facility.pk] = {facility.seat_id, *served}
        return self._facilities[facility.pk]


def check_funding_line(line: FundingLine, *, on: date, perimeters: Perimeters | None = None) -> None:
    """What the line says against what the rest of the database says."""
    _check_owner(line)
    if line.scheme.school_year and line.period != FundingLine.Period.SCHOOL:
        raise RuleBroken(f"« {line.scheme} » se compte par année scolaire : choisissez ce rattachement.")
    _check_facility(line, perimeters or Perimeters())
    _check_agreement(line)
    if line.scheme.is_bonus:
        _check_bonus(line, on)


def _check_owner(line: FundingLine) -> None:
    _check_perimeter(line)
    for owned in (line.facility, line.payee, line.agreement):
        if owned is not None and owned.caf_id != line.caf_id:
            raise RuleBroken(f"« {owned} » appartient à une autre Caf : choisissez dans l’annuaire de la vôtre.")


def _check_facility(line: FundingLine, perimeters: Perimeters) -> None:
    if line.facility and not perimeters.holds(line.territory, line.facility, line.year):
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


def _check_bonus(line: FundingLine, on: date) -> None:
    """Paid to the manager, inside a Ctg; a real bonus needs the four conditions, a forecast does not."""
    if line.facility and line.payee_id != line.facility.manager_id:
        raise RuleBroken(
            f"Un bonus territoire se verse au gestionnaire de l’équipement, « {line.facility.manager} », "
            f"et non à « {line.payee} » : corrigez le bénéficiaire."
        )
    ctg = ctg_of(line)
    if ctg is None:
        raise RuleBroken(
            f"Aucune Ctg de « {line.territory} » ne couvre {line.year} : un bonus territoire s’inscrit dans une Ctg. "
            "Choisissez une année de sa période, ou un autre dispositif."
        )
    if line.state == FundingLine.State.ACTUAL:
        refuse_unmet_conditions(line, ctg, on)


def ctg_of(line: FundingLine) -> Ctg | None:
    """The Ctg of the same Caf and perimeter whose period holds the year of the line."""
    same = Ctg.objects.filter(caf=line.caf_id, territory=line.territory_id)
    return same.filter(starts_on__year__lte=line.year, ends_on__year__gte=line.year).order_by("starts_on", "pk").first()


def refuse_unmet_conditions(line: FundingLine, ctg: Ctg, on: date) -> None:
    if line.facility:
        missing = missing_conditions(line.facility, ctg, on)
    else:
        signed = ctg.fact(CtgFact.Kind.SIGNED)
        missing = [] if signed and signed <= on else ["La convention n’est pas signée."]
    if missing:
        raise RuleBroken("Un bonus réel demande que toutes ses conditions soient remplies.", missing=missing)


@transaction.atomic
def save_control_total(total: ControlTotal, *, by: User | None) -> ControlTotal:
    """Kept beside the sum of the lines, even when they differ."""
    _save(total, "funding.total", by)
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


def _save(row: FundingLine | ControlTotal, verb: str, by: User | None, before: str | None = None) -> None:
    _check_perimeter(row)
    gesture = "saved" if row.pk else "added"
    save_checked(row)
    record(by, f"{verb}.{gesture}", row, caf_code=row.caf.code, before=before, amount=str(row.amount))


def _delete(row: FundingLine | ControlTotal, verb: str, by: User | None) -> None:
    record(by, f"{verb}.deleted", row, caf_code=row.caf.code, amount=str(row.amount))
    row.delete()


def _check_perimeter(row: FundingLine | ControlTotal) -> None:
    if row.territory.caf_id not in (None, row.caf_id):
        raise RuleBroken("Ce périmètre appartient à une autre Caf.")
