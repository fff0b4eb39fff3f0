import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from ctg_site.lib import sheets
from ctg_site.lib.sheets import Sheet, euro, number, percent

ON = date(2021, 12, 15)


def write(rows, note=""):
    columns = {f"Colonne {i + 1}": lambda row, i=i: row[i] for i in range(len(rows[0]) if rows else 1)}
    return sheets.workbook("Essai", [Sheet("Données", columns, rows, note)], source="Caf", on=ON)


def read(content):
    return load_workbook(io.BytesIO(content))


def cells(*row):
    return list(read(write([row]))["Données"][2])


def test_a_cell_keeps_its_type():
    kinds = cells(20391, Decimal("2.5"), date(2021, 12, 15), True, None, "Prades")
    assert [cell.value for cell in kinds[:2]] == [20391, 2.5]
    assert kinds[0].number_format == "#,##0"
    assert kinds[2].value.date() == date(2021, 12, 15)
    assert kinds[2].number_format == "DD/MM/YYYY"
    assert [cell.value for cell in kinds[3:]] == ["oui", None, "Prades"]


def test_numbers_carry_their_format():
    amount, cents, share, count, none = cells(
        euro(Decimal("1089800.00")), euro(Decimal("4666.67")), percent(43), number(Decimal("12.50"), 1), euro(None)
    )
    assert (amount.value, amount.number_format) == (1089800, '#,##0 "€"')
    assert (cents.value, cents.number_format) == (4666.67, '#,##0.00 "€"')
    assert (share.value, share.number_format) == (0.43, "0 %")
    assert (count.value, count.number_format) == (12.5, "#,##0.0")
    assert none.value is None


def test_a_year_and_a_whole_number_carry_no_useless_sign():
    civil, whole, part, none = cells(
        sheets.year(2019), sheets.shortest(Decimal("6.00")), sheets.shortest(Decimal("2.5")), sheets.year(None)
    )
    assert (civil.value, civil.number_format) == (2019, "0")
    assert (whole.value, whole.number_format) == (6, "#,##0")
    assert (part.value, part.number_format) == (2.5, "#,##0.00")
    assert none.value is None


def test_a_float_is_refused():
    with pytest.raises(TypeError, match="virgule flottante"):
        write([[0.1]])
    with pytest.raises(TypeError, match="virgule flottante"):
        write([[euro(0.5)]])


@pytest.mark.parametrize("text", ["=1+1", "=HYPERLINK(1)", "+33 4 68", "-12", "@sum", "\tretrait", "\r=1"])
def test_what_people_type_is_never_a_formula(text):
    cell = cells(text)[0]
    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert cell.value.strip() == text.strip()


def test_characters_that_xml_forbids_are_dropped():
    assert cells("Pra\x00d\x1fes\ufffe \ud800!")[0].value == "Prades !"


def test_headings_are_bold_frozen_and_filtered():
    page = read(write([["a", "b"], ["c", "d"]]))["Données"]
    assert [cell.value for cell in page[1]] == ["Colonne 1", "Colonne 2"]
    assert all(cell.font.bold for cell in page[1])
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:B3"


def test_a_sheet_is_printed_as_wide_as_the_paper_with_its_headings_on_each_page():
    book = read(write([["a", "b"], ["c", "d"]]))
    for page in book:
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert (page.page_setup.orientation, page.page_setup.fitToHeight) == ("landscape", 0)
    assert book["Données"].print_title_rows == "$1:$1"


def test_no_row_leaves_the_headings():
    page = read(write([]))["Données"]
    assert page.max_row == 1
    assert page["A1"].value == "Colonne 1"


def test_the_first_sheet_says_what_one_reads():
    page = read(write([["a"]], note="Une note = utile"))["Lisez-moi"]
    lines = {row[0].value: row[1].value for row in page.iter_rows()}
    assert lines["Titre"] == "Essai"
    assert lines["Source"] == "Caf"
    assert lines["Extrait le"] == "15 décembre 2021"
    assert lines["Données"] == "Une note = utile"


def test_titles_that_excel_refuses_are_made_fit():
    content = sheets.workbook("Essai", [Sheet("Coûts : 2021/2025 [" + "x" * 40, {"a": str}, [])], source="", on=ON)
    assert read(content).sheetnames[1] == "Coûts   2021 2025  " + "x" * 12


def test_the_same_content_gives_the_same_bytes(monkeypatch):
    first = write([["a", 1]])
    monkeypatch.setattr("time.time", lambda: 1_000_000_000)
    assert write([["a", 1]]) == first
    assert read(first).properties.modified.date() == ON
