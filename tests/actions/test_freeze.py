"""Adopted, the plan is frozen whatever the door: the services, and the rows themselves."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from actions import services
from actions.models import ActionPlan
from ctg_site.lib.errors import RuleBroken
from tests.actions.factories import (
    add_action,
    add_cost,
    add_financing,
    add_objective,
    add_target,
    close_up_to,
    make_adopted_plan,
    make_complete_plan,
)

pytestmark = pytest.mark.django_db

GESTURES = {
    "describe_plan": lambda plan: services.describe_plan(plan, introduction="", level_names=[], by=None),
    "new_objective": lambda plan: add_objective(plan, parent=plan.objectives.get(code="1")),
    "save_objective": lambda plan: services.save_objective(plan.objectives.get(code="1.1"), by=None),
    "move_objective": lambda plan: services.move_objective(plan.objectives.get(code="1.1"), ranks=-1, by=None),
    "delete_objective": lambda plan: services.delete_objective(plan.objectives.get(code="1.1"), by=None),
    "new_action": lambda plan: add_action(plan),
    "save_action": lambda plan: services.save_action(plan.actions.get(), by=None),
    "delete_action": lambda plan: services.delete_action(plan.actions.get(), by=None),
    "give_verdict": lambda plan: services.give_verdict(
        plan.actions.get(), verdict="dropped", reason="Trop cher", by=None, on=date(2022, 12, 1)
    ),
    "save_cost": lambda plan: add_cost(plan.actions.get(), "1"),
    "delete_cost": lambda plan: services.delete_cost(plan.actions.get().costs.get(), by=None),
    "save_financing": lambda plan: add_financing(plan.actions.get(), "1", year=2024),
    "delete_financing": lambda plan: services.delete_financing(plan.actions.get().financings.get(), by=None),
    "save_target": lambda plan: add_target(plan.actions.get()),
    "delete_target": lambda plan: services.delete_target(plan.actions.get().targets.get(), by=None),
}


@pytest.mark.parametrize("gesture", GESTURES)
def test_no_gesture_changes_an_adopted_plan(gesture):
    plan = make_adopted_plan()
    with pytest.raises(RuleBroken, match="ne se modifie"):
        GESTURES[gesture](plan)


@pytest.mark.parametrize(
    "gesture", [name for name in GESTURES if name not in ("describe_plan", "delete_objective", "move_objective")]
)
def test_the_same_gesture_is_taken_until_then(gesture):
    GESTURES[gesture](close_up_to(make_complete_plan(), "costed"))


ROWS = {
    "objective": lambda plan: plan.objectives.get(code="1.1"),
    "action": lambda plan: plan.actions.get(),
    "cost": lambda plan: plan.actions.get().costs.get(),
    "financing": lambda plan: plan.actions.get().financings.get(),
    "target": lambda plan: plan.actions.get().targets.get(),
}


@pytest.mark.parametrize("name", ROWS)
def test_no_row_is_saved_or_deleted_below_the_services(name):
    row = ROWS[name](make_adopted_plan())
    with pytest.raises(RuleBroken, match="ne se modifie plus"):
        row.save()
    with pytest.raises(RuleBroken, match="ne se modifie plus"):
        row.delete()


def test_a_financing_is_not_replanned_under_cover_of_a_payment():
    line = ROWS["financing"](make_adopted_plan())
    line.planned, line.paid = Decimal(1), Decimal(1)
    services.record_payment(line, paid=Decimal(1), by=None)
    line.refresh_from_db()
    assert (line.planned, line.paid) == (Decimal("12000.00"), Decimal("1.00"))


# --- What the row alone refuses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"formalised_on": date(2022, 9, 1), "formalised_decision": "Copil"},
        {
            "axes_fixed_on": date(2022, 9, 2),
            "axes_fixed_decision": "C",
            "formalised_on": date(2022, 9, 1),
            "formalised_decision": "C",
        },
        {"axes_fixed_on": date(2022, 9, 1)},
        {"axes_fixed_decision": "Copil n° 1"},
        {"signed_on": date(2022, 9, 1)},
    ],
    ids=["without the one before", "before the one before", "without decision", "without date", "signed, not adopted"],
)
def test_the_database_keeps_the_closures_in_order(fields):
    plan = make_complete_plan()
    with pytest.raises(IntegrityError), transaction.atomic():
        ActionPlan.objects.filter(pk=plan.pk).update(**fields)
