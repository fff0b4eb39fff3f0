"""The guarded process of a vintage: the three tables of a .zip, each row judged before the database hears of it.

    python -m territory.imports.vintage FILE OUT

A vintage is taken whole: the first row that does not hold refuses it, with its place and what was expected.
"""

import csv
import io
import json
import lzma
import re
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import IO, NoReturn

from ctg_site.lib.guarded import limit_this_process
from ctg_site.lib.numbers import has_luhn_key
from territory.imports.errors import Unreadable

COLUMNS = {
    "territories": [
        "kind",
        "code",
        "name",
        "nature",
        "aliases",
        "parent_kind",
        "parent_code",
        "valid_from",
        "valid_to",
    ],
    "belongings": ["commune", "group", "valid_from", "valid_to"],
    "changes": ["on", "kind", "before", "after"],
}
CODES = {
    "commune": re.compile(r"([0-9]{2}|2[AB])[0-9]{3}"),
    "epci": re.compile(r"[0-9]{9}"),
    "departement": re.compile(r"[0-9]{2}|2[AB]|97[0-9]"),
    "region": re.compile(r"[0-9]{2}"),
    "france": re.compile(r"FR|FM"),
}
CHANGES = ("merge", "split")
MOST_FILES, MOST_BYTES, MOST_ROWS, MOST_NAME = 20, 60 << 20, 500_000, 200
NOT_A_VINTAGE = (
    "Ce fichier n’est pas un millésime : une archive .zip avec territories.csv, belongings.csv et changes.csv "
    "(ou .csv.xz), comme fixtures/geography/france."
)
TOO_BIG = "Ce millésime est trop lourd une fois ouvert : la France entière tient en 60 Mo."

Row = dict[str, str]
Span = tuple[date, date]


def main(file: Path, out: Path) -> None:
    limit_this_process()
    answer: dict[str, object]
    try:
        tables = {name: list(rows) for name, rows in _tables(file)}
        check(tables)
        answer = dict(tables)
    except Unreadable as refusal:
        answer = {"refusal": str(refusal)}
    except (MemoryError, RecursionError):
        sys.exit(3)
    out.write_text(json.dumps(answer, ensure_ascii=False))


# --- The archive ------------------------------------------------------------------------------------------------------


