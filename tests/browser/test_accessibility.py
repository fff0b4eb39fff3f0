"""Every page of the URLconf, for a Caf adviser and for the public: axe finds nothing, no page scrolls sideways."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.addresses import Address
from tests.browser.site import Site
from tests.pages import our_pages

pytestmark = pytest.mark.browser

LOOKS = [("light", 1280), ("dark", 360)]
WIDTHS_OF_LARGE_TEXT = (1280, 390)  # px, the text at 200 %
NOT_PAGES = {"405", "fichier", "renvoi"}  # a gesture, a download, a way to another page: nothing to look at


@pytest.fixture(scope="session")
def addresses(demo_site: Site) -> dict[str, Address]:
    code = "from tests.browser.addresses import print_addresses; print_addresses()"
    rows = json.loads(demo_site.run("manage.py", "shell", "-v", "0", "-c", code))
    return {row["name"]: Address(**row) for row in rows}


@pytest.mark.parametrize("name", [page.name for page in our_pages()])
def test_a_page_is_accessible(visit, addresses, name):
    address = addresses[name]
    assert address.readers or address.why in NOT_PAGES, f"{name} n’est montrée à personne ({address.why})"
    pages = {reader: visit(reader, at_home=False) for reader in address.readers}
    assert [fault for reader, page in pages.items() for fault in faults(page, address.url, reader)] == []


def faults(page: Page, url: str, reader: str) -> list[str]:
    found = []
    page.goto(url)
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # else colours are caught midway
        page.set_viewport_size({"width": width, "height": 800})
        look = f"{reader or 'public'}, {theme}, {width} px"
        found += [f"{look} : {violation}" for violation in violations(page)]
        found += too_wide(page, look)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    for width in WIDTHS_OF_LARGE_TEXT:
        page.set_viewport_size({"width": width, "height": 800})
        found += too_wide(page, f"{reader or 'public'}, texte à 200 %, {width} px")
    return found


def too_wide(page: Page, look: str) -> list[str]:
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [f"{look} : {overflow} px de trop en largeur"] if overflow else []


def violations(page: Page) -> list[str]:
    results = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{row['id']} : {node['html'][:200]}" for row in results for node in row["nodes"]]


def test_axe_sees_a_label_removed(visit):
    """The control: were the tool blind, every page above would pass."""
    page = visit()
    page.goto("/compte/connexion/")
    assert violations(page) == []
    page.evaluate("document.querySelector('label[for=id_username]').remove()")
    assert [fault.split(" : ")[0] for fault in violations(page)] == ["label"]
