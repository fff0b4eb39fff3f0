"""Files made to harm: refused with one French sentence, or read within the limits, and never by the web worker."""

import io
import time
import zipfile

import pytest
from openpyxl import Workbook

from territory.imports import books, filing
from territory.loading import load_reference
from territory.models import FigureFile
from tests.territory.factories import TerritoryFactory

pytestmark = pytest.mark.django_db

MOST_SECONDS = 120

HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = "</sheetData></worksheet>"
NO_RESULT = '<row r="1"><c r="A1"><f>1+1</f></c></row>'


@pytest.fixture(autouse=True)
def country():
    load_reference()
    TerritoryFactory(code="66149", name="Prades")


def workbook_with(sheet: str, compress: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A true workbook whose sheet is replaced by this XML."""
    clean, out = io.BytesIO(), io.BytesIO()
    Workbook().save(clean)
    with zipfile.ZipFile(clean) as read, zipfile.ZipFile(out, "w", compress) as written:
        for name in read.namelist():
            written.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else read.read(name))
    return out.getvalue()


def text_cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def far_cell() -> bytes:
    rows = f'<row r="1">{text_cell("A1", "Code")}</row><row r="1048576">{text_cell("XFD1048576", "loin")}</row>'
    return workbook_with(HEAD + rows + TAIL)


def far_cell_among_many() -> bytes:
    """Enough rows for the fast reader, which would make room for 17 billion cells."""
    rows = "".join(f'<row r="{i}"><c r="A{i}"><v>{i}</v></c></row>' for i in range(1, 25_000))
    return workbook_with(HEAD + rows + f'<row r="1048576">{text_cell("XFD1048576", "loin")}</row>' + TAIL)


def bomb() -> bytes:
    return workbook_with(HEAD + f'<row r="1">{text_cell("A1", "0" * (60 << 20))}</row>' + TAIL)


def styled_rows() -> bytes:
    return workbook_with(HEAD + "".join(f'<row r="{i}"><c r="A{i}" s="0"/></row>' for i in range(1, 1_000_001)) + TAIL)


def entity_bomb() -> bytes:
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return workbook_with(entities + HEAD + f'<row r="1">{text_cell("A1", "&amp;b;")}</row>' + TAIL)


def many_members() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("[Content_Types].xml", "")
        for number in range(1000):
            book.writestr(f"xl/{number}.xml", "")
    return out.getvalue()


CASES = {
    "far.xlsx": (far_cell, "famille"),
    "far-many.xlsx": (far_cell_among_many, "temps ou de mémoire"),
    "bomb.xlsx": (bomb, "trop lourd"),
    "styled.xlsx": (styled_rows, "famille"),
    "entities.xlsx": (entity_bomb, "lisible"),
    "members.xlsx": (many_members, "trop lourd"),
    "formula.xlsx": (lambda: workbook_with(HEAD + NO_RESULT + TAIL), "formules"),
    "image.xlsx": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 500, "image"),
    "page.pdf": (lambda: b"%PDF-1.7\n", "PDF"),
    "locked.xlsx": (lambda: books.OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "mot de passe"),
    "old.xls": (lambda: books.OLE + b"\0" * 600 + "Workbook".encode("utf-16-le"), ".xls"),
    "torn.xlsx": (lambda: far_cell()[:-60], "lisible"),
    "notzip.xlsx": (lambda: b"bonjour", "lisible"),
    "nul.csv": (lambda: b"Code;Valeur\n66149;\x00\x00\n", "lisible"),
    "huge-cell.csv": (lambda: b"dtreffre;numcomdo;indfoy_rsa\n2024-12;66149;" + b"9" * 200_000, "caractères"),
    "million-columns.csv": (lambda: b"a;" * 1_000_000, "famille"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_is_refused_with_one_sentence(name):
    make, expected = CASES[name]
    start = time.monotonic()
    file = filing.read_file(filing.receive_file(name, [make()], caf=None, by=None))
    assert file.state == FigureFile.State.REFUSED
    assert expected in file.refusal
    assert time.monotonic() - start < MOST_SECONDS


def test_the_far_cell_is_small():
    """The file of the first case fits in an e-mail: what it asks for does not fit in a machine."""
    assert len(far_cell()) < 6000


def test_a_child_that_hangs_is_stopped(monkeypatch):
    """Control of the wall clock: with no time at all, a good file is refused too."""
    monkeypatch.setattr("ctg_site.lib.guarded.WALL_SECONDS", 0)
    monkeypatch.setattr(filing, "run_guarded", lambda *args, **more: run(*args, seconds=0.01, **more))
    file = filing.read_file(
        filing.receive_file("bon.csv", [b"dtreffre;numcomdo;indfoy_rsa\n2024-12;66149;5\n"], caf=None, by=None)
    )
    assert file.state == FigureFile.State.REFUSED
    assert "temps ou de mémoire" in file.refusal


def run(*args, **more):
    from ctg_site.lib.guarded import run_guarded

    return run_guarded(*args, **more)


def test_a_child_that_takes_too_much_memory_is_stopped():
    import subprocess
    import sys

    code = "from ctg_site.lib.guarded import limit_this_process; limit_this_process(); bytearray(3 << 30)"
    assert b"MemoryError" in subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).stderr


def test_a_good_workbook_is_read():
    """Control of all the above: the same road takes a true file."""
    book = Workbook()
    book.active.append(["dtreffre", "numcomdo", "indfoy_rsa"])
    book.active.append(["2024-12", "66149", 30])
    out = io.BytesIO()
    book.save(out)
    file = filing.read_file(filing.receive_file("bon.xlsx", [out.getvalue()], caf=None, by=None))
    assert (file.state, file.report["values"]) == (FigureFile.State.READ, 1)


def test_formats_are_honoured_by_both_readers(tmp_path, monkeypatch):
    book = Workbook()
    book.active.append(["Code", 0.43, "texte", 12.5])
    book.active.append([1004, 43, None, 0.1 + 0.2])
    book.active["B1"].number_format = book.active["B2"].number_format = "0%"
    book.active["A2"].number_format = "00000"
    path = tmp_path / "formats.xlsx"
    book.save(path)
    shown = [["Code", "43%", "texte", "12.5"], ["01004", "4300%", "", "0.3"]]
    assert [list(page.rows) for page in books.read_book(path)] == [shown]
    monkeypatch.setattr(books, "OPENPYXL_ROWS", 0)
    assert [list(page.rows) for page in books.read_book(path)] == [shown]
