from decimal import Decimal

import pytest

from ctg_site.lib import numbers

NBSP, THIN, MINUS = "\u00a0", "\u202f", "\u2212"


@pytest.mark.parametrize(
    ("number", "text"),
    [(20391, f"20{THIN}391"), (0, "0"), (999, "999"), (1000, f"1{THIN}000"), (-1234567, f"{MINUS}1{THIN}234{THIN}567")],
)
def test_integers_are_grouped_by_thousands(number, text):
    assert numbers.integer(number) == text


def test_halves_round_away_from_zero():
    assert numbers.decimal(Decimal("2.5"), 0) == "3"
    assert numbers.decimal(Decimal("-2.5"), 0) == f"{MINUS}3"
    assert numbers.decimal(Decimal("1234.565"), 2) == f"1{THIN}234,57"


def test_what_rounds_to_zero_has_no_sign():
    assert numbers.decimal(Decimal("-0.4"), 0) == "0"
    assert numbers.signed(Decimal("0.4")) == "0"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal("1089800.00"), f"1{THIN}089{THIN}800{NBSP}€"),
        (Decimal("1013"), f"1{THIN}013{NBSP}€"),
        (Decimal("4666.67"), f"4{THIN}666,67{NBSP}€"),
        (Decimal("0.10"), f"0,10{NBSP}€"),
        (Decimal("-0.5"), f"{MINUS}0,50{NBSP}€"),
    ],
)
def test_euros_show_cents_only_when_there_are_some(amount, text):
    assert numbers.euros(amount) == text


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (6675, "foyers", "6 675 foyers"),
        (1, "foyers", "1 foyer"),
        (1, "lieux", "1 lieu"),
        (1, "locaux", "1 local"),
        (1, "heures-enfant", "1 heure-enfant"),
        (1, "habitants par an", "1 habitant par an"),
        (1, "rendez-vous", "1 rendez-vous"),
        (1, "€ par mois", "1 € par mois"),
        (Decimal("0.3"), "sans unité", "0,3 sans unité"),
        (Decimal("1.5"), "", "1,5"),
    ],
)
def test_what_is_counted_agrees(number, unit, text):
    assert numbers.counted(number, unit).replace(NBSP, " ").replace(THIN, " ") == text


def test_euros_show_cents_when_asked():
    assert numbers.euros(1500, cents=True) == f"1{THIN}500,00{NBSP}€"


@pytest.mark.parametrize("write", [numbers.euros, numbers.money_short, numbers.decimal, numbers.percent, numbers.fte])
def test_a_float_is_refused(write):
    with pytest.raises(TypeError):
        write(12.5)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(1088787, "1,1 M€"), (1000000, "1 M€"), (999500, "1 M€"), (999499, "999 k€"), (44400, "44 k€"), (900, "900 €")],
)
def test_headline_amounts(amount, text):
    assert numbers.money_short(amount).replace(NBSP, " ") == text


def test_percentages_and_points():
    assert numbers.percent(43) == f"43{NBSP}%"
    assert numbers.percent(Decimal(8629) / 20391 * 100, 1) == f"42,3{NBSP}%"
    assert [numbers.points(n).replace(NBSP, " ") for n in (13, -4, -1, 0)] == ["+13 pts", "−4 pts", "−1 pt", "0 pt"]
    assert numbers.points(Decimal("1.5"), 1) == f"+1,5{NBSP}pt"


@pytest.mark.parametrize(
    ("posts", "text"), [("2.50", "2,5"), ("3.00", "3"), ("0.25", "0,25"), ("100", "100"), ("0", "0")]
)
def test_posts_have_no_useless_zero(posts, text):
    assert numbers.fte(Decimal(posts)) == f"{text}{NBSP}ETP"


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1 089 800,00 €", "1089800.00"),
        (f"1{THIN}089{NBSP}800", "1089800.00"),
        ("12,5", "12.50"),
        ("12.50€", "12.50"),
        (f"{MINUS}4 euros", "-4.00"),
        ("0", "0.00"),
    ],
)
def test_amounts_as_people_type_them(typed, amount):
    parsed = numbers.parse_amount(typed)
    assert parsed == Decimal(amount)
    assert parsed.as_tuple().exponent == -2


@pytest.mark.parametrize("typed", ["", "abc", "1.234", "1,2,3", "12,345", "€", "1e5", "--4", "NaN", "²"])
def test_what_is_no_amount_is_refused_with_a_sentence(typed):
    with pytest.raises(ValueError, match="Écrivez un montant"):
        numbers.parse_amount(typed)


def test_an_amount_that_no_column_holds_is_refused_for_what_it_is():
    assert numbers.parse_amount("-9 999 999 999,99") == Decimal("-9999999999.99")
    with pytest.raises(numbers.TooLarge, match="dix chiffres au plus"):
        numbers.parse_amount("10 000 000 000")


@pytest.mark.parametrize(
    ("siren", "valid"), [("200049211", True), ("200049212", False), ("20004921", False), ("２00049211", False)]
)
def test_siren_key(siren, valid):
    assert numbers.is_siren(siren) is valid


def test_written_amounts_are_read_back():
    for amount in (Decimal("1089800.00"), Decimal("-0.05"), Decimal("4666.67")):
        assert numbers.parse_amount(numbers.euros(amount, cents=True)) == amount


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("2021", 2021), ("", None), ("-1", None), ("1.0", None), (" 1", None), ("²", None), ("١٢", None)],
)
def test_a_whole_number_of_an_address(text, number):
    assert numbers.whole_number(text) == number


def test_a_whole_number_is_one_that_a_database_holds():
    assert numbers.whole_number("9" * 18) == 10**18 - 1
    assert numbers.whole_number("9" * 19) is None
