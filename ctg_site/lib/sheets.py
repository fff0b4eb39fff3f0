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

GENERAL, EURO, EURO_CENTS, INTEGER, DAY = "General", '#,##0 "€"', '#,##0.00 "€"', "#,##0", "DD/MM/YYYY"
PLAIN = (GENERAL, False, False, False)
WIDEST = 60
A4 = 9  # as the format numbers the sizes of paper
WITHOUT_FIGURE = [
    ("secret statistique", "le chiffre n’est pas montré ; ce n’est pas un zéro"),
    ("non disponible", "chiffre que personne n’a donné (« n.d. »)"),
    ("sans objet", "chiffre qui n’a pas de sens pour ce territoire"),
]

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
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


def workbook(
    title: str, sheets: Sequence[Sheet], *, source: str, on: date, facts: Sequence[tuple[str, str]] = ()
) -> bytes:
    """A first sheet to read, ``facts`` included, then the data, each with a frozen heading and a filter."""
    from openpyxl import Workbook  # 150 ms: only for those who export

    tables = [_table(sheet) for sheet in sheets]
    book = Workbook(write_only=True)
    write = _Writer(book)
    _write_readme(write, title, sheets, source, on, facts)
    for table in tables:
        write.table(table)
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
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


@dataclass(frozen=True)
class _Table:
    """A sheet computed whole before anything is written, so that a column that fails leaves no file half made."""

    title: str
    headings: list[str]
    rows: list[list[tuple[Any, str]]]

    @property
    def widths(self) -> list[int]:
        return [
            min(max(8, *(0 if value is None else len(str(value)) for value, _ in column)) + 3, WIDEST)
            for column in zip([(heading, GENERAL) for heading in self.headings], *self.rows, strict=True)
        ]


def column_letters(rank: int) -> str:
    """0 is A, 26 is AA."""
    found, rank = "", rank + 1
    while rank:
        rank, rest = divmod(rank - 1, 26)
        found = chr(65 + rest) + found
    return found


def _table(sheet: Sheet) -> _Table:
    columns = list(sheet.columns.values())
    rows = [[_typed(value_of(item)) for value_of in columns] for item in sheet.rows]
    return _Table(_NOT_IN_TITLE.sub(" ", sheet.title)[:31], [str(heading) for heading in sheet.columns], rows)


def _typed(value: Any) -> tuple[Any, str]:
    """What Excel keeps, and how it shows it."""
    if value is None:
        return None, GENERAL
    if isinstance(value, str):
        return _clean(value), GENERAL
    if isinstance(value, Cell):
        return _exact(value.value), value.number_format
    if isinstance(value, bool):
        return "oui" if value else "non", GENERAL
    if isinstance(value, int | Decimal | float):
        return _exact(value), INTEGER if isinstance(value, int) else GENERAL
    if isinstance(value, date):
        return value, DAY
    return _clean(str(value)), GENERAL


class _Writer:
    """Row after row: a style is computed once a workbook, and not once a cell."""

    def __init__(self, book: Any) -> None:
        from openpyxl.cell import WriteOnlyCell

        self.book, self.new_cell = book, WriteOnlyCell
        self.styles: dict[tuple[Any, ...], Any] = {}

    def page(self, title: str, widths: Iterable[int]) -> Any:
        page = self.book.create_sheet(title)
        for column, width in enumerate(widths):
            page.column_dimensions[column_letters(column)].width = width
        _fit_on_paper(page)
        return page

    def table(self, table: _Table) -> None:
        page = self.page(table.title, table.widths)
        page.freeze_panes, page.print_title_rows = "A2", "1:1"
        page.append([self.cell(page, heading, is_bold=True) for heading in table.headings])
        for row in table.rows:
            page.append([self.cell(page, value, shown) for value, shown in row])
        page.auto_filter.ref = f"A1:{column_letters(len(table.headings) - 1)}{len(table.rows) + 1}"

    def cell(self, page: Any, value: Any, number_format: str = GENERAL, *, is_bold: bool = False) -> Any:
        is_text = isinstance(value, str)
        is_quoted = is_text and value.startswith(FORMULA_STARTS)
        is_long = is_text and (len(value) > WIDEST or "\n" in value)
        style = (number_format, is_bold, is_quoted, is_long)
        if value is None or style == PLAIN:
            return value
        cell = self.new_cell(page, value)
        if is_quoted:
            cell.data_type = "s"  # never a formula, neither here nor after somebody edits the cell or saves it as CSV
        cell._style = self.styles.get(style) or self._new_style(page, *style)
        return cell

    def _new_style(self, page: Any, number_format: str, is_bold: bool, is_quoted: bool, is_long: bool) -> Any:
        model = self.new_cell(page)
        model.number_format, model.quotePrefix = number_format, is_quoted
        if is_bold:
            model.font = _changed(model.font, bold=True)
        if is_long:
            model.alignment = _changed(model.alignment, wrap_text=True, vertical="top")
        self.styles[number_format, is_bold, is_quoted, is_long] = model._style
        return model._style


def _fit_on_paper(page: Any) -> None:
    """As wide as the paper: a sheet of twelve columns was printed on six pages side by side."""
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", A4
    page.page_setup.fitToHeight = 0


def _write_readme(
    write: _Writer, title: str, sheets: Sequence[Sheet], source: str, on: date, facts: Sequence[tuple[str, str]]
) -> None:
    page = write.page("Lisez-moi", (24, 90))
    lines = [("Titre", title), ("Source", source), ("Extrait le", french_date(on)), *facts]
    lines += [(sheet.title, sheet.note) for sheet in sheets if sheet.note]
    lines += WITHOUT_FIGURE
    for name, text in lines:
        page.append([write.cell(page, _clean(name), is_bold=True), write.cell(page, _clean(text))])


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        raise TypeError("Un nombre à virgule flottante n’est pas exact : donnez un int ou un Decimal.")
    return value


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def _places(pattern: str, places: int) -> str:
    return f"{pattern}.{'0' * places}" if places else pattern


def _changed(style: Any, **changes: Any) -> Any:
    style = copy(style)
    for name, value in changes.items():
        setattr(style, name, value)
    return style


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
