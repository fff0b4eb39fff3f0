"""One sheet of a workbook that somebody sent, as text, read in the guarded child of the files of figures.

rows = read_sheets(content, ["Lignes"])      # {"Lignes": [["Année", "Objet"], ["2019", "2 EAJE"], …]}
"""

import json
import sys
import tempfile
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.guarded import limit_this_process, run_guarded
from ctg_site.lib.sheets import FORMULA_STARTS
from territory.imports import personal
from territory.imports.books import read_book
from territory.imports.errors import Unreadable
from territory.imports.texts import read_text

MOST_BYTES = 5 << 20
ARCHIVE = b"PK\x03\x04"
MOST_ROWS, MOST_COLUMNS = (
    20_000,
    60,
)  # the whole register of a large Caf has 12,000 lines: 600 equipments, 5 years, 4 each
WALL_SECONDS = 120
NO_TABLE = "Ce fichier n’est pas un classeur Excel (.xlsx) ni un CSV lisible\u00a0: enregistrez-le de nouveau, puis renvoyez-le."
TOO_LONG = "Ce classeur dépasse 20\u00a0000 lignes\u00a0: découpez-le."

Rows = list[list[str]]


def check_content(content: bytes) -> None:
    """What can be said of a file at once, before it is read."""
    if len(content) > MOST_BYTES:
        raise RuleBroken("Ce fichier dépasse 5\u00a0Mo\u00a0: gardez la feuille utile, sans image.")
    if not content.startswith(ARCHIVE) and (not content or b"\0" in content[:1000]):
        raise RuleBroken(NO_TABLE)


def read_sheets(content: bytes, titles: Sequence[str]) -> dict[str, Rows]:
    """Those of the titles that the book has; when it has none, its first sheet, or a CSV, stands for the first title."""
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder) / "sent", Path(folder) / "rows.json"
        file.write_bytes(content)
        run_guarded("territory.imports.sheet", str(file), str(out), *titles, seconds=WALL_SECONDS)
        answer = json.loads(out.read_text(encoding="utf-8"))
    if "refusal" in answer:
        raise RuleBroken(answer["refusal"])
    return answer["sheets"]


def main(file: Path, out: Path, titles: Sequence[str]) -> None:
    limit_this_process()
    answer: dict[str, dict[str, Rows] | str]
    try:
        answer = {"sheets": _sheets(file, titles)}
    except Unreadable as refusal:
        answer = {"refusal": str(refusal)}
    except (MemoryError, RecursionError):
        sys.exit(3)
    out.write_text(json.dumps(answer), encoding="utf-8")


def _sheets(file: Path, titles: Sequence[str]) -> dict[str, Rows]:
    """Each sheet is read before the next one is opened."""
    with file.open("rb") as sent:
        if sent.read(len(ARCHIVE)) != ARCHIVE:
            return {titles[0]: _text_rows(file)}
    found: dict[str, Rows] = {}
    first: Rows | None = None
    for page in read_book(file):
        if page.title in titles:
            found[page.title] = _checked(page.rows)
        elif first is None:
            first = _checked(page.rows)
    return found or {titles[0]: first or []}


def _text_rows(file: Path) -> Rows:
    """As we export it: an apostrophe keeps a spreadsheet from running a text that looks like a formula."""
    rows = _checked(read_text(file))
    if not rows or len(rows[0]) < 2:
        raise Unreadable(NO_TABLE)
    return [
        [cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS) else cell for cell in row] for row in rows
    ]


def _checked(sent: Iterable[list[str]]) -> Rows:
    rows = [_trimmed(cells[:MOST_COLUMNS]) for cells in islice(sent, MOST_ROWS + 1)]
    if len(rows) > MOST_ROWS:
        raise Unreadable(TOO_LONG)
    while rows and not rows[-1]:
        rows.pop()
    personal.check_headings(rows[0] if rows else [])
    personal.check_cells(rows)
    return rows


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
