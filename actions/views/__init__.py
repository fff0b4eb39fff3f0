"""One small view a gesture; everything is fetched through the querysets that check who asks."""

from actions.views.feasibility import action_return, action_submit, action_verdict
from actions.views.fiches import action, action_delete, action_describe, action_edit, action_new
from actions.views.money import budget, payments
from actions.views.plans import plan, plan_edit, plan_publish, plan_unpublish, plan_xlsx
from actions.views.readings import plan_board, plan_bulk, plan_chain, plan_cube, plan_gantt, plan_table
from actions.views.targets import target_delete, target_edit, target_new
from actions.views.tree import objective_delete, objective_edit, objective_move, objective_new

__all__ = [
    "action",
    "action_delete",
    "action_describe",
    "action_edit",
    "action_new",
    "action_return",
    "action_submit",
    "action_verdict",
    "budget",
    "objective_delete",
    "objective_edit",
    "objective_move",
    "objective_new",
    "payments",
    "plan",
    "plan_board",
    "plan_bulk",
    "plan_chain",
    "plan_cube",
    "plan_edit",
    "plan_gantt",
    "plan_publish",
    "plan_table",
    "plan_unpublish",
    "plan_xlsx",
    "target_delete",
    "target_edit",
    "target_new",
]
