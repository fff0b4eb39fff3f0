"""The register of equipments and services, and the dated facts that open the bonus to them."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from territory.models import Ctg, Facility, FacilityFact, Territory


@transaction.atomic
def save_facility(facility: Facility, *, by: User | None, served: Iterable[Territory] | None = None) -> Facility:
    """``served`` None leaves the communes served as they are."""
    if facility.kind.is_project:
        raise RuleBroken("Une aide à un projet n’est pas un équipement : saisissez-la comme ligne de financement.")
    gesture = "saved" if facility.pk else "added"
    save_checked(facility)
    if served is not None:
        facility.served.set(served)
    record(by, f"facility.{gesture}", facility, caf_code=facility.caf.code)
    return facility


@transaction.atomic
def state_facility_fact(
    facility: Facility, *, kind: str, on: date, by: User | None, ctg: Ctg | None = None
) -> FacilityFact:
    """Stated once: a fact that already holds is left as it is."""
    if ctg is not None and ctg.caf_id != facility.caf_id:
        raise RuleBroken("Cet équipement et cette Ctg ne sont pas de la même Caf.")
    for fact in facility.facts.filter(kind=kind, ctg=ctg):
        if fact.holds_on(on):
            return fact
    fact = FacilityFact(facility=facility, ctg=ctg, kind=kind, on=on)
    save_checked(fact)
    record(by, "facility.fact_stated", facility, ctg=ctg, caf_code=facility.caf.code, kind=str(kind), on=on.isoformat())
    return fact


@transaction.atomic
def save_facility_fact(fact: FacilityFact, *, by: User | None) -> FacilityFact:
    """A day put right, or the end of a fact: what it opened before its end stays."""
    save_checked(fact)
    until = fact.until.isoformat() if fact.until else None
    caf_code = fact.facility.caf.code
    record(by, "facility.fact_saved", fact.facility, caf_code=caf_code, kind=fact.kind, until=until)
    return fact


@transaction.atomic
def annex_facilities(ctg: Ctg, *, on: date, by: User | None) -> int:
    """Annex 2 of the convention: the open equipments of the Ctg that the collectivity co-funds. Called at its freeze."""
    facilities = Facility.objects.supported_in(ctg, on)
    for facility in facilities.select_related("caf").order_by("pk"):
        state_facility_fact(facility, kind=FacilityFact.Kind.ANNEXED, on=on, by=by, ctg=ctg)
    return len(facilities)
