from datetime import date

import pytest

from actions import services
from ctg_site.lib.errors import RuleBroken
from tests.actions.factories import close_up_to, make_adopted_plan, make_complete_plan

pytestmark = pytest.mark.django_db


def test_it_is_published_once_adopted():
    plan = services.publish_plan(make_adopted_plan(), by=None)
    assert plan.published_at
    with pytest.raises(RuleBroken, match="déjà publié"):
        services.publish_plan(plan, by=None)


def test_it_is_not_published_before():
    with pytest.raises(RuleBroken, match="une fois adopté"):
        services.publish_plan(close_up_to(make_complete_plan(), "costed"), by=None)


def test_it_is_withdrawn():
    plan = services.unpublish_plan(services.publish_plan(make_adopted_plan(), by=None), by=None)
    assert plan.published_at is None
    with pytest.raises(RuleBroken, match="n’est pas publié"):
        services.unpublish_plan(plan, by=None)


def test_it_is_marked_signed_once():
    plan = services.mark_signed(make_adopted_plan(), by=None, on=date(2022, 12, 15))
    assert plan.signed_on == date(2022, 12, 15)
    with pytest.raises(RuleBroken, match="déjà signé"):
        services.mark_signed(plan, by=None, on=date(2022, 12, 16))


def test_it_is_not_signed_before_it_is_adopted():
    plan = close_up_to(make_complete_plan(), "costed")
    with pytest.raises(RuleBroken, match="pas adopté"):
        services.mark_signed(plan, by=None, on=date(2022, 12, 15))
    plan = close_up_to(make_complete_plan(), "adopted")
    with pytest.raises(RuleBroken, match="01/11/2022"):
        services.mark_signed(plan, by=None, on=date(2022, 10, 31))
