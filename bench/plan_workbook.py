"""The workbook of a plan of 500 actions: exported, then sent back and previewed, beside openpyxl writing and reading the same cells.

    PYTHONPATH=. python bench/plan_workbook.py

The times of a machine say little: the verdict is on their ratio to the peer of the same run, in time of processor.
"""

import io
import resource
import statistics
import time
from collections.abc import Callable
from datetime import date

from bench.measuring import new_base

ACTIONS, YEARS, FUNDERS, ROUNDS = 500, 5, 3, 5
EXPORT_LIMIT, PREVIEW_LIMIT = 2.0, 5.0  # seconds
EXPORT_RATIO, PREVIEW_RATIO = 4.0, 4.0  # to the raw writing, to the raw reading
ON = date(2024, 6, 1)


def _measure(plan) -> None:  # type: ignore[no-untyped-def]
    from openpyxl import Workbook, load_workbook

    from actions.content import read_plan
    from actions.exports import plan_sheets
    from actions.imports import receive_import

    content = plan_sheets(read_plan(plan, in_full=True), on=ON)
    cells = [list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(io.BytesIO(content), read_only=True)]
    changed = _one_cell_changed(content)

    def write_raw() -> None:
        book = Workbook(write_only=True)
        for rows in cells:
            page = book.create_sheet()
            for row in rows:
                page.append(row)
        book.save(io.BytesIO())

    def read_raw() -> None:
        for sheet in load_workbook(io.BytesIO(content), read_only=True):
            for _ in sheet.iter_rows(values_only=True):
                pass

    def preview() -> None:
        report = receive_import(plan, name="plan.xlsx", content=changed, by=None).report
        assert (len(report["changed"]), report["errors"], report["added"]) == (1, [], [])

    print(
        f"{ACTIONS} actions, {YEARS} années, {FUNDERS} financeurs :"
        f" {sum(len(row) for rows in cells for row in rows)} cellules, {len(content) // 1024} Ko"
    )
    export = _line("export", lambda: plan_sheets(read_plan(plan, in_full=True), on=ON))
    raw_write = _line("  openpyxl écrit les mêmes cellules", write_raw)
    seen = _line("aperçu", preview)
    raw_read = _line("  openpyxl lit le même fichier", read_raw)
    _verdict("export", export, raw_write, EXPORT_LIMIT, EXPORT_RATIO)
    _verdict("aperçu", seen, raw_read, PREVIEW_LIMIT, PREVIEW_RATIO)


def _one_cell_changed(content: bytes) -> bytes:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content))
    book["Actions"]["C2"] = "Un autre intitulé"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _line(name: str, gesture: Callable[[], object]) -> float:
    """The median of the time of processor, children included."""
    spent, waited = [], []
    for _ in range(ROUNDS):
        start, clock = _processor(), time.perf_counter()
        gesture()
        spent.append(_processor() - start)
        waited.append(time.perf_counter() - clock)
    median = statistics.median(spent)
    print(
        f"{name:40}{median:6.2f} s de processeur, {statistics.median(waited):6.2f} s d’horloge (médianes de {ROUNDS})"
    )
    return median


def _processor() -> float:
    mine, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return mine.ru_utime + mine.ru_stime + children.ru_utime + children.ru_stime


def _verdict(name: str, median: float, peer: float, limit: float, ratio: float) -> None:
    held = "tenu" if median < limit and median / peer < ratio else "PAS TENU"
    print(
        f"{name} : {median:.2f} s (< {limit:g} s) ; {median / peer:.1f} fois la lecture ou l’écriture brute (< {ratio:g}) : {held}"
    )


if __name__ == "__main__":
    with new_base():
        from tests.actions.large_plan import make_large_plan

        _measure(make_large_plan(actions=ACTIONS, years=YEARS, funders=FUNDERS))
