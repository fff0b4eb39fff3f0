"""What an address asks of a page may be anything: a digit that is no number, a year out of time, a key beyond any key."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from actions.readings.table import Filters
from ctg_site.accounts.models import User
from territory.models import Role
from tests.pages import our_pages

STRANGE = (  # each base minds a key too large in its way
    pytest.param("²", id="digit", marks=pytest.mark.once),
    pytest.param("{year}9", id="year", marks=pytest.mark.once),
    pytest.param("9" * 25, id="key"),
)
READS = re.compile(r'GET\.get(?:list)?\("([a-z_]+)"')
WHOLE_FILES = ("csv", "xlsx", "pdf", "data", "drawing")

pytestmark = pytest.mark.usefixtures("no_ink")


def questions() -> set[str]:
    """The names that the views read in an address."""
    views = [path for app in settings.BASE_DIR.glob("*/views*") for path in ([app] if app.is_file() else app.iterdir())]
    found = {name for path in views if path.suffix == ".py" for name in READS.findall(Path(path).read_text("utf-8"))}
    assert {"annee", "s", "contribution", "avec"} <= found
    return found | set(Filters.__dataclass_fields__)


@pytest.fixture
def adviser(demonstration):
    client = Client()
    role = {"memberships__role": Role.CAF_ADVISER, "memberships__caf": demonstration.signed.caf}
    client.force_login(User.objects.get(**role))
    return client


@pytest.mark.parametrize("strange", STRANGE)
def test_a_strange_question_is_no_question(strange, adviser, demonstration):
    asked, opened = dict.fromkeys(questions(), strange.format(year=demonstration.in_preparation.years[0])), 0
    for page in our_pages():
        url = page.url(demonstration.in_preparation)
        if url and not page.name.endswith(WHOLE_FILES):
            opened += adviser.get(url, asked).status_code == 200  # what breaks a page raises here
    assert opened > 80
