"""What a diagnosis lacks before a committee can validate it: one list, shown on the page and refused by the service."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from diagnostic.content import DiagnosisContent, read_diagnosis
from territory.models import Ctg, Indicator, Value

if TYPE_CHECKING:
    from diagnostic.models import Diagnosis


@dataclass(frozen=True)
class Lack:
    """A sentence, and where to go to mend it."""

    text: str
    place: str
    pk: int | None = None


def texts_before_validation(diagnosis: "Diagnosis") -> list[str]:
    return [lack.text for lack in lacks_before_validation(read_diagnosis(diagnosis))]


def lacks_before_validation(content: DiagnosisContent) -> list[Lack]:
    return [*_figure_lacks(content.diagnosis.ctg), *_group_lacks(content), *_conclusion_lacks(content)]


def _figure_lacks(ctg: Ctg) -> Iterator[Lack]:
    for indicator in _key_indicators_without_figure(ctg):
        yield Lack(f"Chiffre clé à renseigner : {indicator.label}", "figures")


def _key_indicators_without_figure(ctg: Ctg) -> list[Indicator]:
    """A figure known to be secret or not available counts as told: it has been looked for."""
    figures = Value.objects.visible_to_caf(ctg.caf).filter(territory=ctg.territory_id)
    told = Exists(figures.filter(indicator=OuterRef("pk")))
    above, below = (Exists(figures.filter(indicator=OuterRef(term))) for term in ("numerator", "denominator"))
    return list(Indicator.objects.filter(Q(is_key=True) & ~told & ~(above & below)).order_by("position", "label", "pk"))


def _group_lacks(content: DiagnosisContent) -> Iterator[Lack]:
    if not content.groups:
        yield Lack("Aucun groupe thématique n’est créé", "groups")
    for row in content.groups:
        if not row.findings:
            yield Lack(f"Groupe {row.group.name} : aucun constat", "group", row.group.pk)


def _conclusion_lacks(content: DiagnosisContent) -> Iterator[Lack]:
    if not content.diagnosis.summary.strip():
        yield Lack("La synthèse n’est pas encore rédigée", "summary")
    if not content.priorities:
        yield Lack("Aucune priorité n’est dégagée", "priorities")
    for row in content.priorities:
        if not row.findings:
            yield Lack(f"Priorité « {row.priority.title} » : elle ne s’appuie sur aucun constat", "priority", row.priority.pk)
