"""The product as `make demo` starts it, for browser tests: its own database, its own server and worker, on a free port."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


@contextmanager
def running_site(folder: Path) -> Iterator[str]:
    """The address of a fresh demonstration; server and worker end with the block."""
    port = _free_port()
    environment = {
        **os.environ,
        "DEMO": "True",
        "DEBUG": "False",
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "DJANGO_SETTINGS_MODULE": "ctg_site.settings",
    }
    for command in (["migrate", "-v", "0"], ["load_demo"], ["collectstatic", "--noinput", "-v", "0"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
    log = (folder / "site.log").open("w")
    server = [
        sys.executable,
        "-m",
        "gunicorn",
        "ctg_site.wsgi",
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "1",
        "--threads",
        "4",
    ]
    worker = [sys.executable, "manage.py", "db_worker", "--interval", "0.2"]
    running = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log) for command in (server, worker)
    ]
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/sante/")
        yield address
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=20)
        log.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise TimeoutError(f"Le site n’a pas répondu à {url} en {START_SECONDS} secondes.")
