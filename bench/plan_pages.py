"""A plan of 60 actions, 5 years and 6 funders: each of its pages, in queries and in time of the server.

    PYTHONPATH=. python bench/plan_pages.py

The times of a machine say little: each is given beside the peer of the same run, the same rows read in the fewest queries
and shown by nobody. Read by somebody who writes the plan, who is shown the most.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable

ACTIONS, YEARS, FUNDERS, ROUNDS = 60, 5, 6, 15
MOST_QUERIES, MOST_MILLISECONDS, MOST_RATIO = 15, 150, 6.0
PAGES = ("plan", "plan_board", "plan_table", "plan_gantt", "plan_cube", "plan_chain")


def main() -> None:
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
        _measure()


def _measure() -> None:
    from django.test import Client
    from django.urls import reverse

    from actions.content import read_plan
    from territory.models import Role
    from tests.actions.factories import make_user
    from tests.actions.large_plan import make_large_plan

    plan = make_large_plan(actions=ACTIONS, years=YEARS, funders=FUNDERS)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(make_user("Camille", ctg=plan.ctg, role=Role.LEAD))
    peer = _median(lambda: read_plan(plan, parts=("targets", "steps")))
    print(f"{ACTIONS} actions, {YEARS} années, {FUNDERS} financeurs ; les lire sans les montrer : {peer:.0f} ms")
    for page in PAGES:
        url = reverse(f"actions:{page}", args=[plan.ctg.slug])
        queries = _queries(client, url)
        median = _median(lambda url=url: client.get(url))  # type: ignore[misc]
        ratio = median / peer
        held = queries <= MOST_QUERIES and median < MOST_MILLISECONDS and ratio < MOST_RATIO
        print(
            f"{page:12}{queries:3} requêtes (≤ {MOST_QUERIES}), {median:4.0f} ms (< {MOST_MILLISECONDS}),"
            f" {ratio:.1f} fois la lecture seule (< {MOST_RATIO:g}) : {'tenu' if held else 'PAS TENU'}"
        )


def _queries(client, url: str) -> int:  # type: ignore[no-untyped-def]
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(url)  # the first reading fills the caches
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def _median(gesture: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        gesture()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


if __name__ == "__main__":
    main()
