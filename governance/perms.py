"""Who may do what with committees, the text and the evaluations; the table role × gesture is docs/roles.md."""

from actions.perms import leads
from ctg_site.accounts.models import User
from governance.models import ActionReview
from territory.models import Ctg
from territory.perms import can_edit, can_steer, is_inside, require

__all__ = [
    "can_convene",
    "can_edit_agreement",
    "can_edit_method",
    "can_publish_evaluation",
    "can_record_decisions",
    "can_record_signatures",
    "can_review",
    "can_write_evaluation",
    "is_inside",
    "require",
]


def can_convene(user: User, ctg: Ctg) -> bool:
    """Committees, meetings, attendance, minutes."""
    return can_steer(user, ctg)


def can_record_decisions(user: User, ctg: Ctg) -> bool:
    """Decisions open the gates of the whole journey."""
    return can_steer(user, ctg)


def can_edit_agreement(user: User, ctg: Ctg) -> bool:
    return can_edit(user, ctg)


def can_record_signatures(user: User, ctg: Ctg) -> bool:
    return can_steer(user, ctg)


def can_edit_method(user: User, ctg: Ctg) -> bool:
    return can_edit(user, ctg)


def can_write_evaluation(user: User, ctg: Ctg) -> bool:
    """Open a year, write its summary, review any action."""
    return can_edit(user, ctg)


def can_review(user: User, review: ActionReview) -> bool:
    """The lead of an action reviews their own."""
    return can_edit(user, review.evaluation.ctg) or leads(user, review.action)


def can_publish_evaluation(user: User, ctg: Ctg) -> bool:
    return can_steer(user, ctg)
