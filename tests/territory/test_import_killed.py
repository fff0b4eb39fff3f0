"""kill -9 of whoever reads or applies a file, at each step and at any instant: all of it or nothing, and never stuck."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import connection

from ctg_site.lib.errors import RuleBroken
from territory.imports import filing
from territory.loading import load_reference
from territory.models import FigureFile, Rank, Release, Value
from tests.servers import on_this_server, wait_for_the_others
from tests.territory.factories import TerritoryFactory
from tests.territory.test_import_file import AT

pytestmark = pytest.mark.django_db(transaction=True)

CODES = ["2A004", "2A006", "66149"]
State = FigureFile.State

# A server of its own applies the file; killed when it enters or leaves the step named.
APPLY = """
import os, signal, sys
import django
django.setup()
from ctg_site.lib.dates import now
from territory.imports import filing
from territory.models import FigureFile
pk, step, moment = sys.argv[1:]
def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
if step:
    holder = filing.staging if step == "load" else filing
    name = "load" if step == "load" else step
    usual = getattr(holder, name)
    setattr(holder, name, die if moment == "before" else lambda *a, **k: (usual(*a, **k), die()))
print("applying", flush=True)
filing.apply_file(FigureFile.objects.get(pk=pk), by=None, at=now())
print("done", flush=True)
"""


@pytest.fixture
def folder(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
    return tmp_path


@pytest.fixture
def file(folder):
    load_reference()
    for code in CODES:
        TerritoryFactory(code=code)
    return filing.read_file(filing.receive_file("foyers.csv", [content()], caf=None, by=None))


def content():
    rows = [f"{2000 + i // 3 % 25}-12;{CODES[i % 3]};Commune;{i + 5}" for i in range(75)]
    return "\n".join(["dtreffre;numcomdo;nomcom;indfoy_rsa", *rows]).encode()


def server(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}" if connection.vendor == "sqlite" else on_this_server(name)
    environment = os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "ctg_site.settings",
        "VAR_DIR": str(folder),
    }
    return subprocess.Popen(
        [sys.executable, "-c", APPLY, *arguments], cwd=site.BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True
    )


def written():
    return Release.objects.count(), Value.objects.count(), Rank.objects.count()


def check_all_or_nothing(file):
    if connection.vendor == "postgresql":
        wait_for_the_others()
    file.refresh_from_db()
    if file.state == State.APPLIED:
        assert written()[:2] == (1, 75)
    else:
        assert (file.state, written()) == (State.READ, (0, 0, 0))
        assert Path(file.prepared.path).is_file()


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", ["load", "refresh_ranks", "record"])
def test_a_server_killed_while_it_applies_leaves_nothing_half_written(file, folder, step, moment):
    with server(folder, str(file.pk), step, moment) as killed:
        assert killed.wait(60) == -signal.SIGKILL
    check_all_or_nothing(file)
    assert file.state == State.READ
    filing.apply_file(file, by=None, at=AT)
    assert written()[:2] == (1, 75)


def test_a_server_killed_at_any_instant_leaves_nothing_half_written(file, folder):
    """Until it has had the time to end: then it is applied, once."""
    chance = random.Random(9)
    for _ in range(6):
        with server(folder, str(file.pk), "", "") as running:
            assert running.stdout
            assert running.stdout.readline() == "applying\n"
            time.sleep(chance.uniform(0, 0.1))
            running.kill()
        check_all_or_nothing(file)
        if file.state == State.APPLIED:
            break
    if file.state == State.READ:
        filing.apply_file(file, by=None, at=AT)
    assert written()[:2] == (1, 75)
    with pytest.raises(RuleBroken):
        filing.apply_file(file, by=None, at=AT)


def test_a_reader_killed_refuses_its_file_and_nothing_else(file, monkeypatch):
    """The guarded child is killed from outside: the site says one sentence, and reads the next file."""
    usual = subprocess.Popen

    def killed(*arguments, **options):
        child = usual(*arguments, **options)
        child.kill()
        return child

    monkeypatch.setattr("ctg_site.lib.guarded.subprocess.Popen", killed)
    lost = filing.read_file(filing.receive_file("autre.csv", [content()], caf=None, by=None))
    monkeypatch.undo()
    assert (lost.state, written()) == (State.REFUSED, (0, 0, 0))
    assert "trop de temps ou de mémoire" in lost.refusal
    again = filing.read_file(filing.receive_file("autre.csv", [content()], caf=None, by=None))
    assert again.state == State.READ
