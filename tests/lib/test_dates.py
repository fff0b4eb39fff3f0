from datetime import UTC, date, datetime

import pytest

from ctg_site.lib import dates
from ctg_site.lib.dates import DAY, MONTH, french_span


def test_written_dates():
    assert dates.french_date(date(2021, 12, 15)) == "15 décembre 2021"
    assert dates.french_date(date(2021, 1, 1)) == "1er janvier 2021"
    assert dates.short_date(date(2021, 12, 15)) == "15 déc. 2021"
    assert dates.short_date(date(2021, 5, 1)) == "1er mai 2021"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        ((date(2021, 4, 1), MONTH, date(2021, 10, 15), DAY), "d’avril au 15 octobre 2021"),
        ((date(2021, 10, 30),), "30 octobre 2021"),
        ((date(2021, 11, 1), MONTH), "novembre 2021"),
        ((date(2021, 10, 4), DAY, date(2021, 10, 15), DAY), "du 4 au 15 octobre 2021"),
        ((date(2021, 9, 1), DAY, date(2021, 10, 15), DAY), "du 1er septembre au 15 octobre 2021"),
        ((date(2021, 12, 3), DAY, date(2022, 1, 4), DAY), "du 3 décembre 2021 au 4 janvier 2022"),
        ((date(2021, 3, 1), MONTH, date(2021, 6, 1), MONTH), "de mars à juin 2021"),
        ((date(2021, 12, 1), MONTH, date(2022, 3, 1), MONTH), "de décembre 2021 à mars 2022"),
        ((date(2021, 3, 4), DAY, date(2021, 6, 1), MONTH), "du 4 mars à juin 2021"),
        ((date(2021, 3, 1), MONTH, date(2021, 3, 31), MONTH), "mars 2021"),
        ((date(2021, 3, 4), DAY, date(2021, 3, 4), DAY), "4 mars 2021"),
    ],
)
def test_spans_say_no_more_than_their_precision(span, text):
    assert french_span(*span) == text


@pytest.mark.parametrize(
    ("year", "sunday"),
    [(2000, (4, 23)), (2008, (3, 23)), (2021, (4, 4)), (2024, (3, 31)), (2025, (4, 20)), (2038, (4, 25))],
)
def test_easter(year, sunday):
    assert dates.easter(year) == date(year, *sunday)


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        (date(2021, 10, 30), True),  # the seed's Saturday
        (date(2021, 10, 15), False),
        (date(2021, 11, 15), False),
        (date(2021, 11, 11), True),
        (date(2025, 4, 21), True),  # lundi de Pâques
        (date(2025, 5, 29), True),  # Ascension
        (date(2025, 6, 9), True),  # lundi de Pentecôte
        (date(2025, 4, 18), False),  # vendredi saint: a holiday in Alsace and Moselle only
    ],
)
def test_weekends_and_holidays(day, closed):
    assert dates.is_weekend_or_holiday(day) is closed


@pytest.mark.parametrize(
    ("text", "year"), [("2024", 2024), ("1900", 1900), ("2101", None), ("0000", None), ("20219", None), ("²", None)]
)
def test_the_year_of_an_address(text, year):
    assert dates.year_in(text) == year


def test_today_is_the_day_in_paris(monkeypatch):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2021, 12, 31, 23, 30, tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr(dates, "datetime", Clock)
    assert dates.today() == date(2022, 1, 1)
