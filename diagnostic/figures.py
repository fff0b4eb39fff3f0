"""The figures of a diagnosis: those of today while it is written, those of the day it was validated afterwards.

The same reading serves the page, the sheets, the annex and the document.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q

from diagnostic.content import DiagnosisContent
from diagnostic.models import Diagnosis, Finding, Photograph, ThematicGroup
from diagnostic.photographs import Photographed, Seen, hang, obey_secrecy, seen
from territory.models import Indicator
from territory.portraits import Fact
from territory.portraits.comparison import Comparison, compare
from territory.portraits.figures import BRIEF, KEYS, Figures, read_catalogue, read_figures
from territory.portraits.stage import Stage, stage_below
from territory.portraits.themes import is_old, old_ones, old_words
from territory.secrecy import PublicValue, State


@dataclass(frozen=True)
class DiagnosisFigures:
    """``read`` are the figures of today, whatever ``comparison`` and ``facts`` show; ``on`` is the day of the diagnosis."""

    stage: Stage
    facts: list[Fact]
    comparison: Comparison
    sources: list[dict[str, Any]]
    read: Figures
    on: date | None
    is_final: bool = False

    @property
    def shown(self) -> set[int]:
        """What the first tables say already: the chapters of the document do not say it again."""
        return {row.indicator.pk for row in self.comparison.rows} | {fact.indicator.pk for fact in self.facts}

    @property
    def caption(self) -> str:
        return f"Indicateurs clés {self.comparison.year}" if self.comparison.year else "Indicateurs clés"

    @property
    def old_note(self) -> str:
        """Which of them are old on the day of the diagnosis; empty when none is, or when it has no day yet."""
        values = [row.here for row in self.comparison.rows] + [fact.value for fact in self.facts]
        who = old_ones(values, self.on) if self.on else ""
        if not who:
            return ""
        advice = "" if self.is_final else "\u00a0: voyez s’il en existe de plus récents"
        return f"{who} ont {old_words()} à la date du diagnostic{advice}."


def day_of(diagnosis: Diagnosis, on: date | None) -> date | None:
    """That of its validation; before it, today."""
    return diagnosis.validated_on or on


def figures_of(diagnosis: Diagnosis, content: DiagnosisContent, *, on: date | None) -> DiagnosisFigures:
    """Three queries, when the diagnosis was read ``for_page``; each finding of ``content`` gets its photographs."""
    on = day_of(diagnosis, on)
    photographs, stage = list(diagnosis.photographs.for_reading()), _stage(diagnosis)
    of_findings = [row for row in photographs if row.finding_id]
    read = read_figures(stage, diagnosis.ctg.caf, KEYS | _are_in(of_findings))
    obey_secrecy(photographs, read)
    hang(content.findings, of_findings, read, on=on)
    if diagnosis.is_validated:
        return _as_photographed([row for row in photographs if not row.finding_id], stage, read, on)
    return DiagnosisFigures(stage, _facts(read), compare(read, stage), read.sources(), read, on)


def figures_for_record(diagnosis: Diagnosis, content: DiagnosisContent, *, on: date | None) -> DiagnosisFigures:
    """The same for what is printed and signed: of a validated diagnosis, nothing of today but what is secret by now."""
    if not diagnosis.is_validated:
        return figures_of(diagnosis, content, on=on)
    photographs, stage = list(diagnosis.photographs.for_reading()), _stage(diagnosis)
    day = diagnosis.validated_on
    read = read_figures(stage, diagnosis.ctg.caf, _are_in(photographs))
    obey_secrecy(photographs, read)
    hang(content.findings, [row for row in photographs if row.finding_id], None, on=day)
    of_diagnosis = [row for row in photographs if not row.finding_id]
    return _as_photographed(of_diagnosis, stage, read, day)


def _stage(diagnosis: Diagnosis) -> Stage:
    here = diagnosis.ctg.territory
    return stage_below(here, here.parent)


@dataclass(frozen=True)
class GroupFigure:
    indicator: Indicator
    value: PublicValue
    old_mark: str


def group_figures(
    group: ThematicGroup, diagnosis: Diagnosis, findings: list[Finding], *, on: date
) -> list[GroupFigure]:
    """What the group follows, in three queries; each of its findings gets its photographs."""
    photographs = list(diagnosis.photographs.filter(finding__group=group).for_reading())
    here = diagnosis.ctg.territory
    follows = group.indicators.through.objects.filter(thematicgroup=group, indicator=OuterRef("pk"))
    catalogue = Indicator.objects.annotate(is_followed=Exists(follows))
    catalogue = catalogue.filter(Q(is_followed=True) | _are_in(photographs))
    read = read_catalogue(catalogue, stage_below(here, here.parent), diagnosis.ctg.caf)
    obey_secrecy(photographs, read)
    hang(findings, photographs, read, on=day_of(diagnosis, on))
    rows = [indicator for indicator in read.indicators.values() if indicator.is_followed]  # type: ignore[attr-defined]
    values = [(indicator, read.shown(indicator, here)) for indicator in rows]
    return [GroupFigure(indicator, value, old_words() if is_old(value, on) else "") for indicator, value in values]


def finding_figures(finding: Finding, *, on: date) -> list[Seen]:
    """The photographs of one finding, beside what they are today: three queries at most, one without a photograph."""
    photographs = list(finding.photographs.for_reading())
    if not photographs:
        return []
    ctg = finding.diagnosis.ctg
    figures = read_figures(_stage(finding.diagnosis), ctg.caf, _are_in(photographs))
    obey_secrecy(photographs, figures)
    return seen(photographs, figures, on=day_of(finding.diagnosis, on))


def _are_in(photographs: Iterable[Photograph]) -> Q:
    return Q(pk__in={row.indicator_id for row in photographs})


def _as_photographed(photographs: list[Photograph], stage: Stage, read: Figures, on: date | None) -> DiagnosisFigures:
    then = Photographed(photographs, stage)
    by_code = {row.indicator.code: row for row in photographs}
    facts = [Fact(by_code[code].measure, by_code[code].here) for code in BRIEF if code in by_code]
    return DiagnosisFigures(stage, facts, compare(then, stage), then.sources(), read, on, is_final=True)


def _facts(read: Figures) -> list[Fact]:
    pairs = [(read.indicators[code], read.here(code)) for code in BRIEF if code in read.indicators]
    return [Fact(indicator, value) for indicator, value in pairs if value is not None and value.state != State.MISSING]
