"""What the catalogue says decides what is masked: an indicator, an identity or a rule that changes is judged again, whichever
door it changes by."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.saving import save_checked
from territory.models import ConsistencyRule, Indicator, Release, SecrecyRule, Value
from territory.tasks import settle_cafs, settle_indicators, settle_source
from territory.withholding import mask_at_once

TERMS = ("numerator", "denominator", "tied_to")
DECISIVE = frozenset({"unit", "counts_people", "decimals", "is_additive", "is_evolution", *TERMS})
TOLD = (ConsistencyRule.Relation.SUM, ConsistencyRule.Relation.AT_MOST)


@transaction.atomic
def save_indicator(indicator: Indicator, *, by: User | None) -> Indicator:
    with judged_again():
        save_checked(indicator)
    record(by, "indicator.saved", indicator, code=indicator.code)
    return indicator


@contextmanager
def judged_again() -> Iterator[None]:
    """Around whatever may change the catalogue or its rules: the small counts that it forbids are masked at once, and the worker
    judges what would give them back."""
    with transaction.atomic():
        before = _read_definitions()
        yield
        after = _read_definitions()
        _judge_indicators(after.indicators_unlike(before))
        for source, first_year in after.rules_unlike(before).items():
            _judge_source(source, first_year)


def judge_cafs_again() -> None:
    """After open figures came or sets were made otherwise: nothing that the Cafs brought is small for it, but it may be told."""
    if Release.objects.exclude(caf=None).exists():
        settle_cafs.enqueue()


@dataclass(frozen=True)
class _Definitions:
    indicators: dict[int, tuple[object, ...]]
    identities: set[tuple[object, ...]]  # the relation, then the indicators it binds
    rules: dict[int, set[tuple[int, str, int, int]]]  # by source, the first year first

    def indicators_unlike(self, before: "_Definitions") -> set[int]:
        found = {pk for pk, said in self.indicators.items() if before.indicators.get(pk) != said}
        for _, *bound in self.identities ^ before.identities:
            found |= {pk for pk in bound if isinstance(pk, int)}
        return found & self.indicators.keys()

    def rules_unlike(self, before: "_Definitions") -> dict[int, int]:
        """Each source with the first year from which its rules are others."""
        sources = self.rules.keys() | before.rules.keys()
        unlike = {one: self.rules.get(one, set()) ^ before.rules.get(one, set()) for one in sources}
        return {source: min(rows)[0] for source, rows in unlike.items() if rows}


def _read_definitions() -> _Definitions:
    rules: dict[int, set[tuple[int, str, int, int]]] = defaultdict(set)
    for rule in SecrecyRule.objects.order_by():
        rules[rule.source_id].add((rule.first_year, rule.method, rule.threshold, rule.base))
    identities = ConsistencyRule.objects.filter(relation__in=TOLD).order_by()
    return _Definitions(
        {pk: tuple(said) for pk, *said in Indicator.objects.order_by().values_list("pk", *sorted(DECISIVE))},
        set(identities.values_list("relation", "indicator", "first", "second", "third")),
        rules,
    )


def _judge_indicators(changed: set[int]) -> None:
    values = Value.objects.filter(indicator__in=changed)
    if changed and values.exists():
        mask_at_once(values)
        settle_indicators.enqueue(sorted(changed))


def _judge_source(source: int, first_year: int) -> None:
    values = Value.objects.filter(release__source=source, year__gte=first_year)
    if values.exists():
        mask_at_once(values)
        settle_source.enqueue(source, first_year)
