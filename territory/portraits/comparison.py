"""Here beside the département and France, indicator by indicator: the values, the gap, one sentence."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from ctg_site.lib import numbers
from territory.models import Indicator
from territory.portraits import sentences
from territory.portraits.figures import Figures
from territory.portraits.stage import Stage
from territory.secrecy import PublicValue

REMARKABLE = 5  # points of gap from which a figure is worth the headline


@dataclass(frozen=True)
class Row:
    indicator: Indicator
    here: PublicValue
    department: PublicValue
    france: PublicValue
    sentence: str

    @property
    def gap(self) -> Decimal | None:
        """In points, between figures of the same years only (rule R44)."""
        return gap_between(self.here, self.france)

    @property
    def gap_text(self) -> str:
        return "" if self.gap is None else numbers.points(self.gap, self.indicator.decimals)

    @property
    def cells(self) -> list[tuple[str, PublicValue]]:
        """What the dot plot draws: (here, dept, france) with their values."""
        return [("here", self.here), ("dept", self.department), ("france", self.france)]


@dataclass(frozen=True)
class Comparison:
    """``year`` is the year of most figures; a figure of another year says its own beside it."""

    rows: list[Row]
    year: int | None
    headline: str

    @property
    def has_values(self) -> bool:
        return any(row.here.is_shown for row in self.rows)


def compare(figures: Figures, stage: Stage) -> Comparison:
    rows = [_row(indicator, figures, stage) for indicator in figures.keys]
    rows = [row for row in rows if any(value.state != "missing" for _, value in row.cells)]
    years = Counter(row.here.year for row in rows if row.here.year)
    year = years.most_common(1)[0][0] if years else None
    return Comparison(rows, year, _headline(rows, stage))


def gap_between(one: PublicValue, other: PublicValue) -> Decimal | None:
    if one.number is None or other.number is None or one.unit not in (Indicator.Unit.PERCENT, Indicator.Unit.RATE):
        return None
    return one.number - other.number if (one.year, one.start_year) == (other.year, other.start_year) else None


def _row(indicator: Indicator, figures: Figures, stage: Stage) -> Row:
    here = figures.shown(indicator, stage.here)
    department = figures.shown(indicator, stage.department, like=here)
    france = figures.shown(indicator, stage.france, like=here)
    sentence = sentences.for_row(
        here,
        to_france=gap_between(here, france),
        to_department=gap_between(here, department),
        department=department,
        france_name=stage.france.name if stage.france else "",
        places=indicator.decimals,
    )
    return Row(indicator, here, department, france, sentence)


def _headline(rows: list[Row], stage: Stage) -> str:
    """The first remarkable gap in the order of the catalogue, else the widest; evolutions have their own sentence."""
    steady = [row for row in rows if row.gap is not None and row.here.year == row.here.start_year]
    if not steady or stage.france is None:
        return ""
    widest = max(steady, key=lambda row: abs(row.gap or 0))
    chosen = next((row for row in steady if abs(row.gap or 0) >= REMARKABLE), widest)
    return sentences.headline(chosen.indicator, chosen.here, chosen.gap or Decimal(0), stage.france.name)
