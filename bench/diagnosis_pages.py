"""A diagnosis of 60 findings, 200 contributions and 40 figures: each of its pages, in queries and in time of the server.

    PYTHONPATH=. python bench/diagnosis_pages.py

The times of a machine say little: each is given beside the peer of the same run, the same rows read and shown by nobody.
Read by the person in charge of cooperation, who is shown the most.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date

FINDINGS, CONTRIBUTIONS, FIGURES, ROUNDS = 60, 200, 40, 15
MOST_QUERIES, MOST_MILLISECONDS = 15, 150
PAGES = ("diagnosis", "diagnosis_brief", "group", "group_scoring")


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

    from diagnostic.content import read_diagnosis
    from diagnostic.figures import figures_of
    from diagnostic.rankings import read_notes
    from territory.models import Role
    from tests.diagnostic.factories import first_group, make_user
    from tests.diagnostic.large_diagnosis import make_large_diagnosis

    diagnosis = make_large_diagnosis(findings=FINDINGS, contributions=CONTRIBUTIONS, figures=FIGURES)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(make_user("Camille", ctg=diagnosis.ctg, role=Role.LEAD))

    def read() -> None:
        figures_of(diagnosis, read_diagnosis(diagnosis), on=date.today())
        read_notes(diagnosis)

    peer = _median(read)
    print(
        f"{FINDINGS} constats, {CONTRIBUTIONS} contributions, {FIGURES} chiffres ; les lire sans les montrer : {peer:.0f} ms"
    )
    for page in PAGES:
        group = [first_group(diagnosis).pk] if page.startswith("group") else []
        url = reverse(f"diagnostic:{page}", args=[diagnosis.ctg.slug, *group])
        queries = _queries(client, url)
        median = _median(lambda url=url: client.get(url))  # type: ignore[misc]
        held = queries <= MOST_QUERIES and median < MOST_MILLISECONDS
        print(
            f"{page:16}{queries:3} requêtes (≤ {MOST_QUERIES}), {median:4.0f} ms (< {MOST_MILLISECONDS}),"
            f" {median / peer:.1f} fois la lecture seule : {'tenu' if held else 'PAS TENU'}"
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
