"""What is masked of a Caf and why: for those who decide it. Nothing of it reaches a public page, where one word says all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q, QuerySet

from territory.known import Rules, read_rules
from territory.models import Caf, Value


class Cause(StrEnum):
    """The first that holds: what a Caf chose stays masked whatever the rest."""

    CHOSEN = "par votre choix"
    SMALL = "petit effectif"
    PROTECTING = "pour qu’un petit effectif ne se retrouve pas"
    PRODUCER = "par son producteur"


@dataclass(frozen=True)
class Mask:
    value: Value
    cause: Cause
    threshold: int = 0

    @property
    def words(self) -> str:
        return f"{self.cause}, sous {self.threshold}" if self.cause == Cause.SMALL else str(self.cause)


def masked_values(caf: Caf) -> QuerySet[Value]:
    """The newest first, then in the order of the catalogue."""
    rows = Value.objects.filter(Q(is_withheld=True, number__isnull=False) | Q(quality=Value.Quality.MASKED))
    rows = rows.filter(release__caf=caf).select_related("indicator", "territory", "release__source")
    return rows.order_by("-year", "indicator__position", "territory__name", "pk")


def with_causes(caf: Caf, values: Sequence[Value]) -> list[Mask]:
    """Two queries for a page of them."""
    rules = read_rules()
    rows = caf.withholdings.filter(indicator__in={value.indicator_id for value in values})
    chosen = set(rows.order_by().values_list("indicator", "territory", "year"))
    return list(_masks(values, chosen, rules))


def _masks(values: Iterable[Value], chosen: set[tuple[int, int, int]], rules: Rules) -> Iterable[Mask]:
    for value in values:
        threshold = rules.of(value.release.source_id, value.year).threshold
        if value.number is None:
            yield Mask(value, Cause.PRODUCER)
        elif (value.indicator_id, value.territory_id, value.year) in chosen:
            yield Mask(value, Cause.CHOSEN)
        elif value.indicator.is_head_count and 0 < value.number < threshold:
            yield Mask(value, Cause.SMALL, threshold)
        else:
            yield Mask(value, Cause.PROTECTING)
