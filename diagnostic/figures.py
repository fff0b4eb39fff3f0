"""The figures of a diagnosis as they are known now: the same reading serves the page, the sheets and the annex."""

from dataclasses import dataclass
from typing import Any

from diagnostic.models import Diagnosis, ThematicGroup
from territory.models import Indicator
from territory.portraits import Fact
from territory.portraits.comparison import Comparison, compare
from territory.portraits.figures import BRIEF, Figures, read_figures, values_by_place
from territory.portraits.stage import Stage, stage_below
from territory.secrecy import PublicValue, State


@dataclass(frozen=True)
class DiagnosisFigures:
    stage: Stage
    facts: list[Fact]
    comparison: Comparison
    read: Figures

    @property
    def caption(self) -> str:
        return f"Indicateurs clés {self.comparison.year}" if self.comparison.year else "Indicateurs clés"

    @property
    def sources(self) -> list[dict[str, Any]]:
        return self.read.sources()


def figures_of(diagnosis: Diagnosis) -> DiagnosisFigures:
    """Two queries, when the diagnosis was read ``for_page``."""
    here = diagnosis.ctg.territory
    stage = stage_below(here, here.parent)
    read = read_figures(stage, diagnosis.ctg.caf)
    return DiagnosisFigures(stage, _facts(read), compare(read, stage), read)


@dataclass(frozen=True)
class GroupFigure:
    indicator: Indicator
    value: PublicValue


def group_figures(group: ThematicGroup, diagnosis: Diagnosis) -> list[GroupFigure]:
    """The indicators that a group follows, here, in three queries."""
    indicators = list(group.indicators.select_related("numerator", "denominator").order_by("theme", "label", "pk"))
    if not indicators:
        return []
    here = diagnosis.ctg.territory
    terms = {term for row in indicators for term in (row, row.numerator, row.denominator) if term}
    stage = stage_below(here, here.parent)
    read = Figures(stage, {}, diagnosis.ctg.caf, values_by_place([here], terms, diagnosis.ctg.caf))
    return [GroupFigure(indicator, read.shown(indicator, here)) for indicator in indicators]


def _facts(read: Figures) -> list[Fact]:
    pairs = [(read.indicators[code], read.here(code)) for code in BRIEF if code in read.indicators]
    return [Fact(indicator, value) for indicator, value in pairs if value is not None and value.state != State.MISSING]
