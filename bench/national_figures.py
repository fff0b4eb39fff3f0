"""The diagnosis of an EPCI among tens of millions of figures, read by the functions of its pages.

    scripts/with_postgresql.sh .venv/bin/python bench/national_figures.py [MILLIONS]

Sixty indicators, for the EPCI, its communes, its département and France, over ten years: five queries, under 5 ms in the
client. Its ranks, computed when figures arrive, are read beside the same ranks computed live. By default a tenth of
France; 30 fills the table as fifteen years of the whole of France would.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ctg_site.settings")
os.environ.setdefault("DEBUG", "False")  # as installed: a development server keeps a list of its queries
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from territory.loading import load_reference  # noqa: E402
from territory.models import Belonging, Indicator, Rank, Release, Source, Territory, Value  # noqa: E402
from territory.portraits.figures import Figures, read_known  # noqa: E402
from territory.portraits.parts import LAST_KNOWN  # noqa: E402
from territory.portraits.stage import Stage, stage_of  # noqa: E402
from territory.portraits.themes import read_ranks  # noqa: E402
from territory.ranking import refresh_ranks  # noqa: E402
from territory.vintages import load_geography  # noqa: E402

MILLIONS = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
INDICATORS, FIRST_YEAR, LAST_YEAR = 60, 2010, 2024
SAMPLE, ROUNDS = 60, 5
GOALS = {"queries": 5, "milliseconds": 5.0, "live": 40.0}
TABLE = Value._meta.db_table

LIVE = f"""
SELECT mine.indicator_id, 1 + COUNT(*) FILTER (WHERE other.number > mine.number) AS rank, COUNT(*) AS total
FROM {TABLE} mine
JOIN {TABLE} other ON other.indicator_id = mine.indicator_id AND other.year = mine.year AND other.number IS NOT NULL
JOIN {Territory._meta.db_table} t ON t.id = other.territory_id AND t.kind = 'epci'
WHERE mine.territory_id = %s AND mine.indicator_id = ANY(%s) AND mine.year = %s AND mine.number IS NOT NULL
GROUP BY mine.indicator_id
"""


def main() -> None:
    if connection.vendor != "postgresql":
        sys.exit(
            "Cette mesure se fait sur PostgreSQL : scripts/with_postgresql.sh .venv/bin/python bench/national_figures.py"
        )
    call_command("migrate", verbosity=0)
    load_reference()
    load_geography(())
    indicators = _sixty_indicators()
    written = _timed(lambda: _write(list(indicators.values())))
    ranked = _timed(lambda: refresh_ranks(indicator.pk for indicator in indicators.values()))
    _run("ANALYZE")
    stages = [stage_of(epci) for epci in _sample()]
    found = [_measure(stage, indicators) for _ in range(ROUNDS) for stage in stages]
    count = max(one.count for one in found)
    queries, functions, ranks, live, floor = (
        statistics.median(getattr(one, name) for one in found)
        for name in ("queries", "functions", "ranks", "live", "floor")
    )
    if not Rank.objects.exists():
        sys.exit("Aucun rang : les chiffres écrits ne sont pas montrés, la mesure ne vaut rien.")
    print(
        f"{_thousands(Value.objects.count())} chiffres écrits en {written / 1000:.0f} s, {_size()} avec les index ; ",
        end="",
    )
    print(
        f"{_thousands(Rank.objects.count())} rangs en {ranked / 1000:.0f} s ; PostgreSQL {connection.pg_version // 10000}"
    )
    print(f"{len(stages)} EPCI de {_communes(stages)} communes, {ROUNDS} passages, médianes :")
    print(f"  autant de requêtes vides       {floor:8.2f} ms")
    print(f"  requêtes, chiffres reçus       {queries:8.2f} ms")
    print(f"  fonctions de la page           {functions:8.2f} ms")
    print(f"  rangs gardés                   {ranks:8.2f} ms")
    print(f"  rangs calculés sur le moment   {live:8.2f} ms")
    _verdict("nombre de requêtes", count, GOALS["queries"], at_most=True)
    _verdict("requêtes, chiffres reçus (ms)", queries, GOALS["milliseconds"], at_most=True)
    _verdict("rangs calculés / rangs gardés", live / ranks, GOALS["live"])


def _sixty_indicators() -> dict[str, Indicator]:
    """Of our catalogue, those that stand alone; others of the same kind make up the number."""
    missing = INDICATORS - Indicator.objects.filter(numerator=None).count()
    Indicator.objects.bulk_create(
        Indicator(code=f"mesure-{i}", label=f"Mesure {i}", theme="portrait", unit="percent", definition="Pour mesurer")
        for i in range(missing)
    )
    rows = Indicator.objects.filter(numerator=None).select_related("numerator", "denominator", "source")
    return {one.code: one for one in rows.order_by("is_additive", "pk")[:INDICATORS]}


def _write(indicators: list[Indicator]) -> None:
    """Year after year, as files arrive: one delivery a year, each territory with its sixty figures."""
    source = Source.objects.get(code="saisie-caf")
    indexes = _indexes()
    for name, _ in indexes:
        _run(f"DROP INDEX {name}" if not name.endswith("unique") else f"ALTER TABLE {TABLE} DROP CONSTRAINT {name}")
    _run(f"ALTER TABLE {TABLE} SET UNLOGGED")
    ids = ", ".join(str(one.pk) for one in indicators)
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        release = Release.objects.create(source=source, name=f"Mesure {year}")
        _run(
            f"INSERT INTO {TABLE} (indicator_id, territory_id, year, start_year, release_id, number, quality, is_withheld) "
            f"SELECT i, t.id, {year}, {year}, {release.pk}, (hashint8(t.id * 1000 + i * 31 + {year}) & 65535) / 700.0, 'exact', false "
            f"FROM (SELECT id FROM {Territory._meta.db_table} WHERE valid_to IS NULL AND ({_share()}) ORDER BY id) t, "
            f"unnest(ARRAY[{ids}]) i"
        )
    for _, definition in indexes:
        _run(definition)
    _run("VACUUM ANALYZE")  # what autovacuum does after a load


def _share() -> str:
    """The places above communes are always whole, so that ranks are those of France."""
    every = max(round(30 / MILLIONS), 1)
    whole = f"kind <> 'commune' OR parent_id % {every} = 0"
    return "true" if every == 1 else whole


def _indexes() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, CASE WHEN k.oid IS NULL THEN pg_get_indexdef(i.indexrelid) ELSE "
            f"'ALTER TABLE {TABLE} ADD CONSTRAINT ' || k.conname || ' ' || pg_get_constraintdef(k.oid) END "
            "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid "
            "AND k.contype = 'u' WHERE i.indrelid = %s::regclass AND NOT i.indisprimary",
            [TABLE],
        )
        return cursor.fetchall()


def _sample() -> list[Territory]:
    """EPCIs whose communes have figures, of all sizes."""
    known = Belonging.objects.filter(valid_to=None, group__kind="epci", group__valid_to=None)
    known = known.filter(commune__in=Value.objects.filter(year=LAST_YEAR).values("territory"))
    rows = known.order_by().values("group").annotate(size=Count("pk")).filter(size__gte=5).order_by("size", "group")
    ids = [row["group"] for row in rows]
    return list(Territory.objects.filter(pk__in=ids[:: max(len(ids) // SAMPLE, 1)][:SAMPLE]).order_by("pk"))


def _communes(stages: list[Stage]) -> str:
    sizes = sorted(stage.here.communes_on(LAST_KNOWN).count() for stage in stages)
    return f"{sizes[0]} à {sizes[-1]} (médiane {sizes[len(sizes) // 2]})"


def _diagnosis(stage: Stage, indicators: dict[str, Indicator]) -> Figures:
    """Everything of an EPCI, as its pages and its file of figures read it."""
    figures = read_known(stage, None, indicators, whole=True)
    figures.ranks = read_ranks(figures)
    figures.here("population")  # the first figure looked at reads the deliveries
    return figures


@dataclass
class Measure:
    """In ms: the queries of one EPCI in the client, sent and fetched; the functions that make them; its ranks; as many
    queries that ask for nothing, which tell how loaded the machine is."""

    count: int
    queries: float
    functions: float
    ranks: float
    live: float
    floor: float


def _measure(stage: Stage, indicators: dict[str, Indicator]) -> Measure:
    functions = _timed(lambda: _diagnosis(stage, indicators))
    with CaptureQueriesContext(connection) as captured:
        _diagnosis(stage, indicators)
    texts = [query["sql"] for query in captured.captured_queries]
    live = _fetched(LIVE, [stage.here.pk, [one.pk for one in indicators.values()], LAST_YEAR])
    ranks = next(text for text in texts if f'FROM "{Rank._meta.db_table}"' in text)
    floor = sum(_fetched("SELECT 1") for _ in texts)
    return Measure(len(texts), sum(_fetched(text) for text in texts), functions, _fetched(ranks), live, floor)


def _fetched(statement: str, parameters: list[object] | None = None) -> float:
    with connection.cursor() as cursor:
        return _timed(lambda: (cursor.execute(statement, parameters), cursor.fetchall()))


def _size() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_size_pretty(pg_total_relation_size(%s))", [TABLE])
        return str(cursor.fetchone()[0])


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _timed(gesture: Callable[[], object]) -> float:
    start = time.perf_counter()
    gesture()
    return (time.perf_counter() - start) * 1000


def _verdict(name: str, value: float, goal: float, *, at_most: bool = False) -> None:
    holds = value <= goal if at_most else value >= goal
    print(f"{'✓' if holds else '✗'} {name} : {value:.2f} (but : {'au plus' if at_most else 'au moins'} {goal:g})")


if __name__ == "__main__":
    main()
