"""Totals tie whichever way they are added up, to the cent, whatever the amounts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.budgets import NOTHING, Line, balances, plan_budget, row, section
from actions.content import read_plan
from actions.models import Action, Cost, Financing
from territory.models import Organisation
from tests.actions.factories import add_action, add_cost, add_financing, add_objective, make_plan

YEARS = (2023, 2024, 2025, 2026)
amounts = st.decimals(min_value=0, max_value=Decimal("9999999999.99"), places=2)
lines = st.lists(
    st.builds(
        Line,
        axis=st.integers(1, 3),
        funder=st.sampled_from(["Caf", "Commune", "État", "eta"]),
        year=st.sampled_from(YEARS),
        amount=amounts,
    ),
    max_size=40,
)


@given(planned=lines, costs=lines)
def test_rows_columns_and_grand_total_tie(planned, costs):
    table = section("Ensemble", planned, costs, YEARS)
    assert table.funding.total == sum((line.amount for line in planned), NOTHING)
    assert table.costs.total == sum((line.amount for line in costs), NOTHING)
    assert sum((funder.total for funder in table.funders), NOTHING) == table.funding.total
    for place, year in enumerate(YEARS):
        column = sum((funder.amounts[place] for funder in table.funders), NOTHING)
        assert column == table.funding.amounts[place] == row("", planned, (year,)).total
    assert table.gap.total == table.funding.total - table.costs.total


@given(planned=lines, costs=lines)
def test_the_axes_add_up_to_the_plan(planned, costs):
    whole = section("Ensemble", planned, costs, YEARS)
    parts = [
        section(
            "Axe", [line for line in planned if line.axis == axis], [line for line in costs if line.axis == axis], YEARS
        )
        for axis in (1, 2, 3)
    ]
    for place in range(len(YEARS)):
        assert sum((part.funding.amounts[place] for part in parts), NOTHING) == whole.funding.amounts[place]
        assert sum((part.costs.amounts[place] for part in parts), NOTHING) == whole.costs.amounts[place]


def an_action(costs, financings):
    """An action with its lines in memory, as a prefetch leaves them."""
    action = Action(pk=1, code="1.1.1")
    natures = [Cost.Nature.RUNNING, Cost.Nature.INVESTMENT]
    action._prefetched_objects_cache = {
        "costs": [Cost(year=year, nature=natures[place], amount=amount) for year, place, amount in costs],
        "financings": [
            Financing(year=year, nature=natures[place], funder=Organisation(name="Caf"), planned=amount)
            for year, place, amount in financings
        ],
    }
    return action


money = st.lists(st.tuples(st.sampled_from(YEARS), st.integers(0, 1), amounts), max_size=20)


@given(costs=money)
def test_what_is_paid_for_line_by_line_balances(costs):
    assert all(balance.is_even for balance in balances(an_action(costs, costs)))


@given(costs=money, financings=money)
def test_the_gaps_add_up_to_the_gap(costs, financings):
    found = balances(an_action(costs, financings))
    gap = sum((amount for *_, amount in financings), NOTHING) - sum((amount for *_, amount in costs), NOTHING)
    assert sum((balance.gap for balance in found), NOTHING) == gap
    assert len({(balance.year, balance.nature) for balance in found}) == len(found)


@given(costs=money.filter(bool), cents=st.integers(1, 10_000))
def test_a_gap_is_never_lost_in_rounding(costs, cents):
    (year, nature, _), gap = costs[0], Decimal(cents) / 100
    found = balances(an_action([*costs, (year, nature, gap)], costs))
    assert [balance.gap for balance in found if not balance.is_even] == [-gap]


@pytest.mark.django_db
def test_the_budget_of_a_plan_is_read_by_axis_funder_and_year():
    plan = make_plan()
    first = add_action(plan)
    other_axis = add_objective(plan, title="Parentalité")
    second = add_action(plan, objective=add_objective(plan, parent=other_axis))
    dropped = add_action(plan, verdict="dropped", verdict_reason="Trop cher")  # costs nothing any more
    add_cost(first, "100.10", year=2023)
    add_financing(first, "60.10", year=2023, name="Commune")
    add_financing(first, "40.00", year=2023, name="Caf", nature="investment")
    add_cost(second, "50.00", year=2024)
    add_financing(second, "50.00", year=2024, name="Caf")
    add_cost(dropped, "999.00")

    budget = plan_budget(read_plan(plan))

    assert budget.years == YEARS
    assert [(part.label, part.costs.total, part.funding.total) for part in budget.axes] == [
        ("1. Petite enfance", Decimal("100.10"), Decimal("100.10")),
        ("2. Parentalité", Decimal("50.00"), Decimal("50.00")),
    ]
    assert [(funder.label, funder.amounts) for funder in budget.whole.funders] == [
        ("Caf", (Decimal("40.00"), Decimal("50.00"), NOTHING, NOTHING)),
        ("Commune", (Decimal("60.10"), NOTHING, NOTHING, NOTHING)),
    ]
    assert budget.whole.is_even


@pytest.mark.django_db
def test_a_plan_is_read_in_as_many_queries_whatever_its_size(django_assert_num_queries):
    plan = make_plan()
    add_financing(add_action(plan), "10")
    with django_assert_num_queries(6):
        plan_budget(read_plan(plan))
    for _ in range(10):
        action = add_action(plan)
        add_cost(action, "10")
        add_financing(action, "10")
        add_financing(action, "10", name="Caf")
    with django_assert_num_queries(6):
        plan_budget(read_plan(plan))


@pytest.mark.django_db
def test_codes_are_ordered_as_numbers():
    plan = make_plan()
    for _ in range(11):
        add_action(plan)
    assert [action.code for action in read_plan(plan).actions][-2:] == ["1.1.10", "1.1.11"]
