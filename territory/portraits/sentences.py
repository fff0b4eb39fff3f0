"""The sentences of a portrait, made from its figures."""

from decimal import Decimal

from ctg_site.lib import numbers
from territory.models import Indicator
from territory.secrecy import PublicValue

_WORDS = ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"]
CLOSE = 1  # points: up to this gap two figures are said to be close


def for_row(
    here: PublicValue,
    *,
    to_france: Decimal | None,
    to_department: Decimal | None,
    department: PublicValue,
    france_name: str,
    places: int,
) -> str:
    """One sentence below the indicator; nothing when there is nothing to compare."""
    if here.number is None or here.year is None or here.start_year is None:
        return ""
    if here.start_year < here.year:
        return _evolution(here.number, here.year - here.start_year, to_department, department, places)
    if to_france is None:
        return ""
    if abs(to_france) <= CLOSE:
        return f"Proche de la {france_name}."
    if to_department is not None and to_department * to_france < 0:
        return f"{_more(to_department).capitalize()} que le département, {_more(to_france)} qu’en {france_name}."
    return f"{gap_words(to_france, places).capitalize()} qu’en {france_name}."


def headline(indicator: Indicator, here: PublicValue, gap: Decimal, france_name: str) -> str:
    """« 43 % des allocataires sont à bas revenus, 13 points de plus qu’en France métropolitaine. »"""
    said = f"{here.text} {indicator.phrase}" if indicator.phrase else f"{indicator.label}\u00a0: {here.text}"
    if abs(gap) < CLOSE:
        return f"{said}, autant qu’en {france_name}."
    return f"{said}, {gap_words(gap, indicator.decimals)} qu’en {france_name}."


def gap_words(gap: Decimal, places: int = 0) -> str:
    """« 13 points de plus », « 1 point de moins »."""
    size = numbers.rounded(abs(gap), places)
    return f"{numbers.shortest(size, places)} point{'s' if size >= 2 else ''} de {_more(gap)}"


def years_in_words(count: int) -> str:
    number = _WORDS[count] if count < len(_WORDS) else str(count)
    return f"{number} an{'s' if count > 1 else ''}"


def _evolution(number: Decimal, years: int, to_department: Decimal | None, department: PublicValue, places: int) -> str:
    said = f"{numbers.signed(number, places)}\u00a0% en {years_in_words(years)}"
    if to_department is None or department.number is None:
        return f"{said}."
    than = "autant" if to_department == 0 else _more(to_department)
    return f"{said}, {than} que le département ({numbers.signed(department.number, places)}\u00a0%)."


def _more(gap: Decimal) -> str:
    return "plus" if gap > 0 else "moins"
