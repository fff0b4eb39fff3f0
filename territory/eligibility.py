"""What opens the bonus territoire to an equipment, read from dated facts: each condition said, none assumed."""

from dataclasses import dataclass
from datetime import date

from ctg_site.lib.dates import short_date
from territory.models import Ctg, CtgFact, Facility, FacilityFact


@dataclass(frozen=True)
class Condition:
    label: str
    since: date | None
    remedy: str

    @property
    def holds(self) -> bool:
        return self.since is not None

    @property
    def text(self) -> str:
        return f"depuis le {short_date(self.since)}" if self.since else self.remedy


def conditions_of(
    facility: Facility, ctg: Ctg | None, on: date, facts: list[FacilityFact] | None = None
) -> list[Condition]:
    """The four conditions on that day; reads the prefetched facts of the Ctg and of the equipment when there are some."""
    facts = list(facility.facts.all()) if facts is None else facts
    return [
        Condition(
            "Convention signée par la collectivité compétente", _signed(ctg, on), "la convention n’est pas signée"
        ),
        Condition(
            "Équipement inscrit à l’annexe 2",
            _fact(facts, FacilityFact.Kind.ANNEXED, ctg, on),
            "à inscrire à l’annexe 2 de la convention",
        ),
        Condition(
            "Cofinancement de la collectivité",
            _fact(facts, FacilityFact.Kind.COFUNDED, ctg, on),
            "la collectivité ne déclare aucun cofinancement",
        ),
        Condition(
            "Éligible à la prestation de service",
            _fact(facts, FacilityFact.Kind.ELIGIBLE, ctg, on),
            "l’éligibilité à la prestation de service n’est pas constatée",
        ),
    ]


def missing_conditions(facility: Facility, ctg: Ctg, on: date, facts: list[FacilityFact]) -> list[str]:
    """What remains before a real bonus may be paid; a simulation only reports it."""
    return [f"{item.label} : {item.text}." for item in conditions_of(facility, ctg, on, facts) if not item.holds]


def _signed(ctg: Ctg | None, on: date) -> date | None:
    day = ctg.fact(CtgFact.Kind.SIGNED) if ctg else None
    return day if day and day <= on else None


def _fact(facts: list[FacilityFact], kind: str, ctg: Ctg | None, on: date) -> date | None:
    """A fact that names a Ctg counts for that one only."""
    ctg_id = ctg.pk if ctg else None
    days = [f.on for f in facts if f.kind == kind and f.ctg_id in (None, ctg_id) and f.holds_on(on)]
    return min(days, default=None)
