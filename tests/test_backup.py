"""A backup gives back the base and the files exactly as they were, on both databases."""

import os
import sqlite3
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.base  # by its own commands, out of the sight of pytest-django


def run(script: str, *arguments: object, folder: Path, url: str = "") -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {
        "VAR_DIR": str(folder)
    }
    command = [str(Path(settings.BASE_DIR) / "scripts" / script), *map(str, arguments)]
    environment |= {"DATABASE_URL": url} if url else {}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def files(tmp_path) -> Path:
    signed = tmp_path / "media" / "convention.pdf"
    signed.parent.mkdir()
    signed.write_bytes(b"signed")
    return tmp_path


def back_up(files: Path, **options: str) -> Path:
    made = run("backup.sh", files / "backups", folder=files, **options)
    assert made.returncode == 0, made.stderr
    return Path(made.stdout.strip())


def spoil_then_restore(files: Path, archive: Path, **options: str) -> None:
    (files / "media" / "convention.pdf").write_bytes(b"altered")
    restored = run("restore.sh", archive, "--replace", folder=files, **options)
    assert restored.returncode == 0, restored.stderr
    assert (files / "media" / "convention.pdf").read_bytes() == b"signed"


def test_sqlite_comes_back(files):
    base = sqlite3.connect(files / "ctg.sqlite3", isolation_level=None)
    base.execute("PRAGMA journal_mode=WAL")
    base.create_function(
        "django_only", 1, lambda value: value >= 0, deterministic=True
    )  # as some of our constraints do
    base.execute("CREATE TABLE essai (gap INTEGER CHECK (django_only(gap)))")
    base.execute("INSERT INTO essai VALUES (1013)")
    archive = back_up(files)  # while another connection is open
    base.execute("UPDATE essai SET gap = 0")
    base.close()
    spoil_then_restore(files, archive)
    base = sqlite3.connect(files / "ctg.sqlite3")
    assert base.execute("SELECT gap FROM essai").fetchall() == [(1013,)]
    base.close()


@pytest.mark.skipif("postgres" not in os.environ.get("DATABASE_URL", ""), reason="sans PostgreSQL")
def test_postgresql_comes_back(files):
    url = os.environ["DATABASE_URL"]  # the base of the scratch server; the tests of the product use another
    psql(url, "DROP TABLE IF EXISTS essai; CREATE TABLE essai AS SELECT 1013 AS gap")
    archive = back_up(files, url=url)
    psql(url, "UPDATE essai SET gap = 0")
    spoil_then_restore(files, archive, url=url)
    assert psql(url, "SELECT gap FROM essai") == "1013"


def psql(url: str, query: str) -> str:
    command = ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--dbname", url, "--command", query]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_a_restore_is_never_made_by_mistake(files):
    refused = run("restore.sh", back_up_of_nothing(files), folder=files)
    assert refused.returncode != 0
    assert "remplace la base et les fichiers actuels" in refused.stderr


def back_up_of_nothing(files: Path) -> Path:
    sqlite3.connect(files / "ctg.sqlite3").close()
    return back_up(files)
