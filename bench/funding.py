"""The summaries of the money at the size of France, against Python loops over the same lines, on PostgreSQL.

scripts/with_postgresql.sh .venv/bin/python bench/funding.py            # 100 Caf × 600 equipments × 5 years × 4 lines
CAFS=10 scripts/with_postgresql.sh .venv/bin/python bench/funding.py    # a tenth of it
"""

import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

CAFS = int(os.environ.get("CAFS", "100"))
FACILITIES, YEARS, SCHEMES = 600, range(2021, 2026), 4
ROUNDS = 7


def main() -> None:
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        sys.exit("Cette mesure demande PostgreSQL : scripts/with_postgresql.sh .venv/bin/python bench/funding.py")
    os.environ |= {"DJANGO_SETTINGS_MODULE": "ctg_site.settings", "LOG_LEVEL": "ERROR", "DEBUG": "False"}
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    _fill()
    _measure()


def _fill() -> None:
    """Set-based, because 1.2 million rows through the services would measure the services."""
    from django.db import connection

    from territory.services import rebuild_rollups

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no key to check: each comes from a table just filled
        for statement in _statements():
            cursor.execute(statement)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")
    rebuild_rollups()


def _statements() -> list[str]:
    territory = (
        "INSERT INTO territory_territory (kind, code, name, aliases, nature, valid_from, search_text, parent_id)"
    )
    return [
        f"{territory} SELECT 'departement', 'D' || c, 'Département ' || c, '[]', '', '1943-01-01', '', NULL"
        f" FROM generate_series(1, {CAFS}) c",
        f"{territory} SELECT 'epci', 'E' || c || '-' || e, 'EPCI ' || c || '-' || e, '[]', '', '1943-01-01', '', d.id"
        f" FROM generate_series(1, {CAFS}) c, generate_series(1, 12) e, territory_territory d WHERE d.code = 'D' || c",
        f"{territory} SELECT 'commune', 'C' || c, 'Commune ' || c, '[]', '', '1943-01-01', '', NULL"
        f" FROM generate_series(1, {CAFS}) c",
        "INSERT INTO territory_belonging (commune_id, group_id, valid_from)"
        " SELECT t.id, e.id, '1943-01-01' FROM territory_territory t JOIN territory_territory e"
        " ON e.kind = 'epci' AND split_part(e.code, '-', 1) = 'E' || substr(t.code, 2) WHERE t.kind = 'commune'",
        "INSERT INTO territory_caf (code, name, territory_id)"
        " SELECT lpad(substr(code, 2), 3, '0'), 'Caf ' || code, id FROM territory_territory WHERE kind = 'departement'",
        "INSERT INTO territory_organisation (caf_id, kind, name, short_name, siren, is_demo)"
        " SELECT id, 'association', 'Gestionnaire', '', '', false FROM territory_caf",
        "INSERT INTO territory_scheme (code, label, position, family, unit, formula, school_year, to_verify)"
        f" SELECT 's' || s, 'Dispositif ' || s, s, 'service', '', '', false, false FROM generate_series(1, {SCHEMES}) s",
        "INSERT INTO territory_servicekind (code, label, is_project, position) VALUES ('eaje', 'EAJE', false, 1)",
        "INSERT INTO territory_facility (caf_id, code, name, kind_id, manager_id, seat_id, address, capacity_unit, approval, is_demo)"
        " SELECT o.caf_id, 'F' || f, 'Équipement ' || f, k.id, o.id, t.id, '', 'places', '', false"
        " FROM territory_organisation o JOIN territory_caf c ON c.id = o.caf_id"
        " JOIN territory_territory t ON t.code = 'C' || ltrim(c.code, '0'), territory_servicekind k,"
        f" generate_series(1, {FACILITIES}) f",
        "INSERT INTO territory_fundingline (caf_id, territory_id, year, period, facility_id, service_id, label, scheme_id,"
        " state, nature, payee_id, unit, amount, rounding, source, explanation, is_demo)"
        " SELECT f.caf_id, t.id, y, 'civil', f.id, f.kind_id, f.name, s.id, 'actual', 'running', f.manager_id, '',"
        " ((f.id * 7919 + y * 104729 + s.id * 1299709) % 5000000) / 100.0, 0, 'mesure', '[]', false"
        " FROM territory_facility f JOIN territory_caf c ON c.id = f.caf_id"
        " JOIN territory_territory t ON t.code = 'E' || ltrim(c.code, '0') || '-' || (f.id % 12 + 1),"
        f" generate_series({YEARS[0]}, {YEARS[-1]}) y, territory_scheme s",
    ]


