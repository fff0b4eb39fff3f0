"""How many people live here, year after year."""

from dataclasses import dataclass
from functools import cached_property

from ctg_site.lib import numbers
from ctg_site.lib.charts import LineChart, Series, line_chart
from territory.portraits.figures import POPULATION, Figures
from territory.secrecy import PublicValue


@dataclass(frozen=True)
class Population:
    """``reference`` is the figure that the portrait uses; ``series`` holds one figure a year, the oldest first."""

    name: str
    reference: PublicValue | None
    series: list[PublicValue]

    @property
    def shown(self) -> list[PublicValue]:
        return [value for value in self.series if value.is_shown]

    @cached_property
    def chart(self) -> LineChart | None:
        """A curve from three years on; two points say less than the sentence."""
        if len(self.shown) < 3:
            return None
        values = tuple((value.year, value.number) for value in self.series if value.year)
        return line_chart("Population municipale", self.sentence, [Series("here", self.name, values)])

    @property
    def sentence(self) -> str:
        """« De 2012 à 2017, la population passe de 20 850 à 20 391 habitants (−2,2 %). »"""
        if len(self.shown) < 2:
            return ""
        first, last = self.shown[0], self.shown[-1]
        if not first.number or last.number is None:
            return ""
        if first.number == last.number:
            return f"De {first.year} à {last.year}, la population reste à {last.text} habitants."
        change = numbers.signed((last.number - first.number) / first.number * 100, 1)
        return f"De {first.year} à {last.year}, la population passe de {first.text} à {last.text} habitants ({change}\u00a0%)."


def population_of(figures: Figures) -> Population:
    """What was published for the territory, else the sum of its communes."""
    return Population(figures.stage.here.name, figures.here(POPULATION), figures.series(POPULATION))
