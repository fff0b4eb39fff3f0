"""Reading a workbook that somebody sent: its directory first, then its cells in a child process that cannot harm this one.

    rows = read_sheet(content, "Lignes")      # [["Année", "Objet"], ["2019", "2 EAJE"], …], text or None

Numbers come as they are written (« 4666.67 »), days as « 2021-12-15 »: nothing goes through a float that is printed back.
"""

import io
import json
import resource
import subprocess
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ctg_site.lib.errors import RuleBroken

MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 100 * 1024 * 1024
MOST_FILES = 200
MOST_RATIO = 200
MOST_ROWS = 20_000
MOST_COLUMNS = 60
CPU_SECONDS, WALL_SECONDS = 20, 30
MEMORY = 1024 * 1024 * 1024

NOT_A_WORKBOOK = "Ce fichier n’est pas un classeur Excel (.xlsx) lisible : enregistrez-le de nouveau, puis renvoyez-le."
TOO_BIG = "Ce classeur est trop lourd : gardez la feuille utile, sans image, et découpez-la si besoin."

Rows = list[list[str | None]]


def read_sheet(content: bytes, title: str) -> Rows:
    """The rows of the sheet with that title, or of the first one; refused with a sentence the user can act on."""
    check_archive(content)
    try:
        child = subprocess.run(
            [sys.executable, "-m", "ctg_site.lib.sheet_reading", title],
            input=content,
            capture_output=True,
            timeout=WALL_SECONDS,
            check=True,
            cwd=Path(__file__).resolve().parents[2],
            env={"PYTHONPATH": "", "PATH": ""},
        )
    except subprocess.TimeoutExpired as error:
        raise RuleBroken(TOO_BIG) from error
    except subprocess.CalledProcessError as error:
        # Stopped by a limit, or by what it read: the reason stays in the log of the process, never on the page.
        raise RuleBroken(TOO_BIG if error.returncode in (3, -9, -24) else NOT_A_WORKBOOK) from error
    return json.loads(child.stdout)


def check_archive(content: bytes) -> None:
    """The directory of the zip, before anything is unpacked."""
    if len(content) > MOST_BYTES:
        raise RuleBroken("Ce fichier dépasse 5 Mo : gardez la feuille utile, sans image.")
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise RuleBroken(NOT_A_WORKBOOK) from error
    names = [entry.filename for entry in entries]
    if "[Content_Types].xml" not in names or len(set(names)) != len(names):
        raise RuleBroken(NOT_A_WORKBOOK)
    if any(entry.flag_bits & 1 for entry in entries):
        raise RuleBroken("Ce classeur est protégé par un mot de passe : enregistrez-le sans protection.")
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_FILES or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(len(content), 1):
        raise RuleBroken(TOO_BIG)


def _limit_this_process() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _rows(content: bytes, title: str) -> Rows:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    page = book[title] if title in book.sheetnames else book[book.sheetnames[0]]
    rows: Rows = []
    for cells in page.iter_rows(max_col=MOST_COLUMNS, values_only=True):
        rows.append(_trimmed([_text(value) for value in cells]))
        if len(rows) > MOST_ROWS:
            sys.exit(3)
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _trimmed(cells: list[str | None]) -> list[str | None]:
    while cells and cells[-1] in (None, ""):
        cells.pop()
    return cells


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


if __name__ == "__main__":
    _limit_this_process()
    try:
        sys.stdout.write(json.dumps(_rows(sys.stdin.buffer.read(), sys.argv[1])))
    except MemoryError:
        sys.exit(3)
