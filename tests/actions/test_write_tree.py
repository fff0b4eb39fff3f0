"""Axes and objectives: three levels at most, one number each, the axes fixed by a decision."""

import pytest
from django.urls import reverse

from actions import services
from actions.models import Objective
from ctg_site.audit.models import Entry
from ctg_site.lib.errors import RuleBroken
from diagnostic.models import Priority
from territory.models import Role
from tests.actions.factories import (
    THREE_LEVELS,
    add_action,
    add_objective,
    close_up_to,
    leaf,
    make_complete_plan,
    make_plan,
    make_user,
    name_three_levels,
)

pytestmark = pytest.mark.django_db


def codes(plan):
    return list(plan.objectives.order_by("position", "code").values_list("code", flat=True))


def test_it_writes_an_objective_and_its_priorities():
    plan = make_plan()
    axis = plan.objectives.get(code="1")
    objective = Objective(plan=plan, parent=axis, code="1.2", title="Professionnaliser")
    services.save_objective(objective, priorities=plan.diagnosis.priorities.all(), by=None)
    assert list(objective.priorities.values_list("title", flat=True)) == ["Accueillir tous les enfants"]
    assert Entry.objects.filter(verb="objective.created", target_id=str(objective.pk), ctg_id=plan.ctg.pk).exists()


def test_it_leaves_the_priorities_that_nobody_speaks_of():
    axis = make_plan().objectives.get(code="1")
    axis.title = "Petite enfance, 0 à 3 ans"
    services.save_objective(axis, by=None)
    assert axis.priorities.count() == 1


def test_a_number_is_given_once():
    plan = make_plan()
    with pytest.raises(RuleBroken, match="déjà pris"):
        add_objective(plan, code="1")


def test_a_digit_that_is_no_number_does_not_break_the_numbering(client):
    """« 1.1.² » is a number like another to who types it: the plan still opens, and the next action has its number."""
    plan = make_plan()
    add_action(plan, code="1.1.²")
    add_action(plan, code="1.1.7")
    assert services.next_action_code(leaf(plan)) == "1.1.8"
    client.force_login(make_user("chargée", ctg=plan.ctg, role=Role.LEAD))
    assert "1.1.²" in client.get(reverse("actions:plan", args=[plan.ctg.slug])).text


def test_a_number_of_an_action_is_not_given_to_an_objective():
    plan = make_plan()
    add_action(plan)
    with pytest.raises(RuleBroken, match=r"1\.1\.1 est déjà celui d’une action"):
        add_objective(plan, parent=plan.objectives.get(code="1"), code="1.1.1")


def test_the_next_numbers_follow_the_greatest():
    plan = make_plan()
    axis = plan.objectives.get(code="1")
    for code in ("1.9", "1.10"):
        add_objective(plan, parent=axis, code=code)
    add_objective(plan, parent=axis, code="B")
    assert services.next_objective_code(plan) == "2"
    assert services.next_objective_code(plan, axis) == "1.11"
    assert services.next_action_code(leaf(plan)) == "1.1.1"
    add_action(plan)
    assert services.next_action_code(leaf(plan)) == "1.1.2"


def test_a_territory_that_names_two_levels_has_two():
    plan = make_plan()
    with pytest.raises(RuleBroken, match="2 niveaux au plus"):
        add_objective(plan, parent=leaf(plan), title="Troisième niveau")


def test_a_level_in_use_keeps_a_name():
    plan = name_three_levels(make_plan())
    add_objective(plan, parent=leaf(plan), title="Troisième niveau")
    with pytest.raises(RuleBroken, match="déjà plus de 2 niveaux"):
        services.describe_plan(plan, introduction="", level_names=THREE_LEVELS[:2], by=None)


def test_the_tree_has_three_levels_at_most():
    plan = name_three_levels(make_plan())
    third = add_objective(plan, parent=leaf(plan), title="Troisième niveau")
    assert third.level == 2
    with pytest.raises(RuleBroken, match="3 niveaux au plus"):
        add_objective(plan, parent=third)


def test_a_branch_is_not_moved_where_it_would_be_too_deep():
    plan = name_three_levels(make_plan())
    axis, second = plan.objectives.get(code="1"), add_objective(plan, title="Parentalité")
    add_objective(plan, parent=leaf(plan), title="Troisième niveau")
    axis.parent = second
    with pytest.raises(RuleBroken, match="3 niveaux au plus"):
        services.save_objective(axis, by=None)


def test_it_is_not_put_inside_itself():
    plan = make_plan()
    axis = plan.objectives.get(code="1")
    axis.parent = leaf(plan)
    with pytest.raises(RuleBroken, match="dans lui-même"):
        services.save_objective(axis, by=None)


def test_its_parent_is_of_the_same_plan():
    with pytest.raises(RuleBroken, match="autre plan"):
        add_objective(make_plan(), parent=make_plan().objectives.get(code="1"), code="9")


