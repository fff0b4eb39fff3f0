"""Who may do what in the plan: plain booleans from the role. The table is docs/roles.md."""

from actions.models import Action, ActionPlan
from ctg_site.accounts.models import User
from territory.models import Ctg, Role
from territory.perms import can_edit, can_steer, has_role, is_inside, require, roles_on

__all__ = [
    "can_edit_plan",
    "can_give_verdict",
    "can_publish_plan",
    "can_read_action",
    "can_record_payment",
    "can_write_action",
    "is_inside",
    "leads",
    "may_read_diagnosis",
    "require",
    "sees_only_theirs",
]


def can_edit_plan(user: User, ctg: Ctg) -> bool:
    """Axes, objectives, actions, money, indicators."""
    return can_edit(user, ctg)


def can_publish_plan(user: User, ctg: Ctg) -> bool:
    return can_steer(user, ctg)


def can_give_verdict(user: User, ctg: Ctg) -> bool:
    """The technical opinion is written down by those who steer."""
    return can_steer(user, ctg)


def leads(user: User, action: Action) -> bool:
    """Leads this action: named on it, with the role on its Ctg."""
    return action.lead_user_id == user.pk and has_role(user, action.plan.ctg, {Role.ACTION_LEAD})


def may_read_diagnosis(user: User, plan: ActionPlan) -> bool:
    """What the plan answers: a link to it leads somewhere."""
    return plan.diagnosis.published_at is not None or is_inside(user, plan.ctg)


def can_write_action(user: User, action: Action) -> bool:
    """The lead of an action writes its fiche; its place, its lead and its verdict belong to those who write the plan."""
    return can_edit(user, action.plan.ctg) or leads(user, action)


def can_read_action(user: User, action: Action) -> bool:
    theirs = action.lead_user_id == user.pk
    return theirs or action.plan.is_public or not sees_only_theirs(user, action.plan.ctg)


def sees_only_theirs(user: User, ctg: Ctg) -> bool:
    """Those who lead actions and nothing else read the fiches they lead, until the plan is public."""
    return user.is_authenticated and not user.is_superuser and roles_on(user, ctg) == {Role.ACTION_LEAD}


def can_record_payment(user: User, action: Action) -> bool:
    return can_edit(user, action.plan.ctg) or leads(user, action)
