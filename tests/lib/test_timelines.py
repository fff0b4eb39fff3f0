"""Bars on a scale of time: exact places, a shape for each state, nothing drawn where nothing is known."""

from datetime import date
from decimal import Decimal

import pytest

from ctg_site.lib.charts import Period, Span, stack_chart, timeline
from ctg_site.lib.charts.stacks import AMOUNTS, LABELS, WIDTH
from ctg_site.lib.charts.timelines import DASHED, RIGHT
from ctg_site.lib.charts.timelines import LABELS as FIRST
from ctg_site.lib.charts.timelines import WIDTH as WHOLE

FIVE_YEARS = Period(date(2021, 1, 1), date(2025, 12, 31))
ON = date(2023, 7, 2)
D = Decimal


def drawn(*spans, period=FIVE_YEARS, on=ON):
    return timeline("Axe 1", spans, period, on=on, noun="action")


def test_a_bar_covers_its_days():
    row = drawn(Span("Toute la Ctg", date(2021, 1, 1), date(2025, 12, 31))).rows[0]
    assert (float(row.bar_x), float(row.width)) == (FIRST, WHOLE - FIRST - RIGHT)


def test_a_bar_is_cut_at_the_edges_of_the_period():
    year = Period(date(2024, 1, 1), date(2024, 12, 31))
    row = drawn(Span("Longue", date(2022, 3, 1), date(2025, 12, 31)), period=year).rows[0]
    assert (float(row.bar_x), float(row.width)) == (FIRST, WHOLE - FIRST - RIGHT)


@pytest.mark.parametrize(("first", "last"), [(None, date(2024, 1, 1)), (date(2024, 1, 1), None), (None, None)])
def test_without_both_dates_there_is_no_bar(first, last):
    row = drawn(Span("Sans dates", first, last)).rows[0]
    assert (row.width, row.title) == ("", "Sans dates\u00a0: dates à fixer")


def test_a_day_is_wide_enough_to_be_seen():
    assert float(drawn(Span("Un jour", ON, ON)).rows[0].width) == 3


def test_only_the_steps_of_the_period_are_drawn():
    steps = ((date(2020, 1, 1), "Avant"), (date(2022, 6, 1), "Ouverture"))
    row = drawn(Span("Relais", date(2022, 1, 1), date(2025, 12, 31), DASHED, steps)).rows[0]
    assert [step.title for step in row.steps] == ["Ouverture\u00a0: 1er juin 2022"]
    assert row.shape == DASHED


def test_the_scale_is_in_years_or_in_months():
    assert [tick.text for tick in drawn().ticks] == ["2021", "2022", "2023", "2024", "2025"]
    months = drawn(period=Period(date(2024, 1, 1), date(2024, 12, 31))).ticks
    assert "".join(tick.text for tick in months) == "JFMAMJJASOND"


def test_a_period_that_begins_within_a_year_has_all_its_years():
    assert [tick.text for tick in drawn(period=Period(date(2021, 9, 1), date(2023, 8, 31))).ticks] == [
        "2021",
        "2022",
        "2023",
    ]


def test_today_is_drawn_only_inside_the_period():
    assert drawn().today
    assert drawn(on=date(2026, 1, 1)).today == ""


def test_the_sentence_says_what_is_drawn():
    spans = [Span("A", date(2022, 1, 1), date(2025, 12, 31)), Span("B", None, None)]
    assert drawn(*spans).sentence == "2 actions, du 1er janvier 2022 au 31 décembre 2025\u00a0; 1 sans dates."
    assert drawn(Span("B", None, None)).sentence == "1 action, sans date pour l’instant."


def test_a_long_label_is_cut_but_said_whole():
    row = drawn(Span("x" * 80, None, None)).rows[0]
    assert row.label.endswith("…")
    assert row.title.startswith("x" * 80)


def test_the_parts_of_a_stack_end_to_end_make_the_longest_bar():
    chart = stack_chart("t", "s", ["Caf", "Commune"], [("2022", [D(300), D(100)]), ("2023", [D(0), D(200)])])
    parts = chart.rows[0].parts
    assert sum(float(part.width) for part in parts) == pytest.approx(WIDTH - LABELS - AMOUNTS, abs=0.2)
    assert float(parts[1].x) == pytest.approx(float(parts[0].x) + float(parts[0].width), abs=0.1)
    assert [part.number for part in chart.rows[1].parts] == ["2"]
    assert [(key.number, key.name) for key in chart.keys] == [("1", "Caf"), ("2", "Commune")]


def test_a_narrow_part_bears_no_number():
    part = stack_chart("t", "s", ["Grand", "Petit"], [("2022", [D(1000), D(1)])]).rows[0].parts[1]
    assert (part.has_room, part.title) == (False, "2022, Petit\u00a0: 1\u00a0€")
