"""A visitor in front of the product: their browser window, what they read, what they must never meet."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response, StorageState, expect

from ctg_site.demonstration.cast import PASSWORD

PATIENCE = 60_000  # milliseconds: a busy machine is slow, not wrong
expect.set_options(timeout=PATIENCE / 2)


@contextmanager
def browsing(browser: Browser, address: str, session: StorageState | None = None) -> Iterator[BrowserContext]:
    """Without account, unless they came in before."""
    context = browser.new_context(base_url=address, locale="fr-FR", timezone_id="Europe/Paris", storage_state=session)
    yield context
    context.close()


@contextmanager
def watched_page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails the test on any error of the console, of a script, or of a file that is not found.

    A test that provokes a refusal says so: ``page.expected_statuses.add(403)``.
    """
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    troubles: list[str] = []
    expected: set[int] = set()
    page.expected_statuses = expected  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: troubles.append(f"script : {error}"))
    page.on("console", lambda message: _note_console(message, troubles))
    page.on("response", lambda response: _note_response(response, expected, troubles))
    yield page
    print(f"À la fin : {page.url}")  # noqa: T201 -- shown beside a failure, where it says which page was open
    page.close()
    assert not troubles, "\n".join(troubles)


def log_in_as(page: Page, email: str, password: str = PASSWORD) -> Page:
    """Through the real form, as anybody would."""
    page.goto("/compte/connexion/")
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label("Mot de passe").fill(password)
    leave_by(page.get_by_role("button", name="Se connecter"))
    page.get_by_role("button", name="Se déconnecter").wait_for()
    return page


def leave_by(element: Locator) -> None:
    """Click what leads to another page, and wait for it.

    What comes next is sought on that page: the one that goes may hold the same words, and a click on it would be lost.
    """
    with element.page.expect_navigation():
        element.click()


def words(page: Page) -> str:
    """What is read on the page, its spaces made plain."""
    return plain(page.locator("main").inner_text())


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _note_console(message, troubles: list[str]) -> None:  # type: ignore[no-untyped-def]
    # What the server answered is judged by its status, which says more than "Failed to load resource".
    if message.type == "error" and "the server responded with a status of" not in message.text:
        troubles.append(f"console : {message.text}")


def _note_response(response: Response, expected: set[int], troubles: list[str]) -> None:
    if response.status >= 400 and response.status not in expected:
        troubles.append(f"{response.status} : {response.url}")
