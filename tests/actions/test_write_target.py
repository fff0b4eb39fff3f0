from decimal import Decimal

import pytest

from actions import services
from ctg_site.lib.errors import RuleBroken
from tests.actions.factories import add_action, add_target, make_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def action():
    return add_action(make_plan())


def test_it_writes_an_indicator(action):
    target = add_target(action)
    assert target.attainment(Decimal(25)) == 50


@pytest.mark.parametrize(
    ("direction", "baseline", "goal"), [("higher", 10, 10), ("higher", 10, 9), ("lower", 10, 10), ("lower", 10, 11)]
)
def test_its_goal_goes_the_wanted_way(action, direction, baseline, goal):
    with pytest.raises(RuleBroken, match="sens voulu"):
        add_target(action, direction=direction, baseline=Decimal(baseline), goal=Decimal(goal))


def test_a_goal_may_be_lower(action):
    assert add_target(action, direction="lower", baseline=Decimal(10), goal=Decimal(2)).attainment(Decimal(6)) == 50


def test_without_baseline_it_says_why(action):
    with pytest.raises(RuleBroken, match="pourquoi elle n’est pas disponible"):
        add_target(action, baseline=None)
    add_target(action, baseline=None, baseline_reason="Jamais compté.")


def test_it_has_a_source_and_a_unit(action):
    with pytest.raises(RuleBroken, match="source"):
        add_target(action, source="")
    with pytest.raises(RuleBroken, match="unité"):
        add_target(action, unit="")


def test_it_is_deleted(action):
    services.delete_target(add_target(action), by=None)
    assert not action.targets.exists()
