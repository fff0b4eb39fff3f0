"""One sheet of a workbook that somebody sent, as text, read in the guarded child of the files of figures.

rows = read_sheet(content, "Lignes")      # [["Année", "Objet"], ["2019", "2 EAJE"], …]
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.guarded import limit_this_process, run_guarded
from territory.imports import personal
from territory.imports.books import Page, read_book
from territory.imports.errors import Unreadable

MOST_BYTES = 5 << 20
MOST_ROWS, MOST_COLUMNS = 20_000, 60
WALL_SECONDS = 30
TOO_LONG = "Ce classeur dépasse 20\u00a0000 lignes\u00a0: découpez-le."

Rows = list[list[str]]


def read_sheets(content: bytes, titles: Sequence[str]) -> dict[str, Rows]:
    """Those of the titles that the book has; when it has none, its first sheet stands for the first title."""
    if len(content) > MOST_BYTES:
        raise RuleBroken("Ce fichier dépasse 5\u00a0Mo\u00a0: gardez la feuille utile, sans image.")
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
    found: dict[str, Rows] = {}
    first: Rows | None = None
    for page in read_book(file):
        if page.title in titles:
            found[page.title] = _checked(page)
        elif first is None:
            first = _checked(page)
    return found or {titles[0]: first or []}


def _checked(page: Page) -> Rows:
    rows = [_trimmed(cells[:MOST_COLUMNS]) for cells in islice(page.rows, MOST_ROWS + 1)]
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
