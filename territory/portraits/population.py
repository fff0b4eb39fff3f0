"""How many people live here, year after year."""

from dataclasses import dataclass

from ctg_site.lib import numbers
from territory.portraits.figures import POPULATION, Figures
from territory.portraits.places import Places
from territory.secrecy import PublicValue


@dataclass(frozen=True)
class Population:
    """``reference`` is the figure that the portrait uses; ``series`` holds one figure a year, the oldest first."""

    reference: PublicValue | None
    series: list[PublicValue]

    @property
    def shown(self) -> list[PublicValue]:
        return [value for value in self.series if value.is_shown]

    @property
    def sentence(self) -> str:
        """« De 2012 à 2017, la population passe de 20 850 à 20 391 habitants (−2,2 %). »"""
        if len(self.shown) < 2:
            return ""
        first, last = self.shown[0], self.shown[-1]
        if not first.number or last.number is None:
            return ""
        change = numbers.signed((last.number - first.number) / first.number * 100, 1)
        return f"De {first.year} à {last.year}, la population passe de {first.text} à {last.text} habitants ({change}\u00a0%)."


def population_of(figures: Figures, places: Places) -> Population:
    """What was published for the territory, else the sum of its communes."""
    if published := figures.series(POPULATION):
        return Population(figures.here(POPULATION), published)
    return Population(places.totals[-1] if places.totals else None, places.totals)
