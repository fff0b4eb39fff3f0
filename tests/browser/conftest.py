from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright
from pytest_django.live_server_helper import LiveServer

from ctg_site.accounts.models import User

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def site_url(live_server: LiveServer) -> str:
    """The site under test; a module that starts the whole product overrides this."""
    return live_server.url


@pytest.fixture
def context(chromium: Browser, site_url: str) -> Iterator[BrowserContext]:
    """A visitor without account, who sees nothing but the site."""
    context = chromium.new_context(base_url=site_url, locale="fr-FR", timezone_id="Europe/Paris")
    context.route(lambda url: not url.startswith((site_url, "data:", "blob:")), _refuse)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails the test on any error of the console, of a script, or of a file that is not found.

    A test that provokes a refusal says so: ``page.expected_statuses.add(403)``.
    """
    page = context.new_page()
    troubles: list[str] = []
    expected: set[int] = set()
    page.expected_statuses = expected  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: troubles.append(f"script : {error}"))
    page.on("console", lambda message: _note_console(message, troubles))
    page.on("response", lambda response: _note_response(response, expected, troubles))
    yield page
    page.close()
    assert not troubles, "\n".join(troubles)


@pytest.fixture
def log_in(context: BrowserContext, live_server: LiveServer) -> Callable[[User], None]:
    """Open the session of somebody without going through the form: the form has its own test."""

    def log_in(user: User) -> None:
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])

    return log_in


def _refuse(route: Route) -> None:
    route.abort()  # the console then holds an error, and the test fails


def _note_console(message, troubles: list[str]) -> None:  # type: ignore[no-untyped-def]
    # What the server answered is judged by its status, which says more than "Failed to load resource".
    if message.type == "error" and "the server responded with a status of" not in message.text:
        troubles.append(f"console : {message.text}")


def _note_response(response, expected: set[int], troubles: list[str]) -> None:  # type: ignore[no-untyped-def]
    if response.status >= 400 and response.status not in expected:
        troubles.append(f"{response.status} : {response.url}")
