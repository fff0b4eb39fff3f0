"""Where figures meet the database in bulk: the only module that writes SQL by hand, and the only one that knows COPY.

On PostgreSQL the lines prepared by the reading go through COPY as they are; on SQLite, through executemany. No foreign key
is checked row by row (see Value): the keys of a load are checked as a set, in the same transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from django.db import connection, transaction

from ctg_site.lib.errors import RuleBroken
from territory.checks import Failure, judge
from territory.models import TOWN_INHABITANTS, Caf, ConsistencyRule, Indicator, Release, Source, Territory, Value
from territory.towns import told_of_towns

COLUMNS = "indicator_id, territory_id, year, start_year, number, quality"
CHUNK = 1 << 20
BATCH = 20_000
SAMPLE = 50
VALUES, TERRITORIES, INDICATORS = (model._meta.db_table for model in (Value, Territory, Indicator))

_STAGED = (
    "CREATE TEMP TABLE IF NOT EXISTS staged (indicator_id bigint, territory_id bigint, year smallint, start_year smallint, "
    "number numeric(16, 4), quality varchar(9))"
)
# SQLite keeps the empty table until the connection closes: once a transaction has changed the schema, it reads all of it again
# after each savepoint undone, and prepares each query anew.
_EMPTIED = "DROP TABLE staged" if connection.vendor == "postgresql" else "DELETE FROM staged"
_SAME = "v.quality = s.quality AND (v.number = s.number OR (v.number IS NULL AND s.number IS NULL))"
_KEY = "v.indicator_id = s.indicator_id AND v.territory_id = s.territory_id AND v.year = s.year AND v.start_year = s.start_year"

_CROSS = "" if connection.vendor == "postgresql" else "CROSS"  # SQLite then looks values up by their key, line by line


@dataclass
class Comparison:
    """What a file would bring beside what the same source already says, for the same Caf."""

    new: int = 0
    changed: int = 0
    identical: int = 0
    changes: list[dict[str, Any]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    villages: int = 0  # figures that their source publishes of towns alone: « sans objet » once applied


@transaction.atomic
def compare(path: Path, source: Source, caf: Caf | None, rules: list[ConsistencyRule]) -> Comparison:
    with _staged(path):
        comparison = _counted(_current(source, caf))
        comparison.failures = [failure for rule in rules for failure in _failures(rule)]
        comparison.villages = _villages(source)
    return comparison


def load(path: Path, release: Release) -> int:
    """The lines of a file as values of a new release; refused as a whole if a key points to nothing any more.

    What of it is masked is to be settled in the same transaction.
    """
    with connection.cursor() as cursor, path.open(encoding="ascii") as lines:
        if connection.vendor == "postgresql":
            cursor.copy_expert(
                f"COPY {VALUES} (release_id, is_withheld, {COLUMNS}) FROM STDIN", _Prefixed(lines, f"{release.pk}\tf\t")
            )
            count = cursor.rowcount
        else:
            count = _insert(
                cursor,
                f"INSERT INTO {VALUES} (release_id, is_withheld, {COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                lines,
                (release.pk, False),
            )
        _check_keys(cursor, release)
    return count


def orphans() -> int:
    """Values whose territory, indicator or release is gone: zero, unless somebody wrote past the application."""
    tables = [("territory_id", TERRITORIES), ("indicator_id", INDICATORS), ("release_id", Release._meta.db_table)]
    with connection.cursor() as cursor:
        return sum(_lost(cursor, column, table) for column, table in tables)


# --- The lines in a table of their own --------------------------------------------------------------------------------


@contextmanager
def _staged(path: Path) -> Iterator[None]:
    with connection.cursor() as cursor, path.open(encoding="ascii") as lines:
        make_room(cursor)
        if connection.vendor == "postgresql":
            cursor.copy_expert(f"COPY staged ({COLUMNS}) FROM STDIN", lines, CHUNK)
        else:
            _insert(cursor, f"INSERT INTO staged ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s)", lines)
        try:
            yield
        finally:
            if not connection.needs_rollback:
                cursor.execute(_EMPTIED)


def make_room(cursor: Any) -> None:
    cursor.execute(_STAGED)


class _Prefixed:
    """The same lines, each with the same cells in front, without cutting them one by one."""

    def __init__(self, lines: IO[str], prefix: str) -> None:
        self.lines, self.prefix, self.is_first = lines, prefix, True

    def read(self, size: int) -> str:
        text = self.lines.read(CHUNK)
        if not text:
            return ""
        text += self.lines.readline() if not text.endswith("\n") else ""
        return self.prefix + text[:-1].replace("\n", "\n" + self.prefix) + "\n"


def _insert(cursor: Any, statement: str, lines: IO[str], before: tuple[Any, ...] = ()) -> int:
    batch: list[tuple[Any, ...]] = []
    count = 0
    for line in lines:
        *whole, number, quality = line.rstrip("\n").split("\t")
        batch.append((*before, *map(int, whole), None if number == "\\N" else number, quality))
        if len(batch) == BATCH:
            cursor.executemany(statement, batch)
            count += len(batch)
            batch.clear()
    if batch:
        cursor.executemany(statement, batch)
    return count + len(batch)


# --- Beside what is there ---------------------------------------------------------------------------------------------


def _current(source: Source, caf: Caf | None) -> list[int]:
    return list(Release.objects.filter(source=source, caf=caf).order_by("pk").values_list("pk", flat=True))


def _joined(releases: list[int]) -> str:
    """The lines of the file, each beside the value in force: that of the last release that has the figure."""
    ids = ", ".join(map(str, releases))
    if len(releases) == 1:
        return f"FROM staged s {_CROSS} JOIN {VALUES} v ON {_KEY} AND v.release_id = {ids}"
    if connection.vendor == "postgresql":
        last = (
            "SELECT indicator_id, territory_id, year, start_year, MAX(release_id) AS release_id "
            f"FROM {VALUES} WHERE release_id IN ({ids}) GROUP BY 1, 2, 3, 4"
        )
        latest = f"SELECT v.* FROM {VALUES} v JOIN ({last}) s ON {_KEY} AND v.release_id = s.release_id"
        return f"FROM staged s JOIN ({latest}) v ON {_KEY}"
    last = f"SELECT MAX(w.release_id) FROM {VALUES} w WHERE {_KEY.replace('v.', 'w.')} AND w.release_id IN ({ids})"
    return f"FROM staged s {_CROSS} JOIN {VALUES} v ON {_KEY} AND v.release_id = ({last})"


def _counted(releases: list[int]) -> Comparison:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM staged")
        total = cursor.fetchone()[0]
        if not releases:
            return Comparison(new=total)
        joined = _joined(releases)
        cursor.execute(f"SELECT COUNT(*), SUM(CASE WHEN {_SAME} THEN 1 ELSE 0 END) {joined}")
        known, identical = cursor.fetchone()
        found = Comparison(new=total - known, changed=known - (identical or 0), identical=identical or 0)
        if found.changed:
            found.changes = _changes(cursor, joined)
    return found


def _villages(source: Source) -> int:
    if not told_of_towns(source).exists():
        return 0
    inhabitants = (
        f"SELECT v.number FROM {VALUES} v JOIN {INDICATORS} p ON p.id = v.indicator_id AND p.code = 'population' "
        "WHERE v.territory_id = s.territory_id AND v.number IS NOT NULL ORDER BY v.year DESC, v.release_id DESC LIMIT 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COUNT(*) FROM staged s JOIN {INDICATORS} i ON i.id = s.indicator_id JOIN {TERRITORIES} t ON t.id = s.territory_id "
            f"WHERE s.number IS NOT NULL AND i.finest_level = 'town' AND i.source_id = {source.pk} AND t.kind = 'commune' "
            f"AND ({inhabitants}) <= {TOWN_INHABITANTS}"
        )
        return int(cursor.fetchone()[0])


def _changes(cursor: Any, joined: str) -> list[dict[str, Any]]:
    cursor.execute(
        f"SELECT i.label, t.name, s.year, v.number, v.quality, s.number, s.quality {joined} "
        f"JOIN {INDICATORS} i ON i.id = s.indicator_id JOIN {TERRITORIES} t ON t.id = s.territory_id "
        f"WHERE NOT ({_SAME}) ORDER BY i.position, t.name, s.year LIMIT {SAMPLE}"
    )
    names = ("indicator", "place", "year", "before", "quality_before", "after", "quality_after")
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [row | {"before": _as_text(row["before"]), "after": _as_text(row["after"])} for row in rows]


def _as_text(number: Any) -> str | None:
    return None if number is None else format(_decimal(number), "f")


def _decimal(number: Any) -> Decimal:
    exact = Decimal(str(number))
    return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact.normalize()


# --- Rules and keys ---------------------------------------------------------------------------------------------------


def _failures(rule: ConsistencyRule) -> list[Failure]:
    """Judged by the same function as on the pages; the database only narrows what it must look at."""
    terms = rule.terms
    joins = " ".join(
        f"JOIN staged s{i} ON s{i}.indicator_id = {term.pk} AND s{i}.territory_id = s.territory_id AND s{i}.year = s.year AND s{i}.number IS NOT NULL"
        for i, term in enumerate(terms)
    )
    numbers = [f"s{i}.number" for i in range(len(terms))]
    broken = _broken(rule, numbers)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT t.name, s.year, s.number, {', '.join(numbers)} FROM staged s {joins} JOIN {TERRITORIES} t ON t.id = s.territory_id "
            f"WHERE s.indicator_id = {rule.indicator_id} AND s.number IS NOT NULL AND {broken} ORDER BY t.name, s.year LIMIT {SAMPLE}"
        )
        rows = cursor.fetchall()
    judged = [
        judge(rule, f"{name}, {year}", _decimal(stated), [_decimal(n) for n in found])
        for name, year, stated, *found in rows
    ]
    return [failure for failure in judged if failure]


def _broken(rule: ConsistencyRule, numbers: list[str]) -> str:
    if rule.relation == ConsistencyRule.Relation.AT_MOST:
        return f"s.number - {numbers[0]} > {rule.tolerance}"
    if rule.relation == ConsistencyRule.Relation.SUM:
        return f"ABS(s.number - ({' + '.join(numbers)})) > {rule.tolerance}"
    return f"{numbers[1]} <> 0 AND ABS(s.number * {numbers[1]} - 100.0 * {numbers[0]}) > {rule.tolerance} * ABS({numbers[1]})"


def _check_keys(cursor: Any, release: Release) -> None:
    lost = _lost(cursor, "territory_id", TERRITORIES, release) + _lost(cursor, "indicator_id", INDICATORS, release)
    if lost:
        raise RuleBroken(
            "La géographie ou le catalogue a changé depuis la lecture du fichier : relancez la lecture, puis appliquez."
        )


def _lost(cursor: Any, column: str, table: str, release: Release | None = None) -> int:
    where = f"WHERE release_id = {release.pk}" if release else ""
    cursor.execute(
        f"SELECT COUNT(*) FROM (SELECT DISTINCT {column} AS id FROM {VALUES} {where}) v WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE t.id = v.id)"
    )
    return int(cursor.fetchone()[0])
