"""A real installation refuses to start half-configured, and says why in French."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

WHOLE = {"CTG_ENV": "production", "SECRET_KEY": "s3cret-" * 10, "ALLOWED_HOSTS": "ctg.example.org"}
OUR_APPS = ("territory", "diagnostic", "actions", "governance")
READ_BY_SETTINGS = (
    "CTG_ENV",
    "DEBUG",
    "DEMO",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "EMAIL_URL",
    "REDIS_URL",
    "S3_BUCKET",
)


def start(show: str = "''", **environment: str) -> subprocess.CompletedProcess[str]:
    """Read the settings as a new process does, and print one expression of them."""
    kept = {name: value for name, value in os.environ.items() if name not in READ_BY_SETTINGS}
    return subprocess.run(
        [sys.executable, "-c", f"from ctg_site import settings as s; print(({show}))"],
        cwd=Path(settings.BASE_DIR),
        env=kept | {"PYTHONUTF8": "1"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY manque"),
        ({"SECRET_KEY": "court"}, "SECRET_KEY manque"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS manque"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS manque"),
        ({"DEBUG": "True"}, "DEBUG doit rester à False"),
        ({"DEMO": "True"}, "DEMO doit rester à False"),
        ({"DEBUG": "oui"}, "DEBUG vaut « oui »"),
        ({"CTG_ENV": "prod"}, "CTG_ENV vaut « prod »"),
        ({"DATABASE_URL": "mysql://ctg@127.0.0.1/ctg"}, "DATABASE_URL commence par"),
        ({"HSTS_SECONDS": "-1"}, "HSTS_SECONDS vaut « -1 »"),
    ],
)
def test_a_wrong_setting_stops_the_start(change, sentence):
    refused = start(**WHOLE | change)
    assert refused.returncode != 0
    assert sentence in refused.stderr


def test_production_is_locked_by_default():
    started = start(
        "s.DEBUG, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0",
        **WHOLE,
    )
    assert started.stdout.strip() == "(False, True, True, True, True)", started.stderr


def test_a_developer_needs_no_setting():
    started = start("s.DEBUG, s.DATABASES['default']['ENGINE'], s.DATABASES['default']['OPTIONS']['transaction_mode']")
    assert started.stdout.strip() == "(True, 'django.db.backends.sqlite3', 'IMMEDIATE')", started.stderr


def test_scaling_out_is_a_matter_of_settings():
    started = start(
        "s.DATABASES['default']['ENGINE'], s.CACHES['default']['BACKEND'], s.STORAGES['default']['BACKEND']",
        **WHOLE,
        DATABASE_URL="postgres://ctg@db/ctg",
        REDIS_URL="redis://cache:6379/0",
        S3_BUCKET="ctg",
    )
    assert [name.rpartition(".")[2] for name in started.stdout.strip("()\n").replace("'", "").split(", ")] == [
        "postgresql",
        "RedisCache",
        "S3Storage",
    ]


def test_the_page_of_operations_names_every_setting_and_every_command():
    """What it does not name, nobody sets nor runs: a real installation began without its reference data."""
    page = (settings.BASE_DIR / "docs/operations.md").read_text("utf-8")
    read = set(
        re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', (settings.BASE_DIR / "ctg_site/settings.py").read_text("utf-8"))
    )
    assert {"CTG_ENV", "REDIS_URL"} <= read
    assert {name for name in read if f"`{name}`" not in page} == set()
    named = set(re.findall(r"manage\.py ([a-z_]+)", page))
    known = get_commands()
    assert named - set(known) == set()
    ours = {name for name, app in known.items() if app.split(".")[0] in ("ctg_site", *OUR_APPS)}
    assert ours - named == {
        "demo_accounts",
        "load_demo",
        "makemigrations",
    }  # the demonstration, and who writes the code
