"""What leaves of a figure (T2, T11, T16, rules R45 to R50)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territory import secrecy
from territory.models import Indicator, Release, Source, Value
from territory.secrecy import MASKED, PublicValue, State, public_value, ratio, total

COUNT, PERCENT = Indicator.Unit.COUNT, Indicator.Unit.PERCENT


def indicator(unit=COUNT, *, counts_people=True, decimals=0):
    return Indicator(code="essai", label="Essai", unit=unit, counts_people=counts_people, decimals=decimals)


def value(number, *, quality=Value.Quality.EXACT, is_withheld=False, year=2019):
    return Value(
        number=None if number is None else Decimal(number),
        quality=quality,
        is_withheld=is_withheld,
        year=year,
        start_year=year,
        release=Release(name="Livraison", source=Source(name="Source")),
    )


def test_what_is_withheld_leaves_as_one_word():
    assert public_value(value(0), indicator()).number == 0
    shown = public_value(value(3, is_withheld=True), indicator())
    assert (shown.state, shown.number, shown.text) == ("masked", None, "secret")


def test_what_nobody_has_judged_does_not_leave():
    row = Value(number=Decimal(40), release=Release(source=Source(name="Source")), year=2019, start_year=2019)
    assert public_value(row, indicator()).state == State.MASKED


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


@given(st.integers(0, 10**6), st.booleans())
def test_a_masked_number_is_nowhere_in_what_leaves(number, is_withheld):
    shown = public_value(value(number, is_withheld=is_withheld), indicator())
    if is_withheld:
        assert shown == PublicValue(State.MASKED, None, "secret", COUNT, 2019, 2019, "Source", "exact")
    else:
        assert shown.number == number


# --- Ratios ---


def covered(people, inhabitants, *, decimals=0, is_withheld=False):
    rate = indicator(PERCENT, counts_people=False, decimals=decimals)
    rate.numerator, rate.denominator = indicator(), indicator(counts_people=False)
    return ratio(people and value(people, is_withheld=is_withheld), inhabitants and value(inhabitants, year=2017), rate)


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
    shown = covered(3, 200, is_withheld=True)
    assert (shown.state, shown.number, shown.text) == (State.MASKED, None, "secret")


@pytest.mark.parametrize(
    ("people", "quality", "text"), [(65, "rounded", "33"), (65, "exact", "32,5"), (265, "rounded", "132,5")]
)
def test_a_ratio_of_a_small_rounded_count_has_no_decimals(people, quality, text):
    """Rule R49: known within five, it says no more; its number is rounded too, for the files."""
    rate = indicator(PERCENT, counts_people=False, decimals=1)
    rate.numerator, rate.denominator = indicator(), indicator(counts_people=False)
    above = value(people)
    above.quality = quality
    shown = ratio(above, value(200), rate)
    assert shown.text == f"{text}\u00a0%"
    assert shown.number == Decimal(text.replace(",", "."))


@pytest.mark.parametrize(
    ("quality", "words"), [("exact", ""), ("rounded", "arrondi par le producteur"), ("estimated", "estimé")]
)
def test_how_a_figure_was_made_is_said_unless_it_is_masked(quality, words):
    shown, masked = value(10), value(10, is_withheld=True)
    shown.quality = masked.quality = quality
    assert public_value(shown, indicator()).quality_words == words
    assert public_value(masked, indicator()).quality_words == ""


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
