"""A million figures, read line by line, shown and applied, beside the limit of the same database and the usual tool.

    scripts/with_postgresql.sh .venv/bin/python bench/import_values.py [ROWS]

Limit: `psql \\copy` of the same rows, already resolved to keys, into the same table with the same indexes. Usual tool:
django-import-export in bulk mode. All in one run, so that only the ratios count.
"""

import csv
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ctg_site.settings")
os.environ.setdefault("DEBUG", "False")  # as installed: a development server keeps a list of its queries
django.setup()

import tablib  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from import_export import fields, resources, widgets  # noqa: E402

from ctg_site.lib.dates import now  # noqa: E402
from territory.imports.filing import apply_file, read_file, receive_file, undo_file  # noqa: E402
from territory.loading import load_reference  # noqa: E402
from territory.models import FigureFile, Indicator, Release, Source, Territory, Value  # noqa: E402
from territory.vintages import load_geography  # noqa: E402

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
USUAL_ROWS = 20_000
ROUNDS = 3
GOALS = {"apply": 0.5, "whole": 0.25, "usual": 100.0, "memory": 100}
TABLE = Value._meta.db_table
COLUMNS = "release_id, indicator_id, territory_id, year, start_year, number, quality, is_withheld"

Row = tuple[str, int, str, int, int, int]  # code, territory, indicator, indicator key, year, number


def main() -> None:
    if connection.vendor != "postgresql":
        sys.exit(
            "Cette mesure se fait sur PostgreSQL : scripts/with_postgresql.sh .venv/bin/python bench/import_values.py"
        )
    call_command("migrate", verbosity=0)
    load_reference()
    load_geography(())
    _sixty_indicators()
    with tempfile.TemporaryDirectory() as folder:
        settings.MEDIA_ROOT = folder
        Path(folder).chmod(0o755)
        text, keys = Path(folder) / "figures.csv", Path(folder) / "keys.tsv"
        source = Source.objects.get(code="saisie-caf")
        _write(list(_rows()), text, keys)
        rounds = [_round(text, keys, source) for _ in range(ROUNDS)]
        usual = _usual()
        memory = _memory(text)
    _say(rounds, usual, memory)


def _sixty_indicators() -> None:
    missing = 60 - Indicator.objects.count()
    Indicator.objects.bulk_create(
        Indicator(code=f"mesure-{i}", label=f"Mesure {i}", theme="portrait", unit="count", definition="Pour mesurer")
        for i in range(missing)
    )


def _rows() -> Iterator[Row]:
    chance = random.Random(1)
    communes = list(Territory.objects.communes().filter(valid_to=None).order_by("code").values_list("code", "pk"))
    indicators = list(Indicator.objects.filter(unit="count", decimals=0).order_by("pk").values_list("code", "pk"))
    count = 0
    for year in range(2010, 2025):
        for code, pk in indicators:
            for commune, territory in communes:
                yield commune, territory, code, pk, year, chance.randrange(1, 90_000)
                count += 1
                if count == ROWS:
                    return


def _write(rows: list[Row], text: Path, keys: Path) -> None:
    with text.open("w", newline="") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerow(["GEO", "GEO_OBJECT", "INDICATEUR", "TIME_PERIOD", "OBS_VALUE"])
        writer.writerows((code, "COM", indicator, year, number) for code, _, indicator, _, year, number in rows)
    with keys.open("w") as out:
        out.writelines(
            f"1\t{pk}\t{place}\t{year}\t{year}\t{number}\texact\tf\n" for _, place, _, pk, year, number in rows
        )
    keys.chmod(0o644)


def _round(text: Path, keys: Path, source: Source) -> dict[str, float]:
    """The limit and ours one after the other; what each wrote is removed before the next."""
    limit = _timed(lambda: _psql(f"\\copy {TABLE} ({COLUMNS}) from '{keys}'"))
    _empty()
    received: list[FigureFile] = []
    with text.open("rb") as content:
        chunks = iter(lambda: content.read(1 << 20), b"")
        receive = _timed(lambda: received.append(receive_file(text.name, chunks, caf=None, by=None, source=source)))
    file = received[0]
    preview = _timed(lambda: read_file(file))
    if file.state != FigureFile.State.READ or file.report["values"] != ROWS:
        sys.exit(f"La lecture n’a pas donné {ROWS} chiffres : {file.state} {file.refusal} {file.report}")
    apply = _timed(lambda: apply_file(file, by=None, at=now()))
    file.refresh_from_db()
    undo = _timed(lambda: undo_file(file, by=None))
    _empty()
    return {"limit": limit, "preview": receive + preview, "apply": apply, "undo": undo}


