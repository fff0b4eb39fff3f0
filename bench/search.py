"""A search among all the territories of France, on the pages' own query: under 50 ms, on SQLite and on PostgreSQL.

.venv/bin/python bench/search.py     or     scripts/with_postgresql.sh .venv/bin/python bench/search.py
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ctg_site.settings")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{tempfile.mkdtemp()}/search.sqlite3")
os.environ.setdefault("DEBUG", "False")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from territory.models import Territory  # noqa: E402
from territory.vintages import load_geography  # noqa: E402

TEXTS = [
    "prades",
    "Saint-Estève",
    "st esteve",
    "conflent",
    "canigou",
    "66149",
    "200049211",
    "zzzz",
    "saint",
    "L’Haÿ-les-Roses",
    "eu",  # a commune, and the middle of thousands of names
    "a",
    "2A",
]
ROUNDS = 20
GOAL = 50
SHOWN = 20


def main() -> None:
    call_command("migrate", verbosity=0)
    start = time.perf_counter()
    load_geography(())
    print(
        f"Chargement de {Territory.objects.count()} territoires : {time.perf_counter() - start:.1f} s ({connection.vendor})"
    )
    times = [_search(text) for _ in range(ROUNDS) for text in TEXTS]
    median, worst = statistics.median(times), sorted(times)[int(len(times) * 0.95)]
    print(f"Recherche : médiane {median:.1f} ms, 95 % sous {worst:.1f} ms")
    verdict = "✓" if worst < GOAL else "✗"
    print(f"{verdict} recherche (95 %) : {worst:.1f} ms, {worst / GOAL:.2f} du but (but : moins de {GOAL} ms)")


def _search(text: str) -> float:
    start = time.perf_counter()
    found = Territory.objects.reference().matching(text).select_related("parent")
    list(found[:SHOWN])
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
