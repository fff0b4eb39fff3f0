"""What import-linter cannot see: keys and links that go back up the flow, open doors, clocks inside rules, names of machines."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.urls import URLPattern, URLResolver, get_resolver

from ctg_site.middleware import LoginRequired

ROOT = Path(settings.BASE_DIR)
ORDER = ["territory", "diagnostic", "actions", "governance"]  # each may know those before it
BELOW_ALL = ["accounts", "audit", "drafts"]

# Opening a page to visitors without account is a decision: it is written here as well as on the view. The pages of a Ctg
# are among them because what is published is public; each view refuses what is not (test_access.py).
PUBLIC = {
    *("home", "territories", "search", "ctg", "territory:funding", "territory:portrait_xlsx"),
    *(f"places:{name}" for name in ("portrait", "theme", "indicator", "compare", "data", "portrait_pdf")),
    *("places:indicator_data", "places:indicator_drawing"),
    *("rates", "territory:facilities", "territory:facility", "territory:funding_xlsx", "territory:funding_csv"),
    *("diagnostic:diagnosis", "diagnostic:diagnosis_xlsx", "diagnostic:group", "diagnostic:group_scoring"),
    *(
        f"diagnostic:diagnosis_{name}"
        for name in ("pdf", "brief", "versions", "version", "version_pdf", "version_xlsx")
    ),
    # a signed link opens them
    *("diagnostic:contribute_by_link", "diagnostic:contributions_by_link", "diagnostic:ballot_by_link"),
    *("diagnostic:finding", "diagnostic:priority"),
    *("actions:plan", "actions:plan_xlsx", "actions:plan_pdf", "actions:action", "actions:action_pdf"),
    *("actions:plan_board", "actions:plan_table", "actions:plan_gantt", "actions:plan_cube", "actions:plan_chain"),
    *("governance:calendar", "governance:meeting", "governance:agreement", "governance:agreement_pdf"),
    *("governance:method", "governance:evaluations", "governance:evaluation", "governance:evaluation_xlsx"),
    *("method", "accessibility", "privacy", "legal", "health", "outbox", "styleguide"),
    *("accounts:login", "invitations:invitation", "accounts:password_reset", "accounts:password_reset_done"),
    *("accounts:password_reset_confirm", "accounts:password_reset_complete"),
    *("drafts:save", "drafts:discard"),  # the signed key of a form opens them, and only to write
}


def later_apps(app: str) -> list[str]:
    return ORDER if app in BELOW_ALL else ORDER[ORDER.index(app) + 1 :]


def tracked_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("hors d’un dépôt git")
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def our_modules() -> Iterator[Path]:
    for package in ("ctg_site", *ORDER):
        yield from (path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts)


@pytest.mark.parametrize("app", BELOW_ALL + ORDER)
def test_foreign_keys_point_to_earlier_apps(app):
    upward = [
        f"{field} → {field.related_model._meta.label}"
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        for field in (*model._meta.fields, *model._meta.many_to_many)
        if field.is_relation and field.related_model and field.related_model._meta.app_label in later_apps(app)
    ]
    assert upward == []


@pytest.mark.parametrize("app", BELOW_ALL + ORDER)
def test_templates_link_to_earlier_apps(app):
    later = "|".join(later_apps(app)) or "(?!)"
    link = re.compile(rf"""{{%\s*(url\s+['"]({later}):|(include|extends)\s+['"]({later})/)""")
    upward = [
        f"{template.relative_to(ROOT)} : {found.group()}"
        for template in (ROOT / "templates" / app).rglob("*.html")
        for found in link.finditer(template.read_text())
    ]
    assert upward == []


def test_templates_hold_no_inline_script_nor_style():
    """The strict policy of the site would silently drop them; the PDF has no such policy."""
    inline = re.compile(r"<script(?![^>]*\b(src|type=\"application/json\"))|<style|\sstyle=|\son[a-z]+=[\"']")
    found = [
        f"{template.relative_to(ROOT)} : {hit.group()}"
        for template in (ROOT / "templates").rglob("*.html")
        if not {"pdf", "emails"} & set(template.relative_to(ROOT).parts)
        for hit in inline.finditer(template.read_text())
    ]
    assert found == []


def test_a_page_is_closed_unless_it_is_declared_public():
    assert "ctg_site.middleware.LoginRequired" in settings.MIDDLEWARE
    assert issubclass(LoginRequired, LoginRequiredMiddleware)
    opened = {name for name, view in named_views(get_resolver().url_patterns) if not asks_for_login(view)}
    assert opened - PUBLIC == set(), "ouvertes sans être déclarées"
    assert {name for name in PUBLIC if name in all_names()} - opened == set(), "déclarées sans être ouvertes"


def all_names() -> set[str]:
    return {name for name, _ in named_views(get_resolver().url_patterns)}


def named_views(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[tuple[str, object]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            if pattern.namespace != "admin":  # the back office has its own door
                yield from named_views(pattern.url_patterns, inner)
        else:
            yield namespace + (pattern.name or str(pattern.pattern)), pattern.callback


def asks_for_login(view: object) -> bool:
    return getattr(view, "login_required", True)


def test_modules_are_named_after_what_they_hold():
    vague = {"utils", "helpers", "mixins", "signals", "misc", "common"}
    assert [str(path) for path in our_modules() if vague & words_of(path)] == []


RAW_CLOCKS = {"timezone.now", "timezone.localdate", "localdate", "date.today", "datetime.now", "datetime.today"}
PRESENTATION = {"views", "admin", "forms", "templatetags", "management", "tasks"}


def test_rules_are_given_the_day_and_never_read_the_clock():
    """One clock, ``ctg_site.lib.dates.today``, read where a request or a command comes in: any day can be looked at."""
    readings = [
        f"{path.relative_to(ROOT)}:{line} {clock}()"
        for path in our_modules()
        if "dates" not in words_of(path)
        for line, clock in calls(ast.parse(path.read_text()))
        if clock in RAW_CLOCKS or (clock == "today" and not PRESENTATION & words_of(path))
    ]
    assert readings == []


def words_of(path: Path) -> set[str]:
    return set(path.relative_to(ROOT).with_suffix("").parts)


def calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    return ((node.lineno, ast.unparse(node.func)) for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_no_tracked_file_names_a_registry_or_a_machine():
    named = re.compile(
        rb"pypi\.org|python[h]osted|npm[j]s|pkg\.dev|deb\.debian|js[d]elivr|unp[k]g|(?<![\w.])/(root|work|home)/\w"
    )
    found = [
        f"{path.relative_to(ROOT)} : {hit.group().decode()}"
        for path in tracked_files()
        for hit in named.finditer(path.read_bytes())
    ]
    assert found == []
