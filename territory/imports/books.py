"""Workbooks as they are seen in Excel: a cell shown « 43 % » reads « 43% », a code shown « 01004 » keeps its zero.

Up to OPENPYXL_ROWS rows, openpyxl gives each cell its format; above, calamine reads ten times faster and one pass over
the styles finds the cells that are shown otherwise than they are stored.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.parsers import expat

from territory.imports.errors import Unreadable

OPENPYXL_ROWS = 20_000
MOST_FILES = 500
MOST_UNPACKED = 600 << 20
MOST_RATIO = 300
CHUNK = 1 << 18
TABLES = (".csv", ".xlsx", ".txt", ".tsv")

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TOO_BIG = "Ce classeur est trop lourd une fois ouvert : gardez les feuilles utiles, sans mise en forme ni image, ou enregistrez-les en CSV."
NOT_A_BOOK = "Ce fichier n’est pas un classeur Excel (.xlsx) lisible : enregistrez-le de nouveau au format .xlsx, puis renvoyez-le."
LOCKED = "Ce classeur est protégé par un mot de passe : enregistrez-le sans protection, puis renvoyez-le."
OLD = "Ce classeur est à l’ancien format .xls : enregistrez-le au format .xlsx, puis renvoyez-le."
OPEN_DOCUMENT = "Ce classeur est au format OpenDocument (.ods) : enregistrez-le au format .xlsx, puis renvoyez-le."
ARCHIVE = "Ce fichier est une archive .zip : ouvrez-la, puis déposez le fichier .csv ou .xlsx qu’elle contient."
HIDDEN_ROWS = "Des lignes ou des colonnes sont masquées dans le classeur : elles sont lues comme les autres."
MACROS = "Ce classeur a des macros : elles ne sont ni lues, ni exécutées."
LINKS = "Ce classeur a des liens vers d’autres classeurs : ils ne sont pas suivis, seules les valeurs enregistrées sont lues."
NO_RESULT = "Des formules de ce classeur n’ont pas de résultat enregistré : ouvrez-le dans Excel, enregistrez-le, puis renvoyez-le."

Rows = Iterator[list[str]]

_HIDDEN = re.compile(rb'<(row|col)\b[^>]*\bhidden="(1|true)"')
_FORMULA_ALONE = re.compile(rb"</f>\s*(<v\s*/>|<v></v>)?\s*</c>|<f[^>]*/>\s*</c>")


@dataclass(frozen=True)
class Page:
    title: str
    rows: Rows
    is_hidden: bool = False


def read_book(path: Path, notice: Callable[[str], None] = lambda sentence: None) -> Iterator[Page]:
    """``notice`` is told what of the book is not taken, or is taken though it does not show."""
    check_archive(path)
    names = zipfile.ZipFile(path).namelist()
    if any(name.endswith("vbaProject.bin") for name in names):
        notice(MACROS)
    if any(name.startswith("xl/externalLinks/") for name in names):
        notice(LINKS)
    largest = max((_row_count(path, name, notice) for name in _sheet_files(path)), default=0)
    yield from _with_calamine(path) if largest > OPENPYXL_ROWS else _with_openpyxl(path)


def check_archive(path: Path) -> None:
    """The first bytes and the directory of the zip, before anything is unpacked."""
    with path.open("rb") as file:
        start = file.read(8)
        if start == OLE:
            raise Unreadable(LOCKED if "EncryptedPackage".encode("utf-16-le") in file.read(1 << 20) else OLD)
    if not start.startswith(b"PK"):
        raise Unreadable(NOT_A_BOOK)
    try:
        entries = zipfile.ZipFile(path).infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Unreadable(NOT_A_BOOK) from error
    names = [entry.filename for entry in entries]
    if "mimetype" in names and "content.xml" in names:
        raise Unreadable(OPEN_DOCUMENT)
    if "[Content_Types].xml" not in names and any(name.lower().endswith(TABLES) for name in names):
        raise Unreadable(ARCHIVE)
    if "[Content_Types].xml" not in names or len(set(names)) != len(names):
        raise Unreadable(NOT_A_BOOK)
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable(LOCKED)
    unpacked = sum(entry.file_size for entry in entries)
    if (
        len(entries) > MOST_FILES
        or unpacked > MOST_UNPACKED
        or unpacked > MOST_RATIO * max(path.stat().st_size, 10_000)
    ):
        raise Unreadable(TOO_BIG)
    _check_parts(path, entries)


def _check_parts(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    """No part declares entities; Excel writes none, and always in UTF-8."""
    with zipfile.ZipFile(path) as archive:
        for entry in entries:
            if not entry.filename.endswith((".xml", ".rels")):
                continue
            try:
                with archive.open(entry) as part:
                    start = part.read(CHUNK)
            except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, zlib.error) as error:
                raise Unreadable(NOT_A_BOOK) from error
            if b"<!DOCTYPE" in start or start.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise Unreadable(NOT_A_BOOK)


def _sheet_files(path: Path) -> list[str]:
    return [name for name in zipfile.ZipFile(path).namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)]


def _row_count(path: Path, name: str, notice: Callable[[str], None]) -> int:
    """Rows written in a sheet, counted while inflating: what the directory says may be a lie."""
    count, size, tail = 0, 0, b""
    with zipfile.ZipFile(path).open(name) as file:
        try:
            while chunk := file.read(CHUNK):
                size += len(chunk)
                if size > MOST_UNPACKED:
                    raise Unreadable(TOO_BIG)
                window = tail + chunk
                if b"<!DOCTYPE" in window:
                    raise Unreadable(NOT_A_BOOK)
                if _FORMULA_ALONE.search(window):
                    raise Unreadable(NO_RESULT)
                if b"hidden=" in window and _HIDDEN.search(window):
                    notice(HIDDEN_ROWS)
                count += chunk.count(b"<row")
                tail = chunk[-200:]
        except (zipfile.BadZipFile, OSError, EOFError, zlib.error) as error:
            raise Unreadable(NOT_A_BOOK) from error
    return count


# --- Cell by cell, with its format ------------------------------------------------------------------------------------


def _with_openpyxl(path: Path) -> Iterator[Page]:
    from openpyxl import load_workbook

    with path.open("rb") as file:  # open, since a path is judged by its extension
        try:
            book = load_workbook(file, read_only=True, data_only=True)
        except Exception as error:
            raise Unreadable(NOT_A_BOOK) from error
        for sheet in book.worksheets:
            yield Page(sheet.title, _shown_rows(sheet), sheet.sheet_state != "visible")


def _shown_rows(sheet: Any) -> Rows:
    for cells in _cells(sheet):
        yield [_shown(cell.value, getattr(cell, "number_format", "")) for cell in cells]


def _cells(sheet: Any) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()
    return sheet.iter_rows()


def _shown(value: Any, number_format: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int | float):
        return _number_shown(value, number_format)
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return str(value) if isinstance(value, time) else str(value).strip()


def _number_shown(value: int | float, number_format: str) -> str:
    number = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.12g}")
    if "%" in number_format:
        return f"{_plain(number * 100)}%"
    if re.fullmatch("0{2,}", number_format) and number == number.to_integral_value():
        return str(int(number)).zfill(len(number_format))
    return _plain(number)


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- Fast, with the special formats found apart -----------------------------------------------------------------------


def _with_calamine(path: Path) -> Iterator[Page]:
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    try:
        with path.open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
    except Exception as error:
        raise Unreadable(NOT_A_BOOK) from error
    formats = _special_formats(path)
    files = _files_by_title(path) if formats else {}
    for meta in book.sheets_metadata:
        special = _special_cells(path, files.get(meta.name, ""), formats) if formats else {}
        yield Page(
            meta.name, _fast_rows(book.get_sheet_by_name(meta.name), special), meta.visible != SheetVisibleEnum.Visible
        )


def _fast_rows(sheet: Any, special: dict[tuple[int, int], str]) -> Rows:
    first_row, first_column = sheet.start or (0, 0)
    for number, cells in enumerate(sheet.iter_rows(), first_row):
        if special:
            yield [_shown(value, special.get((number, first_column + i), "")) for i, value in enumerate(cells)]
        else:
            yield [_shown(value, "") if value != "" else "" for value in cells]


def _special_formats(path: Path) -> dict[str, str]:
    """Style number → format, for percentages and codes with zeros in front."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    archive = zipfile.ZipFile(path)
    if "xl/styles.xml" not in archive.namelist():
        return {}
    text = archive.read("xl/styles.xml").decode("utf-8", "replace")
    own = dict(re.findall(r'<numFmt [^>]*?numFmtId="(\d+)"[^>]*?formatCode="([^"]*)"', text))
    styles = re.search(r"<cellXfs.*?</cellXfs>", text, re.DOTALL)
    ids = re.findall(r'<xf [^>]*?numFmtId="(\d+)"', styles.group()) if styles else []
    formats = {str(i): own.get(code) or BUILTIN_FORMATS.get(int(code), "") for i, code in enumerate(ids)}
    return {style: name for style, name in formats.items() if "%" in name or re.fullmatch("0{2,}", name)}


