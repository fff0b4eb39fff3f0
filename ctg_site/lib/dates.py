"""The only clock, the French way of writing a date, and the calendar of France."""

from calendar import monthrange
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ctg_site.lib.numbers import whole_number

PARIS = ZoneInfo("Europe/Paris")

DAY, MONTH = "day", "month"
FIRST_YEAR, LAST_YEAR = 1900, 2100  # beyond, somebody mistyped

_MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
_SHORT_MONTHS = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]
_FIXED_HOLIDAYS = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
_DAYS_AFTER_EASTER = (1, 39, 50)  # lundi de Pâques, Ascension, lundi de Pentecôte


def year_in(text: str) -> int | None:
    """The year that an address or a cell names, « 2024 »; None for anything else."""
    number = whole_number(text)
    return number if number is not None and FIRST_YEAR <= number <= LAST_YEAR else None


def today() -> date:
    """The day it is in Paris, whatever the clock of the machine."""
    return datetime.now(PARIS).date()


def now() -> datetime:
    """The moment of a gesture, to stamp it; a rule never reads it, it is given its day."""
    return datetime.now(PARIS)


def why_not_yet(day: date) -> str:
    """What was done was not done on a day to come: the sentence that says so, empty for a day that has come. No rule
    but ``conditions.has_come`` asks it."""
    here = today()
    return f"Ce jour n’est pas encore venu\u00a0: nous sommes le {french_date(here)}." if day > here else ""


def french_date(day: date) -> str:
    """« 15 décembre 2021 », « 1er janvier 2021 »."""
    return f"{_day_of_month(day)} {_MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """« 15 déc. 2021 »."""
    return f"{_day_of_month(day)} {_SHORT_MONTHS[day.month - 1]} {day.year}"


def french_moment(moment: datetime) -> str:
    """« le 15 décembre 2021 à 14 h 05 », in Paris."""
    there = moment.astimezone(PARIS)
    return f"le {french_date(there)} à {there.hour} h {there.minute:02d}"


def french_month(day: date) -> str:
    """« novembre 2021 »."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def french_span(
    starts_on: date, starts_precision: str = DAY, ends_on: date | None = None, ends_precision: str = DAY
) -> str:
    """A day, a month or a period, each end with its precision: « d’avril au 15 octobre 2021 »."""
    if ends_on is None or (ends_on, ends_precision) == (starts_on, starts_precision):
        return _written(starts_on, starts_precision)
    if starts_precision == ends_precision == MONTH and _same_month(starts_on, ends_on):
        return french_month(starts_on)
    article = "au" if ends_precision == DAY else "à"
    return f"{_beginning(starts_on, starts_precision, ends_on, ends_precision)} {article} {_written(ends_on, ends_precision)}"


def _written(day: date, precision: str) -> str:
    return french_month(day) if precision == MONTH else french_date(day)


def _beginning(starts_on: date, precision: str, ends_on: date, ends_precision: str) -> str:
    """The start of a period, without what its end repeats: « du 3 », « du 3 avril », « d’avril », « de mars 2021 »."""
    year = "" if starts_on.year == ends_on.year else f" {starts_on.year}"
    month = _MONTHS[starts_on.month - 1]
    if precision == MONTH:
        return f"{'d’' if month[0] in 'ao' else 'de '}{month}{year}"
    if ends_precision == DAY and _same_month(starts_on, ends_on):
        return f"du {_day_of_month(starts_on)}"
    return f"du {_day_of_month(starts_on)} {month}{year}"


def _same_month(one: date, other: date) -> bool:
    return (one.year, one.month) == (other.year, other.month)


def _day_of_month(day: date) -> str:
    return "1er" if day.day == 1 else str(day.day)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (algorithm of Meeus, Jones and Butcher)."""
    golden, (century, in_century) = year % 19, divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    epact = (19 * golden + century - leap_centuries - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    leap_years, year_rest = divmod(in_century, 4)
    weekday = (32 + 2 * century_rest + 2 * leap_years - epact - year_rest) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def is_holiday(day: date) -> bool:
    """The eleven public holidays of mainland France."""
    return (day.month, day.day) in _FIXED_HOLIDAYS or (day - easter(day.year)).days in _DAYS_AFTER_EASTER


def is_weekend_or_holiday(day: date) -> bool:
    return day.weekday() >= 5 or is_holiday(day)


def last_day_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
