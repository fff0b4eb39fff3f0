"""From a Cej to the bonuses of a Ctg: what each equipment would receive each year, under the assumptions of a scenario.

Reads shares and rates, writes nothing; the computation itself is in ``territory.bonus``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from territory.bonus import Computation, Existing, bonuses, unit_named
from territory.models import Facility, LegacyAction, LegacyShare, Scenario, ScenarioLine, Scheme
from territory.rates import RateBook

Growth = Mapping[int, Mapping[int, Decimal]]  # facility → year → new units in place that year
ZERO = Decimal(0)


@dataclass
class Subject:
    """An equipment under one bonus: the shares it keeps, what its collectivity pays today."""

    facility: Facility
    scheme: Scheme
    existing: list[Existing] = field(default_factory=list)
    before: Decimal = ZERO
    local: Decimal | None = ZERO

    def add(self, share: LegacyShare, all_units: Decimal) -> None:
        self.existing.append(Existing(share.action.amount, share.units, all_units, share.amount))
        self.before += share.amount
        self.local = None if self.local is None or share.local_amount is None else self.local + share.local_amount


def lines_of(scenario: Scenario, growth: Growth) -> list[ScenarioLine]:
    """The lines of the scenario, not saved: one an equipment and a year."""
    subjects = _subjects(scenario, growth)
    book = RateBook.of({subject.scheme for subject in subjects})
    return [line for subject in subjects for line in _lines(scenario, subject, growth, book)]


def _lines(scenario: Scenario, subject: Subject, growth: Growth, book: RateBook) -> list[ScenarioLine]:
    years = scenario.ctg.years
    asked = _asked(growth.get(subject.facility.pk, {}), years)
    rates = [
        book.of_year(subject.scheme, year, wealth=scenario.wealth, assumed_rise=scenario.yearly_rise) for year in years
    ]
    done = bonuses(subject.existing, asked, rates, unit_named(subject.scheme.unit))
    return [_line(scenario, subject, units, result) for units, result in zip(asked, done, strict=True)]


def _asked(by_year: Mapping[int, Decimal], years: Sequence[int]) -> list[Decimal]:
    """New units stay once opened: a year without a number keeps the one before."""
    asked: list[Decimal] = []
    for year in years:
        asked.append(by_year.get(year, asked[-1] if asked else ZERO))
    return asked


def _line(scenario: Scenario, subject: Subject, units: Decimal, result: Computation) -> ScenarioLine:
    local_before, local_after = _local(scenario, subject, result.existing)
    return ScenarioLine(
        scenario=scenario,
        facility=subject.facility,
        scheme=subject.scheme,
        year=result.year,
        existing_units=sum((share.units for share in subject.existing), ZERO),
        new_units=units,
        existing_amount=result.existing,
        new_amount=result.new,
        before=subject.before,
        local_before=local_before,
        local_after=local_after,
        steps=result.steps,
        to_verify=result.to_verify,
    )


def _local(scenario: Scenario, subject: Subject, bonus: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """What is left to the collectivity: it received the Cej; the bonus goes to the manager, itself when it runs the place."""
    if subject.local is None or not subject.existing:
        return None, None
    before = subject.local - subject.before
    contract = scenario.contract
    own = contract is not None and subject.facility.manager_id == contract.payee_id
    if not (scenario.local_adjusts or own):
        return before, subject.local
    return before, None if bonus is None else subject.local - bonus


def _subjects(scenario: Scenario, growth: Growth) -> list[Subject]:
    """The equipments that keep a share of the Cej, then those that only grow."""
    found: dict[tuple[int, int], Subject] = {}
    for action in _actions(scenario):
        shares = list(action.shares.all())
        all_units = sum((share.units for share in shares), ZERO)
        for share in shares:
            if action.service.bonus:
                key = share.facility_id, action.service.bonus.pk
                found.setdefault(key, Subject(share.facility, action.service.bonus)).add(share, all_units)
    known = {facility for facility, _ in found}
    growing = [pk for pk, by_year in growth.items() if pk not in known and any(by_year.values())]
    for facility in (
        Facility.objects.filter(pk__in=growing).select_related("kind__bonus", "manager").order_by("name", "pk")
    ):
        if facility.kind.bonus:
            found[facility.pk, facility.kind.bonus.pk] = Subject(facility, facility.kind.bonus)
    return sorted(found.values(), key=lambda s: (s.facility.name, s.facility.pk, s.scheme.position))


def _actions(scenario: Scenario) -> list[LegacyAction]:
    if scenario.contract is None:
        return []
    rows = scenario.contract.actions.select_related("service__bonus").prefetch_related("shares__facility__manager")
    return list(rows.order_by("-amount", "pk"))
