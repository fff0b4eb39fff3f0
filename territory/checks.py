"""Consistency rules are data: 8 629 / 20 391 = 42 %. Where one fails, the page of the figures and the import say it."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.conf import settings

from ctg_site.lib import numbers
from territory.models import ConsistencyRule, Indicator

RULES = Path(settings.BASE_DIR) / "fixtures" / "reference" / "consistency_rules.csv"


@dataclass(frozen=True)
class Failure:
    """In the words shown: the rule, where, what was found and what was expected."""

    sentence: str
    place: str
    detail: str


def load_rules() -> None:
    known = {indicator.code: indicator for indicator in Indicator.objects.all()}
    with RULES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    rules = [
        ConsistencyRule(
            code=row["code"],
            relation=row["relation"],
            tolerance=Decimal(row["tolerance"]),
            sentence=row["sentence"],
            **{name: known.get(row[name]) for name in ("indicator", "first", "second", "third")},
        )
        for row in rows
        if row["indicator"] in known
    ]
    update = ["indicator", "relation", "first", "second", "third", "tolerance", "sentence"]
    ConsistencyRule.objects.bulk_create(rules, update_conflicts=True, unique_fields=["code"], update_fields=update)


def rules() -> list[ConsistencyRule]:
    return list(ConsistencyRule.objects.select_related("indicator", "first", "second", "third"))


def failures_at(place: str, found: Mapping[int, Decimal | None], judged: Iterable[ConsistencyRule]) -> list[Failure]:
    """The rules that the figures of one place break; ``found`` is by indicator. Nothing is said of a term that is unknown or secret."""
    broken = []
    for rule in judged:
        stated, *terms = (found.get(term.pk) for term in (rule.indicator, *rule.terms))
        if stated is not None and None not in terms:
            broken.append(judge(rule, place, stated, [term for term in terms if term is not None]))
    return [item for item in broken if item]


def judge(rule: ConsistencyRule, place: str, stated: Decimal, terms: list[Decimal]) -> Failure | None:
    expected = _expected(rule, terms)
    if expected is None:
        return None
    gap = stated - expected
    if gap <= rule.tolerance if rule.relation == ConsistencyRule.Relation.AT_MOST else abs(gap) <= rule.tolerance:
        return None
    return Failure(rule.sentence, place, _detail(rule, stated, terms, expected))


def _expected(rule: ConsistencyRule, terms: list[Decimal]) -> Decimal | None:
    if rule.relation == ConsistencyRule.Relation.RATIO:
        return terms[0] / terms[1] * 100 if terms[1] else None
    if rule.relation == ConsistencyRule.Relation.SUM:
        return sum(terms, Decimal(0))
    return terms[0]


def _detail(rule: ConsistencyRule, stated: Decimal, terms: list[Decimal], expected: Decimal) -> str:
    words = [numbers.shortest(term) for term in terms]
    found = f"{rule.indicator.label} : {numbers.shortest(stated)}"
    if rule.relation == ConsistencyRule.Relation.RATIO:
        return f"{found}, alors que {words[0]} / {words[1]} = {numbers.shortest(expected, 1)}"
    if rule.relation == ConsistencyRule.Relation.SUM:
        return f"{found}, alors que {' + '.join(words)} = {numbers.shortest(expected)}"
    return f"{found}, au-dessus de {rule.first.label} : {words[0]}"
