"""What leaves of a figure (T2, T11, T16, rules R45 to R50)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territory import secrecy
from territory.models import Indicator, Release, Source, Value
from territory.secrecy import MASKED, PublicValue, State, hide_deducible, masked_cells, public_value, ratio, total

COUNT, PERCENT = Indicator.Unit.COUNT, Indicator.Unit.PERCENT


def indicator(unit=COUNT, *, counts_people=True, decimals=0):
    return Indicator(code="essai", label="Essai", unit=unit, counts_people=counts_people, decimals=decimals)


def value(number, *, quality=Value.Quality.EXACT, threshold=5, year=2019):
    source = Source(name="Source", secrecy_threshold=threshold)
    number = None if number is None else Decimal(number)
    return Value(
        number=number, quality=quality, year=year, start_year=year, release=Release(name="Livraison", source=source)
    )


@pytest.mark.parametrize(
    ("number", "threshold", "state"),
    [
        (0, 5, "shown"),
        (1, 5, "masked"),
        (4, 5, "masked"),
        (5, 5, "shown"),
        (10, 11, "masked"),
        (11, 11, "shown"),
        (1, 0, "shown"),
    ],
)
def test_a_small_count_of_people_is_masked_and_zero_is_not(number, threshold, state):
    shown = public_value(value(number, threshold=threshold), indicator())
    assert shown.state == state
    assert (shown.number is None) is (state == "masked")
    assert (shown.text == "secret") is (state == "masked")


def test_what_is_not_a_count_of_people_is_shown():
    assert public_value(value(3), indicator(counts_people=False)).text == "3"
    assert public_value(value(3), indicator(PERCENT)).text == "3\u00a0%"


@pytest.mark.parametrize(("quality", "text"), [("masked", "secret"), ("missing", "n.d."), ("na", "sans objet")])
def test_why_a_figure_is_not_shown_is_said(quality, text):
    shown = public_value(value(None, quality=quality), indicator())
    assert (shown.text, shown.number, shown.is_shown) == (text, None, False)
    assert shown.year == 2019


def test_no_figure_at_all_is_missing():
    assert public_value(None, indicator()).state == State.MISSING


@given(st.integers(0, 10**6), st.integers(0, 50))
def test_a_masked_number_is_nowhere_in_what_leaves(number, threshold):
    shown = public_value(value(number, threshold=threshold), indicator())
    if 0 < number < threshold:
        assert shown == PublicValue(State.MASKED, None, "secret", COUNT, 2019, 2019, "Source", "exact")
    else:
        assert shown.number == number


# --- Ratios ---


def covered(people, inhabitants, *, decimals=0, threshold=5):
    rate = indicator(PERCENT, counts_people=False, decimals=decimals)
    rate.numerator, rate.denominator = indicator(), indicator(counts_people=False)
    return ratio(people and value(people, threshold=threshold), inhabitants and value(inhabitants, year=2017), rate)


def test_the_seed_covers_42_percent():
    assert covered(8629, 20391).text == "42\u00a0%"
    assert covered(8629, 20391, decimals=1).text == "42,3\u00a0%"


def test_the_year_shown_is_that_of_the_numerator():
    assert covered(8629, 20391).year == 2019


def test_a_coverage_may_exceed_100_and_needs_someone_to_cover():
    assert covered(210, 200).number == 105
    assert covered(120, 200).number == 60
    assert covered(120, "0").state == State.MISSING
    assert covered(None, 200).state == State.MISSING


def test_a_ratio_does_not_give_back_a_masked_term():
    shown = covered(3, 200)
    assert (shown.state, shown.number, shown.text) == (State.MASKED, None, "secret")


def test_an_indicator_without_terms_has_no_ratio():
    assert ratio(value(1), value(2), indicator(PERCENT)).state == State.MISSING


# --- Sums ---

SHOWN = PublicValue(State.SHOWN, Decimal(10), "10", COUNT, 2019, 2019)


def test_a_sum_is_only_as_good_as_its_terms():
    assert total([SHOWN, SHOWN], indicator()).number == 20
    assert total([SHOWN, MASKED], indicator()).state == State.MASKED
    assert total([SHOWN, secrecy.MISSING], indicator()).state == State.MISSING
    assert total([MASKED, secrecy.MISSING], indicator()).state == State.MASKED
    assert total([], indicator()).state == State.MISSING


# --- Complementary suppression ---


@pytest.mark.parametrize(
    ("row", "hidden"),
    [
        ([12, 3, 8], {1, 2}),
        ([12, 0, 8], set()),
        ([5, 10, 0], set()),  # Cafdata, total 20: accepted, nothing is corrected
        ([3, 4, 8], {0, 1}),
        ([3, 0, 0], {0}),
        ([3, None, 9], {0, 2}),
    ],
)
def test_one_masked_cell_beside_a_shown_total_hides_another(row, hidden):
    assert masked_cells(row, 5) == hidden


def test_without_a_total_nothing_can_be_deduced():
    assert masked_cells([12, 3, 8], 5, total_shown=False) == {1}


CELLS = st.lists(st.one_of(st.none(), st.integers(0, 60)), max_size=12)


@given(CELLS, st.integers(2, 20))
def test_a_masked_cell_never_comes_back_by_subtraction(row, threshold):
    hidden = masked_cells(row, threshold)
    small = {i for i, cell in enumerate(row) if cell is not None and 0 < cell < threshold}
    assert small <= hidden
    assert all(row[i] for i in hidden), "un zéro ou un trou n’est pas un secret"
    if small and any(cell and i not in small for i, cell in enumerate(row)):
        assert len(hidden) >= 2


@given(st.lists(st.integers(0, 60), min_size=2, max_size=12))
def test_what_is_shown_of_a_row_gives_no_masked_cell_back(row):
    shown = hide_deducible([public_value(value(cell), indicator()) for cell in row])
    hidden = [i for i, cell in enumerate(shown) if not cell.is_shown]
    others = [cell for cell in row if cell >= 5]
    assert len(hidden) != 1 or not others
    assert all(shown[i].number is None and shown[i].text == "secret" for i in hidden)
    assert {i for i, cell in enumerate(row) if 0 < cell < 5} <= set(hidden)


def test_a_row_with_a_hole_is_left_alone():
    cells = [MASKED, secrecy.MISSING, SHOWN]
    assert hide_deducible(cells) == cells