def test_an_objective_that_holds_actions_is_not_subdivided():
    plan = make_plan()
    add_action(plan)
    with pytest.raises(RuleBroken, match="déplacez-les avant"):
        add_objective(plan, parent=leaf(plan), code="1.1.9")


def test_an_objective_that_holds_actions_does_not_become_an_axis():
    plan = make_plan()
    add_action(plan)
    objective = leaf(plan)
    objective.parent = None
    with pytest.raises(RuleBroken, match="pas à un axe"):
        services.save_objective(objective, by=None)


def test_its_priorities_are_of_the_same_diagnosis():
    axis, stranger = make_plan().objectives.get(code="1"), Priority.objects.get(diagnosis=make_plan().diagnosis)
    with pytest.raises(RuleBroken, match="n’appartient pas au diagnostic"):
        services.save_objective(axis, priorities=[stranger], by=None)


def test_it_moves_among_its_siblings_and_keeps_its_number():
    plan = make_plan()
    second = add_objective(plan, title="Parentalité")
    add_objective(plan, title="Jeunesse")
    services.move_objective(second, ranks=-1, by=None)
    assert [code for code in codes(plan) if "." not in code] == ["2", "1", "3"]
    services.move_objective(second, ranks=1, by=None)
    assert [code for code in codes(plan) if "." not in code] == ["1", "2", "3"]
    services.move_objective(plan.objectives.get(code="1"), ranks=2, by=None)
    assert [code for code in codes(plan) if "." not in code] == ["2", "3", "1"]


def test_what_somebody_else_moved_meanwhile_is_not_moved_twice():
    plan = make_plan()
    second = add_objective(plan, title="Parentalité")
    add_objective(plan, title="Jeunesse")
    services.move_objective(second, ranks=-1, seen_at=2, by=None)
    with pytest.raises(RuleBroken, match="a changé l’ordre"):
        services.move_objective(second, ranks=1, seen_at=2, by=None)
    assert [code for code in codes(plan) if "." not in code] == ["2", "1", "3"]


@pytest.mark.parametrize(("code", "ranks"), [("1", -1), ("2", 1), ("1", 2), ("1", 0)])
def test_it_does_not_move_past_the_end(code, ranks):
    plan = make_plan()
    add_objective(plan, title="Parentalité")
    with pytest.raises(RuleBroken, match="au bout"):
        services.move_objective(plan.objectives.get(code=code), ranks=ranks, by=None)


def test_it_is_deleted_when_nothing_depends_on_it():
    plan = make_plan()
    services.delete_objective(leaf(plan), by=None)
    assert codes(plan) == ["1"]
    assert Entry.objects.filter(verb="objective.deleted", ctg_id=plan.ctg.pk).exists()


@pytest.mark.parametrize("code", ["1", "1.1"])
def test_it_is_not_deleted_with_what_depends_on_it(code):
    plan = make_plan()
    add_action(plan)
    with pytest.raises(RuleBroken, match="Déplacez ou supprimez d’abord"):
        services.delete_objective(plan.objectives.get(code=code), by=None)


# --- Once the axes are fixed ------------------------------------------------------------------------------------------


@pytest.fixture
def fixed_plan():
    plan = make_complete_plan()
    axis = plan.objectives.get(code="1")
    services.save_objective(add_objective(plan, title="Parentalité"), priorities=axis.priorities.all(), by=None)
    return close_up_to(plan, "axes_fixed")


def test_objectives_are_still_written_once_the_axes_are_fixed(fixed_plan):
    axis = fixed_plan.objectives.get(code="1")
    objective = add_objective(fixed_plan, parent=axis)
    objective.title = "Animer le réseau"
    services.save_objective(objective, by=None)
    assert [row.title for row in axis.children.order_by("position")][-1] == "Animer le réseau"
    services.move_objective(objective, ranks=-1, by=None)
    assert [row.title for row in axis.children.order_by("position")][-2] == "Animer le réseau"
    services.delete_objective(objective, by=None)
    assert not axis.children.filter(title="Animer le réseau").exists()


@pytest.mark.parametrize(
    "gesture",
    [
        lambda plan, axis: add_objective(plan, title="Jeunesse"),
        lambda plan, axis: services.save_objective(axis, by=None),
        lambda plan, axis: services.move_objective(axis, ranks=1, by=None),
        lambda plan, axis: services.delete_objective(axis, by=None),
    ],
    ids=["add", "change", "move", "delete"],
)
def test_fixed_axes_do_not_change(fixed_plan, gesture):
    with pytest.raises(RuleBroken, match="axes sont fixés"):
        gesture(fixed_plan, fixed_plan.objectives.get(code="1"))


def test_a_fixed_axis_is_not_hidden_under_another(fixed_plan):
    axis, other = fixed_plan.objectives.get(code="2"), fixed_plan.objectives.get(code="1")
    axis.parent = other
    with pytest.raises(RuleBroken, match="axes sont fixés"):
        services.save_objective(axis, by=None)
