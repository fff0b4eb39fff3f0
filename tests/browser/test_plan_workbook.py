"""The workbook of a plan, both ways, by the pages: exported, changed in one cell of each sheet, looked at, applied."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from actions.models import ActionPlan
from territory.models import Role
from tests.actions.factories import make_user
from tests.actions.test_import_plan import ONE_CELL_OF_EACH_SHEET, edit_every_sheet, one_row_of_each_sheet
from tests.actions.test_libreoffice import EXPECTED, edit, saved_by_libreoffice
from tests.actions.workbooks import edited, foreign, put
from tests.browser.documents import fetch
from tests.browser.forms import fill, refused, send
from tests.browser.visitors import leave_by, plain, words

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def plan(live_server: Any, page: Page, log_in: Any) -> ActionPlan:
    plan = one_row_of_each_sheet()
    log_in(make_user("Camille Coopération", ctg=plan.ctg, role=Role.LEAD))
    page.goto(f"/ctg/{plan.ctg.slug}/plan/classeur/")
    return plan


def choose(page: Page, content: bytes, name: str = "plan.xlsx") -> None:
    page.locator('main [name="file"]').set_input_files({"name": name, "mimeType": XLSX, "buffer": content})


def upload(page: Page, content: bytes) -> None:
    choose(page, content)
    send(page, "Voir ce qui change")


def shown_changes(page: Page) -> list[str]:
    return [plain(text).strip() for text in page.locator("main .changes li").all_inner_texts()]


def said(changes: list[tuple[str, str, str]]) -> list[str]:
    return [plain(f"{heading} : {before} → {after}") for heading, before, after in changes]


def test_one_cell_of_each_sheet_is_shown_then_written(plan, page: Page):
    content = fetch(page, "Exporter le classeur (xlsx)")
    upload(page, edited(content, edit_every_sheet))
    assert shown_changes(page) == said([(heading, *shown) for _, heading, _, shown in ONE_CELL_OF_EACH_SHEET])
    assert plan.actions.get().title.startswith("Outil de suivi")
    send(page, "Appliquer au plan")
    assert plan.actions.get().title == "Guichet unique"
    page.goto(f"/ctg/{plan.ctg.slug}/plan/classeur/")
    upload(page, edited(content, edit_every_sheet))
    assert "Rien à changer." in words(page)


def test_a_workbook_saved_by_libreoffice_shows_exactly_its_changes(plan, page: Page, tmp_path: Path):
    content = saved_by_libreoffice(fetch(page, "Exporter le classeur (xlsx)"), tmp_path)
    upload(page, saved_by_libreoffice(edited(content, edit), tmp_path))
    assert shown_changes(page) == said([change[1:] for change in EXPECTED])
    send(page, "Appliquer au plan")
    assert plan.actions.get().expected_results == "Un effet mesurable"


def test_a_refused_cell_says_where_and_what_to_do_and_nothing_is_written(plan, page: Page):
    content = fetch(page, "Exporter le classeur (xlsx)")

    def spoil(book: Any) -> None:
        put(book, "Actions", "Intitulé", "Guichet unique")
        put(book, "Dépenses", "Coût", "12 000 €")

    upload(page, edited(content, spoil))
    line = plain(page.locator("main tr", has_text="Dépenses, F2").inner_text())
    assert "12 000 €" in line
    assert "tapez un montant seul, 12000" in line
    expect(page.get_by_role("button", name="Appliquer au plan")).to_have_count(0)
    assert plan.actions.get().title.startswith("Outil de suivi")


def test_the_plan_of_others_is_taken_in_once_its_columns_are_explained(plan, page: Page):
    choose(page, foreign([["Quoi", "Où", "Coût 2023"], ["Café des parents", "1.1", 300]]), "leur-plan.xlsx")
    assert refused(page, "Voir ce qui change") == [
        "Feuille « Plan 2023 » : dites quelle colonne tient lieu de « Objectif », « Intitulé »."
    ]
    leave_by(page.get_by_role("link", name="Dire ce que signifient les colonnes"))
    fill(page, column_0_0="Intitulé", column_0_1="Objectif")
    send(page, "Voir ce qui change")
    assert "1.1.2 – Café des parents" in words(page)
    send(page, "Appliquer au plan")
    assert Path(page.url).name == "liste"
    assert plan.actions.get(title="Café des parents").costs.get().amount == 300
