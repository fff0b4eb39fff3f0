"""When a file is read: Paris, Lyon and Marseille from their arrondissements, and the sums to compare with the level above."""

from collections import Counter
from decimal import Decimal
from typing import Any

from territory.imports.families import COMMUNE
from territory.imports.figures import Spot, Taker, department_of
from territory.imports.ledger import Known
from territory.imports.strings import Figure, shortest

OWN_ROW = (
    "Paris, Lyon ou Marseille ont leur propre ligne : leurs arrondissements ne s’y ajoutent pas, ils lui sont comparés."
)
SUMMED = "Les arrondissements de Paris, Lyon ou Marseille sont additionnés : la ville n’a pas de ligne à elle."
LEFT = "Arrondissements qui ne s’additionnent pas, ou incomplets"
MOST_TOTALS = 5000
NEARLY_ALL = 0.8  # of the communes of a département: a file of a few communes is compared with nothing


def close_districts(taker: Taker, source: str) -> list[dict[str, Any]]:
    """They make up their city only where it has no row of its own; else their sum is compared with that row."""
    sizes = Counter(taker.places.districts.values())
    rows = []
    for (city, code, year), figures in taker.districts.items():
        known, name = taker.indicators[code], taker.places.names[COMMUNE][city]
        total = _sum_of(figures, sizes[city]) if known.is_additive else None
        stated = _own_figure(taker, known, city, year)
        if stated is not None:
            taker.ledger.notice(OWN_ROW)
            if total is not None and stated:
                rows.append(_total(known.pk, year, f"{name}, par arrondissement", total, len(figures), 0, stated))
        elif total is None:
            taker.ledger.set_aside(LEFT, 0, f"{name}, {known.label} {year}", {})
        else:
            taker.store(known, Spot(COMMUNE, city), year, year, shortest(total), taker.plain_quality(source, year))
            taker.ledger.notice(SUMMED)
    return rows


def _own_figure(taker: Taker, known: Known, city: str, year: int) -> str | None:
    territory = taker.places.find(COMMUNE, city, year)
    if territory is None or not taker.ledger.slot(known.pk, year, year).has(territory):
        return None
    return taker.ledger.number_of(known.pk, territory, year)


def _sum_of(figures: dict[str, Figure], size: int) -> Decimal | None:
    if len(figures) < size or any(figure.number is None for figure in figures.values()):
        return None
    return sum((Decimal(figure.number or 0) for figure in figures.values()), Decimal(0))


def department_sums(taker: Taker) -> list[dict[str, Any]]:
    """The communes of each département where nearly all are there, with what the file itself states for it."""
    sizes = Counter(department_of(code) for code in taker.places.spans[COMMUNE])
    rows: list[dict[str, Any]] = []
    for (pk, year, _), slot in taker.ledger.slots.items():
        for department, (total, count, hidden) in slot.sums.items():
            if count >= sizes[department] * NEARLY_ALL and len(rows) < MOST_TOTALS:
                stated = slot.stated.get(department)
                rows.append(_total(pk, year, department, total, count, hidden, None if stated is None else str(stated)))
    return rows


def _total(
    indicator: int, year: int, place: str, total: Any, count: int, hidden: int, stated: str | None
) -> dict[str, Any]:
    row = {"indicator": indicator, "year": year, "place": place, "sum": str(total), "count": count}
    return row | {"hidden": hidden, "stated": stated}
