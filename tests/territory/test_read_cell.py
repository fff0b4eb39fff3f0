"""What people write in a cell (domain T17), and what is never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territory.imports.strings import Figure, parse_figure


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 089 800,00 €", "1089800"),
        ("1 089 800", "1089800"),
        ("1\u202f089\u202f800", "1089800"),
        ("1\u00a0089\u00a0800,5", "1089800.5"),
        ("33%", "33"),
        ("33 %", "33"),
        ("2,5 Etp", "2.5"),
        ("2.5 ETP", "2.5"),
        ("2½", "2.5"),
        ("−4", "-4"),
        ("(1 200)", "-1200"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234.567", "1234567"),
        ("490 787 €", "490787"),
        ("12 k€", "12000"),
        ("1,1 M€", "1100000"),
        ("192027.0", "192027"),
        ("0", "0"),
        ("33,33333333", "33.3333"),
    ],
)
def test_a_number_is_read_exactly(text, number):
    assert parse_figure(text).number == number


@pytest.mark.parametrize(
    ("text", "quality"),
    [
        ("n.d.", "missing"),
        ("nd", "missing"),
        ("–", "missing"),
        ("", ""),
        ("s", "masked"),
        ("*", "masked"),
        ("<5", "masked"),
        ("sans objet", "na"),
    ],
)
def test_an_absent_number_says_why(text, quality):
    assert parse_figure(text) == Figure(None, quality)


@pytest.mark.parametrize("text", ["abc", "12abc", "1 2,3,4", "#REF!", "1e9", "=A1", "12/2024", "--4", "∞"])
def test_anything_else_is_refused_with_what_was_expected(text):
    with pytest.raises(ValueError, match="un nombre"):
        parse_figure(text)


@pytest.mark.parametrize("text", ["1,234", "1.234"])
def test_a_count_that_could_be_two_numbers_is_not_guessed(text):
    with pytest.raises(ValueError, match="ambiguïté"):
        parse_figure(text, counts=True)
    assert parse_figure(text).number == "1.234"


def test_the_sign_of_a_percentage_is_kept():
    assert parse_figure("43 %").is_percent
    assert not parse_figure("43").is_percent


@given(st.text(max_size=30))
def test_no_text_makes_it_fall_over(text):
    try:
        figure = parse_figure(text, counts=True)
    except ValueError:
        return
    assert figure.number is None or float(figure.number) == float(figure.number)


@given(st.integers(-(10**11), 10**11), st.sampled_from(["{:,}", "{}", "{:_}"]))
def test_whole_numbers_survive_their_french_spaces(number, form):
    text = form.format(number).replace(",", "\u202f").replace("_", " ")
    assert parse_figure(text, counts=True).number == str(number)
