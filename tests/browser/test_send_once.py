"""Two clicks on a button send its form once; a page that comes back, refused or by its own button, is sent again."""

import time
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.visitors import leave_by

pytestmark = pytest.mark.browser

CALENDAR, OFFICER = "/ctg/montagne-noire-2026-2030/calendrier/", "cooperation.montagnenoire@demo.example"


def test_two_clicks_on_a_slow_server_write_one_meeting(visit):
    page = visit(OFFICER)
    _new_meeting(page, "Deux clics")
    sent: list[str] = []

    def slowly(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.url)
            time.sleep(0.3)
        route.continue_()

    page.route("**/reunions/nouvelle/", slowly)
    button = _save(page)
    button.evaluate("button => { button.click(); setTimeout(() => button.click(), 100); }")
    expect(page.get_by_text("La réunion est inscrite au calendrier.")).to_be_visible()
    assert len(sent) == 1
    page.goto(CALENDAR)
    expect(page.get_by_text("Deux clics")).to_have_count(1)


def test_a_page_that_comes_back_is_sent_again(visit):
    page = visit(OFFICER)
    _new_meeting(page, "")
    leave_by(_save(page))
    page.get_by_label("Objet").fill("Corrigée")
    leave_by(_save(page))
    expect(page.get_by_text("La réunion est inscrite au calendrier.")).to_be_visible()
    page.go_back()
    page.get_by_label("Objet").fill("Une autre")
    leave_by(_save(page))
    page.goto(CALENDAR)
    expect(page.get_by_text("Corrigée")).to_have_count(1)


def _new_meeting(page: Page, purpose: str) -> None:
    page.goto(f"{CALENDAR}reunions/nouvelle/")
    page.get_by_label("Comité").select_option(label="Comité de pilotage")
    page.get_by_label("Objet").fill(purpose)
    page.get_by_label("Date, ou début de la période").fill((date.today() + timedelta(days=90)).isoformat())


def _save(page: Page):
    return page.get_by_role("button", name="Enregistrer la réunion")
