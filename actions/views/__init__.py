"""One small view a gesture; everything is fetched through the querysets that check who asks."""

from actions.views.begin import action_begin
from actions.views.feasibility import action_return, action_submit, action_support, action_verdict
from actions.views.fiches import action, action_delete, action_edit, action_new, action_step
from actions.views.followup import plan_remind, steps_done
from actions.views.money import budget, payments
from actions.views.plans import plan, plan_edit, plan_publish, plan_unpublish, plan_xlsx
from actions.views.targets import target_delete, target_edit, target_new
from actions.views.tree import objective_delete, objective_edit, objective_move, objective_new
from actions.views.versions import plan_compare, plan_reopen, plan_version, plan_versions

__all__ = [
    "action",
    "action_begin",
    "action_delete",
    "action_edit",
    "action_new",
    "action_return",
    "action_step",
    "action_submit",
    "action_support",
    "action_verdict",
    "budget",
    "objective_delete",
    "objective_edit",
    "objective_move",
    "objective_new",
    "payments",
    "plan",
    "plan_compare",
    "plan_edit",
    "plan_publish",
    "plan_remind",
    "plan_reopen",
    "plan_unpublish",
    "plan_version",
    "plan_versions",
    "plan_xlsx",
    "steps_done",
    "target_delete",
    "target_edit",
    "target_new",
]
