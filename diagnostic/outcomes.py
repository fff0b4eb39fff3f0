"""What became of the contributions of somebody: the findings that rest on them, the priorities these led to, the answer given."""

from dataclasses import dataclass

from django.db.models import Prefetch

from diagnostic.models import Contribution, Diagnosis, Finding, Priority
from diagnostic.models.contributions import ContributionQuerySet


@dataclass(frozen=True)
class Outcome:
    contribution: Contribution
    findings: list[Finding]
    priorities: list[Priority]

    @property
    def state(self) -> tuple[str, str]:
        """The kind of its badge, and its words."""
        if self.findings:
            return "retained", "Reprise dans un constat"
        if self.contribution.is_set_aside:
            return "dropped", "Lue, et pas reprise"
        return "planned", "Reçue par le groupe"


def outcomes(contributions: ContributionQuerySet) -> list[Outcome]:
    """Three queries, whatever their number; only the last version of a diagnosis counts."""
    findings = Finding.objects.filter(diagnosis__in=Diagnosis.objects.current()).prefetch_related("priorities")
    rows = contributions.for_page().prefetch_related(Prefetch("findings", findings.order_by("position", "pk")))
    return [_outcome(contribution) for contribution in rows]


def _outcome(contribution: Contribution) -> Outcome:
    findings = list(contribution.findings.all())
    priorities = {priority.pk: priority for finding in findings for priority in finding.priorities.all()}
    return Outcome(contribution, findings, sorted(priorities.values(), key=lambda row: (row.position, row.pk)))
