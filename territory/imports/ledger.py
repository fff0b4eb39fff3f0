"""What a reading finds: the figures, ready to be loaded, and everything that must be said about the rest."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TextIO

MOST_LINES = 200
FLUSH = 20_000
STEP = 5000


@dataclass(frozen=True)
class Known:
    """An indicator, as a reading needs it."""

    pk: int
    code: str
    label: str
    unit: str
    decimals: int
    is_additive: bool
    counts_people: bool
    is_evolution: bool
    unit_name: str


@dataclass
class Slot:
    """One (indicator, year, start year): which territories are seen, and the sums of communes by département."""

    seen: bytearray
    sums: dict[str, list[Any]] = field(default_factory=dict)
    stated: dict[str, Decimal] = field(default_factory=dict)

    def has(self, territory: int) -> bool:
        return bool(self.seen[territory >> 3] & (1 << (territory & 7)))

    def is_new(self, territory: int) -> bool:
        """False when this territory already has this figure in the file."""
        place, bit = territory >> 3, 1 << (territory & 7)
        if self.seen[place] & bit:
            return False
        self.seen[place] |= bit
        return True


class Ledger:
    """Lines « indicator, territory, year, start year, number, quality » go to ``out``; the rest is the report."""

    def __init__(self, out: TextIO, size: int, tell: Callable[[int], None] = lambda rows: None) -> None:
        self.out, self.size, self.tell = out, size // 8 + 1, tell
        self.rows = 0
        self.watched: dict[int, dict[tuple[int, int], str]] = {}
        self.lines: list[str] = []
        self.slots: dict[tuple[int, int, int], Slot] = {}
        self.values = 0
        self.years: set[int] = set()
        self.errors: list[dict[str, Any]] = []
        self.error_count = 0
        self.unknown: list[dict[str, Any]] = []
        self.unknown_count = 0
        self.aside: dict[str, dict[str, Any]] = {}
        self.units: dict[str, str] = {}
        self.notices: dict[str, None] = {}
        self.repairs: dict[str, str] = {}
        self.questions: dict[str, dict[str, Any]] = {}

    def slot(self, indicator: int, year: int, start_year: int) -> Slot:
        key = (indicator, year, start_year)
        found = self.slots.get(key)
        if found is None:
            found = self.slots[key] = Slot(bytearray(self.size))
            self.years.add(year)
        return found

    def write(
        self, indicator: int, territory: int, year: int, start_year: int, number: str | None, quality: str
    ) -> None:
        text = "\\N" if number is None else number
        self.lines.append(f"{indicator}\t{territory}\t{year}\t{start_year}\t{text}\t{quality}\n")
        if territory in self.watched:
            self.watched[territory][indicator, year] = number or ""
        if len(self.lines) >= FLUSH:
            self.flush()

    def number_of(self, indicator: int, territory: int, year: int) -> str:
        """Of the few territories that are watched."""
        return self.watched.get(territory, {}).get((indicator, year), "")

    def count(self, rows: int = 1) -> int:
        """Rows read; told now and then. Returns 0, where the caller starts counting again."""
        before, self.rows = self.rows, self.rows + rows
        if self.rows // STEP > before // STEP:
            self.tell(self.rows)
        return 0

    def flush(self) -> None:
        self.values += len(self.lines)
        self.out.writelines(self.lines)
        self.lines.clear()

    # --- What is said -------------------------------------------------------------------------------------------------

    def error(self, sheet: str, row: int, column: str, value: str, expected: str) -> None:
        self.error_count += 1
        if len(self.errors) < MOST_LINES:
            self.errors.append(
                {"sheet": sheet, "row": row, "column": column, "value": value[:80], "expected": expected}
            )

    def stranger(self, sheet: str, row: int, code: str, name: str, closest: str) -> None:
        self.unknown_count += 1
        if len(self.unknown) < MOST_LINES:
            self.unknown.append({"sheet": sheet, "row": row, "code": code[:40], "name": name[:80], "closest": closest})

    def set_aside(self, reason: str, row: int, detail: str, masses: dict[str, Decimal]) -> None:
        """Never spread, never lost: how many rows, and what they hold."""
        found = self.aside.setdefault(
            reason, {"reason": reason, "count": 0, "masses": defaultdict(Decimal), "rows": []}
        )
        found["count"] += 1
        for label, number in masses.items():
            found["masses"][label] += number
        if len(found["rows"]) < MOST_LINES:
            found["rows"].append({"row": row, "detail": detail, "masses": {k: str(v) for k, v in masses.items()}})

    def notice(self, sentence: str) -> None:
        self.notices[sentence] = None

    def repaired(self, code: str, mended: str) -> None:
        self.repairs[code] = mended

    def ask(self, key: str, text: str, choices: list[tuple[str, str]]) -> None:
        """One question a column: the first example stands for the others, counted."""
        question = self.questions.setdefault(key, {"key": key, "text": text, "choices": choices, "count": 0})
        question["count"] += 1

    def report(self) -> dict[str, Any]:
        self.flush()
        if self.repairs:
            code, mended = next(iter(self.repairs.items()))
            count = f"{len(self.repairs)} codes rétablis, par exemple" if len(self.repairs) > 1 else "rétabli\u00a0:"
            self.notice(
                f"Des codes avaient perdu leur zéro, gagné un signe ou un nom ({count} « {code} », lu « {mended} »)."
            )
        aside = [group | {"masses": {k: str(v) for k, v in group["masses"].items()}} for group in self.aside.values()]
        return {
            "rows": self.rows,
            "values": self.values,
            "years": sorted(self.years),
            "errors": self.errors,
            "error_count": self.error_count,
            "unknown": self.unknown,
            "unknown_count": self.unknown_count,
            "aside": aside,
            "units": self.units,
            "notices": list(self.notices),
            "questions": list(self.questions.values()),
        }