def _files_by_title(path: Path) -> dict[str, str]:
    """Sheet → part of the archive, as the relations of the workbook say."""
    archive, namespace = (
        zipfile.ZipFile(path),
        "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    )
    targets: dict[str, str] = {}
    found: dict[str, str] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition("}")[2] == "Relationship":
            targets[attributes["Id"]] = "xl/" + attributes["Target"].removeprefix("/xl/")

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition("}")[2] == "sheet":
            found[attributes["name"]] = targets.get(attributes.get(namespace, ""), "")

    for name, handler in [("xl/_rels/workbook.xml.rels", relation), ("xl/workbook.xml", sheet)]:
        parser = expat.ParserCreate(namespace_separator="}")
        parser.StartElementHandler = lambda tag, attributes, handler=handler: handler(
            tag, {("{" + key if "}" in key else key): value for key, value in attributes.items()}
        )
        parser.Parse(archive.read(name), True)
    return found


def _special_cells(path: Path, name: str, formats: dict[str, str]) -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], str] = {}
    if name not in zipfile.ZipFile(path).namelist():
        return found

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "c" and attributes.get("s") in formats:
            letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", attributes["r"]).groups()  # type: ignore[union-attr]
            found[int(digits) - 1, _column(letters)] = formats[attributes["s"]]

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    with zipfile.ZipFile(path).open(name) as file:
        parser.ParseFile(file)
    return found


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
