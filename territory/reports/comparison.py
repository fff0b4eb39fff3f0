"""Scenarios side by side: by year, by equipment, by payer; what is guaranteed, and what is only assumed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import prefetch_related_objects

from ctg_site.lib import numbers
from territory.eligibility import Condition, conditions_of
from territory.models import Ctg, Facility, Scenario, ScenarioLine, WealthClass
from territory.portraits.money import lower_first

ZERO = Decimal(0)
MOST = 3


@dataclass(frozen=True)
class Guarantee:
    """The clause of the convention: the bonuses of the first year are worth the last Cej at least."""

    last_cej: Decimal
    shared: Decimal
    first_year: Decimal | None
    rises: bool = False  # the first year rests on a revaluation that is only assumed

    @property
    def gap(self) -> Decimal | None:
        return None if self.first_year is None else self.first_year - self.last_cej

    @property
    def holds(self) -> bool:
        """What an assumption alone brings up to the Cej is not guaranteed."""
        return self.gap is not None and self.gap >= 0 and not self._only_assumed

    @property
    def _only_assumed(self) -> bool:
        return self.rises and self.shared < self.last_cej

    @property
    def text(self) -> str:
        last = numbers.euros(self.last_cej)
        if self.gap is None:
            return f"Un montant reste à chiffrer\u00a0: on ne peut pas encore le comparer au dernier Cej ({last})."
        if self.gap >= 0 and self._only_assumed:
            return f"Le dernier Cej ({last}) n’est atteint que par la revalorisation supposée\u00a0: {self._rest} n’est pas réparti."
        if self.gap >= 0:
            return f"Tenu\u00a0: les bonus de l’existant valent au moins le dernier Cej ({last})."
        missing = numbers.euros(-self.gap, cents=True)
        if self.shared < self.last_cej:
            return f"Il manque {missing} pour atteindre le dernier Cej ({last})\u00a0: {self._rest} n’est pas encore réparti."
        return f"Il manque {missing} pour atteindre le dernier Cej ({last})."

    @property
    def _rest(self) -> str:
        return numbers.euros(self.last_cej - self.shared, cents=True)


@dataclass(frozen=True)
class FacilityRow:
    """Before and after for one equipment: the Caf, then what is left to the collectivity."""

    facility: Facility
    units: str
    before: Decimal
    first: ScenarioLine
    last: ScenarioLine

    @property
    def change(self) -> Decimal | None:
        return None if self.last.amount is None else self.last.amount - self.before


@dataclass(frozen=True)
class Payer:
    label: str
    before: Decimal | None
    after: Decimal | None

    @property
    def change(self) -> Decimal | None:
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True)
class Column:
    """One scenario, read."""

    scenario: Scenario
    years: list[int]
    totals: list[Decimal | None]
    shares: list[Decimal]
    facilities: list[FacilityRow]
    payers: list[Payer]
    guarantee: Guarantee | None
    assumed: list[str]
    lines: list[ScenarioLine]

    @property
    def sum(self) -> Decimal | None:
        return _sum(self.totals)

    @property
    def bars(self) -> list[tuple[int, Decimal | None, Decimal]]:
        return list(zip(self.years, self.totals, self.shares, strict=True))


def columns_of(ctg: Ctg, scenarios: Sequence[Scenario]) -> list[Column]:
    """One query for all the lines; the bars of every scenario have one scale."""
    rows = list(
        ScenarioLine.objects.filter(scenario__in=scenarios)
        .select_related("facility__manager", "facility__kind", "scheme")
        .order_by("facility__name", "facility", "scheme__position", "year", "pk")
    )
    lines = {scenario.pk: [row for row in rows if row.scenario_id == scenario.pk] for scenario in scenarios}
    totals = {
        pk: [_sum(row.amount for row in own if row.year == year) for year in ctg.years] for pk, own in lines.items()
    }
    longest = max((t or ZERO for values in totals.values() for t in values), default=ZERO) or Decimal(1)
    return [_column(ctg, scenario, lines[scenario.pk], totals[scenario.pk], longest) for scenario in scenarios]


def _column(
    ctg: Ctg, scenario: Scenario, lines: list[ScenarioLine], totals: list[Decimal | None], longest: Decimal
) -> Column:
    return Column(
        scenario=scenario,
        years=ctg.years,
        totals=totals,
        shares=[(total or ZERO) / longest * 100 for total in totals],
        facilities=_facilities(lines),
        payers=_payers(ctg, lines),
        guarantee=_guarantee(ctg, scenario, lines),
        assumed=assumptions(scenario, lines),
        lines=lines,
    )


def _facilities(lines: Iterable[ScenarioLine]) -> list[FacilityRow]:
    groups: dict[tuple[int, int], list[ScenarioLine]] = {}
    for line in lines:
        groups.setdefault((line.facility_id, line.scheme_id), []).append(line)
    return [
        FacilityRow(rows[0].facility, rows[0].scheme.unit, rows[0].before, rows[0], rows[-1])
        for rows in groups.values()
    ]


def _payers(ctg: Ctg, lines: Sequence[ScenarioLine]) -> list[Payer]:
    """The last year of the Cej against the first of the Ctg: new units would hide what the change itself does."""
    first = [line for line in lines if line.year == ctg.years[0]]
    kept = [line for line in first if line.existing_units or line.before]
    return [
        Payer("Caf, pour l’existant", _sum(line.before for line in kept), _sum(line.existing_amount for line in kept)),
        Payer("Caf, pour le nouveau", ZERO, _sum(line.new_amount for line in first)),
        Payer(
            "Collectivité, reste à charge",
            _sum(line.local_before for line in kept),
            _sum(line.local_after for line in kept),
        ),
    ]


def _guarantee(ctg: Ctg, scenario: Scenario, lines: Sequence[ScenarioLine]) -> Guarantee | None:
    if scenario.contract is None:
        return None
    first = [line for line in lines if line.year == ctg.years[0]]
    return Guarantee(
        scenario.contract.last_amount,
        sum((line.before for line in first), ZERO),
        _sum(line.existing_amount for line in first),
        rises=bool(scenario.yearly_rise),
    )


def assumptions(scenario: Scenario, lines: Sequence[ScenarioLine]) -> list[str]:
    """Everything that is not guaranteed, in sentences."""
    said = [f"Classe de richesse\u00a0: {lower_first(str(WealthClass(scenario.wealth).label))}."]
    if scenario.yearly_rise is not None:
        rise = numbers.shortest(scenario.yearly_rise)
        said.append(f"Revalorisation de {rise}\u00a0% par an, les années où le barème n’en donne pas.")
    else:
        said.append("Aucune revalorisation au-delà de ce que donne le barème.")
    if scenario.local_adjusts:
        said.append("La collectivité ajuste sa participation du montant du bonus de l’existant.")
    else:
        said.append("La collectivité maintient sa participation en plus du bonus.")
    growing = {line.facility.name for line in lines if line.new_units}
    if growing:
        said.append(f"Unités nouvelles\u00a0: {', '.join(sorted(growing))}.")
    if any(line.to_verify for line in lines):
        said.append("Des montants reposent sur un barème à vérifier sur le texte officiel.")
    unpriced = sum(line.amount is None for line in lines)
    if unpriced:
        said.append(f"{unpriced} montant{'s' if unpriced > 1 else ''} à chiffrer\u00a0: un barème manque.")
    return said


@dataclass(frozen=True)
class Openness:
    """What remains before a real bonus for one equipment."""

    facility: Facility
    missing: list[Condition]


def conditions_by_facility(ctg: Ctg, facilities: Sequence[Facility], on: date) -> list[Openness]:
    """The conditions of the bonus, reported and never blocking here; one query for all the facts."""
    rows = list({facility.pk: facility for facility in facilities}.values())
    prefetch_related_objects(rows, "facts")
    return [
        Openness(facility, [item for item in conditions_of(facility, ctg, on) if not item.holds]) for facility in rows
    ]


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Unknown as soon as one term is."""
    total = ZERO
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
