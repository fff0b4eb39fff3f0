"""The product as `make demo` starts it, for browser tests: its own database, its own server and worker, on a free port."""

import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90


@dataclass(frozen=True)
class Site:
    address: str
    environment: dict[str, str]

    def run(self, *command: str) -> str:
        """What a Python command of the product prints, on the database of this site."""
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """A fresh demonstration; server and worker end with the block."""
    with _running(_prepared(folder), folder) as site:
        yield site


@contextmanager
def _running(site: Site, folder: Path) -> Iterator[Site]:
    with (folder / "site.log").open("w") as log:
        running = [
            subprocess.Popen([sys.executable, *command], cwd=ROOT, env=site.environment, stdout=log, stderr=log)
            for command in (_server(site), ["manage.py", "db_worker", "--interval", "0.2", "--no-startup-delay"])
        ]
        try:
            _wait_for(f"{site.address}/sante/")
            yield site
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(timeout=20)


@contextmanager
def twin_site(site: Site, folder: Path, **environment: str) -> Iterator[Site]:
    """The same demonstration on a copy of its database, with an environment of its own."""
    with closing(sqlite3.connect(_database(site))) as source, closing(sqlite3.connect(folder / "site.sqlite3")) as copy:
        source.backup(copy)
    address = f"http://127.0.0.1:{free_port()}"
    own = {"SITE_URL": address, "VAR_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}"}
    static = {"STATIC_ROOT": str(Path(site.environment["VAR_DIR"]) / "static")}
    with _running(Site(address, {**site.environment, **static, **own, **environment}), folder) as twin:
        yield twin


def _database(site: Site) -> str:
    return site.environment["DATABASE_URL"].removeprefix("sqlite:///")


def _prepared(folder: Path) -> Site:
    """Its database and, meanwhile, its static files."""
    address = f"http://127.0.0.1:{free_port()}"
    environment = {
        **os.environ,
        "DEMO": "True",
        "DEBUG": "False",
        "LOG_LEVEL": "ERROR",
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
        "SITE_URL": address,
        "DJANGO_SETTINGS_MODULE": "ctg_site.settings",
    }
    site = Site(address, environment)
    collecting = subprocess.Popen(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"], cwd=ROOT, env=environment
    )
    site.run("manage.py", "migrate", "-v", "0")
    site.run("manage.py", "load_demo")
    if collecting.wait():
        raise RuntimeError("Les fichiers de style n’ont pas pu être rassemblés.")
    return site


def _server(site: Site) -> list[str]:
    bind = site.address.removeprefix("http://")
    threads = ["--worker-class", "gthread", "--workers", "1", "--threads", "4"]
    return ["-m", "gunicorn", "ctg_site.wsgi", "--bind", bind, *threads, "--no-control-socket"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:  # refused, or too slow: a busy machine takes its time
            time.sleep(0.2)
    raise TimeoutError(f"Le site n’a pas répondu à {url} en {START_SECONDS} secondes.")
