import io

import pikepdf
import pytest
from django.template.loader import render_to_string
from pypdf import PdfReader

from ctg_site.lib.pdf import STATIC, ForbiddenAddress, render_pdf

PAGE = """<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Convention d’essai</title>
<link rel="stylesheet" href="css/pdf.css">{head}</head><body>
<h2>Article 1</h2><p>Soit 1\u202f089\u202f800\u00a0€, l’écart est de −4\u00a0pts.</p>{body}</body></html>"""


def page(*, head: str = "", body: str = "") -> str:
    return PAGE.format(head=head, body=body)


def test_a_document_is_tagged_and_says_its_title_and_its_language():
    with pikepdf.open(io.BytesIO(render_pdf(page()))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "fr"
        assert str(pdf.docinfo.Title) == "Convention d’essai"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert "pdfuaid" in pdf.Root.Metadata.read_bytes().decode()


TABLE = """<table><thead><tr><th scope="col">Poste</th><th scope="col">2024</th></tr></thead>
<tbody><tr><th scope="row">Caf</th><td>12 000 €</td></tr></tbody></table>"""
RUNNING = (
    "<style>@page { @top-left { content: 'Convention d’essai' } @bottom-right { content: counter(page) } }</style>"
)


def test_each_header_cell_says_whether_it_heads_a_column_or_a_row():
    with pikepdf.open(io.BytesIO(render_pdf(page(body=TABLE)))) as pdf:
        heads = [element for element in elements(pdf.Root.StructTreeRoot) if element.S == "/TH"]
        assert [str(head.A.Scope) for head in heads] == ["/Column", "/Column", "/Row"]


def test_what_repeats_in_the_margins_is_no_part_of_the_text():
    """Each piece of marked content is read in its place, or is said to be an artifact."""
    body = f'{TABLE}<p style="break-before: page">La suite.</p>'
    with pikepdf.open(io.BytesIO(render_pdf(page(head=RUNNING, body=body)))) as pdf:
        read = {(element.Pg.objgen, kid) for element in elements(pdf.Root.StructTreeRoot) for kid in marks_of(element)}
        marked, apart = set(), 0
        for sheet in pdf.pages:
            for operands, operator in pikepdf.parse_content_stream(sheet):
                if str(operator) == "BDC":
                    if operands[0] == "/Artifact":
                        apart += operands[1].Type == "/Pagination"
                    else:
                        marked.add((sheet.objgen, int(operands[1].MCID)))
        assert len(pdf.pages) == 2
        assert marked == read
        assert apart == 4


def elements(parent):
    for kid in parent.get("/K", []):
        if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/StructElem":
            yield kid
            yield from elements(kid)


def marks_of(element):
    return [kid for kid in element.get("/K", []) if isinstance(kid, int)]


def test_a_document_is_written_with_our_typeface_only():
    """A sign that the typeface lacks would bring another one in."""
    reader = PdfReader(io.BytesIO(render_pdf(page(body="<p>≥ 3 ‑ l·l ó œ ½ → ✓ № ﬁn</p>"))))
    fonts = {
        str(font.get_object()["/BaseFont"]) for sheet in reader.pages for font in sheet["/Resources"]["/Font"].values()
    }
    assert fonts
    assert all("Ctg-Sans" in name for name in fonts), fonts
    assert "1\u202f089\u202f800 €" in reader.pages[0].extract_text().replace("\u00a0", " ")


def test_headings_become_bookmarks():
    assert [entry.title for entry in PdfReader(io.BytesIO(render_pdf(page()))).outline] == ["Article 1"]


def test_the_same_page_gives_the_same_bytes(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1639526400")
    assert render_pdf(page()) == render_pdf(page())


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/image.png",
        "https://example.org/image.png",
        "ftp://example.org/image.png",
        "file:///etc/passwd",
        "file://example.org/etc/passwd",
        "../../manage.py",
        "css/%2e%2e/%2e%2e/settings.py",
        "css/absent.css",
    ],
)
@pytest.mark.parametrize(
    "place", ['<img alt="" src="{}">', '<link rel="stylesheet" href="{}">', "<style>@import url({})</style>"]
)
def test_nothing_but_our_static_files_is_read(address, place):
    with pytest.raises(ForbiddenAddress):
        render_pdf(page(body=place.format(address)))


def test_an_image_written_in_the_page_is_read():
    pixel = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'%3E%3Crect width='9' height='9'/%3E%3C/svg%3E"
    assert render_pdf(page(body=f'<img alt="Un carré" src="{pixel}">')).startswith(b"%PDF-")


def test_the_layout_of_documents_finds_its_stylesheet():
    html = render_to_string("pdf/base.html")
    assert 'href="css/pdf.css"' in html
    assert (STATIC / "css/pdf.css").is_file()
    assert render_pdf(html).startswith(b"%PDF-")
