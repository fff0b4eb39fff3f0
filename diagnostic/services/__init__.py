"""The gestures of the diagnosis, by aggregate; everything public is imported from here."""

from diagnostic.services.contributions import answer_contribution, contribute
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
    schedule_contributions,
)
from diagnostic.services.guests import (
    invite_guest,
    invite_guests,
    mark_link_opened,
    remind_guest,
    remind_guests,
    revoke_guest,
)
from diagnostic.services.photographs import photograph_figures, retake_photograph
from diagnostic.services.priorities import delete_priority, move_priority, save_priority
from diagnostic.services.scoring import ballot_of, call_to_score, cast_ballot, close_scoring, open_scoring
from diagnostic.services.versions import Reopened, on_reopening, reopen_diagnosis

__all__ = [
    "DEFAULT_GROUPS",
    "GroupSeed",
    "Reopened",
    "add_member",
    "answer_contribution",
    "ballot_of",
    "call_to_score",
    "cast_ballot",
    "close_scoring",
    "contribute",
    "delete_finding",
    "delete_group",
    "delete_idea",
    "delete_priority",
    "describe_diagnosis",
    "invite_guest",
    "invite_guests",
    "mark_link_opened",
    "move_priority",
    "on_reopening",
    "open_diagnosis",
    "open_scoring",
    "photograph_figures",
    "publish_diagnosis",
    "remind_guest",
    "remind_guests",
    "remove_member",
    "reopen_diagnosis",
    "retake_photograph",
    "revoke_guest",
    "save_finding",
    "save_group",
    "save_idea",
    "save_priority",
    "schedule_contributions",
    "unpublish_diagnosis",
    "validate_diagnosis",
]
