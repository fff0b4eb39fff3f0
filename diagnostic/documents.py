"""The diagnosis on paper: annex 1 of the convention, and the whole document."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.template.loader import render_to_string

from diagnostic.brief import brief_of
from diagnostic.content import DiagnosisContent, GroupContent, read_diagnosis
from diagnostic.figures import DiagnosisFigures, figures_for_record
from diagnostic.models import Diagnosis, Photograph, Scoring
from diagnostic.photographs import Photographed, is_known, obey_secrecy, pose
from diagnostic.rankings import Notes, Ranking, give_notes, rank, read_notes
from territory.models import Indicator
from territory.portraits.comparison import rows_of
from territory.portraits.figures import read_figures
from territory.portraits.stage import Stage
from territory.portraits.themes import Line, ThemeTables, is_old


def diagnosis_annex(diagnosis: Diagnosis) -> dict[str, Any]:
    """The context of ``diagnostic/pdf/_annex.html``; a draft has no day yet: nothing there is called old."""
    content = read_diagnosis(diagnosis, links=["communes"])
    return {"diagnosis": diagnosis, "content": content, "figures": figures_for_record(diagnosis, content, on=None)}


@dataclass(frozen=True)
class Chapter:
    label: str
    tables: ThemeTables


@dataclass(frozen=True)
class GroupChapter:
    """A group, what it found, how it ranked it."""

    row: GroupContent
    scoring: Scoring | None
    ranking: Ranking | None


def diagnosis_document(diagnosis: Diagnosis, *, on: date) -> bytes:
    from ctg_site.lib.pdf import (
        kept_pdf,  # WeasyPrint takes a second to load, which no other page or command should wait for
    )

    return kept_pdf(render_to_string("diagnostic/pdf/diagnosis.html", document_context(diagnosis, on=on)))


def document_context(diagnosis: Diagnosis, *, on: date) -> dict[str, Any]:
    """Of a validated diagnosis, everything as it was that day; of a draft, as it is known today."""
    content = read_diagnosis(diagnosis, links=["communes", "facilities"])
    notes = read_notes(diagnosis)
    give_notes(content, notes)
    figures = figures_for_record(diagnosis, content, on=on)
    day = diagnosis.validated_on or on
    photographs = _photographs(diagnosis, figures, day)
    groups = _groups(content, notes)
    others = [row for row in photographs if row.indicator_id not in figures.shown]
    chapters = [_chapter(label, theme, others, figures.stage, day) for theme, label in Indicator.Theme.choices]
    return {
        "diagnosis": diagnosis,
        "ctg": diagnosis.ctg,
        "content": content,
        "brief": brief_of(content, figures),
        "figures": figures,
        "chapters": [chapter for chapter in chapters if chapter.tables.lines],
        "groups": [chapter for chapter in groups if chapter.row.findings or chapter.row.ideas],
        "silent": [chapter.row.group for chapter in groups if not chapter.row.findings and not chapter.row.ideas],
        "members": _members(diagnosis),
        "sources": Photographed(photographs, figures.stage).sources(),
        "photographs": photographs,
        "on": day,
    }


def _photographs(diagnosis: Diagnosis, figures: DiagnosisFigures, on: date) -> list[Photograph]:
    """Those of the validation; before it, what it would keep if it were today."""
    if diagnosis.is_validated:
        kept = list(diagnosis.photographs.filter(finding=None).for_reading())
        obey_secrecy(kept, figures.read)
        return kept
    read = read_figures(figures.stage, diagnosis.ctg.caf, Q())
    known = [indicator for indicator in read.indicators.values() if is_known(indicator, read)]
    return [pose(indicator, read, diagnosis=diagnosis, on=on) for indicator in known]


def _chapter(label: str, theme: str, photographs: list[Photograph], stage: Stage, on: date) -> Chapter:
    rows = [row for row in photographs if row.indicator.theme == theme]
    then, caveats = Photographed(rows, stage), {row.indicator_id: row.caveat for row in rows}

    def lines(additive: bool) -> list[Line]:
        measures = [row.measure for row in rows if row.indicator.is_additive == additive]
        return [
            Line(row, "", [], is_old(row.here, on), caveats[row.indicator.pk]) for row in rows_of(measures, then, stage)
        ]

    return Chapter(label, ThemeTables(stage, lines(False), lines(True), [], on))


def _groups(content: DiagnosisContent, notes: Notes) -> list[GroupChapter]:
    counted = Scoring.objects.counting_for(content.diagnosis).select_related("group")
    scorings = {scoring.group_id: scoring for scoring in counted}
    return [_group(row, scorings.get(row.group.pk), notes) for row in content.groups]


def _group(row: GroupContent, scoring: Scoring | None, notes: Notes) -> GroupChapter:
    noted = [finding for finding in row.findings if finding.key in notes]
    return GroupChapter(row, scoring, rank(noted, notes) if scoring and noted else None)


def _members(diagnosis: Diagnosis) -> list[Any]:
    """The groups with their members and how many contributions they received: how the diagnosis was made."""
    rows = diagnosis.ctg.groups.annotate(contribution_count=Count("contributions")).order_by("position", "pk")
    return list(rows.prefetch_related("members__organisation"))
