"""The sum of the lines beside the totals a document states (rule R42, T1)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territory.models import ControlTotal, FundingLine
from territory.reconciliation import reconcile

CENTS = st.integers(0, 10**9).map(lambda cents: Decimal(cents) / 100)
ROUNDINGS = st.sampled_from([0, 10, 100, 1000])

SEED = ["442500", "520600", "36000", "44400", "6900", "7200", "22600", "9600"]


def line(amount, rounding=0):
    return FundingLine(amount=Decimal(amount), rounding=rounding)


def stated(amount, rounding=0):
    return ControlTotal(amount=Decimal(amount), rounding=rounding)


@pytest.mark.parametrize("cej_rounding", [100, 1000])
def test_the_seed_has_a_gap_that_rounding_cannot_explain(cej_rounding):
    found = reconcile([line(amount, 100) for amount in SEED], [stated("490787"), stated("598000", cej_rounding)])
    assert (found.lines_sum, found.stated, found.gap) == (1089800, 1088787, 1013)
    assert found.gap_percent == Decimal("0.093")
    assert not found.rounding_can_explain


@pytest.mark.parametrize(
    ("total", "explained"), [("300", True), ("450", True), ("150", True), ("450.01", False), ("149.99", False)]
)
def test_half_a_step_per_amount_may_explain_a_gap(total, explained):
    found = reconcile([line("100", 100), line("100", 100), line("100", 100)], [stated(total)])
    assert found.rounding_can_explain is explained


def test_without_a_stated_total_there_is_nothing_to_compare():
    assert reconcile([line("100")], []) is None


def test_halves_are_rounded_away_from_zero():
    """As everywhere else: ctg_site/lib/numbers.py."""
    assert reconcile([line("100012.50")], [stated("100000")]).gap_percent == Decimal("0.013")
    assert FundingLine(amount=Decimal("0.25"), quantity=Decimal(10)).per_unit == Decimal("0.03")


def test_a_total_of_zero_has_no_percentage():
    found = reconcile([line("100")], [stated("0")])
    assert (found.gap, found.gap_percent) == (100, 0)


@given(st.lists(st.tuples(CENTS, ROUNDINGS)), st.lists(st.tuples(CENTS, ROUNDINGS), min_size=1))
def test_the_gap_is_exact_to_the_cent(lines, totals):
    found = reconcile([line(*row) for row in lines], [stated(*row) for row in totals])
    assert found.stated + found.gap == found.lines_sum
    assert found.lines_sum == sum((amount for amount, _ in lines), Decimal(0))
    assert found.gap.as_tuple().exponent >= -2


@given(st.lists(st.tuples(CENTS, ROUNDINGS), min_size=1))
def test_amounts_really_rounded_are_always_explained(exact):
    """Whatever the amounts, rounding them to the nearest step never leaves a gap that is called unexplained."""
    lines = [line((amount / step).quantize(Decimal(1)) * step if step else amount, step) for amount, step in exact]
    found = reconcile(lines, [stated(sum(amount for amount, _ in exact))])
    assert found.rounding_can_explain
