"""The workbook saved by LibreOffice: edited in one cell of each sheet and sent back, it shows exactly those changes.

LibreOffice saves the export of the test (``scripts/system_packages.sh test`` installs it), and ``saved_by_libreoffice.xlsx``
is what it saved once: ``without_identifiers`` below made it, since identifiers belong to one plan;
its lines are found by what they say. When the sheets of the plan change, the test says that the file is to be made again.
"""

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from actions.imports.layout import IDENTIFIER, README
from actions.imports.sheets import sheet_specs
from tests.actions.test_import_plan import one_row_of_each_sheet
from tests.actions.workbooks import changes, column, edited, exported, put, refusals, sent

pytestmark = pytest.mark.django_db
SAVED = Path(__file__).with_name("saved_by_libreoffice.xlsx")

EDITS = [
    ("Actions", "Résultats attendus", "Un effet mesurable", ("vide", "Un effet mesurable")),
    ("Partenaires", "Rôle", "Anime la salle", ("Prête la salle", "Anime la salle")),
    ("Étapes", "Échéance", date(2023, 10, 1), ("01/09/2023", "01/10/2023")),
    ("Dépenses", "Coût", 12500.5, ("12\u202f000", "12\u202f500,5")),
    ("Financements", "Prévu", 12500.5, ("12\u202f000", "12\u202f500,5")),
    ("Apports en nature", "Valeur", 600, ("500", "600")),
    ("Leviers de la Caf", "À quelles conditions", "Agrément", ("vide", "Agrément")),
    ("Indicateurs", "Cible", 50, ("40", "50")),
]
EXPECTED = [(sheet, heading, *said) for sheet, heading, _, said in EDITS]


def edit(book: Workbook) -> None:
    for sheet, heading, value, _ in EDITS:
        put(book, sheet, heading, value)


def without_identifiers(book: Workbook) -> None:
    """Nothing ties it to one plan any more: neither the identifiers of its lines nor the mark of its first sheet."""
    del book[README]
    for sheet, *_ in EDITS:
        book[sheet].delete_cols(column(book[sheet], IDENTIFIER))


def saved_by_libreoffice(content: bytes, folder: Path) -> bytes:
    office = shutil.which("soffice")
    assert office, "LibreOffice n’est pas là : lancez scripts/system_packages.sh test."
    (folder / "plan.xlsx").write_bytes(content)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [
        office,
        profile,
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        str(folder / "out"),
    ]
    subprocess.run([*command, str(folder / "plan.xlsx")], check=True, capture_output=True, timeout=180)
    return (folder / "out" / "plan.xlsx").read_bytes()


@pytest.mark.once
def test_saved_by_libreoffice_it_changes_nothing_by_itself_then_shows_exactly_its_changes(tmp_path):
    plan = one_row_of_each_sheet()
    assert [sheet for sheet, *_ in EDITS] == [spec.title for spec in sheet_specs(plan)]
    saved = saved_by_libreoffice(exported(plan), tmp_path)
    untouched = sent(plan, saved).report
    assert (untouched["errors"], untouched["changed"], untouched["added"], untouched["unchanged"]) == ([], [], [], 8)
    again = sent(plan, saved_by_libreoffice(edited(saved, edit), tmp_path))
    assert (refusals(again), changes(again), again.report["added"]) == ([], EXPECTED, [])


def test_a_workbook_that_libreoffice_saved_once_shows_exactly_its_changes():
    plan = one_row_of_each_sheet()
    sheets = load_workbook(SAVED).sheetnames
    late = [spec.title for spec in sheet_specs(plan) if spec.title not in sheets]
    assert late == [], "Ces feuilles sont venues après le fichier : refaites-le (voir en tête de ce module)."
    found = sent(plan, SAVED.read_bytes())
    assert (refusals(found), changes(found), found.report["added"]) == ([], EXPECTED, [])
