"""Files made to harm: refused with one French sentence, or read within the limits, and never by the web worker."""

import gzip
import io
import signal
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from ctg_site.lib import guarded
from territory.imports import books, filing, personal
from territory.loading import load_reference
from territory.models import FigureFile, Value
from tests.territory.factories import TerritoryFactory, make_superuser

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


FORMATS = "http://schemas.openxmlformats.org"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
RELATION = FORMATS + "/officeDocument/2006/relationships"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{FORMATS}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{FORMATS}/package/2006/relationships">'
    f'<Relationship Id="r" Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{FORMATS}/spreadsheetml/2006/main" xmlns:r="{RELATION}">'
    '<sheets><sheet name="s" sheetId="1" r:id="r"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{FORMATS}/package/2006/relationships">'
    f'<Relationship Id="r" Type="{RELATION}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def smallest_far_cell() -> bytes:
    """Four parts and two cells: the file that the issue describes."""
    out = io.BytesIO()
    sheet = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in PARTS.items():
            book.writestr(name, text)
        book.writestr("xl/worksheets/sheet1.xml", HEAD + sheet + TAIL)
    return out.getvalue()


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


def book_of(*rows: list[Any], strings: str = "") -> bytes:
    """A true workbook, with this part for its shared strings."""
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    if strings:
        with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as more:
            more.writestr("xl/sharedStrings.xml", strings)
    return out.getvalue()


def outside_entity() -> bytes:
    strings = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst><si><t>&a;</t></si></sst>'
    return book_of(["a"], strings=strings)


def utf16_sheet() -> bytes:
    """In another encoding the declaration does not read the same."""
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "aaaa">]>' + HEAD + TAIL
    return workbook_with(text.encode("utf-16"))  # type: ignore[arg-type]


def lying_size() -> bytes:
    """A bomb whose directory says a thousand bytes."""
    content = bytearray(bomb())
    for sign, size_at, length_at, name_at in ((b"PK\x01\x02", 24, 28, 46), (b"PK\x03\x04", 22, 26, 30)):
        at = content.find(sign)
        while at >= 0:
            length = int.from_bytes(content[at + length_at : at + length_at + 2], "little")
            if bytes(content[at + name_at : at + name_at + length]) == b"xl/worksheets/sheet1.xml":
                content[at + size_at : at + size_at + 4] = (1000).to_bytes(4, "little")
            at = content.find(sign, at + 4)
    return bytes(content)


def hidden_persons() -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.active.append(["dtreffre", "numcomdo", "indfoy_rsa"])
    book.active.append(["2024-12", "66149", 30])
    sheet = book.create_sheet("liste")
    sheet.append(["Nom", "Prénom", "Date de naissance"])
    sheet.sheet_state = "hidden"
    book.save(out)
    return out.getvalue()


def late_number() -> bytes:
    """One NIR with its key, in a remark, far below the headings."""
    rows = "".join(f"2024-12;66{number:03d};;{number}\n" for number in range(1, 130))
    return f"dtreffre;numcomdo;remarque;indfoy_rsa\n{rows}2024-12;66149;2 55 08 14 168 025 38;1\n".encode()


def many_members() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("[Content_Types].xml", "")
        for number in range(1000):
            book.writestr(f"xl/{number}.xml", "")
    return out.getvalue()


def with_parts(parts: dict[str, str | bytes]) -> bytes:
    """A good workbook of figures, some parts of which are replaced or added."""
    good = book_of(["dtreffre", "numcomdo", "indfoy_rsa"], ["2024-12", "66149", 30])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name in read.namelist():
            if name not in parts:
                written.writestr(name, read.read(name))
        for name, content in parts.items():
            written.writestr(name, content)
    return out.getvalue()


def pointing_to(target: str, more: str = "") -> bytes:
    """Its first sheet is said to be elsewhere on the machine."""
    relation = f'<Relationship Id="rId1" Type="{RELATION}/worksheet" Target="{target}"{more}/>'
    return with_parts(
        {
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{FORMATS}/package/2006/relationships">{relation}</Relationships>'
        }
    )


