"""What a visitor downloads, read back: the words of a PDF, the typed cells of a workbook."""

from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from playwright.sync_api import Page
from pypdf import PdfReader

from tests.browser.visitors import plain


def pdf_words(page: Page, link: str) -> str:
    return plain(" ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(fetch(page, link))).pages))


def workbook_cells(page: Page, link: str) -> list[Cell]:
    book = load_workbook(BytesIO(fetch(page, link)))
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def holds(cells: list[Cell], value: Any, number_format: str) -> bool:
    """A cell of that very type: 20391 is neither « 20 391 » nor 20391.0."""
    return any(
        type(cell.value) is type(value) and cell.value == value and cell.number_format == number_format
        for cell in cells
    )


def fetch(page: Page, link: str) -> bytes:
    """The file behind a link of the page, asked with the cookies of its visitor."""
    response = page.request.get(page.get_by_role("link", name=link, exact=True).first.get_attribute("href") or "")
    assert response.ok, f"{link} : {response.status}"
    return response.body()
