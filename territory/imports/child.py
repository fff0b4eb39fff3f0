"""The guarded process: reads one file, writes the figures and the report, and may be stopped at any time without harm.

    python -m territory.imports.child FILE CATALOGUE PLACES OUT REPORT

It limits itself before it opens anything, knows nothing of the database, and says how far it is on its output.
"""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from ctg_site.lib.guarded import limit_this_process
from territory.imports import personal
from territory.imports.books import NOT_A_BOOK, read_book
from territory.imports.errors import Unreadable
from territory.imports.ledger import Ledger
from territory.imports.places import read_places
from territory.imports.reading import Reading
from territory.imports.texts import read_text

NO_TABLES = (
    (
        re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|%PDF"),
        "Ce fichier est une image ou un PDF, pas un tableau : envoyez le fichier .xlsx ou .csv d’origine.",
    ),
    (
        re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|table|\?xml)", re.IGNORECASE),
        "Ce fichier est une page web, pas un tableau : le téléchargement a sans doute échoué, ou demandait de se connecter. "
        "Téléchargez de nouveau le fichier .xlsx ou .csv, puis renvoyez-le.",
    ),
    (
        re.compile(rb"(\xef\xbb\xbf)?\s*(\{\s*\"|\[\s*[\[{])"),
        "Ce fichier est au format JSON : téléchargez les mêmes données au format CSV ou Excel, puis renvoyez-les.",
    ),
)


def main(file: Path, catalogue: Path, places: Path, out: Path, report: Path) -> None:
    limit_this_process()
    try:
        with out.open("w", encoding="ascii") as lines, places.open() as known:
            answer = _read(file, json.loads(catalogue.read_text()) | read_places(known), lines)
    except Unreadable as refusal:
        answer = {"refusal": str(refusal)}
    except (MemoryError, RecursionError):
        sys.exit(3)
    report.write_text(json.dumps(answer, ensure_ascii=False))


def _read(file: Path, catalogue: dict, lines: TextIO) -> dict:
    largest = max(
        (pk for codes in catalogue["places"].values() for spans in codes.values() for *_, pk in spans), default=0
    )
    size = file.stat().st_size or 1
    reading = Reading(catalogue, Ledger(lines, largest + 1, _teller(size)))
    with file.open("rb") as start:
        head = start.read(400)
    if sentence := no_table(head):
        raise Unreadable(sentence)
    if head.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        for page in read_book(file, reading.ledger.notice):
            if page.is_hidden:
                personal.check_start(page.rows)
                reading.ledger.notice(f"La feuille « {page.title} » est masquée dans le fichier : elle n’est pas lue.")
            else:
                reading.read(page.title, page.rows)
    elif Path(catalogue["name"]).suffix.lower() in (".xlsx", ".xlsm", ".ods", ".xls"):
        raise Unreadable(NOT_A_BOOK)
    else:
        reading.read("Données", read_text(file))
    return reading.close()


def no_table(head: bytes) -> str:
    """What the first bytes say of a file that is no table, whatever its name."""
    return next((sentence for form, sentence in NO_TABLES if form.match(head)), "")


def _teller(size: int) -> Callable[[int], None]:
    """Rows read, as a share of what a file of that size usually holds."""
    expected = max(size // 30, 1)

    def tell(rows: int) -> None:
        sys.stdout.write(f"{min(99, rows * 100 // expected)}\n")
        sys.stdout.flush()

    return tell


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:6]))
