"""What a portrait does not say yet, by who usually publishes it: what is left to look for, and where."""

from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import urlsplit

from territory.models import TOWN_INHABITANTS, Indicator, Source, Territory
from territory.portraits.figures import POPULATION, Figures
from territory.secrecy import State

Level = Indicator.Level
_TOO_FINE = {  # the levels that a source publishes, and never this one below
    Territory.Kind.COMMUNE: {Level.EPCI, Level.DEPARTEMENT},
    Territory.Kind.PERIMETER: {Level.EPCI, Level.DEPARTEMENT},
    Territory.Kind.EPCI: {Level.DEPARTEMENT},
}


@dataclass(frozen=True)
class Missing:
    """What one source publishes and that is not known here."""

    source: Source | None
    labels: list[str]

    @property
    def site(self) -> str:
        return urlsplit(self.source.url).netloc.removeprefix("www.") if self.source else ""


def missing_from(figures: Figures) -> list[Missing]:
    """By source, in the order of the catalogue; a share says more than the two counts it is made of."""
    unknown = [one for one in figures.indicators.values() if _is_unknown(one, figures)]
    terms = {term for one in unknown for term in (one.numerator_id, one.denominator_id) if term}
    grouped: dict[Source | None, list[str]] = defaultdict(list)
    for one in unknown:
        if one.pk not in terms:
            grouped[one.source].append(one.label)
    return [Missing(source, labels) for source, labels in grouped.items()]


def _is_unknown(indicator: Indicator, figures: Figures) -> bool:
    here = figures.stage.here
    if indicator.finest_level in _TOO_FINE.get(Territory.Kind(here.kind), ()):
        return False
    if indicator.finest_level == Level.TOWN and here.kind == Territory.Kind.COMMUNE and _is_village(figures):
        return False
    return figures.shown(indicator, here).state == State.MISSING


def _is_village(figures: Figures) -> bool:
    people = figures.here(POPULATION)
    return bool(people and people.number is not None and people.number <= TOWN_INHABITANTS)
