"""What the measurements share: a new base, and the pages of one reader, in queries and in time of the server."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

ROUNDS = 15
MOST_QUERIES, MOST_MILLISECONDS = 15, 150


@contextmanager
def new_base() -> Iterator[None]:
    """Django on an empty SQLite base, in a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DEMO": "True",
            "LOG_LEVEL": "ERROR",
            "VAR_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "ctg_site.settings",
        }
        os.environ.pop("DATABASE_URL", None)
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        yield


def measure_page(client: Any, name: str, url: str, *, peer: float, most_ratio: float | None = None) -> None:
    """One line: the queries, the milliseconds, and how many times ``peer``, which reads the same rows and shows nothing."""
    queries = count_queries(client, url)
    taken = median(lambda: client.get(url))
    ratio = taken / peer
    held = queries <= MOST_QUERIES and taken < MOST_MILLISECONDS and (most_ratio is None or ratio < most_ratio)
    limit = f" (< {most_ratio:g})" if most_ratio else ""
    print(
        f"{name:16}{queries:3} requêtes (≤ {MOST_QUERIES}), {taken:4.0f} ms (< {MOST_MILLISECONDS}),"
        f" {ratio:.1f} fois la lecture seule{limit} : {'tenu' if held else 'PAS TENU'}"
    )


def count_queries(client: Any, url: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(url)  # the first reading fills the caches
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def median(gesture: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    """In milliseconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        gesture()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000
