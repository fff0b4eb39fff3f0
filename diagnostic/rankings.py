"""What the groups ranked: from 0 to 100, with the spread of the opinions. One query for a whole diagnosis."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import F

from ctg_site.lib.charts import DotPlot, Point, Scale, dot_plot
from ctg_site.lib.numbers import NBSP, shortest
from diagnostic.colleges import College, Method
from diagnostic.content import DiagnosisContent

if TYPE_CHECKING:
    from diagnostic.models import Diagnosis, Finding, Scoring

SCALE = Scale(Decimal(0), Decimal(100))
BEST = 25  # 5 × 5
FEWEST_SHOWN = 3  # of ballots in all, of a college, of marks of a finding: fewer would tell how somebody voted
Given = dict[str, Any]


@dataclass(frozen=True)
class Ranked:
    """``note`` is the mean, ``low`` and ``high`` the opinions furthest apart (of persons, or of the colleges shown).

    Neither is known where a single college is shown.
    ``version`` is that of the diagnosis the group ranked: until it ranks again, its opinion stands.
    """

    version: int
    note: Decimal
    low: Decimal | None
    high: Decimal | None
    ballots: int
    importance: Decimal | None = None
    feasibility: Decimal | None = None
    colleges: dict[str, Decimal] = field(default_factory=dict)

    @property
    def spread(self) -> Decimal | None:
        return None if self.low is None or self.high is None else self.high - self.low

    def plot(self, title: str) -> DotPlot:
        rows = [
            ("here", "note", self.note),
            ("dept", "avis le plus bas", self.low),
            ("france", "avis le plus haut", self.high),
        ]
        points = [Point(kind, name, said(value), value) for kind, name, value in rows if value is not None]
        return dot_plot(title, points, SCALE)


Notes = dict[UUID, Ranked]


@dataclass(frozen=True)
class Line:
    rank: int
    finding: "Finding"
    ranked: Ranked

    @property
    def plot(self) -> DotPlot:
        return self.ranked.plot(self.finding.title)

    @property
    def shares(self) -> list[tuple[str, str]]:
        """Each college with its share; too few ballots of a college show nothing of it."""
        shown = self.ranked.colleges
        return [(college.label, percent(shown[college]) if college in shown else "—") for college in College]


@dataclass(frozen=True)
class Ranking:
    """The order of a group, the best first; those nobody marked come last."""

    lines: list[Line]
    unmarked: "list[Finding]"
    ballots: int

    @property
    def version(self) -> int:
        return self.lines[0].ranked.version

    @cached_property
    def sentence(self) -> str:
        first = self.lines[0]
        counted = f"{self.ballots} bulletin{'s' if self.ballots > 1 else ''}"
        said_first = (
            f"«{NBSP}{first.finding.title}{NBSP}» arrive en tête avec {said(first.ranked.note)}, d’après {counted}"
        )
        apart = max(self.lines, key=lambda line: line.ranked.spread or 0)
        low, high = apart.ranked.low, apart.ranked.high
        if low is None or high is None:
            return f"{said_first}."
        if low == high:
            return f"{said_first}{NBSP}; les avis se rejoignent."
        return (
            f"{said_first}{NBSP}; les avis s’écartent le plus sur «{NBSP}{apart.finding.title}{NBSP}», "
            f"de {shortest(low, 0)} à {said(high)}."
        )


def said(note: Decimal) -> str:
    return f"{shortest(note, 0)} sur 100"


def percent(share: Decimal) -> str:
    return f"{shortest(share, 0)}{NBSP}%"


def read_notes(diagnosis: "Diagnosis", scoring: "Scoring | None" = None) -> Notes:
    """By the key of a finding, the same from a version to the next; ``scoring`` alone, closed or not, or those that count."""
    objects = diagnosis.scorings.model.objects
    rows = objects.filter(pk=scoring.pk) if scoring else objects.counting_for(diagnosis)
    found = (
        rows.filter(ballots__scores__isnull=False)
        .order_by("ballots__scores__pk")
        .values(
            "pk",
            "method",
            version=F("diagnosis__version"),
            finding=F("ballots__scores__finding__key"),
            voter=F("ballots"),
            college=F("ballots__college"),
            importance=F("ballots__scores__importance"),
            feasibility=F("ballots__scores__feasibility"),
        )
    )
    by_scoring: dict[int, list[Given]] = defaultdict(list)
    for row in found:
        by_scoring[row["pk"]].append(dict(row))
    return {key: ranked for given in by_scoring.values() for key, ranked in _ranked(given)}


def weigh(content: DiagnosisContent) -> None:
    """Each priority takes the best note of its findings; no query where no group has closed its ranking."""
    if any(row.priority.is_ranked for row in content.priorities):  # type: ignore[attr-defined]
        give_notes(content, read_notes(content.diagnosis))


def give_notes(content: DiagnosisContent, notes: Notes) -> None:
    for row in content.priorities:
        row.note = max((notes[finding.key].note for finding in row.findings if finding.key in notes), default=None)


def rank(findings: "Iterable[Finding]", notes: Notes) -> Ranking:
    """Equal notes share a rank."""
    findings = list(findings)
    marked = [finding for finding in findings if finding.key in notes]
    order = sorted(marked, key=lambda finding: (-notes[finding.key].note, finding.position, finding.pk))
    better = Counter(notes[finding.key].note for finding in order)
    lines = [
        Line(1 + sum(count for note, count in better.items() if note > notes[row.key].note), row, notes[row.key])
        for row in order
    ]
    ballots = max((notes[finding.key].ballots for finding in marked), default=0)
    return Ranking(lines, [finding for finding in findings if finding.key not in notes], ballots)


def _ranked(given: list[Given]) -> Iterator[tuple[UUID, Ranked]]:
    """Too few ballots, or too few marks of a finding, rank nothing: the committee decides without them."""
    by_finding: dict[UUID, list[Given]] = defaultdict(list)
    for row in given:
        by_finding[row["finding"]].append(row)
    voters = {row["voter"]: row["college"] for row in given}
    if len(voters) < FEWEST_SHOWN:
        return
    is_votes = given[0]["method"] == Method.VOTES
    for finding, rows in by_finding.items():
        if is_votes:
            yield finding, _by_votes(rows, voters)
        elif len(rows) >= FEWEST_SHOWN:
            yield finding, _by_marks(rows, voters)


def _by_marks(rows: list[Given], voters: dict[int, str]) -> Ranked:
    notes = [Decimal(row["importance"] * row["feasibility"] * 100) / BEST for row in rows]
    return Ranked(
        rows[0]["version"],
        note=_mean(notes),
        **_ends(notes),
        ballots=len(voters),
        importance=_mean([Decimal(row["importance"]) for row in rows]),
        feasibility=_mean([Decimal(row["feasibility"]) for row in rows]),
    )


def _by_votes(rows: list[Given], voters: dict[int, str]) -> Ranked:
    """Each college weighs the same, whatever the number of its ballots."""
    sizes, voices = Counter(voters.values()), Counter(row["college"] for row in rows)
    shares = {college: Decimal(voices[college] * 100) / size for college, size in sizes.items()}
    shown = {college: share for college, share in shares.items() if college not in _hidden(sizes)}
    note = _mean(list(shares.values()))
    ends = _ends(list(shown.values()) if len(shown) > 1 else [])
    return Ranked(rows[0]["version"], note, **ends, ballots=len(voters), colleges=shown)


def _ends(opinions: list[Decimal]) -> dict[str, Any]:
    return {"low": min(opinions, default=None), "high": max(opinions, default=None)}


def _hidden(sizes: Counter[str]) -> set[str]:
    """The colleges of too few ballots; one alone could be found from the note and the others: the next is hidden too."""
    order = sorted(sizes, key=lambda college: (sizes[college], college))
    few = sum(size < FEWEST_SHOWN for size in sizes.values())
    return set(order[: 2 if few == 1 else few])


def _mean(numbers: list[Decimal]) -> Decimal:
    return sum(numbers, Decimal(0)) / len(numbers)
