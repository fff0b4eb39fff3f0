"""The sentences of a portrait, made from its figures: one a line of a table."""

from decimal import Decimal

from ctg_site.lib import numbers
from territory.models import Indicator, Territory
from territory.portraits import naming
from territory.portraits.stage import Stage
from territory.secrecy import PublicValue, text_of

_WORDS = ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"]
PER_YEAR = "% par an"  # the mean of the years between, not the whole change
POINTS = (Indicator.Unit.PERCENT, Indicator.Unit.RATE)


def line(indicator: Indicator, stage: Stage, here: PublicValue, middle: PublicValue, france: PublicValue) -> str:
    """« 43 % des allocataires de Conflent-Canigó sont à bas revenus, soit 13 points de plus qu’en France métropolitaine. »"""
    if here.number is None or here.year is None or here.start_year is None:
        return ""
    if here.start_year < here.year:
        return _evolution(indicator, stage, here, middle, france)
    said = _said(indicator, stage.here, here)
    beside = _beside(indicator, stage, here, middle, france)
    return f"{said}, {beside}." if beside else f"{said}."


def gap_words(gap: Decimal, indicator: Indicator) -> str:
    """« 13 points de plus », « 3 040 € de moins »."""
    size = numbers.rounded(abs(gap), indicator.decimals)
    if indicator.unit not in POINTS:
        return f"{text_of(size, indicator)} de {_more(gap)}"
    return f"{numbers.shortest(size, indicator.decimals)} point{'s' if size >= 2 else ''} de {_more(gap)}"


def years_in_words(count: int) -> str:
    number = _WORDS[count] if count < len(_WORDS) else str(count)
    return f"{number} an{'s' if count > 1 else ''}"


def _said(indicator: Indicator, place: Territory, here: PublicValue) -> str:
    phrase = indicator.phrase.replace("{of}", naming.of(place))
    if not phrase:
        return f"{indicator.label}\u00a0: {here.text}"
    if indicator.unit == Indicator.Unit.PERCENT:
        return f"{_share_words(indicator, here)} {phrase}"
    return f"{_capital(phrase)} est de {here.text}"


def _share_words(indicator: Indicator, here: PublicValue) -> str:
    """A share too small for its decimals is not nothing."""
    is_tiny = here.number and not numbers.rounded(here.number, indicator.decimals)
    least = Decimal(1).scaleb(-indicator.decimals)
    return f"Moins de {numbers.percent(least, indicator.decimals)}" if is_tiny else here.text


def _beside(indicator: Indicator, stage: Stage, here: PublicValue, middle: PublicValue, france: PublicValue) -> str:
    """France first, else the place in the middle, first when it was chosen; a count says its share of the whole instead."""
    if indicator.is_additive:
        return _share(stage, here, middle)
    for other, words in _others(stage, middle, france):
        if words and other.number is not None and here.number is not None and _same_years(here, other):
            gap = here.number - other.number
            is_same = not numbers.rounded(gap, indicator.decimals)
            return f"autant {words}" if is_same else f"soit {gap_words(gap, indicator)} {words}"
    return ""


def _others(stage: Stage, middle: PublicValue, france: PublicValue) -> list[tuple[PublicValue, str]]:
    others = [(france, _than_france(stage)), (middle, stage.than)]
    return others[::-1] if stage.against else others


def _share(stage: Stage, here: PublicValue, middle: PublicValue) -> str:
    if stage.against or stage.is_astride or not (here.number and middle.number and _same_years(here, middle)):
        return ""
    if here.number < 0 or middle.number < 0:  # a balance of arrivals and departures is no part of another
        return ""
    share = here.number / middle.number * 100
    if share > 100:  # two counts rounded apart, or two balances: a part is never more than the whole
        return ""
    if not numbers.rounded(share, 1):
        return f"soit moins de {numbers.percent(Decimal('0.1'), 1)} de l’ensemble du département"
    places = 0 if numbers.rounded(share, 1) >= 10 else 1
    return f"soit {numbers.percent(share, places)} de l’ensemble du département"


def _evolution(indicator: Indicator, stage: Stage, here: PublicValue, middle: PublicValue, france: PublicValue) -> str:
    assert here.number is not None
    said = f"{_change(indicator, stage.here, here.number)} entre {here.start_year} et {here.year}"
    for other, words in ((middle, stage.than), (france, _than_france(stage))):
        if words and other.number is not None and _same_years(here, other):
            return f"{said}, {_pace(indicator, here.number, other.number, words)}."
    return f"{said}."


def _pace(indicator: Indicator, here: Decimal, there: Decimal, than: str) -> str:
    """A fall of 4 % is less than one of 6 %; between a fall and a rise there is neither more nor less."""
    one, other = (numbers.rounded(number, indicator.decimals) for number in (here, there))
    where = than.removeprefix("que ").removeprefix("qu’")
    if one == other:
        return f"comme {where}"
    if one * other <= 0:
        return f"contre {_signed(indicator, other)} {'pour ' if where.startswith('la ') else ''}{where}"
    return f"{_more(abs(one) - abs(other))} {than} ({_signed(indicator, other)})"


def _signed(indicator: Indicator, number: Decimal) -> str:
    return f"{numbers.signed(number, indicator.decimals)}\u00a0%"


def _change(indicator: Indicator, place: Territory, number: Decimal) -> str:
    """« Le nombre d’allocataires de Prades a augmenté de 13 % »."""
    if not indicator.phrase:
        return f"{indicator.label}\u00a0: {numbers.signed(number, indicator.decimals)}\u00a0%"
    subject = _capital(indicator.phrase.replace("{of}", naming.of(place)))
    if not numbers.rounded(number, indicator.decimals):
        return f"{subject} n’a pas changé"
    verb = "a augmenté" if number > 0 else "a diminué"
    pace = " par an" if indicator.unit_name == PER_YEAR else ""
    return f"{subject} {verb} de {numbers.percent(abs(number), indicator.decimals)}{pace}"


def _same_years(one: PublicValue, other: PublicValue) -> bool:
    return (one.year, one.start_year) == (other.year, other.start_year)


def _than_france(stage: Stage) -> str:
    return f"qu’en {stage.france.name}" if stage.france else ""


def _more(gap: Decimal) -> str:
    return "plus" if gap > 0 else "moins"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
