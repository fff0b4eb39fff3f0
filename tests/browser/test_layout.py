"""The frame of the pages in a real browser: phone, keyboard, no script, both themes."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Error, expect

from tests.browser.visitors import browsing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = ["method", "accessibility", "privacy", "legal"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_explanation_passes_axe_and_fits_a_small_phone(page, name, theme):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # else colours are caught midway
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(reverse(name))
    page.get_by_text("Menu", exact=True).click()
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_menu_opens_without_script(chromium, live_server):
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 360, "height": 700})
    page = context.new_page()
    page.goto(live_server.url + reverse("method"))
    link = page.get_by_role("link", name="Territoires")
    expect(link).to_be_hidden()
    page.get_by_text("Menu", exact=True).click()
    expect(link).to_be_visible()
    context.close()


def test_on_a_wide_screen_everything_is_in_sight(page):
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(reverse("method"))
    expect(page.get_by_text("Menu", exact=True)).to_be_hidden()
    for name in ("Territoires", "Méthode", "Se connecter"):
        expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_visible()


def test_the_keyboard_reaches_the_content_first(page):
    page.goto(reverse("method"))
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Aller au contenu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#main$"))


def test_nothing_outside_this_machine_is_reached(chromium):
    """The control: a page that asked for it would fail its test."""
    with browsing(chromium, "http://127.0.0.1") as context:
        page = context.new_page()
        for address in ("http://exemple.fr/", "http://192.0.2.1/"):
            with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
                page.goto(address)


def test_our_typeface_is_the_one_shown(page):
    page.goto(reverse("method"))
    assert page.evaluate(
        "document.fonts.ready.then(() => document.fonts.check('16px \"Ctg Sans\"', '1\u202f089\u00a0€'))"
    )