def _tables(file: Path) -> Iterator[tuple[str, Iterator[Row]]]:
    try:
        with zipfile.ZipFile(file) as archive:
            members = _members(archive)
            for name in COLUMNS:
                with archive.open(members[name]) as packed:
                    yield name, _rows(name, _text(packed, members[name].filename))
    except (zipfile.BadZipFile, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise Unreadable(NOT_A_VINTAGE) from error


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    if len(archive.infolist()) > MOST_FILES:
        raise Unreadable(NOT_A_VINTAGE)
    for entry in archive.infolist():
        name = entry.filename.rpartition("/")[2].removesuffix(".xz").removesuffix(".csv")
        if name in COLUMNS and entry.filename.endswith((".csv", ".csv.xz")):
            if name in found or entry.flag_bits & 1:
                raise Unreadable(NOT_A_VINTAGE)
            found[name] = entry
    if found.keys() != COLUMNS.keys():
        raise Unreadable(NOT_A_VINTAGE)
    return found


def _text(packed: IO[bytes], filename: str) -> str:
    """Counted while inflating: what the directory says may be a lie."""
    with lzma.open(packed) if filename.endswith(".xz") else packed as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Unreadable(TOO_BIG)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{filename} n’est pas en UTF-8 : enregistrez-le de nouveau dans cet encodage.") from error


def _rows(name: str, text: str) -> Iterator[Row]:
    reader = csv.DictReader(io.StringIO(text), delimiter=";")
    if reader.fieldnames != COLUMNS[name]:
        raise Unreadable(f"{name}.csv, ligne 1 : colonnes attendues : {' ; '.join(COLUMNS[name])}.")
    try:
        for number, row in enumerate(reader, 2):
            if number > MOST_ROWS:
                raise Unreadable(TOO_BIG)
            if None in row or None in row.values():
                _refuse(name, number, "Ligne", "", f"{len(COLUMNS[name])} colonnes")
            yield row
    except csv.Error as error:
        raise Unreadable(NOT_A_VINTAGE) from error


# --- The rows ---------------------------------------------------------------------------------------------------------


def check(tables: dict[str, list[Row]]) -> None:
    entities = _check_territories(tables["territories"])
    _check_belongings(tables["belongings"], entities)
    _check_changes(tables["changes"], entities)


def _check_territories(rows: list[Row]) -> dict[tuple[str, str], list[Span]]:
    entities: dict[tuple[str, str], list[Span]] = defaultdict(list)
    known = {(row["kind"], row["code"]) for row in rows}
    for number, row in enumerate(rows, 2):
        kind, code = row["kind"], row["code"]
        if kind not in CODES:
            _refuse("territories", number, "kind", kind, ", ".join(CODES))
        if not CODES[kind].fullmatch(code):
            _refuse("territories", number, "code", code, f"un code de {kind}, zéros compris")
        if kind == "epci" and not has_luhn_key(code):
            _refuse("territories", number, "code", code, "un SIREN dont la clé est juste")
        if not row["name"].strip() or len(row["name"]) > MOST_NAME:
            _refuse("territories", number, "name", row["name"], f"un nom de {MOST_NAME} caractères au plus")
        parent = (row["parent_kind"], row["parent_code"])
        if parent != ("", "") and parent not in known:
            _refuse("territories", number, "parent_code", row["parent_code"], "un territoire de ce fichier")
        span = _span("territories", number, row)
        if any(_overlap(span, other) for other in entities[kind, code]):
            _refuse("territories", number, "valid_from", row["valid_from"], f"{code} n’est qu’une entité à la fois")
        entities[kind, code].append(span)
    if not any(kind == "commune" for kind, _ in entities):
        raise Unreadable("territories.csv ne contient aucune commune.")
    return entities


def _check_belongings(rows: list[Row], entities: dict[tuple[str, str], list[Span]]) -> None:
    members: dict[str, list[Span]] = defaultdict(list)
    for number, row in enumerate(rows, 2):
        start, end = _span("belongings", number, row)
        alive = entities.get(("commune", row["commune"]), [])
        if not any(first <= start <= last for first, last in alive):
            _refuse("belongings", number, "commune", row["commune"], f"une commune qui existe le {start:%d/%m/%Y}")
        if ("epci", row["group"]) not in entities:
            _refuse("belongings", number, "group", row["group"], "une intercommunalité de territories.csv")
        if any(_overlap((start, end), other) for other in members[row["commune"]]):
            _refuse("belongings", number, "commune", row["commune"], "une seule intercommunalité à la fois")
        members[row["commune"]].append((start, end))


def _check_changes(rows: list[Row], entities: dict[tuple[str, str], list[Span]]) -> None:
    for number, row in enumerate(rows, 2):
        _date("changes", number, "on", row["on"])
        if row["kind"] not in CHANGES:
            _refuse("changes", number, "kind", row["kind"], ", ".join(CHANGES))
        for column in ("before", "after"):
            code = row[column]
            if (code or column == "before") and ("commune", code) not in entities:
                _refuse("changes", number, column, code, "une commune de territories.csv")


def _span(table: str, number: int, row: Row) -> Span:
    start = _date(table, number, "valid_from", row["valid_from"])
    end = _date(table, number, "valid_to", row["valid_to"]) if row["valid_to"] else date.max
    if end < start:
        _refuse(table, number, "valid_to", row["valid_to"], "une date qui suit valid_from")
    return start, end


def _date(table: str, number: int, column: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        _refuse(table, number, column, text, "une date, par exemple 2027-01-01")


def _overlap(one: Span, other: Span) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _refuse(table: str, number: int, column: str, value: str, expected: str) -> NoReturn:
    raise Unreadable(f"{table}.csv, ligne {number}, {column}, « {value[:80]} » ; attendu : {expected}.")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
