"""The cells of a workbook that somebody sent, each with its kind, read by a guarded child process.

    read_book(content)   # {"Actions": [[Cell("text", "Numéro"), …], [Cell("text", "1.1.1"), …]], …}

A number is the text of its exact value, a day is written 2023-12-31: nothing is a float once it leaves the child.
"""

import json
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.guarded import limit_this_process, run_guarded

TEXT, NUMBER, DAY = "text", "number", "day"

MOST_BYTES = 10 << 20
MOST_UNPACKED = 200 << 20
MOST_SHEETS, MOST_ROWS, MOST_COLUMNS = 30, 20_000, 80
SECONDS = 60

NOT_A_BOOK = "Ce fichier n’est pas un classeur Excel (.xlsx) lisible : enregistrez-le de nouveau au format .xlsx, puis renvoyez-le."
TOO_BIG = "Ce classeur est trop grand : gardez les feuilles utiles, sans image, et 20 000 lignes au plus par feuille."
LOCKED = "Ce classeur est protégé par un mot de passe : enregistrez-le sans protection, puis renvoyez-le."

_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_OLE = b"\xd0\xcf\x11\xe0"


class Cell(NamedTuple):
    kind: str
    text: str


Rows = list[list[Cell | None]]
Book = dict[str, Rows]


def read_book(content: bytes) -> Book:
    """Refused with a sentence the user can act on; what the child could not survive, this process never sees."""
    if len(content) > MOST_BYTES:
        raise RuleBroken("Ce fichier dépasse 10 Mo : gardez les feuilles utiles, sans image.")
    with tempfile.TemporaryDirectory() as folder:
        sent, answer = Path(folder, "sent.xlsx"), Path(folder, "answer.json")
        sent.write_bytes(content)
        run_guarded("ctg_site.lib.typed_cells", str(sent), str(answer), seconds=SECONDS)
        found = json.loads(answer.read_text())
    if "refusal" in found:
        raise RuleBroken(found["refusal"])
    return from_json(found["book"])


def from_json(book: list[Any]) -> Book:
    """A list of sheets and not an object: PostgreSQL would sort the names."""
    return {title: [[Cell(*cell) if cell else None for cell in row] for row in rows] for title, rows in book}


def to_json(book: Book) -> list[Any]:
    return [[title, rows] for title, rows in book.items()]


# --- In the child -----------------------------------------------------------------------------------------------------


class Unreadable(Exception):
    pass


def main(sent: Path, answer: Path) -> None:
    limit_this_process()
    try:
        found: dict[str, Any] = {"book": list(_sheets(sent))}
    except Unreadable as refusal:
        found = {"refusal": str(refusal)}
    except (MemoryError, RecursionError):
        sys.exit(3)
    answer.write_text(json.dumps(found, ensure_ascii=False))


def _sheets(sent: Path) -> Iterator[tuple[str, list[Any]]]:
    _check_archive(sent)
    from openpyxl import load_workbook

    with sent.open("rb") as file:
        try:
            book = load_workbook(file, read_only=True, data_only=True)
        except MemoryError:
            raise
        except Exception as error:
            raise Unreadable(NOT_A_BOOK) from error
        if len(book.worksheets) > MOST_SHEETS:
            raise Unreadable(TOO_BIG)
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                yield sheet.title, _rows(sheet)


def _check_archive(sent: Path) -> None:
    with sent.open("rb") as file:
        start = file.read(4)
    if start == _OLE:
        raise Unreadable(LOCKED if "EncryptedPackage".encode("utf-16-le") in sent.read_bytes() else NOT_A_BOOK)
    try:
        entries = zipfile.ZipFile(sent).infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Unreadable(NOT_A_BOOK) from error
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Unreadable(TOO_BIG)


def _rows(sheet: Any) -> list[Any]:
    sheet.reset_dimensions()
    rows = []
    try:
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), start=1):
            if number > MOST_ROWS:
                raise Unreadable(TOO_BIG)
            rows.append(_trimmed([_cell(value) for value in cells]))
    except (Unreadable, MemoryError):
        raise
    except Exception as error:
        raise Unreadable(NOT_A_BOOK) from error
    return _trimmed(rows)


def _trimmed(items: list[Any]) -> list[Any]:
    while items and not items[-1]:
        items.pop()
    return items


def _cell(value: Any) -> tuple[str, str] | None:
    if isinstance(value, bool):
        return TEXT, "oui" if value else "non"
    if isinstance(value, int | float):
        return NUMBER, _plain(value)
    if isinstance(value, datetime | date):
        return DAY, value.isoformat()[:10]
    text = "" if value is None else _HIDDEN.sub("", str(value)).strip()
    return (TEXT, text) if text else None


def _plain(value: int | float) -> str:
    """15 digits, as Excel shows them: 0.1 + 0.2 reads 0.3."""
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    return text if "e" not in text else f"{value:f}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