def _timed(gesture: object) -> float:
    start = time.perf_counter()
    gesture()  # type: ignore[operator]
    return time.perf_counter() - start


def _psql(command: str) -> None:
    subprocess.run(["psql", "-q", "-d", os.environ["DATABASE_URL"], "-c", command], check=True)


def _empty() -> None:
    _psql(f"truncate {TABLE}")
    _psql("checkpoint")


class CommuneWidget(widgets.ForeignKeyWidget):
    """Among communes: the code alone has no index."""

    def get_queryset(self, value: object, row: object, *args: object, **kwargs: object) -> object:
        return Territory.objects.communes()


class UsualResource(resources.ModelResource):
    """As its documentation shows it: bulk mode, foreign keys found by their codes."""

    indicator = fields.Field("indicator", "indicator", widgets.ForeignKeyWidget(Indicator, "code"))
    territory = fields.Field("territory", "territory", CommuneWidget(Territory, "code"))
    release = fields.Field("release", "release", widgets.ForeignKeyWidget(Release, "pk"))

    class Meta:
        model = Value
        fields = ("indicator", "territory", "year", "start_year", "number", "release")
        import_id_fields = ("indicator", "territory", "year", "start_year", "release")
        use_bulk = True
        batch_size = 1000
        skip_unchanged = True
        report_skipped = False


def _usual() -> float:
    """Rows a second, on communes whose code was only ever one entity, since the tool finds them by code."""
    release = Release.objects.create(source=Source.objects.get(code="saisie-caf"), name="Mesure")
    once = Territory.objects.communes().filter(valid_to=None, valid_from="1943-01-01")
    codes = list(once.order_by("code").values_list("code", flat=True)[: USUAL_ROWS // 4])
    data = tablib.Dataset(headers=["indicator", "territory", "year", "start_year", "number", "release"])
    for year in range(2010, 2014):
        for code in codes:
            data.append(["foyers-rsa", code, year, year, "12", release.pk])
    _psql("analyze")
    result: list[object] = []
    seconds = _timed(lambda: result.append(UsualResource().import_data(data, dry_run=False, raise_errors=True)))
    return len(data) / seconds


def _memory(text: Path) -> float:
    """Peak of the command and of its guarded child, in MB. Started by a small process: a child inherits the peak of
    whoever forks it."""
    command = [sys.executable, "manage.py", "import_values", str(text), "--source", "saisie-caf", "--apply"]
    measure = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    told = subprocess.run(
        [sys.executable, "-c", measure, *command], check=True, capture_output=True, cwd=settings.BASE_DIR
    )
    return int(told.stdout) / 1024


def _say(rounds: list[dict[str, float]], usual: float, memory: float) -> None:
    limit, preview, apply, undo = (
        statistics.median(row[name] for row in rounds) for name in ("limit", "preview", "apply", "undo")
    )
    whole = preview + apply
    print(f"{ROWS} lignes, {ROUNDS} passages alternés, médianes ; PostgreSQL {connection.pg_version // 10000}")
    print(
        "Clés étrangères : aucune contrainte en base sur territory_value, ni pour \\copy ni pour l’import, qui les vérifie en bloc."
    )
    print(
        "Index : clé primaire, clé unique (indicateur, territoire, années, livraison), celui d’une page (toutes les colonnes), livraison, "
        "et celui des seuls secrets."
    )
    for name, seconds in [
        ("\\copy", limit),
        ("lecture et aperçu", preview),
        ("application", apply),
        ("annulation", undo),
    ]:
        print(f"  {name:20} {seconds:7.2f} s {ROWS / seconds:12,.0f} lignes/s")
    print(f"  {'django-import-export':20} {USUAL_ROWS / usual:7.2f} s {usual:12,.0f} lignes/s ({USUAL_ROWS} lignes)")
    _verdict("application / \\copy", limit / apply, GOALS["apply"])
    _verdict("tout, aperçu compris / \\copy", limit / whole, GOALS["whole"])
    _verdict("tout / django-import-export", ROWS / whole / usual, GOALS["usual"])
    _verdict("mémoire du client (Mo)", memory, GOALS["memory"], at_most=True)


def _verdict(name: str, value: float, goal: float, *, at_most: bool = False) -> None:
    holds = value <= goal if at_most else value >= goal
    print(f"{'✓' if holds else '✗'} {name} : {value:.2f} (but : {'au plus' if at_most else 'au moins'} {goal:g})")


if __name__ == "__main__":
    main()
