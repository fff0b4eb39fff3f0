"""The bonus territoire and the capped aids: true to the cent, explained, and never 0 for want of a rate."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctg_site.lib.numbers import NBSP, THIN_NBSP
from territory.bonus import (
    FTE,
    HOURS,
    PLACES,
    UNKNOWN,
    Existing,
    Known,
    YearRates,
    bonuses,
    by_civil_year,
    split_exactly,
    unit_named,
)
from territory.ceilings import capped_share, psu_ceiling

D = Decimal
CENTS = st.decimals(min_value=0, max_value=10_000_000, places=2)
UNITS = st.decimals(min_value=0, max_value=200_000, places=2)
PETITS_ISARDS = Existing(D("10000.00"), D(7), D(15), D("4666.67"))


def plain(text: str) -> str:
    return text.replace(NBSP, " ").replace(THIN_NBSP, " ")


def computed(new="0", existing=(PETITS_ISARDS,), unit=PLACES, **rates):
    values = {"new_unit": Known(D(2600))} | rates
    return bonuses(list(existing), [D(new)], [YearRates(2021, **values)], unit)[0]


def test_a_legacy_amount_is_split_to_the_cent():
    assert split_exactly(D(10000), [D(7), D(5), D(3)]) == [D("4666.67"), D("3333.33"), D("2000.00")]


@given(CENTS, st.lists(UNITS, min_size=1, max_size=30).filter(any))
def test_a_split_keeps_the_total_and_the_proportions(total, units):
    shares = split_exactly(total, units)
    assert sum(shares) == total
    whole = sum(units)
    assert all(abs(share - total * unit / whole) < D("0.01") for share, unit in zip(shares, units, strict=True))


@pytest.mark.parametrize(("total", "units"), [("100", []), ("100", ["0", "0"]), ("-1", ["1"]), ("100", ["1", "-1"])])
def test_what_cannot_be_split_is_refused(total, units):
    with pytest.raises(ValueError, match="au moins une unité"):
        split_exactly(D(total), [D(unit) for unit in units])


def test_the_computation_is_said_in_words_and_numbers():
    result = computed("5")
    assert result.amount == D("17666.67")
    assert [plain(step) for step in result.steps] == [
        "Existant : 7/15 de 10 000,00 € = 4 666,67 €, soit ≈ 666,67 € par place.",
        "Nouveau : 5 places nouvelles × 2 600,00 € = 13 000,00 €.",
        "Bonus 2021 : 4 666,67 € + 13 000,00 € = 17 666,67 €.",
    ]


def test_the_frozen_amount_is_never_a_unit_amount_multiplied_back():
    assert computed().amount == D("4666.67") != 7 * D("666.67")


def test_existing_and_new_units_stay_apart():
    result = computed("5")
    assert (result.existing, result.new) == (D("4666.67"), D("13000.00"))


def test_a_missing_rate_is_to_be_priced_and_never_zero():
    result = computed("5", new_unit=UNKNOWN)
    assert (result.existing, result.new, result.amount) == (D("4666.67"), None, None)
    assert any("à chiffrer" in step for step in result.steps)
    assert computed("0", new_unit=UNKNOWN).amount == D("4666.67")  # nothing new: nothing is missing


def test_a_rate_to_verify_says_so():
    result = computed("5", new_unit=Known(D(2600), to_verify=True))
    assert result.to_verify
    assert any("à vérifier" in step for step in result.steps)
    assert not computed("0", new_unit=Known(D(2600), to_verify=True)).to_verify


def test_the_floor_raises_and_an_unknown_one_does_not():
    assert computed(floor=Known(D(1000))).amount == D("7000.00")
    assert computed(floor=Known(D(100))).amount == D("4666.67")
    assert computed(floor=UNKNOWN).amount == D("4666.67")


def test_revaluations_follow_each_other_and_are_rounded_once():
    years = [YearRates(2024, rise=Known(D(2))), YearRates(2025), YearRates(2026, rise=Known(D("1.5")))]
    results = bonuses([PETITS_ISARDS], [D(0)] * 3, years, PLACES)
    assert [r.amount for r in results] == [D("4760.00"), D("4760.00"), D("4831.40")]


def test_an_unknown_revaluation_makes_the_existing_part_unknown():
    assert computed(rise=UNKNOWN).existing is None


def test_the_growth_of_alsh_is_capped_from_year_to_year():
    cap = Known(D(25))
    years = [YearRates(year, Known(D("0.15")), growth_cap=cap) for year in (2021, 2022)]
    existing = Existing(D(1000), D(1000), D(1000), D(1000))
    first, second = bonuses([existing], [D(500), D(500)], years, HOURS)
    assert (first.retained, first.new) == (D(250), D("37.50"))
    assert (second.retained, second.new) == (D(500), D("75.00"))
    assert any("plafonné à 25" in step for step in first.steps)


def test_a_service_that_starts_from_nothing_has_no_growth_to_cap():
    result = computed("500", existing=(), growth_cap=Known(D(25)), unit=HOURS)
    assert result.retained == 500


def test_units_are_decimal_and_agree_in_french():
    assert plain(computed("0.2", existing=(), new_unit=Known(D(24000)), unit=FTE).steps[0]) == (
        "Nouveau : 0,2 ETP nouveau × 24 000,00 € = 4 800,00 €."
    )
    assert unit_named("place nouvelle") is PLACES
    assert unit_named("stagiaire").many == "unités"


@given(CENTS, st.lists(UNITS, min_size=1, max_size=8).filter(any), UNITS, CENTS)
def test_a_bonus_is_the_sum_of_what_it_shows(total, units, new, forfait):
    share = split_exactly(total, units)[0]
    result = computed(new, existing=[Existing(total, units[0], sum(units), share)], new_unit=Known(forfait))
    assert result.amount == result.existing + result.new
    assert result.amount == result.amount.quantize(D("0.01"))


@given(CENTS, st.integers(2000, 2100))
def test_a_school_year_is_four_months_then_eight(amount, year):
    parts = by_civil_year(amount, year)
    assert list(parts) == [year, year + 1]
    assert sum(parts.values()) == amount


def test_a_school_year_of_9600_is_3200_then_6400():
    assert by_civil_year(D(9600), 2019) == {2019: D("3200.00"), 2020: D("6400.00")}


@pytest.mark.parametrize(
    ("billing", "ceiling"), [("106.9", "10"), ("107", "10"), ("113.5", "9"), ("120", "8"), ("150", "8")]
)
def test_the_psu_ceiling_is_linear_between_107_and_120(billing, ceiling):
    found = psu_ceiling(D(billing), high=D(10), low=D(8), starts=D(107), ends=D(120))
    assert found == D(ceiling)


def test_a_share_of_a_capped_cost_is_explained():
    aid = capped_share(units=D(1000), unit_cost=D("5.20"), ceiling=D("4.00"), share=D(30), general_scheme=D(90))
    assert aid.amount == D("1080.00")
    assert "le plafond" in aid.steps[0]


@given(UNITS, CENTS, CENTS, st.decimals(0, 100, places=2))
def test_an_aid_never_exceeds_the_real_cost(units, cost, ceiling, share):
    aid = capped_share(units=units, unit_cost=cost, ceiling=ceiling, share=share)
    assert D(0) <= aid.amount <= (units * cost).quantize(D("0.01")) + D("0.01")


@pytest.mark.parametrize("missing", ["ceiling", "share"])
def test_an_aid_without_its_rate_is_to_be_priced(missing):
    rates = {"ceiling": D(4), "share": D(30)} | {missing: None}
    assert capped_share(units=D(10), unit_cost=D(5), **rates).amount is None
