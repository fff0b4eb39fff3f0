"""From a cell to a value of ours. What is not understood is refused with what was expected."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models

from ctg_site.lib.numbers import NBSP, integer, parse_amount
from ctg_site.lib.prose import clean_line, clean_prose
from ctg_site.lib.text import search_key
from ctg_site.lib.typed_cells import DAY, NUMBER, Cell

Reader = Callable[[Cell | None], Any]

TEXT_AS_NUMBER = re.compile(r"-?[0-9]{1,10}([.,][0-9]+)?")
SEPARATOR = re.compile(r" *[;\n] *")


class Refused(Exception):
    """What the cell should hold, as a sentence."""


def text(field: models.Field) -> Reader:
    clean = clean_prose if isinstance(field, models.TextField) else clean_line

    def read(cell: Cell | None) -> str:
        found = clean(cell.text) if cell else ""
        if not found and not field.blank:
            raise Refused("Cette cellule est obligatoire.")
        if field.max_length and len(found) > field.max_length:
            raise Refused(f"{integer(field.max_length)} caractères au plus\u202f; il y en a {integer(len(found))}.")
        return found

    return read


def choice(choices: type[models.TextChoices]) -> Reader:
    words = {search_key(str(choice.label)): choice.value for choice in choices}
    accepted = ", ".join(f"«{NBSP}{choice.label}{NBSP}»" for choice in choices)

    def read(cell: Cell | None) -> str:
        key = search_key(cell.text) if cell else ""
        if key not in words:
            raise Refused(f"Écrivez {accepted}.")
        return words[key]

    return read


def or_default(reader: Reader, default: Any) -> Reader:
    """An empty cell says nothing: the value that a new row takes."""
    return lambda cell: reader(cell) if cell else default


def day_within(first: date, last: date, *, required: bool = False) -> Reader:
    """A day of the Ctg, as a date of Excel or written 15/12/2023."""

    def read(cell: Cell | None) -> date | None:
        if cell is None:
            if required:
                raise Refused("Donnez une date, par exemple 15/12/2023.")
            return None
        found = _day(cell)
        if not first <= found <= last:
            raise Refused(f"Choisissez un jour de la période de la Ctg, du {first:%d/%m/%Y} au {last:%d/%m/%Y}.")
        return found

    return read


def _day(cell: Cell) -> date:
    try:
        if cell.kind == DAY:
            return date.fromisoformat(cell.text)
        return datetime.strptime(cell.text, "%d/%m/%Y").date()
    except ValueError:
        raise Refused("Écrivez une date, par exemple 15/12/2023.") from None


def year_among(years: Iterable[int]) -> Reader:
    known = list(years)

    def read(cell: Cell | None) -> int:
        if cell is None or not cell.text.isdecimal() or int(cell.text[:6]) not in known:
            raise Refused(wrong_year(known))
        return int(cell.text)

    return read


def wrong_year(known: list[int]) -> str:
    return f"Écrivez une année de la Ctg, de {known[0]} à {known[-1]}."


def email(cell: Cell | None) -> str:
    found = clean_line(cell.text) if cell else ""
    try:
        if found:
            validate_email(found)
    except ValidationError:
        raise Refused("Écrivez une adresse électronique, par exemple prenom.nom@commune.example.") from None
    return found


def amount(*, required: bool = False) -> Reader:
    """Euros, to the cent, as a number of Excel."""

    def read(cell: Cell | None) -> Decimal | None:
        found = _number(cell, "un montant", required)
        if found is not None and found < 0:
            raise Refused("Le montant ne peut pas être négatif.")
        return found

    return read


def number(*, required: bool = False) -> Reader:
    return lambda cell: _number(cell, "un nombre", required)


def whole(most: int) -> Reader:
    def read(cell: Cell | None) -> int | None:
        found = _number(cell, "un nombre entier", False)
        if found is not None and (found % 1 or not 0 <= found <= most):
            raise Refused(f"Écrivez un nombre entier, de 0 à {most}.")
        return None if found is None else int(found)

    return read


def _number(cell: Cell | None, what: str, required: bool) -> Decimal | None:
    if cell is None:
        if required:
            raise Refused(f"Donnez {what}.")
        return None
    if cell.kind == DAY:
        raise Refused(f"Cette cellule est une date{NBSP}: écrivez {what}.")
    if cell.kind != NUMBER and not TEXT_AS_NUMBER.fullmatch(cell.text):
        raise Refused(_as_a_number(cell.text, what))
    try:
        found = Decimal(cell.text.replace(",", "."))
    except InvalidOperation:
        raise Refused(f"Écrivez {what}.") from None
    if found != found.quantize(Decimal("0.01")):
        raise Refused("Deux décimales au plus.")
    if abs(found) >= Decimal(10) ** 10:
        raise Refused("Ce nombre est trop grand.")
    return found.quantize(Decimal("0.01"))


def _as_a_number(typed: str, what: str) -> str:
    """« 12 000 € » is a text: say which number to type, when there is only one way to read it."""
    try:
        meant = f"{parse_amount(typed):f}".replace(".", ",").removesuffix(",00")
    except ValueError:
        return f"Écrivez {what} sans séparateur de milliers, avec une virgule pour les décimales{NBSP}: 12000,50."
    return f"C’est un texte{NBSP}: tapez {what} seul, {meant}, sans espace ni «{NBSP}€{NBSP}»."


def one_of(known: dict[str, Any], where: str, *, required: bool = False) -> Reader:
    """A row named by its words, whatever the accents; close names are proposed."""

    def read(cell: Cell | None) -> Any:
        if cell is None:
            if required:
                raise Refused("Cette cellule est obligatoire.")
            return None
        found = known.get(search_key(cell.text))
        if found is None:
            raise Refused(_unknown(cell.text, known, where))
        return found

    return read


def several_of(known: dict[str, Any], where: str, *, whole: str = "") -> Reader:
    """Names separated by « ; ». ``whole`` is how « all of them » is written."""

    def read(cell: Cell | None) -> tuple[Any, ...]:
        if cell is None or search_key(cell.text) == search_key(whole):
            return ()
        names = [name for name in SEPARATOR.split(cell.text) if name]
        unknown = [name for name in names if search_key(name) not in known]
        if unknown:
            raise Refused(_unknown(unknown[0], known, where))
        found = {known[search_key(name)].pk: known[search_key(name)] for name in names}
        return tuple(found[pk] for pk in sorted(found))

    return read


def _unknown(typed: str, known: dict[str, Any], where: str) -> str:
    close = get_close_matches(search_key(typed), known, n=1, cutoff=0.6)
    hint = f" Vouliez-vous dire «{NBSP}{known[close[0]]}{NBSP}»{NBSP}?" if close else ""
    return f"«{NBSP}{typed}{NBSP}» n’est pas {where}.{hint}"
