"""A diagnosis read whole, in a constant number of queries: the page, the sheets, the annex and the missing list start here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, FilteredRelation, Q

if TYPE_CHECKING:
    from diagnostic.models import Diagnosis, Finding, Idea, Priority, ThematicGroup

IDEA_FIELDS = ("pk", "text", "finding", "position", "is_demo")


@dataclass
class GroupContent:
    """A group with what it found."""

    group: "ThematicGroup"
    findings: list["Finding"] = field(default_factory=list)
    ideas: list["Idea"] = field(default_factory=list)


@dataclass
class PriorityContent:
    """A priority with the findings it rests on, and the best note that the groups gave to one of them."""

    priority: "Priority"
    findings: list["Finding"] = field(default_factory=list)
    note: Decimal | None = None


@dataclass
class DiagnosisContent:
    diagnosis: "Diagnosis"
    groups: list[GroupContent]
    priorities: list[PriorityContent]

    @property
    def findings(self) -> list["Finding"]:
        return [finding for group in self.groups for finding in group.findings]

    @property
    def ideas(self) -> list["Idea"]:
        return [idea for group in self.groups for idea in group.ideas]

    @property
    def orphans(self) -> list["Finding"]:
        """The findings that no priority takes up."""
        taken = {finding.pk for priority in self.priorities for finding in priority.findings}
        return [finding for finding in self.findings if finding.pk not in taken]

    @property
    def unsupported(self) -> list["Priority"]:
        """The priorities that rest on no finding."""
        return [row.priority for row in self.priorities if not row.findings]

    @property
    def departures(self) -> list["Priority"]:
        """The priorities that the committee put before another that the groups noted higher."""
        noted = [row for row in self.priorities if row.note is not None]
        return [
            row.priority
            for place, row in enumerate(noted)
            if any(later.note > row.note for later in noted[place + 1 :])  # type: ignore[operator]
        ]


def read_diagnosis(diagnosis: "Diagnosis", *, links: Sequence[str] = (), with_ideas: bool = True) -> DiagnosisContent:
    """Three queries, and one for each of the links that the findings bring, whatever the size of the diagnosis."""
    rows = diagnosis.findings.select_related("group").order_by("group__position", "group", "position", "pk")
    findings = {finding.pk: finding for finding in rows.prefetch_related(*links)}
    groups = _groups(diagnosis, findings, with_ideas)
    for finding in findings.values():
        groups[finding.group_id].findings.append(finding)
    return DiagnosisContent(diagnosis, list(groups.values()), _priorities(diagnosis, findings))


def _groups(diagnosis: "Diagnosis", findings: dict[int, "Finding"], with_ideas: bool) -> dict[int, GroupContent]:
    rows = diagnosis.ctg.groups.order_by("position", "pk")
    if not with_ideas:
        return {group.pk: GroupContent(group) for group in rows}
    groups: dict[int, GroupContent] = {}
    for group in rows_with_ideas(rows, diagnosis):
        content = groups.setdefault(group.pk, GroupContent(group))
        content.ideas += ideas_of(group, diagnosis, findings)
    return groups


def rows_with_ideas(groups: Any, diagnosis: "Diagnosis") -> Any:
    """Each group as many times as it has ideas in this version, so that one query brings both."""
    of_this_version = FilteredRelation("ideas", condition=Q(ideas__diagnosis=diagnosis))
    brought = {f"idea_{name}": F(f"brought__{name}") for name in IDEA_FIELDS}
    rows = groups.annotate(brought=of_this_version).annotate(**brought)
    return rows.order_by("position", "pk", "idea_position", "idea_pk")


def ideas_of(row: Any, diagnosis: "Diagnosis", findings: dict[int, "Finding"]) -> list["Idea"]:
    """The idea that came with this row of a group, if any."""
    values = {name: getattr(row, f"idea_{name}") for name in IDEA_FIELDS}
    if values["pk"] is None:
        return []
    finding = findings.get(values.pop("finding") or 0)
    idea: Idea = diagnosis.ideas.model(**values)
    idea.diagnosis, idea.group, idea.finding = diagnosis, row, finding
    return [idea]


def _priorities(diagnosis: "Diagnosis", findings: dict[int, "Finding"]) -> list[PriorityContent]:
    """One row for each pair of a priority and a finding, so that one query brings both."""
    rows: dict[int, PriorityContent] = {}
    counted = diagnosis.scorings.model.objects.counting_for(diagnosis)
    found = diagnosis.priorities.annotate(finding_pk=F("findings__pk"), is_ranked=Exists(counted))
    for priority in found.order_by("position", "pk"):
        content = rows.setdefault(priority.pk, PriorityContent(priority))
        if priority.finding_pk in findings:
            content.findings.append(findings[priority.finding_pk])
    order = {pk: place for place, pk in enumerate(findings)}
    for content in rows.values():
        content.findings.sort(key=lambda finding: order[finding.pk])
    return list(rows.values())
