"""Each indicator of a year against its baseline and its target; the attainment is never clamped, only its bar is (R64)."""

from dataclasses import dataclass
from decimal import Decimal

from actions.models import Target
from ctg_site.lib import numbers
from governance.models import Evaluation, Measurement

FULL, HALF, EMPTY = Decimal(100), Decimal(50), Decimal(0)


@dataclass(frozen=True)
class Result:
    measurement: Measurement

    @property
    def target(self) -> Target:
        return self.measurement.target

    @property
    def attainment(self) -> Decimal | None:
        """Share of the way from the baseline to the target, in %: below 0 or above 100 when the facts are so."""
        return self.target.attainment(self.measurement.value)

    @property
    def bar(self) -> Decimal | None:
        attainment = self.attainment
        return None if attainment is None else min(max(attainment, EMPTY), FULL)

    @property
    def value_text(self) -> str:
        if self.measurement.value is None:
            return "n.d."
        return self._with_unit(self.measurement.value)

    @property
    def baseline_text(self) -> str:
        return "n.d." if self.target.baseline is None else self._with_unit(self.target.baseline)

    @property
    def goal_text(self) -> str:
        return self._with_unit(self.target.goal)

    @property
    def attainment_text(self) -> str:
        return "" if self.attainment is None else numbers.percent(self.attainment)

    @property
    def reason(self) -> str:
        """Why there is no value, or nothing to compare it with."""
        if self.measurement.value is None:
            return self.measurement.missing_reason
        return self.target.baseline_reason if self.target.baseline is None else ""

    def _with_unit(self, number: Decimal) -> str:
        return f"{numbers.shortest(number)}{numbers.NBSP}{self.target.unit}"


def results_of(evaluation: Evaluation) -> list[Result]:
    """One query."""
    rows = evaluation.measurements.select_related("target__action").order_by("target__action__code", "target", "pk")
    return [Result(measurement) for measurement in rows]


def results_sentence(results: list[Result]) -> str:
    """« Cible atteinte : 2 sur 16 ; au moins la moitié du chemin : 9 ; rien à comparer : 2. »"""
    ways = [result.attainment for result in results if result.attainment is not None]
    parts = [
        f"Cible atteinte\u00a0: {sum(way >= FULL for way in ways)} sur {len(results)}",
        f"au moins la moitié du chemin\u00a0: {sum(HALF <= way < FULL for way in ways)}",
    ]
    if len(ways) < len(results):
        parts.append(f"rien à comparer\u00a0: {len(results) - len(ways)}")
    return "\u00a0; ".join(parts) + "."
