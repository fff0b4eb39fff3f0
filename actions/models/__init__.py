"""The rows of a plan: its versions, its tree, its fiches, their money, their indicators, what is said of them."""

from actions.models.action import Action, Partnership, Step
from actions.models.feasibility import Criterion, Mark, Opinion
from actions.models.indicators import Target
from actions.models.library import ModelAction
from actions.models.money import Cost, Financing, InKind, Lever
from actions.models.objectives import Objective
from actions.models.plan import FROZEN, ActionPart, ActionPlan, PlanPart

__all__ = [
    "FROZEN",
    "Action",
    "ActionPart",
    "ActionPlan",
    "Cost",
    "Criterion",
    "Financing",
    "InKind",
    "Lever",
    "Mark",
    "ModelAction",
    "Objective",
    "Opinion",
    "Partnership",
    "PlanPart",
    "Step",
    "Target",
]
