import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright
from pytest_django.live_server_helper import LiveServer

from ctg_site.accounts.models import User
from tests.browser.site import Site, prepared_once, running_site
from tests.browser.visitors import browsing, log_in_as, watched_page

# The same Chromium without the windows that nobody looks at: less than half the processor time. It finds no other machine,
# the console says so and the test fails; routes would ask Playwright about each file, and empty the cache of the browser.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The product itself, as `make demo` starts it; every test of the process shares it."""
    base = tmp_path_factory.getbasetemp()
    session = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with running_site(prepared_once(session / "prepared"), tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="session")
def sessions() -> dict[str, StorageState]:
    """Who has come in already: the form of the login is filled once for each person."""
    return {}


@pytest.fixture
def visit(chromium: Browser, demo_site: Site, sessions: dict[str, StorageState]) -> Iterator[Visit]:
    """``visit()`` opens the demonstration for the public, ``visit(email)`` for somebody, each in their own browser.

    Who has come in already is at home, unless the test says that it goes straight elsewhere.
    """
    with ExitStack() as stack:

        def visit(email: str = "", *, at_home: bool = True) -> Page:
            context = stack.enter_context(browsing(chromium, demo_site.address, sessions.get(email)))
            page = stack.enter_context(watched_page(context))
            if email and email not in sessions:
                log_in_as(page, email)
                sessions[email] = context.storage_state()
            elif email and at_home:
                page.goto("/")
            return page

        yield visit


@pytest.fixture
def context(chromium: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    with browsing(chromium, live_server.url) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    with watched_page(context) as page:
        yield page


@pytest.fixture
def log_in(context: BrowserContext, live_server: LiveServer) -> Callable[[User], None]:
    """Open the session of somebody without going through the form: the form has its own test."""

    def log_in(user: User) -> None:
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])

    return log_in