def _measure() -> None:
    from territory.models import Caf, FundingLine
    from territory.reports import caf_summary
    from territory.services import save_funding_line

    caf = Caf.objects.order_by("pk")[0]
    count = FundingLine.objects.count()
    print(f"{count} lignes, {CAFS} Caf, médiane de {ROUNDS} passages")
    print(f"{'mesure':58}{'ms':>9}{'rapport':>10}   but          verdict")
    loop = _time(lambda: _objects(FundingLine.objects.filter(caf=caf, state="actual")))
    own = _time(lambda: caf_summary.by_territory_and_scheme(caf, state="actual"))
    _say("une Caf, boucle Python sur ses lignes (référence)", loop, 1, "", None)
    _say("une Caf, un seul agrégat SQL", own, own / loop, "≤ 1/3", own <= loop / 3)
    whole = _time(lambda: _loop(FundingLine.objects.filter(state="actual")), rounds=1)
    live = _time(lambda: _live(FundingLine.objects.filter(state="actual")))
    rolled = _time(lambda: caf_summary.national(state="actual"))
    _say("France, boucle Python sur toutes les lignes (référence)", whole, 1, "", None)
    _say("France, agrégat SQL en direct", live, live / whole, "< 300 ms", live < 300)
    _say("France, depuis les totaux par Caf", rolled, rolled / whole, "< 20 ms", rolled < 20)
    line = FundingLine.objects.select_related("caf", "scheme", "territory", "facility__kind", "payee").earliest("pk")
    saved = _time(lambda: _add_a_euro(line, save_funding_line))
    _say("une ligne modifiée, totaux compris", saved, saved / whole, "", None)
    same = caf_summary.national(state="actual").total == _live(FundingLine.objects.filter(state="actual"))
    print(f"{'totaux par Caf égaux aux lignes, au centime, après ces modifications':93}{'oui' if same else 'NON'}")


def _loop(lines: Any) -> Decimal:
    """What a page does when it adds in Python, at its best: tuples, nothing kept in memory."""
    sums: dict[tuple[int, int, int], Decimal] = defaultdict(Decimal)
    for territory, scheme, year, amount in (
        lines.order_by().values_list("territory", "scheme", "year", "amount").iterator()
    ):
        sums[territory, scheme, year] += amount
    return sum(sums.values(), Decimal(0))


def _objects(lines: Any) -> Decimal:
    """The same with the objects of the ORM, as it is first written."""
    sums: dict[tuple[int, int, int], Decimal] = defaultdict(Decimal)
    for line in lines.order_by():
        sums[line.territory_id, line.scheme_id, line.year] += line.amount
    return sum(sums.values(), Decimal(0))


def _live(lines: Any) -> Decimal:
    from django.db.models import Sum

    groups = lines.order_by().values("scheme_id", "year").annotate(total=Sum("amount"))
    return sum((group["total"] for group in groups), Decimal(0))


def _add_a_euro(line: Any, save: Callable[..., Any]) -> None:
    line.amount += 1
    save(line, by=None)


def _time(gesture: Callable[[], Any], rounds: int = ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        gesture()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def _say(what: str, milliseconds: float, ratio: float, goal: str, reached: bool | None) -> None:
    verdict = "" if reached is None else "atteint" if reached else "MANQUÉ"
    print(f"{what:58}{milliseconds:>9.1f}{ratio:>10.4f}   {goal:12} {verdict}")


if __name__ == "__main__":
    main()
