"""A file with one row a person or a household never enters (rule R63): its headings or its cells give it away."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from ctg_site.lib.text import search_key
from territory.imports.errors import Personal

SENTENCE = (
    "Ce fichier décrit des personnes ou des foyers un par un ({sign}) : il est refusé et n’a pas été conservé. "
    "Envoyez des effectifs par territoire, sans nom ni numéro."
)
HEADINGS = (
    "nir",
    "matricule",
    "numero de securite sociale",
    "n de securite sociale",
    "numero secu",
    "num secu",
    "n secu",
    "n ss",
    "nss",
    "numero allocataire",
    "num allocataire",
    "n allocataire",
)
_BIRTH = re.compile(r"(date (de )?naissance|dt ?naiss(ance)?|naissance|ne e? ?le|nee le|ddn)( .*)?")
_FIRST_NAME = re.compile(r"(nom et |nom )?prenoms?\d?( .*)?")
_SURNAME = re.compile(
    r"noms?( (et )?prenoms?| de famille| (d )?usage| (de )?naissance| patronymique| marital"
    r"| (de l |de la |du |de )?(allocataire|enfant|parent|mere|pere|personne|conjoint|eleve))?"
)
_TITLE = re.compile("civilite")
PEEK, HEADING_ROWS = 60, 30
ENOUGH = 3

_NIR = re.compile(r"[12]\d{2}(0[1-9]|1[0-2]|[2-9]\d)(\d{2}|2[AB])\d{6}(\d{2})?")
_GAP = r"[ .\-/\u00a0\u202f]?"
_NIR_IN_TEXT = re.compile(
    rf"(?<!\d)[12]{_GAP}\d\d{_GAP}\d\d{_GAP}(?:\d\d|2[AB]){_GAP}\d{{3}}{_GAP}\d{{3}}{_GAP}\d\d(?!\d)", re.IGNORECASE
)
_NUMBER = re.compile(r"-?\d+[.,]\d+(E-?\d+)?", re.IGNORECASE)
_FILE_NUMBER = re.compile(r"\d{7} ?[A-Z]")
_SCHOOL_KEYS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def check_headings(cells: list[str]) -> None:
    keys = [search_key(cell) for cell in cells]
    for heading in HEADINGS:
        if any(key == heading or key.startswith(f"{heading} ") for key in keys):
            raise Personal(SENTENCE.format(sign=f"colonne « {heading} »"))
    has_surname, has_first_name, has_birth, has_title = (
        any(one.fullmatch(key) for key in keys) for one in (_SURNAME, _FIRST_NAME, _BIRTH, _TITLE)
    )
    if (has_surname and (has_first_name or has_title)) or (has_first_name and has_birth):
        raise Personal(SENTENCE.format(sign="nom, prénom et date de naissance" if has_birth else "nom et prénom"))


def check_cells(rows: Iterable[list[str]]) -> None:
    for _ in watched(rows):
        pass


def check_start(rows: Iterator[list[str]]) -> list[list[str]]:
    """The first rows, once judged; hidden sheets are judged too, since the file is kept whole."""
    peeked = list(islice(rows, PEEK))
    for cells in peeked[:HEADING_ROWS]:
        check_headings(cells)
    check_cells(peeked)
    return peeked


def watched(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """The same rows, to the last: three numbers that look like a NIR or like that of a file give it away, one NIR whose key is
    right is enough, even inside a sentence."""
    found, files = 0, set()
    for cells in rows:
        for cell in cells:
            if len(cell) > 12:
                found += _nirs(cell)
                if found >= ENOUGH:
                    raise Personal(SENTENCE.format(sign="numéros de sécurité sociale"))
            elif 7 < len(cell) < 10 and cell[-1].isalpha() and is_file_number(cell):
                files.add(cell)
                if len(files) >= ENOUGH:
                    raise Personal(SENTENCE.format(sign="numéros d’allocataire"))
        yield cells


def _nirs(cell: str) -> int:
    """One with its key weighs as much as three without."""
    if is_nir(cell):
        return ENOUGH if len(re.sub(r"\s", "", cell)) == 15 else 1
    if _NUMBER.fullmatch(cell):  # its decimals are no digits of a NIR
        return 0
    inside = (re.sub(_GAP, "", found) for found in _NIR_IN_TEXT.findall(cell))
    return ENOUGH if any(is_nir(one) for one in inside) else 0


def is_file_number(cell: str) -> bool:
    """« 1234567 A », as a Caf numbers its files; a school has the same form, but for its key."""
    bare = cell.replace(" ", "").upper()
    return bool(_FILE_NUMBER.fullmatch(bare)) and _SCHOOL_KEYS[int(bare[:7]) % 23] != bare[7]


def is_nir(cell: str) -> bool:
    """13 digits, or 15 whose last two are the key."""
    bare = cell.replace(" ", "").replace("\u00a0", "").upper()
    if not _NIR.fullmatch(bare):
        return False
    if len(bare) == 13:
        return True
    body = bare[:13].replace("2A", "19").replace("2B", "18")
    return 97 - int(body) % 97 == int(bare[13:])
