"""The eight steps that only a decision closes: which object, which function of its own room, and who closed it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from actions import services as plan_services
from actions.models import ActionPlan
from ctg_site.accounts.models import User
from ctg_site.lib.errors import RuleBroken
from diagnostic import services as diagnosis_services
from diagnostic.models import Diagnosis
from governance.models import Agreement, Evaluation, EvaluationMethod, Gate
from governance.services.agreements import freeze_agreement
from governance.services.evaluations import validate_evaluation, validate_method
from territory.models import Ctg


@dataclass
class Rooms:
    """The current object of each room, read when a door asks for it."""

    ctg: Ctg
    year: int | None = None

    @cached_property
    def diagnosis(self) -> Diagnosis | None:
        return Diagnosis.objects.current().filter(ctg=self.ctg).select_related("ctg__caf").first()

    @cached_property
    def plan(self) -> ActionPlan | None:
        rows = ActionPlan.objects.current().filter(diagnosis__ctg=self.ctg)
        return rows.select_related("diagnosis__ctg__caf", "diagnosis__ctg__evaluation_method", "agreement").first()

    @cached_property
    def agreement(self) -> Agreement | None:
        return getattr(self.plan, "agreement", None)

    @cached_property
    def method(self) -> EvaluationMethod | None:
        if self.plan:
            return getattr(self.plan.diagnosis.ctg, "evaluation_method", None)
        return EvaluationMethod.objects.filter(ctg=self.ctg).first()

    @cached_property
    def evaluation(self) -> Evaluation | None:
        return next((evaluation for evaluation in self.evaluations if evaluation.year == self.year), None)

    @cached_property
    def evaluations(self) -> list[Evaluation]:
        return (
            list(Evaluation.objects.filter(agreement__plan__diagnosis__ctg=self.ctg).order_by("year"))
            if self.agreement
            else []
        )


@dataclass(frozen=True)
class Door:
    """``room`` names the object in ``Rooms``, ``signed_by`` its field that keeps the decision."""

    room: str
    signed_by: str
    gesture: Callable[..., Any]
    absent: str

    def closed_by(self, rooms: Rooms) -> str:
        """The decision that closed it; empty while it is open."""
        return getattr(getattr(rooms, self.room), self.signed_by, "")

    def close(self, rooms: Rooms, *, decision: str, by: User | None, on: date) -> None:
        found = getattr(rooms, self.room)
        if found is None:
            raise RuleBroken(self.absent)
        self.gesture(found, decision=decision, by=by, on=on)


NO_PLAN = "Le plan d’actions de cette Ctg n’est pas encore ouvert."

DOORS = {
    Gate.VALIDATE_DIAGNOSIS: Door(
        "diagnosis",
        "validated_by_decision",
        diagnosis_services.validate_diagnosis,
        "Le diagnostic de cette Ctg n’est pas encore ouvert.",
    ),
    Gate.FIX_AXES: Door("plan", "axes_fixed_decision", plan_services.fix_axes, NO_PLAN),
    Gate.FORMALISE_PLAN: Door("plan", "formalised_decision", plan_services.formalise_plan, NO_PLAN),
    Gate.CLOSE_COSTING: Door("plan", "costed_decision", plan_services.close_costing, NO_PLAN),
    Gate.ADOPT_PLAN: Door("plan", "adopted_decision", plan_services.adopt_plan, NO_PLAN),
    Gate.VALIDATE_METHOD: Door(
        "method", "validated_by_decision", validate_method, "La méthode d’évaluation n’est pas encore ouverte."
    ),
    Gate.APPROVE_SIGNATURE: Door(
        "agreement", "frozen_by_decision", freeze_agreement, "Le texte de la convention n’est pas encore préparé."
    ),
    Gate.VALIDATE_EVALUATION: Door(
        "evaluation",
        "validated_by_decision",
        validate_evaluation,
        "L’évaluation de cette année n’est pas encore ouverte.",
    ),
}
