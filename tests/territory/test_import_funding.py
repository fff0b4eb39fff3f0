"""Lines from a workbook: what comes back unchanged changes nothing, what is wrong is refused at its cell."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.numbers import euros
from territory import services
from territory.exports import lines_csv, register_workbook, template_workbook
from territory.imports import sheet
from territory.imports.funding import apply_import, ask_to_apply, plan_import, read_import, receive_import
from territory.models import FacilityFact, FundingImport, FundingLine, FundingRollup
from tests.territory.factories import add_line, add_total, communes_of, make_ctg, make_epci
from tests.territory.money import AT, a_cof, a_facility, a_line, a_scheme, make_eligible, save

pytestmark = pytest.mark.django_db
ON = date(2021, 6, 9)
D = Decimal


@pytest.fixture
def ctg():
    return make_ctg()


@pytest.fixture
def facility(ctg):
    return a_facility(ctg, "Les Petits Isards", code="E-001")


def workbook(rows: list[dict], ctg, headings=None) -> bytes:
    """On the template, so that a change of its headings is seen here."""
    book = load_workbook(io.BytesIO(template_workbook(ctg.caf, on=ON)))
    page = book["Lignes"]
    names = [cell.value for cell in page[1]]
    for row, values in enumerate(rows, start=2):
        for name, value in values.items():
            page.cell(row, names.index(name) + 1, value)
    for column, name in (headings or {}).items():
        page.cell(1, column, name)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def a_row(ctg, **changes) -> dict:
    row = {
        "Code du territoire": ctg.territory.code,
        "Année": 2019,
        "Code équipement": "E-001",
        "Dispositif": "PSU",
        "État": "Réel",
        "Montant (€)": "1 234,50 €",
        "Source": "Liquidation",
    }
    return row | changes


def plan(ctg, rows: list[dict], **kwargs):
    return plan_import(receive_import(ctg.caf, name="lignes.xlsx", content=workbook(rows, ctg, **kwargs), by=None))


def refusals(ctg, **changes) -> list[tuple[str, str]]:
    found = plan(ctg, [a_row(ctg, **changes)])
    assert found.planned == []
    return [(error.cell, error.text) for error in found.errors]


def test_a_row_makes_a_line_completed_by_its_equipment(ctg, facility):
    a_scheme("psu", label="PSU")
    sent = receive_import(ctg.caf, name="lignes.xlsx", content=workbook([a_row(ctg)], ctg), by=None)
    assert not FundingLine.objects.exists()
    apply_import(sent, by=None, at=AT)
    line = FundingLine.objects.get()
    assert (line.amount, line.label, line.payee) == (D("1234.50"), "Les Petits Isards", facility.manager)
    assert (sent.pk, FundingImport.objects.get().added) == (sent.pk, 1)
    assert FundingRollup.objects.get().amount == D("1234.50")


def test_the_register_sent_back_changes_nothing(ctg, facility):
    cof = a_cof(facility, ctg)
    save(a_line(facility, ctg, "1000.50", agreement=cof, quantity=D("2.5"), unit="ETP"))
    save(a_line(facility, ctg, None, scheme="bt-eaje"))
    add_line(ctg, "2 EAJE", "442500")
    add_line(ctg, "Projets", "22000", project=True, nature="either")
    found = plan_import(receive_import(ctg.caf, name="x", content=register_workbook(ctg.caf, on=ON), by=None))
    assert (found.errors, found.planned, found.unchanged) == ([], [], 4)


def test_a_changed_cell_is_shown_before_it_is_applied(ctg, facility):
    line = save(a_line(facility, ctg, "1000", scheme="psu", year=2019, state="actual", source="Liquidation"))
    found = plan(ctg, [a_row(ctg)])
    assert [item.changes for item in found.changed] == [[("Montant (€)", euros(D(1000)), euros(D("1234.50")))]]
    line.refresh_from_db()
    assert line.amount == 1000


@pytest.mark.parametrize(
    ("changes", "cell", "words"),
    [
        ({"Montant (€)": "beaucoup"}, "O2", "montant en euros"),
        ({"Montant (€)": "1,234"}, "O2", "deux décimales"),
        ({"Montant (€)": "-5"}, "O2", "ne peut pas être négatif"),
        ({"Montant (€)": "à chiffrer"}, "O2", "Une dépense réelle a un montant"),
        ({"Quantité": "2,555"}, "M2", "deux décimales"),
        ({"Quantité": "-1"}, "M2", "La quantité ne peut pas être négative"),
        ({"Coût par unité (€)": "5", "Participation des familles (€ par unité)": "-1"}, "T2", "ne sont pas négatifs"),
        ({"Année": "deux mille"}, "C2", "une année"),
        ({"Année": None}, "C2", "obligatoire"),
        ({"État": "Payé"}, "I2", "« Prévisionnel »".replace(" ", "\u00a0")),
        ({"Code équipement": "E-999"}, "E2", "inconnu"),
        ({"Code du territoire": "00000"}, "A2", "inconnu"),
        ({"Dispositif": "Zut"}, "H2", "inconnu"),
        ({"Versé à": "Personne"}, "K2", "annuaire"),
        ({"Code équipement": None}, "F2", "nature du service"),
        ({"Source": None}, "Q2", "obligatoire"),
    ],
)
def test_a_wrong_cell_is_named_with_what_to_do(ctg, facility, changes, cell, words):
    a_scheme("psu", label="PSU")
    errors = refusals(ctg, **changes)
    assert any(where == cell and words in text for where, text in errors), errors


def test_refused_cells_come_in_the_order_of_the_file(ctg, facility):
    """A cell that is not read is refused before a line that is compared: the report puts them back in order."""
    a_scheme("psu", label="PSU")
    wrong = [{"Montant (€)": "-5"}, {"Année": "hier", "Montant (€)": "beaucoup"}, {"Code équipement": "E-999"}]
    rows = [a_row(ctg, **changes) for changes in wrong]
    sent = read_import(receive_import(ctg.caf, name="x", content=workbook(rows, ctg), by=None))
    assert [cell for _, cell, _, _ in sent.report["errors"]] == ["O2", "C3", "O3", "E4"]
    assert sent.state_label == "À corriger"


def test_a_bonus_outside_its_ctg_is_refused_here_too(ctg, facility):
    assert any("ne couvre 2019" in text for _, text in refusals(ctg, Dispositif="bt-eaje"))


def test_the_same_line_twice_in_the_file_is_refused(ctg, facility):
    a_scheme("psu", label="PSU")
    found = plan(ctg, [a_row(ctg), a_row(ctg, **{"Montant (€)": 5})])
    assert len(found.planned) == 1
    assert "rang 2" in found.errors[0].text


def test_a_file_with_an_error_writes_nothing_at_all(ctg, facility):
    a_scheme("psu", label="PSU")
    rows = [a_row(ctg), a_row(ctg, Année=2020, **{"Montant (€)": "faux"})]
    sent = receive_import(ctg.caf, name="x", content=workbook(rows, ctg), by=None)
    with pytest.raises(RuleBroken, match="rien n’a été écrit"):
        apply_import(sent, by=None, at=AT)
    assert not FundingLine.objects.exists()


def test_a_file_is_applied_once(ctg, facility):
    a_scheme("psu", label="PSU")
    sent = receive_import(ctg.caf, name="x", content=workbook([a_row(ctg)], ctg), by=None)
    apply_import(sent, by=None, at=AT)
    with pytest.raises(RuleBroken, match="déjà appliqué"):
        apply_import(sent, by=None, at=AT)


def test_what_is_refused_since_the_preview_is_shown_and_nothing_is_written(ctg, facility):
    """The equipment leaves the perimeter between the reading and the gesture."""
    a_scheme("psu", label="PSU")
    sent = read_import(receive_import(ctg.caf, name="x", content=workbook([a_row(ctg)], ctg), by=None))
    assert sent.is_ready
    services.save_facility(facility, by=None, served=[])
    facility.seat = communes_of(make_epci(ctg.caf.territory, name="Ailleurs"))[0]
    services.save_facility(facility, by=None)
    with pytest.raises(RuleBroken, match="rien n’a été écrit"):
        apply_import(ask_to_apply(sent), by=None, at=AT)
    sent.refresh_from_db()
    assert (sent.state, sent.report["error_count"], sent.applied_at) == ("read", 1, None)
    assert "n’est pas dans le périmètre" in sent.report["errors"][0][3]
    assert not FundingLine.objects.exists()


def test_a_file_that_is_not_read_or_is_refused_is_not_applied(ctg, facility):
    sent = receive_import(ctg.caf, name="x", content=workbook([a_row(ctg, Dispositif="Zut")], ctg), by=None)
    for waiting in (sent, read_import(sent)):
        with pytest.raises(RuleBroken, match="rien n’a été écrit"):
            ask_to_apply(waiting)
    assert not sent.is_ready


def many(ctg, count: int) -> list[dict]:
    """Lines of as many equipments: a service, a bonus forecast, and the real bonus, which its conditions open."""
    rows = []
    for _ in range(count):
        facility = a_facility(ctg)
        rows.append(a_row(ctg, **{"Code équipement": facility.code, "Année": 2022, "État": "Prévisionnel"}))
        rows.append(rows[-1] | {"Dispositif": "bt-eaje"})
        rows.append(rows[-1] | {"État": "Réel"})
        make_eligible(facility, ctg, signed=False)
    return rows


def test_neither_reading_nor_applying_asks_the_base_line_by_line(ctg):
    a_scheme("psu", label="PSU")
    services.state_fact(ctg, kind="signed", on=date(2021, 12, 15), by=None)
    few, more = (
        receive_import(ctg.caf, name=str(count), content=workbook(many(ctg, count), ctg), by=None) for count in (2, 40)
    )
    assert FacilityFact.objects.count() == 42 * len(FacilityFact.Kind)
    counts = []
    for sent in (few, more):
        with CaptureQueriesContext(connection) as planned:
            assert plan_import(sent).errors == []
        with CaptureQueriesContext(connection) as applied:
            apply_import(sent, by=None, at=AT)
        counts.append((len(planned), len(applied)))
    (planned_few, applied_few), (planned_more, applied_more) = counts
    assert planned_few == planned_more <= 15
    assert applied_more - applied_few <= 9  # 114 lines more: some batches, SQLite takes them by the forty


def test_the_report_gathers_the_euros_and_puts_what_changes_first(ctg, facility):
    a_scheme("psu", label="PSU")
    save(a_line(facility, ctg, "1000", scheme="psu", year=2019, state="actual", source="Liquidation"))
    rows = [a_row(ctg, Année=2020, **{"Montant (€)": 500}), a_row(ctg), a_row(ctg, Année=2021, État="Prévisionnel")]
    rows[2]["Montant (€)"] = None
    sent = read_import(receive_import(ctg.caf, name="x", content=workbook(rows, ctg), by=None))
    groups = {group["label"]: group for group in sent.report["groups"]}
    assert groups["2019, réel, PSU"] == {
        "label": "2019, réel, PSU",
        "added": 0,
        "changed": 1,
        "unpriced": 0,
        "effect": f"+{euros(D('234.50'), cents=True)}",
    }
    assert groups["2021, prévisionnel, PSU"]["unpriced"] == 1
    assert [item["is_new"] for item in sent.report["details"]] == [False, True, True]


def test_a_csv_carries_lines_and_our_own_changes_nothing(ctg, facility):
    save(a_line(facility, ctg, "1000.50", quantity=D("2.5"), unit="ETP"))
    save(a_line(facility, ctg, None, scheme="bt-eaje"))
    add_line(ctg, "=1+1", "442500")
    sent = receive_import(ctg.caf, name="lignes.csv", content=lines_csv(ctg.caf), by=None)
    found = plan_import(sent)
    assert (found.errors, found.planned, found.unchanged) == ([], [], 3)
    changed = lines_csv(ctg.caf).replace(b";1000,50;", b";1000,60;")
    found = plan_import(receive_import(ctg.caf, name="lignes.csv", content=changed, by=None))
    assert [item.obj.amount for item in found.changed] == [D("1000.60")]


def test_a_missing_column_is_named(ctg):
    found = plan(ctg, [a_row(ctg)], headings={3: "An"})
    assert [(error.heading, error.cell) for error in found.errors] == [("Année", "1")]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    return out.getvalue()


def long_sheet() -> bytes:
    book = Workbook(write_only=True)
    page = book.create_sheet("Lignes")
    for _ in range(sheet.MOST_ROWS + 5):
        page.append(["x"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "n’est pas un classeur"),
        (b"\x00\x01\x02", "n’est pas un classeur"),
        (b"PK\x03\x04" + b"0" * sheet.MOST_BYTES, "dépasse 5"),
    ],
    ids=["empty", "binary", "big"],
)
def test_a_file_that_is_no_table_is_not_even_kept(ctg, content, words):
    with pytest.raises(RuleBroken, match=words):
        receive_import(ctg.caf, name="x", content=content, by=None)
    assert not FundingImport.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"Bonjour,\nvoici nos lignes", "n’est pas un classeur"),
        (b"PK\x03\x04 broken", "n’est pas un classeur"),
        (bomb(), "trop lourd"),
        (long_sheet(), "20\u00a0000 lignes"),
    ],
    ids=["letter", "broken", "bomb", "long"],
)
def test_a_file_that_is_not_a_reasonable_workbook_is_refused(ctg, content, words):
    sent = read_import(receive_import(ctg.caf, name="x", content=content, by=None))
    assert sent.state == "refused"
    assert words in sent.refusal
    with pytest.raises(RuleBroken, match="rien n’a été écrit"):
        ask_to_apply(sent)


def test_a_reading_that_takes_too_long_is_stopped(ctg, monkeypatch):
    monkeypatch.setattr(sheet, "WALL_SECONDS", 0.001)
    with pytest.raises(RuleBroken, match="trop de temps"):
        sheet.read_sheets(template_workbook(ctg.caf, on=ON), ["Lignes"])


def test_the_gap_is_in_the_workbook(ctg):
    add_line(ctg, "Services", "1089800")
    add_line(ctg, "Projets", "22000", project=True)
    add_total(ctg, "Prestation de service", "490787")
    add_total(ctg, "Cej", "598000", rounding=100)
    book = load_workbook(io.BytesIO(register_workbook(ctg.caf, ctg=ctg, on=ON)))
    page = book["Rapprochement"]
    row = {cell.value: page.cell(2, cell.column).value for cell in page[1]}
    assert row["Écart (€)"] == 1013
    assert row["Écart (% des totaux annoncés)"] == 0.093
    assert row["Les arrondis peuvent l’expliquer"] == "non"
    assert row["Totaux annoncés et projets (€)"] == 1110787


def test_the_csv_opens_in_a_french_spreadsheet_and_runs_nothing(ctg):
    add_line(ctg, "=1+1", "442500.50")
    text = lines_csv(ctg.caf).decode("utf-8-sig")
    assert "'=1+1" in text
    assert ";442500,50;" in text
    assert lines_csv(ctg.caf).startswith(b"\xef\xbb\xbf")
