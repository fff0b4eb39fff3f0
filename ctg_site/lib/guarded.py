"""Work on what a stranger sent, in a child process that can neither fill the memory, nor run for ever, nor be believed.

    run_guarded("territory.imports.child", str(path), on_line=print)

The child calls ``limit_this_process`` before it opens anything. Killed by a limit or by what it read, it takes nothing with it.
"""

import logging
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

from ctg_site.lib.errors import RuleBroken

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 1024 << 20
CPU_SECONDS, WALL_SECONDS = 240, 480
MOST_WRITTEN = 1 << 30
TOO_HEAVY = "Ce fichier demande trop de temps ou de mémoire pour être lu : gardez les données utiles, ou découpez-le."
BROKEN = "Ce fichier n’a pas pu être lu : il est abîmé ou d’un format inattendu. Enregistrez-le de nouveau, puis renvoyez-le."
OUT_OF_LIMITS = {3, -6, -9, -24}  # memory said so, abort of a native library, killed, CPU time


def limit_this_process(memory: int = MEMORY) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_WRITTEN, MOST_WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run_guarded(
    module: str, *arguments: str, seconds: float = WALL_SECONDS, on_line: Callable[[str], None] = lambda line: None
) -> None:
    """Waits for the child, line by line; RuleBroken with a sentence when it did not end well."""
    with tempfile.TemporaryFile("w+", errors="replace") as complaints:
        code = _watched(_started(module, arguments, complaints), seconds, on_line)
        if code:
            complaints.seek(0)
            logger.warning("guarded child %s ended with %s: %s", module, code, complaints.read()[-2000:])
            raise RuleBroken(TOO_HEAVY if code in OUT_OF_LIMITS else BROKEN)


def _started(module: str, arguments: tuple[str, ...], complaints: IO[str]) -> "subprocess.Popen[str]":
    """In an environment of its own: nothing of the site, no password of the database."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        stderr=complaints,
        text=True,
        cwd=ROOT,
        env={"PATH": "", "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "TMPDIR": tempfile.gettempdir()},
    )


def _watched(child: "subprocess.Popen[str]", seconds: float, on_line: Callable[[str], None]) -> int:
    clock = threading.Timer(seconds, child.kill)
    clock.start()
    try:
        assert child.stdout is not None
        for line in child.stdout:
            on_line(line.strip())
        return child.wait()
    finally:
        clock.cancel()
        child.kill()
        child.wait()
        if child.stdout:
            child.stdout.close()
