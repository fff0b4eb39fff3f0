"""A file dropped on the page of the files of figures, as a hand drops it, is the file that is sent."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from territory.loading import load_reference
from territory.models import FigureFile, Role, Value
from tests.browser.forms import send
from tests.browser.visitors import words
from tests.territory.factories import TerritoryFactory, make_ctg, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def drop(page: Page, target: str, path: Path) -> None:
    """What Chromium receives from the system: an event made in the page would not be trusted with a file."""
    box = page.locator(target).bounding_box()
    assert box
    where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    chromium = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        chromium.send("Input.dispatchDragEvent", {"type": kind, **where, "data": data})


def test_a_file_dropped_on_the_page_is_read_and_applied(live_server: Any, page: Page, log_in: Any, tmp_path: Path):
    load_reference()
    TerritoryFactory(code="2A004", name="Ajaccio")
    log_in(make_user("Camille Caf", caf=make_ctg().caf, role=Role.CAF_ADVISER))
    path = tmp_path / "rsa.csv"
    path.write_text("dtreffre;numcomdo;nomcom;indfoy_rsa\n2024-12;2A004;Ajaccio;30\n")
    page.goto("/fichiers/")
    drop(page, '[name="file"]', path)
    expect(page.locator('[name="file"]')).to_have_value(re.compile(r"\brsa\.csv$"))
    send(page, "Lire le fichier")
    assert "rsa.csv" in words(page)
    send(page, "Appliquer rsa.csv")
    assert (FigureFile.objects.get().name, Value.objects.get().number) == ("rsa.csv", 30)
