"""The gestures of the action plan. Every one checks, writes and journals in one transaction."""

from actions.services.bulk import Judgement, change_actions
from actions.services.feasibility import give_verdict
from actions.services.fiches import delete_action, return_to_draft, save_action, submit_action, write_fiche
from actions.services.followup import late_steps, record_step, record_steps, remind_late_leads
from actions.services.money import (
    delete_cost,
    delete_financing,
    record_amount,
    record_amounts,
    record_payment,
    save_budget,
    save_cost,
    save_financing,
)
from actions.services.parts import delete_part, save_part, save_parts
from actions.services.plans import (
    adopt_plan,
    close_costing,
    describe_plan,
    fix_axes,
    formalise_plan,
    mark_signed,
    open_plan,
    publish_plan,
    unpublish_plan,
)
from actions.services.sources import create_action
from actions.services.targets import delete_target, save_target
from actions.services.tree import (
    delete_objective,
    move_objective,
    next_action_code,
    next_objective_code,
    save_objective,
)
from actions.services.versions import on_reopening, reopen_plan

__all__ = [
    "Judgement",
    "adopt_plan",
    "change_actions",
    "close_costing",
    "create_action",
    "delete_action",
    "delete_cost",
    "delete_financing",
    "delete_objective",
    "delete_part",
    "delete_target",
    "describe_plan",
    "fix_axes",
    "formalise_plan",
    "give_verdict",
    "late_steps",
    "mark_signed",
    "move_objective",
    "next_action_code",
    "next_objective_code",
    "on_reopening",
    "open_plan",
    "publish_plan",
    "record_amount",
    "record_amounts",
    "record_payment",
    "record_step",
    "record_steps",
    "remind_late_leads",
    "reopen_plan",
    "return_to_draft",
    "save_action",
    "save_budget",
    "save_cost",
    "save_financing",
    "save_objective",
    "save_part",
    "save_parts",
    "save_target",
    "submit_action",
    "unpublish_plan",
    "write_fiche",
]
