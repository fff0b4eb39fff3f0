from diagnostic.views.contributions import contribute
from diagnostic.views.diagnoses import diagnosis, diagnosis_edit, diagnosis_publish, diagnosis_unpublish, diagnosis_xlsx
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
from diagnostic.views.priorities import priority, priority_delete, priority_edit, priority_move, priority_new

__all__ = [
    "contribute",
    "diagnosis",
    "diagnosis_edit",
    "diagnosis_publish",
    "diagnosis_unpublish",
    "diagnosis_xlsx",
    "finding",
    "finding_delete",
    "finding_edit",
    "finding_new",
    "group",
    "group_delete",
    "group_edit",
    "group_member_remove",
    "group_members",
    "group_new",
    "idea_delete",
    "idea_edit",
    "idea_new",
    "priority",
    "priority_delete",
    "priority_edit",
    "priority_move",
    "priority_new",
]
