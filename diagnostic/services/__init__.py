"""The gestures of the diagnosis, by aggregate; everything public is imported from here."""

from diagnostic.services.contributions import contribute
from diagnostic.services.diagnoses import (
    describe_diagnosis,
    open_diagnosis,
    publish_diagnosis,
    unpublish_diagnosis,
    validate_diagnosis,
)
from diagnostic.services.findings import delete_finding, delete_idea, save_finding, save_idea
from diagnostic.services.groups import (
    DEFAULT_GROUPS,
    GroupSeed,
    add_member,
    delete_group,
    remove_member,
    save_group,
)
from diagnostic.services.priorities import delete_priority, move_priority, save_priority

__all__ = [
    "DEFAULT_GROUPS",
    "GroupSeed",
    "add_member",
    "contribute",
    "delete_finding",
    "delete_group",
    "delete_idea",
    "delete_priority",
    "describe_diagnosis",
    "move_priority",
    "open_diagnosis",
    "publish_diagnosis",
    "remove_member",
    "save_finding",
    "save_group",
    "save_idea",
    "save_priority",
    "unpublish_diagnosis",
    "validate_diagnosis",
]
