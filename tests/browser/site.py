"""The product as `make demo` starts it, for browser tests: its own database, its own server and worker, on a free port."""

import fcntl
import os
import shutil
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
def running_site(prepared: Path, folder: Path) -> Iterator[Site]:
    """A demonstration of its own, copied from one that was prepared; server and worker end with the block."""
    shutil.copytree(prepared, folder, dirs_exist_ok=True)
    with _running(_environment(folder), folder) as site:
        yield site


@contextmanager
def _running(environment: dict[str, str], folder: Path) -> Iterator[Site]:
    """The door is opened here and lent to the server: a port chosen for later may be taken meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as door, (folder / "site.log").open("w") as log:
        address = f"http://127.0.0.1:{door.getsockname()[1]}"
        site = Site(address, {**environment, "SITE_URL": address})
        worker = ["manage.py", "db_worker", "--interval", "0.5", "--no-startup-delay"]
        running = [
            subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=site.environment, stdout=log, stderr=log, pass_fds=fds
            )
            for command, fds in ((_server(door.fileno()), [door.fileno()]), (worker, []))
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
    static = {"STATIC_ROOT": str(Path(site.environment["VAR_DIR"]) / "static")}
    with _running({**_environment(folder), **static, **environment}, folder) as twin:
        yield twin


def _database(site: Site) -> str:
    return site.environment["DATABASE_URL"].removeprefix("sqlite:///")


def prepared_once(folder: Path) -> Path:
    """The demonstration, for every process of the session: whoever asks first prepares it, the others wait."""
    folder.mkdir(exist_ok=True)
    ready = folder.with_suffix(".ready")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            _prepare(folder)
            ready.touch()
    return folder


def _prepare(folder: Path) -> None:
    """Its database and, meanwhile, its static files."""
    site = Site("", _environment(folder))
    collecting = subprocess.Popen(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"], cwd=ROOT, env=site.environment
    )
    site.run("manage.py", "migrate", "-v", "0")
    site.run("manage.py", "load_demo")
    if collecting.wait():
        raise RuntimeError("Les fichiers de style n’ont pas pu être rassemblés.")


def _environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DEMO": "True",
        "DEBUG": "False",
        "LOG_LEVEL": "ERROR",
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "ctg_site.settings",
    }


def _server(door: int) -> list[str]:
    threads = ["--worker-class", "gthread", "--workers", "1", "--threads", "4"]
    return ["-m", "gunicorn", "ctg_site.wsgi", "--bind", f"fd://{door}", *threads, "--no-control-socket"]


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:  # refused, or too slow: a busy machine takes its time
            time.sleep(0.2)
    raise TimeoutError(f"Le site n’a pas répondu à {url} en {START_SECONDS} secondes.")
