"""Numbers as French readers expect them, and the way back from what they type.

Every number is exact (int or Decimal): a float is refused, so that a cent is never lost on the way.
Rounding is to the nearest, halves away from zero (ROUND_HALF_UP), the rule of accountants and of the Caf.
"""

import re
from decimal import ROUND_HALF_UP, Decimal

NBSP = "\u00a0"
THIN_NBSP = "\u202f"
MINUS = "\u2212"

MOST_DIGITS = 18
Number = int | Decimal

_CURRENCY = re.compile(r"(€|euros?|eur)$", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
# Nouns that end so in the singular too.
_INVARIABLE = {"avis", "cas", "fois", "mois", "prix", "rendez-vous", "repas", "sans"}
_AMOUNT = re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,2})?")
_LONG_AMOUNT = re.compile(r"-?[0-9]{11,}(\.[0-9]{1,2})?")


class TooLarge(ValueError):
    """It is a number, that no column holds."""


def rounded(number: Number, places: int = 0) -> Decimal:
    """To that many decimals, halves away from zero."""
    if isinstance(number, float):
        raise TypeError("Un nombre à virgule flottante n’est pas exact : donnez un int ou un Decimal.")
    return Decimal(number).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def decimal(number: Number, places: int = 2) -> str:
    """1234.5 → « 1 234,50 »."""
    value = rounded(number, places)
    whole, _, fraction = f"{abs(value):,f}".partition(".")
    sign = MINUS if value < 0 else ""
    return sign + whole.replace(",", THIN_NBSP) + (f",{fraction}" if fraction else "")


def integer(number: Number) -> str:
    """20391 → « 20 391 »."""
    return decimal(number, 0)


def shortest(number: Number, most_places: int = 2) -> str:
    """Without useless zeros: 2.50 → « 2,5 », 3.00 → « 3 »."""
    value = rounded(number, most_places).normalize()
    return decimal(value, max(0, -int(value.as_tuple().exponent)))


def euros(amount: Number, *, cents: bool = False) -> str:
    """1089800 → « 1 089 800 € »; the cents show when there are some, or when asked for."""
    value = rounded(amount, 2)
    places = 2 if cents or value % 1 else 0
    return decimal(value, places) + NBSP + "€"


def counted(number: Number, unit: str) -> str:
    """What is counted, or « € par mois »: 6675 → « 6 675 foyers », 1 → « 1 foyer »."""
    if not unit:
        return shortest(number)
    return shortest(number) + NBSP + (unit if abs(Decimal(number)) >= 2 else _singular(unit))


def _singular(unit: str) -> str:
    """« foyers » → « foyer », « heures-enfant » → « heure-enfant », « habitants par an » → « habitant par an »."""
    noun, space, rest = unit.partition(" ")
    if noun in _INVARIABLE:
        return unit
    one = [f"{part[:-2]}l" if part.endswith("aux") else part.rstrip("sx") for part in noun.split("-")]
    return "-".join(one) + space + rest


def money_short(amount: Number) -> str:
    """For a headline: 1088787 → « 1,1 M€ », 44400 → « 44 k€ »."""
    size = abs(rounded(amount))
    if size >= 999_500:
        return shortest(Decimal(amount) / 1_000_000, 1) + NBSP + "M€"
    if size >= 1_000:
        return integer(Decimal(amount) / 1_000) + NBSP + "k€"
    return integer(amount) + NBSP + "€"


def percent(number: Number, places: int = 0) -> str:
    """43 → « 43 % »: the number is already in %."""
    return decimal(number, places) + NBSP + "%"


def signed(number: Number, places: int = 0) -> str:
    """13 → « +13 », −4 → « −4 », 0 → « 0 »."""
    value = rounded(number, places)
    return ("+" if value > 0 else "") + decimal(value, places)


def points(number: Number, places: int = 0) -> str:
    """A gap between two percentages: « +13 pts », « −1 pt »."""
    plural = "s" if abs(rounded(number, places)) >= 2 else ""
    return f"{signed(number, places)}{NBSP}pt{plural}"


def fte(number: Number) -> str:
    """Full-time equivalents: « 2,5 ETP »."""
    return shortest(number) + NBSP + "ETP"


def parse_amount(text: str) -> Decimal:
    """An amount in euros as people type it: « 1 089 800,50 € ». Raises ValueError with a sentence for the form."""
    bare = _SPACES.sub("", _CURRENCY.sub("", text.strip())).replace(MINUS, "-").replace(",", ".")
    if _LONG_AMOUNT.fullmatch(bare):
        raise TooLarge("Ce nombre est trop grand\u00a0: dix chiffres au plus avant la virgule.")
    if not _AMOUNT.fullmatch(bare):
        raise ValueError("Écrivez un montant en euros, par exemple 1 250,50 (deux décimales au plus).")
    return Decimal(bare).quantize(Decimal("0.01"))


def whole_number(text: str) -> int | None:
    """In an address, a form or a number of action: ASCII digits, no more than a database holds; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


def key_in(text: str) -> int:
    """The key of a row that an address or a form names; 0, which is nobody's, for anything else."""
    return whole_number(text) or 0


def has_luhn_key(digits: str) -> bool:
    """The check of SIREN and SIRET: every second digit from the right is doubled, the sum ends with 0."""
    doubled = (int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def is_siren(text: str) -> bool:
    """Nine digits whose last is the key."""
    return re.fullmatch(r"[0-9]{9}", text) is not None and has_luhn_key(text)
