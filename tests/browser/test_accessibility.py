"""Every page of the URLconf, for a Caf adviser and for the public: axe finds nothing, no page scrolls sideways."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, StorageState

from tests.browser.addresses import Address
from tests.browser.site import Site
from tests.browser.visitors import browsing, log_in_as, watched_page
from tests.pages import our_pages

pytestmark = pytest.mark.browser

AXE = Axe().axe_script
LOOKS = [("light", 1280), ("dark", 360)]
WIDTHS_OF_LARGE_TEXT = (1280, 390)  # px, the text at 200 %
NOT_PAGES = {"405", "fichier", "renvoi"}  # a gesture, a download, a way to another page: nothing to look at


@pytest.fixture(scope="session")
def addresses(demo_site: Site) -> dict[str, Address]:
    code = "from tests.browser.addresses import print_addresses; print_addresses()"
    rows = json.loads(demo_site.run("manage.py", "shell", "-v", "0", "-c", code))
    return {row["name"]: Address(**row) for row in rows}


@pytest.fixture(scope="session")
def look(
    chromium: Browser, demo_site: Site, sessions: dict[str, StorageState]
) -> Iterator[Callable[[str], AbstractContextManager[Page]]]:
    """A new page for somebody who only reads: one browser for each, which has the style and the typeface already."""
    contexts: dict[str, BrowserContext] = {}
    with ExitStack() as stack:

        def look(reader: str) -> AbstractContextManager[Page]:
            if reader and reader not in sessions:
                with browsing(chromium, demo_site.address) as context, watched_page(context) as page:
                    log_in_as(page, reader)
                    sessions[reader] = context.storage_state()
            if reader not in contexts:
                contexts[reader] = stack.enter_context(browsing(chromium, demo_site.address, sessions.get(reader)))
            return watched_page(contexts[reader])

        yield look


@pytest.mark.parametrize("name", [page.name for page in our_pages()])
def test_a_page_is_accessible(look, addresses, name):
    address = addresses[name]
    assert address.readers or address.why in NOT_PAGES, f"{name} n’est montrée à personne ({address.why})"
    found = []
    for reader in address.readers:
        with look(reader) as page:
            found += faults(page, address.url, reader)
    assert found == []


def faults(page: Page, url: str, reader: str) -> list[str]:
    found = []
    page.goto(url)
    page.evaluate(AXE)
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
    """By the axe that the page holds; what it finds right is long to carry here."""
    results = page.evaluate("axe.run({resultTypes: ['violations']}).then(results => results.violations)")
    return [f"{row['id']} : {node['html'][:200]}" for row in results for node in row["nodes"]]


def test_axe_sees_a_label_removed(visit):
    """The control: were the tool blind, every page above would pass."""
    page = visit()
    page.goto("/compte/connexion/")
    page.evaluate(AXE)
    assert violations(page) == []
    page.evaluate("document.querySelector('label[for=id_username]').remove()")
    assert [fault.split(" : ")[0] for fault in violations(page)] == ["label"]
