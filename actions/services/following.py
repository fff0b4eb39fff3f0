"""When the diagnosis is reopened, the plan that is still being written answers its new version."""

from django.db import transaction

from actions.models import Action, ActionPlan, Objective
from diagnostic.services import Reopened


@transaction.atomic
def follow_diagnosis(reopened: Reopened) -> None:
    """An adopted plan, and what was before it, stay with the version they answered."""
    for plan in ActionPlan.objects.filter(diagnosis=reopened.old, adopted_on=None).order_by("pk"):
        plan.diagnosis = reopened.new
        plan.save(update_fields=["diagnosis"])
        for objective in plan.objectives.prefetch_related("priorities").order_by("pk"):
            _answer(objective, reopened)
        for action in plan.actions.prefetch_related("findings").order_by("pk"):
            action.findings.set([reopened.findings[finding.pk] for finding in action.findings.all()])
            origin = {
                "priority": reopened.priorities.get(action.priority_id or 0),
                "idea": reopened.ideas.get(action.idea_id or 0),
            }
            Action.objects.filter(pk=action.pk).update(**origin)


def _answer(objective: Objective, reopened: Reopened) -> None:
    objective.priorities.set([reopened.priorities[priority.pk] for priority in objective.priorities.all()])
