"""The diagnosis for an elected member who has one minute: five things to know, the decisions to take."""

from collections.abc import Iterator
from dataclasses import dataclass

from diagnostic.content import DiagnosisContent
from diagnostic.figures import DiagnosisFigures
from diagnostic.models import Finding
from diagnostic.models.diagnosis import MOST_LINES, lines_of


@dataclass(frozen=True)
class Brief:
    things: list[str]
    decisions: list[str]


def brief_of(content: DiagnosisContent, figures: DiagnosisFigures) -> Brief:
    """What the writers chose; where they chose nothing, what the diagnosis says first. Validated, it asks nothing more."""
    diagnosis = content.diagnosis
    things = lines_of(diagnosis.key_points) or list(_things(content, figures))[:MOST_LINES]
    asked = [] if diagnosis.is_validated else lines_of(diagnosis.decisions_asked) or list(_decisions(content))
    return Brief(things, asked)


def _things(content: DiagnosisContent, figures: DiagnosisFigures) -> Iterator[str]:
    if figures.comparison.headline:
        yield figures.comparison.headline
    strengths = [finding for finding in content.findings if finding.kind == Finding.Kind.STRENGTH]
    if strengths:
        yield f"Une force : {_sentence(strengths[0].title)}"
    for row in content.priorities:
        yield f"Priorité {row.priority.position} : {_sentence(row.priority.title)}"
    for finding in content.orphans:
        yield _sentence(finding.title)


def _decisions(content: DiagnosisContent) -> Iterator[str]:
    yield "Valider le diagnostic partagé."
    count = len(content.priorities)
    if count:
        yield f"Retenir les {count} priorités et leur ordre." if count > 1 else "Retenir la priorité proposée."


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
