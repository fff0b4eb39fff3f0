from diagnostic.views.campaigns import (
    campaign,
    campaign_dates,
    guest_remind,
    guest_revoke,
    guests_invite,
    guests_remind,
)
from diagnostic.views.contributions import contribute, contribution_answer, contribution_attachment, my_contributions
from diagnostic.views.diagnoses import (
    diagnosis,
    diagnosis_brief,
    diagnosis_edit,
    diagnosis_pdf,
    diagnosis_publish,
    diagnosis_unpublish,
    diagnosis_xlsx,
)
from diagnostic.views.findings import (
    finding,
    finding_delete,
    finding_edit,
    finding_new,
    idea_delete,
    idea_edit,
    idea_new,
)
from diagnostic.views.groups import group, group_delete, group_edit, group_member_remove, group_members, group_new
from diagnostic.views.links import contribute_by_link, contributions_by_link
from diagnostic.views.photographs import finding_figure_retake, finding_figures
from diagnostic.views.priorities import priority, priority_delete, priority_edit, priority_move, priority_new
from diagnostic.views.scoring import ballot, ballot_by_link, group_scoring, scoring_close, scoring_edit
from diagnostic.views.versions import diagnosis_reopen, diagnosis_version, diagnosis_versions

__all__ = [
    "ballot",
    "ballot_by_link",
    "campaign",
    "campaign_dates",
    "contribute",
    "contribute_by_link",
    "contribution_answer",
    "contribution_attachment",
    "contributions_by_link",
    "diagnosis",
    "diagnosis_brief",
    "diagnosis_edit",
    "diagnosis_pdf",
    "diagnosis_publish",
    "diagnosis_reopen",
    "diagnosis_unpublish",
    "diagnosis_version",
    "diagnosis_versions",
    "diagnosis_xlsx",
    "finding",
    "finding_delete",
    "finding_edit",
    "finding_figure_retake",
    "finding_figures",
    "finding_new",
    "group",
    "group_delete",
    "group_edit",
    "group_member_remove",
    "group_members",
    "group_new",
    "group_scoring",
    "guest_remind",
    "guest_revoke",
    "guests_invite",
    "guests_remind",
    "idea_delete",
    "idea_edit",
    "idea_new",
    "my_contributions",
    "priority",
    "priority_delete",
    "priority_edit",
    "priority_move",
    "priority_new",
    "scoring_close",
    "scoring_edit",
]
