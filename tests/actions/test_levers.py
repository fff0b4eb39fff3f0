"""What a Caf scheme would bring: from the dated rates, never more than the cost, « à chiffrer » without a rate."""

from datetime import date
from decimal import Decimal

import pytest

from actions import services
from actions.levers import lever_lines
from actions.models import Lever
from territory.models import Rate, Scheme
from tests.actions.factories import add_action, add_cost, make_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def action():
    return add_action(make_plan(), starts_on=date(2023, 1, 1), ends_on=date(2024, 12, 31))


@pytest.fixture
def scheme():
    return Scheme.objects.create(code="essai", label="Dispositif d’essai")


def rate(scheme, measure, value, since=2020, until=None):
    return Rate.objects.create(
        scheme=scheme,
        measure=measure,
        value=value and Decimal(value),
        valid_from=date(since, 1, 1),
        valid_to=until and date(until, 12, 31),
        source="Barème d’essai",
    )


def amounts(action, scheme, **fields):
    services.save_part(Lever(action=action, scheme=scheme, **fields), by=None)
    (line,) = lever_lines(action, action.levers.select_related("scheme"))
    return [row.amount for row in line.years]


def test_units_at_the_rate_of_each_year(action, scheme):
    rate(scheme, Rate.Measure.NEW_UNIT, "1000.00", until=2023)
    rate(scheme, Rate.Measure.NEW_UNIT, "1100.50", since=2024)
    assert amounts(action, scheme, units=Decimal("2.5")) == [Decimal("2500.00"), Decimal("2751.25")]


def test_without_a_rate_it_is_to_be_costed_never_zero(action, scheme):
    rate(scheme, Rate.Measure.NEW_UNIT, "1000.00", until=2023)
    assert amounts(action, scheme, units=Decimal(2)) == [Decimal("2000.00"), None]


def test_a_share_of_the_capped_cost_is_never_more_than_the_cost(action, scheme):
    rate(scheme, Rate.Measure.COST_SHARE, "50")
    rate(scheme, Rate.Measure.CEILING, "100.00")
    add_cost(action, "1000.00", year=2023)
    add_cost(action, "60.00", year=2024)
    assert amounts(action, scheme, units=Decimal(3)) == [Decimal("150.00"), Decimal("30.00")]


def test_what_the_caf_announced_is_taken_as_it_is(action, scheme):
    rate(scheme, Rate.Measure.NEW_UNIT, "1000.00")
    assert amounts(action, scheme, units=Decimal(2), yearly_amount=Decimal("777.00")) == [Decimal("777.00")] * 2
