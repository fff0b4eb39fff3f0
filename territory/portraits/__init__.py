"""The portrait of a territory, ready to print: at most eight queries, whatever the number of figures and communes."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from territory.models import Caf, Ctg, Indicator, Territory
from territory.portraits.comparison import Comparison, compare
from territory.portraits.figures import BRIEF, COVERAGE, HOUSEHOLDS, PEOPLE, POPULATION, Figures, read_figures
from territory.portraits.money import Money, read_money
from territory.portraits.parts import LAST_KNOWN
from territory.portraits.places import Places, read_places
from territory.portraits.population import Population, population_of
from territory.portraits.stage import Stage, stage_of
from territory.secrecy import NOT_COMPUTABLE, PublicValue, State

__all__ = ["LAST_KNOWN", "Portrait", "Stat", "missing_before_portrait", "portrait", "portrait_from"]


@dataclass(frozen=True)
class Stat:
    """One figure in large, its words, and a note below."""

    text: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Fact:
    """A count that is compared with nothing."""

    indicator: Indicator
    value: PublicValue


@dataclass(frozen=True)
class Portrait:
    stage: Stage
    stats: list[Stat]
    facts: list[Fact]
    comparison: Comparison
    money: Money | None
    population: Population
    places: Places
    sources: list[dict[str, Any]]

    @property
    def is_empty(self) -> bool:
        """Nothing at all to show: no figure, no money."""
        return not (self.comparison.rows or self.money or self.population.series or self.stats)


def portrait(
    territory: Territory, caf: Caf | None = None, on: date = LAST_KNOWN, *, stage: Stage | None = None
) -> Portrait:
    """``caf`` gives its own figures and its money; without it, open data only. ``stage`` saves a query when it is known."""
    return portrait_from(read_figures(stage or stage_of(territory), caf), caf, on)


def portrait_from(figures: Figures, caf: Caf | None, on: date = LAST_KNOWN) -> Portrait:
    """The same from figures already read, whatever stands in the middle column."""
    stage, territory = figures.stage, figures.stage.here
    places = read_places(territory, figures, on)
    population = population_of(figures)
    money = read_money(territory, caf) if caf else None
    return Portrait(
        stage=stage,
        stats=_stats(figures, population, money),
        facts=_facts(figures, population),
        comparison=compare(figures, stage),
        money=money,
        population=population,
        places=places,
        sources=figures.sources(),
    )


def missing_before_portrait(ctg: Ctg, figures: Figures | None = None) -> list[str]:
    """What a portrait needs before it is published: who lives here, and at least one figure to compare."""
    figures = figures or read_figures(stage_of(ctg.territory), ctg.caf)
    missing = []
    if not any(value.is_shown for value in figures.series(POPULATION)):
        missing.append("Saisir la population du territoire.")
    if not any(figures.shown(indicator, figures.stage.here).is_shown for indicator in figures.keys):
        missing.append("Saisir au moins un indicateur clé du territoire.")
    return missing


def _facts(figures: Figures, population: Population) -> list[Fact]:
    found = {code: figures.here(code) for code in BRIEF} | {POPULATION: population.reference}
    return [
        Fact(figures.indicators[code], value) for code, value in found.items() if value and value.state != State.MISSING
    ]


def _stats(figures: Figures, population: Population, money: Money | None) -> list[Stat]:
    coverage, people, households = (figures.here(code) for code in (COVERAGE, PEOPLE, HOUSEHOLDS))
    rows = [
        _stat(population.reference, "habitants"),
        _stat(
            coverage, "habitants couverts par la Caf", f"{people.text} personnes" if people and people.is_shown else ""
        ),
        _stat(households, "foyers allocataires"),
    ]
    if money:
        rows.append(Stat(money.headline, f"versés aux partenaires en {money.year}"))
    return [row for row in rows if row]


def _stat(value: PublicValue | None, label: str, note: str = "") -> Stat | None:
    """A missing figure makes no statistic, nor one that cannot be computed here; a masked one says so."""
    if value is None or value.state == State.MISSING or value.text == NOT_COMPUTABLE.text:
        return None
    year = f"en {value.year}" if value.year else ""
    return Stat(value.text, label, ", ".join(filter(None, [note, year])))
