"""The gestures of the action plan. Every one checks, writes and journals in one transaction."""

from actions.services.bulk import change_actions
from actions.services.feasibility import give_verdict
from actions.services.fiches import delete_action, return_to_draft, save_action, submit_action
from actions.services.money import (
    delete_cost,
    delete_financing,
    record_payment,
    record_payments,
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
from actions.services.targets import delete_target, save_target
from actions.services.tree import (
    delete_objective,
    move_objective,
    next_action_code,
    next_objective_code,
    save_objective,
)

__all__ = [
    "adopt_plan",
    "change_actions",
    "close_costing",
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
    "mark_signed",
    "move_objective",
    "next_action_code",
    "next_objective_code",
    "open_plan",
    "publish_plan",
    "record_payment",
    "record_payments",
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
]
