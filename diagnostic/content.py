"""A diagnosis read whole, in a constant number of queries: the page, the sheets, the annex and the missing list start here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import F

if TYPE_CHECKING:
    from diagnostic.models import Diagnosis, Finding, Idea, Priority, ThematicGroup


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
    """Four queries, and one for each of the links that the findings bring, whatever the size of the diagnosis."""
    groups = {group.pk: GroupContent(group) for group in diagnosis.ctg.groups.order_by("position", "pk")}
    rows = diagnosis.findings.select_related("group").order_by("group__position", "group", "position", "pk")
    findings = {finding.pk: finding for finding in rows.prefetch_related(*links)}
    for finding in findings.values():
        groups[finding.group_id].findings.append(finding)
    ideas = diagnosis.ideas.select_related("group", "finding").order_by("position", "pk") if with_ideas else ()
    for idea in ideas:
        groups[idea.group_id].ideas.append(idea)
    return DiagnosisContent(diagnosis, list(groups.values()), _priorities(diagnosis, findings))


def _priorities(diagnosis: "Diagnosis", findings: dict[int, "Finding"]) -> list[PriorityContent]:
    """One row for each pair of a priority and a finding, so that one query brings both."""
    rows: dict[int, PriorityContent] = {}
    for priority in diagnosis.priorities.annotate(finding_pk=F("findings__pk")).order_by("position", "pk"):
        content = rows.setdefault(priority.pk, PriorityContent(priority))
        if priority.finding_pk in findings:
            content.findings.append(findings[priority.finding_pk])
    order = {pk: place for place, pk in enumerate(findings)}
    for content in rows.values():
        content.findings.sort(key=lambda finding: order[finding.pk])
    return list(rows.values())