def external_link() -> bytes:
    relation = f'<Relationship Id="rId1" Type="{RELATION}/externalLinkPath" Target="file:///etc/passwd" TargetMode="External"/>'
    return with_parts(
        {
            "xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{FORMATS}/spreadsheetml/2006/main"/>',
            "xl/externalLinks/_rels/externalLink1.xml.rels": f'<Relationships xmlns="{FORMATS}/package/2006/relationships">'
            f"{relation}</Relationships>",
        }
    )


def heavy_strings() -> bytes:
    """A hundred megabytes of words, in a quarter of one."""
    strings = ("<si><t>" + "abcdefgh" * 128 + "</t></si>") * 100_000
    return with_parts({"xl/sharedStrings.xml": f'<sst xmlns="{FORMATS}/spreadsheetml/2006/main">{strings}</sst>'})


def deep_cell() -> bytes:
    depth = 200_000
    runs = "<r>" * depth + "<t>a</t>" + "</r>" * depth
    return workbook_with(f'{HEAD}<row r="1"><c r="A1" t="inlineStr"><is>{runs}</is></c></row>{TAIL}')


def zip_of(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for name, text in parts.items():
            book.writestr(name, text)
    return out.getvalue()


def open_document() -> bytes:
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    return zip_of({"mimetype": mimetype, "content.xml": "<office:document-content/>"})


FIGURES = "dtreffre;numcomdo;indfoy_rsa;remarque\n2024-12;66149;30;"
PERSONS, BY_NAME = "un par un (nom, prénom et date de naissance)", "un par un (nom et prénom)"
BY_NUMBER, BY_FILE = "un par un (numéros de sécurité sociale)", "un par un (numéros d’allocataire)"


def remark(text: str) -> Callable[[], bytes]:
    return lambda: f"{FIGURES}{text}\n".encode()


def headed(*headings: str) -> Callable[[], bytes]:
    return lambda: (";".join(headings) + "\n" + ";".join("x" for _ in headings) + "\n").encode()


def file_numbers() -> bytes:
    """Nothing in the headings says so: the cells do."""
    rows = "".join(f"2024-12;66{i:03d};1;{1234567 + i * 37:07d}{'ABCDEFG'[i % 7]}\n" for i in range(1, 60))
    return f"dtreffre;numcomdo;indfoy_rsa;ref\n{rows}".encode()


CASES = {
    "elsewhere.xlsx": (lambda: pointing_to("file:///etc/passwd", ' TargetMode="External"'), "aucune donnée"),
    "above.xlsx": (lambda: pointing_to("../../../../etc/passwd"), "aucune donnée"),
    "strings.xlsx": (heavy_strings, "trop lourd"),
    "deep.xlsx": (deep_cell, "aucune donnée"),
    "late-nul.csv": (lambda: FIGURES.encode() + b"\0" * 1000, "lisible"),
    "open-quote.csv": (lambda: f'{FIGURES}"\n{"2024-12;66149;30;a" * 20_000}'.encode(), "guillemet"),
    "one-line.csv": (lambda: FIGURES.encode() + b"x" * (40 << 20), "caractères"),
    "short-quote.csv": (lambda: f'{FIGURES}\n2024-12;"66149;30\n2024-12;66136;90\n'.encode(), "Ligne 3 : un guillemet"),
    "last-quote.csv": (lambda: f'{FIGURES}\n2024-12;"66149;30\n'.encode(), "Ligne 3 : un guillemet"),
    "open.ods": (open_document, "OpenDocument"),
    "page.xls": (lambda: b"<html><table><tr><td>Code</td></tr></table></html>", "page web"),
    "page.csv": (lambda: b"\xef\xbb\xbf\n<!DOCTYPE html>\n<title>404;2024</title>\n", "page web"),
    "answer.csv": (lambda: b'{"total": 2, "results": [{"numcomdo": "66149", "indfoy_rsa": 30}]}', "JSON"),
    "list.csv": (lambda: b'[{"numcomdo": "66149", "indfoy_rsa": 30}]', "JSON"),
    "insee.zip": (lambda: zip_of({"base-cc.csv": "CODGEO;P21_POP\n66149;6000\n"}), ".zip"),
    "blank.csv": (lambda: b"\n ; ;\n", "aucune donnée"),
    "packed.csv": (lambda: gzip.compress(FIGURES.encode()), "lisible"),
    "said.csv": (remark("Mme D., n° 2 55 08 14 168 025 38, au RSA"), BY_NUMBER),
    "joined.csv": (remark("voir255081416802538."), BY_NUMBER),
    "dotted.csv": (remark("2.55.08.14.168.025.38"), BY_NUMBER),
    "slashed.csv": (remark("2-55-08-14-168-025/38"), BY_NUMBER),
    "keyless.csv": (lambda: b"ident;RSA\n2550814168025;1\n1840766136012;2\n2991266149034;3\n", BY_NUMBER),
    "file-numbers.csv": (file_numbers, BY_FILE),
    "born.csv": (headed("NOM", "PRENOM", "NÉ(E) LE"), PERSONS),
    "born-one.csv": (headed("Nom et prénom", "Date de naissance"), PERSONS),
    "born-short.csv": (headed("NOM_USAGE", "PRENOM1", "DTNAISS"), PERSONS),
    "born-child.csv": (headed("Prénom de l’enfant", "Date de naissance de l’enfant"), PERSONS),
    "title.csv": (headed("Civilité", "Nom", "Adresse"), BY_NAME),
    "secu.csv": (headed("Num. Sécu", "Montant"), "un par un (colonne « num secu »)"),
    "smallest.xlsx": (smallest_far_cell, "famille"),
    "far.xlsx": (far_cell, "famille"),
    "outside.xlsx": (outside_entity, "lisible"),
    "utf16.xlsx": (utf16_sheet, "lisible"),
    "lying.xlsx": (lying_size, "lisible"),
    "hidden-persons.xlsx": (hidden_persons, "un par un (nom, prénom et date de naissance)"),
    "late-number.csv": (late_number, "un par un (numéros de sécurité sociale)"),
    "matricule.xlsx": (
        lambda: book_of(["Matricule", "Commune"], ["123", "66149"]),
        "un par un (colonne « matricule »)",
    ),
    "nir.csv": (lambda: b"NIR;RSA\n1;2\n", "un par un (colonne « nir »)"),
    "far-many.xlsx": (far_cell_among_many, "temps ou de mémoire"),
    "bomb.xlsx": (bomb, "trop lourd"),
    "styled.xlsx": (styled_rows, "aucune donnée"),
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
    "million-columns.csv": (lambda: b"a;" * 1_000_000, "colonnes"),
}


@pytest.mark.once
@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_is_refused_with_one_sentence(name):
    make, expected = CASES[name]
    start = time.monotonic()
    file = filing.read_file(filing.receive_file(name, [make()], caf=None, by=None))
    assert file.state == FigureFile.State.REFUSED
    assert expected in file.refusal
    assert "\n" not in file.refusal
    assert not kept(file)
    assert time.monotonic() - start < MOST_SECONDS


def test_two_lines_in_one_cell_are_read():
    text = 'dtreffre;numcomdo;"Nombre foyers\nRSA";"mémo"\n2024-12;66149;30;"vu\navec la mairie"\n'
    file = filing.read_file(filing.receive_file("lines.csv", [text.encode()], caf=None, by=None))
    assert (file.state, file.report["rows"], file.report["tables"][0]["ignored"]) == ("read", 1, ["mémo"])


@pytest.mark.parametrize("name", ["macros.xlsm", "links.xlsx"])
def test_macros_and_links_are_left_where_they_are(name):
    """The figures are read; what would run, or be fetched, is not looked at."""
    content = (
        with_parts({"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"\0" * 2000}) if "macros" in name else external_link()
    )
    file = filing.read_file(filing.receive_file(name, [content], caf=None, by=None))
    assert (file.state, file.report["values"]) == (FigureFile.State.READ, 1)
    assert "root:" not in str(file.report)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../../etc/passwd.csv", "passwd.csv"),
        ("C:\\Caf\\rsa.csv", "rsa.csv"),
        ("fichier\u202excod.csv", "fichierxcod.csv"),
        ("deux\nlignes.csv", "deux lignes.csv"),
    ],
)
def test_the_name_of_a_file_is_one_plain_line(sent, shown):
    file = filing.receive_file(sent, [FIGURES.encode()], caf=None, by=None)
    assert file.name == shown
    assert Path(file.content.path).resolve().is_relative_to(Path(settings.MEDIA_ROOT).resolve())


def test_what_only_looks_like_a_person_is_read():
    """A number with many decimals, a SIRET, schools, first names given in a year."""
    rows = ["1.85051234567891", "78412584300027", "0750654D", "0750655E", "0660001T", "2A004"]
    found = "".join(f"{year}-12;66149;30;{text}\n" for year, text in enumerate(rows, 2010))
    content = f"dtreffre;numcomdo;indfoy_rsa;remarque\n{found}".encode()
    assert filing.read_file(filing.receive_file("bon.csv", [content], caf=None, by=None)).state == FigureFile.State.READ
    personal.check_headings(["Prénom", "Année", "Nombre"])
    personal.check_headings(["Code", "Nom", "Naissances"])


def kept(file: FigureFile) -> list[str]:
    """What is left of it on the disk."""
    folder = Path(settings.MEDIA_ROOT)
    return [str(path) for path in folder.rglob(f"{file.sha256[:16]}*")]


def test_the_far_cell_is_small():
    """The file of the first case fits in an e-mail: what it asks for does not fit in a machine."""
    assert len(smallest_far_cell()) < 1500


LIGHT = ["smallest.xlsx", "bomb.xlsx", "image.xlsx", "locked.xlsx", "old.xls", "hidden-persons.xlsx", "nir.csv"]


@pytest.mark.parametrize("name", LIGHT)
def test_the_page_the_back_office_and_the_command_refuse_it_alike(name, tmp_path):
    make, expected = CASES[name]
    client = Client()
    client.force_login(make_superuser())
    door = client.get(reverse("admin:territory_figurefile_add"))
    assert door["Location"] == reverse("files:files")
    sent = client.post(door["Location"], {"file": SimpleUploadedFile(name, make())})
    page = client.get(sent["Location"]).content.decode()
    assert expected in page.replace("&#x27;", "'")
    assert FigureFile.objects.get().state == FigureFile.State.REFUSED
    path = tmp_path / name
    path.write_bytes(make())
    with pytest.raises(CommandError) as refusal:
        call_command("import_values", path, apply=True)
    assert expected in str(refusal.value)
    assert not Value.objects.exists()
    assert not kept(FigureFile.objects.first())


def test_another_user_is_served_while_a_hostile_file_is_parsed(monkeypatch):
    """The child is stopped in the middle of its work; a page is asked for meanwhile. What counts is the order."""
    events, start = [], guarded._started

    def started_then_stopped(*args):
        child = start(*args)
        child.send_signal(signal.SIGSTOP)
        events.append("parsed by a child")
        other = Client()
        other.force_login(make_superuser())
        events.append(f"page served: {other.get(reverse('files:files')).status_code}")
        assert child.poll() is None
        child.send_signal(signal.SIGCONT)
        return child

    monkeypatch.setattr(guarded, "_started", started_then_stopped)
    file = filing.read_file(filing.receive_file("far-many.xlsx", [far_cell_among_many()], caf=None, by=None))
    events.append(file.state.value)
    assert events == ["parsed by a child", "page served: 200", "refused"]


@pytest.mark.parametrize("backend", ["django_tasks_db.DatabaseBackend"])
def test_the_page_only_puts_it_in_the_queue(backend, monkeypatch, settings):
    """Installed, the worker starts the child: the web server keeps the file and answers."""
    settings.TASKS = {"default": {"BACKEND": backend}}
    monkeypatch.setattr(filing, "run_guarded", lambda *args, **more: pytest.fail("parsed by the web server"))
    client = Client()
    client.force_login(make_superuser())
    answer = client.post(reverse("files:files"), {"file": SimpleUploadedFile("far.xlsx", far_cell())})
    assert answer.status_code == 302
    assert FigureFile.objects.get().state == FigureFile.State.WAITING


def test_what_is_not_taken_of_a_book_is_said(tmp_path):
    book, out, heard = Workbook(), io.BytesIO(), []
    book.active.append(["Code"])
    book.active.append(["66149"])
    book.active.row_dimensions[2].hidden = True
    book.save(out)
    with zipfile.ZipFile(out, "a") as more:
        more.writestr("xl/vbaProject.bin", b"")
        more.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    path = tmp_path / "liens.xlsm"
    path.write_bytes(out.getvalue())
    for page in books.read_book(path, heard.append):
        assert list(page.rows) == [["Code"], ["66149"]]
    assert heard == [books.MACROS, books.LINKS, books.HIDDEN_ROWS]


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
