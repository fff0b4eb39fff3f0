"""Scenarios: computed when they are saved, kept as computed, shown to the territory when the Caf decides so."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from territory.models import FundingLine, Scenario, ScenarioLine
from territory.services.funding import save_funding_lines
from territory.simulation import Growth, lines_of


@transaction.atomic
def save_scenario(scenario: Scenario, *, growth: Growth, by: User | None, at: datetime) -> Scenario:
    """Compute every year with the rates known at that moment, and keep the result."""
    _check(scenario, growth)
    scenario.saved_at = at
    scenario.created_by = scenario.created_by or by
    save_checked(scenario)
    lines = lines_of(scenario, growth)
    scenario.lines.all().delete()
    ScenarioLine.objects.bulk_create(lines)
    record(by, "scenario.saved", scenario, ctg=scenario.ctg, lines=len(lines))
    return scenario


def _check(scenario: Scenario, growth: Growth) -> None:
    contract = scenario.contract
    if contract is not None and contract.caf_id != scenario.ctg.caf_id:
        raise RuleBroken("Ce Cej est celui d’une autre Caf.")
    wrong_years = {year for by_year in growth.values() for year in by_year} - set(scenario.ctg.years)
    if wrong_years:
        raise RuleBroken(f"Les unités nouvelles se saisissent pour les années de la Ctg : {scenario.ctg.period}.")
    if any(units < 0 for by_year in growth.values() for units in by_year.values()):
        raise RuleBroken("Le nombre d’unités nouvelles ne peut pas être négatif.")


def growth_of(scenario: Scenario) -> dict[int, dict[int, Decimal]]:
    """What was typed, as the form shows it again."""
    growth: dict[int, dict[int, Decimal]] = {}
    for line in scenario.lines.order_by("facility", "year"):
        growth.setdefault(line.facility_id, {})[line.year] = line.new_units
    return growth


@transaction.atomic
def share_scenario(scenario: Scenario, *, by: User | None, at: datetime) -> Scenario:
    if not scenario.lines.exists():
        raise RuleBroken("Ce scénario n’a pas encore de résultat : calculez-le avant de le partager.")
    scenario.shared_at = at
    scenario.save(update_fields=["shared_at"])
    record(by, "scenario.shared", scenario, ctg=scenario.ctg)
    return scenario


@transaction.atomic
def unshare_scenario(scenario: Scenario, *, by: User | None) -> Scenario:
    scenario.shared_at = None
    scenario.save(update_fields=["shared_at"])
    record(by, "scenario.unshared", scenario, ctg=scenario.ctg)
    return scenario


@transaction.atomic
def delete_scenario(scenario: Scenario, *, by: User | None) -> None:
    record(by, "scenario.deleted", scenario, ctg=scenario.ctg)
    scenario.delete()


@transaction.atomic
def plan_bonuses(scenario: Scenario, *, by: User | None) -> int:
    """Write the scenario as forecast lines: the amounts and their explanation; what is à chiffrer stays so."""
    lines = [
        _planned(line, scenario)
        for line in scenario.lines.select_related("facility__kind", "facility__manager", "scheme")
    ]
    taken = FundingLine.objects.filter(
        facility__in=[line.facility for line in lines], state=FundingLine.State.PLANNED, scheme__family="bonus"
    )
    if taken.filter(year__in=scenario.ctg.years).exists():
        raise RuleBroken("Des bonus prévisionnels existent déjà pour ces équipements : supprimez-les, ou corrigez-les.")
    save_funding_lines(lines, by=by)
    record(by, "scenario.planned", scenario, ctg=scenario.ctg, lines=len(lines))
    return len(lines)


def _planned(line: ScenarioLine, scenario: Scenario) -> FundingLine:
    ctg = scenario.ctg
    return FundingLine(
        caf=ctg.caf,
        territory=ctg.territory,
        year=line.year,
        facility=line.facility,
        scheme=line.scheme,
        state=FundingLine.State.PLANNED,
        label=line.facility.name,
        quantity=line.existing_units + line.new_units,
        unit=line.scheme.unit[:30],
        amount=line.amount,
        source=f"Scénario « {scenario.name} »",
        explanation=line.steps,
        is_demo=scenario.is_demo or line.facility.is_demo,
    )
