"""What people write in a cell, as a figure: « 1 089 800,00 € », « 33 % », « 2,5 Etp », « s », « n.d. » (domain T17)."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MASKED = {"s", "ss", "secret", "secret stat", "secret statistique", "c", "*", "***"}
MISSING = {
    "",
    "non disponible",
    "nd",
    "n.d",
    "n.d.",
    "n d",
    "nc",
    "n.c",
    "n.c.",
    "ns",
    "n.s",
    "n.s.",
    "n/d",
    "na",
    "n/a",
    "-",
    "–",
    "—",
    "..",
    "...",
    "…",
}
NOT_APPLICABLE = {"so", "s.o", "s.o.", "sans objet"}

_SPACES = re.compile(r"[\s\u00a0\u202f\u2009']+")
_BELOW = re.compile(r"[<≤]\d{1,2}")
_UNIT = re.compile(r"(€|euros?|eur|k€|m€|etp|%|pts?|points?)$", re.IGNORECASE)
_FACTORS = {"k€": 1000, "m€": 1_000_000}
_UNITS = {"%": "%", "etp": "Etp"} | dict.fromkeys(("pt", "pts", "point", "points"), "points")
_PLAIN = re.compile(r"-?\d{1,12}(\.\d+)?")
_TOO_LONG = re.compile(r"-?\d{13,}(\.\d+)?")
_GROUPED = re.compile(r"-?\d{1,3}([.,]\d{3})+")
_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Figure:
    """``number`` is exact text with at most four decimals, None when ``quality`` says why it is absent."""

    number: str | None
    quality: str = ""
    unit: str = ""

    @property
    def is_percent(self) -> bool:
        return self.unit == "%"


def parse_figure(text: str, *, counts: bool = False) -> Figure:
    """Raises ValueError with what was expected. ``counts``: whole heads, where « 1,234 » could be read two ways."""
    if text.isascii() and text.isdigit() and len(text) <= 12:
        return Figure(text)
    word = text.strip().casefold()
    if word in MISSING:
        return Figure(None, "missing" if word else "")
    if word in MASKED or _BELOW.fullmatch(_SPACES.sub("", word)):
        return Figure(None, "masked")
    if word in NOT_APPLICABLE:
        return Figure(None, "na")
    return _number(word, counts)


def _number(word: str, counts: bool) -> Figure:
    bare = _SPACES.sub("", word).replace("−", "-").replace("–", "-").replace("½", ",5")
    unit = _UNIT.search(bare)
    if unit:
        bare = bare[: unit.start()]
    if bare.startswith("(") and bare.endswith(")"):
        bare = "-" + bare[1:-1]
    bare = _with_point(bare.removeprefix("+"), counts)
    if _TOO_LONG.fullmatch(bare):
        raise ValueError("un nombre de douze chiffres au plus")
    if not _PLAIN.fullmatch(bare):
        raise ValueError("un nombre, « s » (secret) ou « n.d. » (non disponible)")
    name = unit.group().casefold() if unit else ""
    return Figure(shortest(Decimal(bare) * _FACTORS.get(name, 1)), unit=_UNITS.get(name, "€") if name else "")


def _with_point(bare: str, counts: bool) -> str:
    """The last of « , » and « . » is the decimal mark; a mark that comes twice groups thousands."""
    if "," in bare and "." in bare:
        grouping = "." if bare.rindex(",") > bare.rindex(".") else ","
        return bare.replace(grouping, "").replace(",", ".")
    mark = "," if "," in bare else "."
    if bare.count(mark) > 1:
        return bare.replace(mark, "") if _GROUPED.fullmatch(bare) else bare
    if counts and _GROUPED.fullmatch(bare) and not bare.startswith(("0", "-0")):
        whole, rest = bare.split(mark)
        if rest != "000" or mark == ".":
            raise ValueError(f"un effectif sans ambiguïté : {whole}{rest} ou {whole},{rest} ?")
        raise ValueError(f"un effectif sans ambiguïté : {whole}{rest} ou {whole} ?")
    return bare.replace(",", ".")


def shortest(number: Decimal) -> str:
    """To four decimals, without useless zeros."""
    rounded = number.quantize(_STEP, rounding=ROUND_HALF_UP)
    text = format(rounded + 0, "f")  # no « -0 »
    return text.rstrip("0").rstrip(".") if "." in text else text
