"""CSV that opens right in a French Excel: BOM, semicolons, decimal commas, and no cell that could run as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

CONTENT_TYPE = "text/csv; charset=utf-8"
BOM = "\ufeff"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | Decimal | None


def french_csv(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    out = io.StringIO(BOM)
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([[_written(cell) for cell in row] for row in rows])
    return out.getvalue().encode()


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
    text = format(Decimal(cell), "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")
