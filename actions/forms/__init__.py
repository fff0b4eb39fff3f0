"""The forms of the plan, each in its module."""

from actions.forms.choices import leaves, members, named
from actions.forms.feasibility import VerdictForm
from actions.forms.fiche import BY_SLUG, STAGES, EssentialForm, Stage, StageForms, stages_for
from actions.forms.followup import StepsDoneForm
from actions.forms.money import BudgetForms, CostForm, FinancingForm, PaymentsForm
from actions.forms.plan import ObjectiveForm, PlanForm
from actions.forms.targets import TargetForm
from actions.forms.versions import ReopeningForm

__all__ = [
    "BY_SLUG",
    "STAGES",
    "BudgetForms",
    "CostForm",
    "EssentialForm",
    "FinancingForm",
    "ObjectiveForm",
    "PaymentsForm",
    "PlanForm",
    "ReopeningForm",
    "Stage",
    "StageForms",
    "StepsDoneForm",
    "TargetForm",
    "VerdictForm",
    "leaves",
    "members",
    "named",
    "stages_for",
]
