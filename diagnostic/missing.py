"""What a diagnosis lacks before a committee can validate it: one list, shown on the page and refused by the service."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diagnostic.content import DiagnosisContent, read_diagnosis
from diagnostic.rankings import weigh
from territory.models import Indicator
from territory.portraits.figures import Figures, read_figures
from territory.portraits.stage import stage_of

if TYPE_CHECKING:
    from diagnostic.models import Diagnosis


@dataclass(frozen=True)
class Lack:
    """A sentence, and where to go to mend it."""

    text: str
    place: str
    pk: int | None = None


def texts_before_validation(diagnosis: "Diagnosis") -> list[str]:
    return [lack.text for lack in read_lacks(diagnosis)]


def read_lacks(diagnosis: "Diagnosis") -> list[Lack]:
    figures = read_figures(stage_of(diagnosis.ctg.territory), diagnosis.ctg.caf)
    content = read_diagnosis(diagnosis, with_ideas=False)
    weigh(content)
    return lacks_before_validation(content, figures)


def lacks_before_validation(content: DiagnosisContent, figures: Figures) -> list[Lack]:
    return [*_figure_lacks(figures), *_group_lacks(content), *_conclusion_lacks(content)]


def _figure_lacks(figures: Figures) -> Iterator[Lack]:
    """A figure known to be secret or not available has been looked for: it lacks no more."""
    for indicator in figures.keys:
        terms = [term for term in (indicator.numerator, indicator.denominator) if term]
        if not (_is_told(indicator, figures) or (terms and all(_is_told(term, figures) for term in terms))):
            yield Lack(f"Chiffre clé à renseigner : {indicator.label}", "figures")


def _is_told(indicator: Indicator, figures: Figures) -> bool:
    return bool(figures.values.get((indicator.pk, figures.stage.here.pk)))


def _group_lacks(content: DiagnosisContent) -> Iterator[Lack]:
    if not content.groups:
        yield Lack("Aucun groupe thématique n’est créé", "groups")
    for row in content.groups:
        if not row.findings:
            yield Lack(f"Groupe {row.group.name} : aucun constat", "group", row.group.pk)


def _conclusion_lacks(content: DiagnosisContent) -> Iterator[Lack]:
    if not content.diagnosis.summary.strip():
        yield Lack("La synthèse n’est pas encore rédigée", "summary")
    if not content.priorities:
        yield Lack("Aucune priorité n’est dégagée", "priorities")
    for row in content.priorities:
        if not row.findings:
            yield Lack(
                f"Priorité « {row.priority.title} » : elle ne s’appuie sur aucun constat", "priority", row.priority.pk
            )
    for priority in content.departures:
        if not priority.reason.strip():
            text = f"Priorité « {priority.title} » : le comité la place avant une autre mieux notée, il dit pourquoi"
            yield Lack(text, "priority", priority.pk)
