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
    "numero allocataire",
    "n allocataire",
)
BIRTH = ("date de naissance", "date naissance", "ne le", "nee le", "ddn")
PEEK, HEADING_ROWS = 60, 30
ENOUGH = 3

_NIR = re.compile(r"[12]\d{2}(0[1-9]|1[0-2]|[2-9]\d)(\d{2}|2[AB])\d{6}(\d{2})?")


def check_headings(cells: list[str]) -> None:
    keys = [search_key(cell) for cell in cells]
    for heading in HEADINGS:
        if any(key == heading or key.startswith(f"{heading} ") for key in keys):
            raise Personal(SENTENCE.format(sign=f"colonne « {heading} »"))
    has_name = any(key in ("nom", "nom de famille", "nom d usage", "nom de naissance") for key in keys)
    if has_name and any(key.startswith("prenom") for key in keys) and any(key in BIRTH for key in keys):
        raise Personal(SENTENCE.format(sign="nom, prénom et date de naissance"))


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
    """The same rows, to the last: three numbers that look like a NIR give the file away, one whose key is right is enough."""
    found = 0
    for cells in rows:
        for cell in cells:
            if len(cell) > 12 and is_nir(cell):
                found += ENOUGH if len(re.sub(r"\s", "", cell)) == 15 else 1
                if found >= ENOUGH:
                    raise Personal(SENTENCE.format(sign="numéros de sécurité sociale"))
        yield cells


def is_nir(cell: str) -> bool:
    """13 digits, or 15 whose last two are the key."""
    bare = cell.replace(" ", "").replace("\u00a0", "").upper()
    if not _NIR.fullmatch(bare):
        return False
    if len(bare) == 13:
        return True
    body = bare[:13].replace("2A", "19").replace("2B", "18")
    return 97 - int(body) % 97 == int(bare[13:])
