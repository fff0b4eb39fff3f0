"""The gestures of governance, by aggregate; everything public is imported from here."""

from governance.services.agreements import (
    delete_article,
    describe_agreement,
    draft_agreement,
    follow_plan,
    freeze_agreement,
    move_article,
    save_article,
)
from governance.services.committees import (
    cancel_meeting,
    delete_attendance,
    hold_meeting,
    open_governance,
    plan_meeting,
    save_attendance,
    save_committee,
    save_meeting,
)
from governance.services.decisions import take_decision
from governance.services.evaluations import (
    describe_evaluation,
    open_evaluation,
    publish_evaluation,
    save_measurement,
    save_method,
    save_review,
    unpublish_evaluation,
    validate_evaluation,
    validate_method,
)
from governance.services.parties import add_party, delete_signatory, remove_party, save_deliberation, save_signatory
from governance.services.signatures import RecordedSignature, record_signature

__all__ = [
    "RecordedSignature",
    "add_party",
    "cancel_meeting",
    "delete_article",
    "delete_attendance",
    "delete_signatory",
    "describe_agreement",
    "describe_evaluation",
    "draft_agreement",
    "follow_plan",
    "freeze_agreement",
    "hold_meeting",
    "move_article",
    "open_evaluation",
    "open_governance",
    "plan_meeting",
    "publish_evaluation",
    "record_signature",
    "remove_party",
    "save_article",
    "save_attendance",
    "save_committee",
    "save_deliberation",
    "save_measurement",
    "save_meeting",
    "save_method",
    "save_review",
    "save_signatory",
    "take_decision",
    "unpublish_evaluation",
    "validate_evaluation",
    "validate_method",
]
