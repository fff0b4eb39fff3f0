"""The workbook saved by LibreOffice: edited in one cell of each sheet and sent back, it shows exactly those changes.

Where LibreOffice is installed, it saves the export of the test; everywhere, a small workbook that it saved once is read again
(its identifiers removed, since they belong to one plan: its lines are found by what they say).
"""

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from tests.actions.test_import_plan import one_row_of_each_sheet
from tests.actions.workbooks import changes, edited, exported, put, refusals, sent

pytestmark = pytest.mark.django_db
SAVED = Path(__file__).with_name("saved_by_libreoffice.xlsx")
OFFICE = shutil.which("soffice")

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
SAVED_BEFORE = [
    change for change in EXPECTED if change[0] != "Partenaires"
]  # the sheet of partners came after this file


def edit(book):
    for sheet, heading, value, _ in EDITS:
        put(book, sheet, heading, value)


def saved_by_libreoffice(content: bytes, folder: Path) -> bytes:
    (folder / "plan.xlsx").write_bytes(content)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [
        OFFICE,
        profile,
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        str(folder / "out"),
    ]
    subprocess.run([*command, str(folder / "plan.xlsx")], check=True, capture_output=True, timeout=180)
    return (folder / "out" / "plan.xlsx").read_bytes()


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice n’est pas installé")
def test_saved_by_libreoffice_it_changes_nothing_by_itself(tmp_path):
    plan = one_row_of_each_sheet()
    saved = saved_by_libreoffice(exported(plan), tmp_path)
    untouched = sent(plan, saved).report
    assert (untouched["errors"], untouched["changed"], untouched["added"], untouched["unchanged"]) == ([], [], [], 8)
    again = sent(plan, saved_by_libreoffice(edited(saved, edit), tmp_path))
    assert (refusals(again), changes(again), again.report["added"]) == ([], EXPECTED, [])


def test_a_workbook_that_libreoffice_saved_once_shows_exactly_its_changes():
    plan = one_row_of_each_sheet()
    found = sent(plan, SAVED.read_bytes())
    assert (refusals(found), changes(found), found.report["added"]) == ([], SAVED_BEFORE, [])
