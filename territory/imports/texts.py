"""Text files as people save them: UTF-8 with or without a mark, UTF-16, cp1252, latin-1; « ; », « , », tab or « | »."""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

from ctg_site.lib.numbers import integer
from territory.imports.errors import Unreadable

SAMPLE = 1 << 20
MOST_FIELD = 10_000
MOST_COLUMNS = 16_384  # as Excel
DELIMITERS = ";\t|,"
TOO_LONG = f"Une cellule dépasse {integer(MOST_FIELD)} caractères, ou un guillemet n’est pas refermé : corrigez la ligne, puis renvoyez le fichier."
TOO_WIDE = (
    f"Ce fichier a plus de {integer(MOST_COLUMNS)} colonnes : gardez celles des territoires et des indicateurs utiles."
)
UNCLOSED = (
    "Ligne {row} : un guillemet n’est pas refermé, et les lignes qui suivent se confondent avec elle. "
    "Refermez-le ou retirez-le, puis renvoyez le fichier."
)
BROKEN = "Ce fichier n’est pas un texte lisible : enregistrez-le au format CSV UTF-8, puis renvoyez-le."


def read_text(path: Path) -> Iterator[list[str]]:
    """Its rows, one at a time; refused with a sentence when it is no table."""
    csv.field_size_limit(MOST_FIELD)
    with path.open(encoding=encoding_of(path), newline="") as file:
        try:
            first = _first_lines(file.read(64_000))
            delimiter = delimiter_of(first)
            file.seek(0)
            if first and first[0].casefold().startswith("sep="):
                file.readline()
            reader, line, cells = csv.reader(file, delimiter=delimiter), 0, []
            for cells in reader:
                if len(cells) > MOST_COLUMNS:
                    raise Unreadable(TOO_WIDE)
                line += 1
                if reader.line_num > line:
                    _check_closed(cells, delimiter, line)
                    line = reader.line_num
                yield cells
            _check_closed(cells, delimiter, line)  # to the end of the file
        except csv.Error as error:
            raise Unreadable(TOO_LONG) from error
        except UnicodeDecodeError as error:
            raise Unreadable(BROKEN) from error


def _check_closed(cells: list[str], delimiter: str, row: int) -> None:
    """Two lines in one cell are a heading or a remark; a line with its own columns is a row of the table."""
    for cell in cells:
        if any(delimiter in line for line in cell.splitlines()[1:]) or (delimiter in cell and cell.endswith("\n")):
            raise Unreadable(UNCLOSED.format(row=row))


def encoding_of(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(SAMPLE)
    for mark, name in [
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ]:
        if start.startswith(mark):
            return name
    zeros = start[:4000].count(0)
    if zeros > len(start[:4000]) // 3:
        return "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
    if zeros:
        raise Unreadable(BROKEN)
    return "utf-8" if _is_utf8(path) else _western(start)


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(SAMPLE):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _western(start: bytes) -> str:
    """cp1252 leaves five bytes undefined; latin-1 takes any."""
    return "latin-1" if any(byte in start for byte in b"\x81\x8d\x8f\x90\x9d") else "cp1252"


def _first_lines(text: str) -> list[str]:
    return [line for line in text.splitlines()[:30] if line.strip()]


def delimiter_of(lines: list[str]) -> str:
    """The mark that cuts the lines into the most columns, the same number on most of them."""
    if lines and lines[0].casefold().startswith("sep=") and len(lines[0].strip()) == 5:
        return lines[0].strip()[-1]

    def score(mark: str) -> tuple[int, int]:
        counts = [_columns(line, mark) for line in lines]
        usual = max(set(counts), key=counts.count, default=0)
        return (counts.count(usual) * usual if usual > 1 else 0, usual)

    return max(DELIMITERS, key=score)


def _columns(line: str, mark: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=mark), []))
    except csv.Error:
        return 0
