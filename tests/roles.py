"""docs/roles.md, the table role × gesture, as the tests read it."""

from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "roles.md"

YES, NO, HIDDEN, LOGIN = "oui", "non", "—", "compte"


@dataclass(frozen=True)
class Gesture:
    """One row: a page or a POST, on a Ctg in preparation or signed, and what each actor gets."""

    label: str
    method: str
    page: str
    ctg: str
    cells: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.page}"


def gestures() -> list[Gesture]:
    rows = [_cells(line) for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    head = next(row for row in rows if row[0] == "Geste")
    found = []
    for row in rows:
        if len(row) == len(head) and row != head and not set(row[0]) <= {"-", ":", " "}:
            method, page = row[1].strip("`").split()
            found.append(Gesture(row[0], method, page, row[2], dict(zip(head[3:], row[3:], strict=True))))
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
