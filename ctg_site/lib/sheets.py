"""Typed workbooks, the same bytes for the same content. The only module that writes xlsx.

    workbook("Plan d’actions", [Sheet("Actions", {"Numéro": lambda a: a.code, "Coût": lambda a: euro(a.cost)}, actions)],
             source="Caf des Pyrénées-Orientales", on=today)

A column is a heading and a function from the row to a cell: None, text, bool, int, Decimal, date, or one of ``euro``,
``percent``, ``number`` when the number has a format of its own. What a person typed is always written as text.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ctg_site.lib.dates import french_date

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

EURO, EURO_CENTS, INTEGER, DAY = '#,##0 "€"', '#,##0.00 "€"', "#,##0", "DD/MM/YYYY"
WIDEST = 60

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NOT_IN_TITLE = re.compile(r"[\[\]:*?/\\]")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


@dataclass(frozen=True)
class Cell:
    """A number with its Excel format."""

    value: int | Decimal | None
    number_format: str


@dataclass(frozen=True)
class Sheet:
    """``note`` is read on the first sheet: definitions, source, secrecy."""

    title: str
    columns: Mapping[str, Callable[[Any], Any]]
    rows: Iterable[Any]
    note: str = ""


def euro(amount: int | Decimal | None) -> Cell:
    has_cents = amount is not None and amount % 1 != 0
    return Cell(amount, EURO_CENTS if has_cents else EURO)


def percent(number: int | Decimal | None, places: int = 0) -> Cell:
    """43 is stored as 0.43 and reads « 43 % »."""
    return Cell(None if number is None else Decimal(number) / 100, f"{_places('0', places)} %")


def number(value: int | Decimal | None, places: int = 0) -> Cell:
    return Cell(value, _places("#,##0", places))


def shortest(value: int | Decimal | None) -> Cell:
    """Decimals only when there are some: 6 reads « 6 », 2.5 reads « 2,50 »."""
    return number(value, 0 if value is None or value % 1 == 0 else 2)


def year(value: int | None) -> Cell:
    """Without a thousands' space: 2019, not 2 019."""
    return Cell(value, "0")


def workbook(title: str, sheets: Sequence[Sheet], *, source: str, on: date) -> bytes:
    """A first sheet to read, then the data, each with a frozen heading and a filter."""
    from openpyxl import Workbook  # 150 ms: only for those who export

    book = Workbook()
    _write_readme(book.active, title, sheets, source, on)
    for sheet in sheets:
        _write_sheet(book.create_sheet(_NOT_IN_TITLE.sub(" ", sheet.title)[:31]), sheet)
    book.properties.creator, book.properties.title = "Ctg", _clean(title)
    book.properties.created = datetime(on.year, on.month, on.day)
    raw = io.BytesIO()
    book.save(raw)
    return _timeless(raw.getvalue(), on)


def csv_file(sheet: Sheet) -> bytes:
    """For those who read it with a program: « ; », one heading, numbers with a comma, text that Excel never runs."""
    lines = [[str(heading) for heading in sheet.columns]]
    lines += [[_csv_text(value_of(item)) for value_of in sheet.columns.values()] for item in sheet.rows]
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(lines)
    return out.getvalue().encode("utf-8-sig")


def _csv_text(value: Any) -> str:
    if isinstance(value, Cell):
        value = value.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int | Decimal | float):
        return str(_exact(value)).replace(".", ",")
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    text = _clean(str(value))
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _write_readme(page: Any, title: str, sheets: Sequence[Sheet], source: str, on: date) -> None:
    page.title = "Lisez-moi"
    lines = [("Titre", title), ("Source", source), ("Extrait le", french_date(on))]
    lines += [(sheet.title, sheet.note) for sheet in sheets if sheet.note]
    lines += [("secret", "chiffre couvert par le secret statistique"), ("n.d.", "chiffre non disponible")]
    for row, (name, text) in enumerate(lines, 1):
        _write(page, row, 1, name)
        _write(page, row, 2, text)
        _embolden(page.cell(row, 1))
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 24, 90


def _write_sheet(page: Any, sheet: Sheet) -> None:
    for column, heading in enumerate(sheet.columns, 1):
        _write(page, 1, column, heading)
        _embolden(page.cell(1, column))
    for row, item in enumerate(sheet.rows, 2):
        for column, value_of in enumerate(sheet.columns.values(), 1):
            _write(page, row, column, value_of(item))
    page.freeze_panes = "A2"
    page.auto_filter.ref = page.dimensions
    _fit_widths(page)


def _write(page: Any, row: int, column: int, value: Any) -> None:
    cell = page.cell(row, column)
    if isinstance(value, Cell):
        cell.value, cell.number_format = _exact(value.value), value.number_format
    elif isinstance(value, bool):
        cell.value = "oui" if value else "non"
    elif isinstance(value, int | Decimal | float):
        cell.value, cell.number_format = _exact(value), INTEGER if isinstance(value, int) else "General"
    elif isinstance(value, date):
        cell.value, cell.number_format = value, DAY
    elif value is not None:
        _write_text(cell, _clean(str(value)))


def _write_text(cell: Any, text: str) -> None:
    """Never a formula, neither here nor after somebody edits the cell or saves it as CSV."""
    cell.value = text
    if text.startswith(_FORMULA_STARTS):
        cell.data_type, cell.quotePrefix = "s", True
    if "\n" in text or len(text) > WIDEST:
        cell.alignment = _changed(cell.alignment, wrap_text=True, vertical="top")


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        raise TypeError("Un nombre à virgule flottante n’est pas exact : donnez un int ou un Decimal.")
    return value


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def _places(pattern: str, places: int) -> str:
    return f"{pattern}.{'0' * places}" if places else pattern


def _embolden(cell: Any) -> None:
    cell.font = _changed(cell.font, bold=True)


def _changed(style: Any, **changes: Any) -> Any:
    style = copy(style)
    for name, value in changes.items():
        setattr(style, name, value)
    return style


def _fit_widths(page: Any) -> None:
    for cells in page.columns:
        longest = max(len(str(cell.value)) for cell in cells if cell.value is not None)
        page.column_dimensions[cells[0].column_letter].width = min(max(longest, 8) + 3, WIDEST)


def _timeless(raw: bytes, on: date) -> bytes:
    """The library stamps the hour into the file; the day of the extract takes its place."""
    stamp = f"{on.isoformat()}T00:00:00Z".encode()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name in read.namelist():
            content = (
                _MODIFIED.sub(rb"\g<1>" + stamp, read.read(name)) if name == "docProps/core.xml" else read.read(name)
            )
            written.writestr(zipfile.ZipInfo(name, (on.year, on.month, on.day, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
