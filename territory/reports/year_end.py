"""The year-end view of the Caf: for each COF and year, what is due, what is late, what is above the forecast."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from territory.models import Caf, FundingAgreement, FundingLine, Payment

ZERO = Decimal(0)
State = FundingLine.State


@dataclass(frozen=True)
class Entry:
    """One COF in one year. An amount is None while it is not known; without a line, nobody has entered it yet."""

    agreement: FundingAgreement
    year: int
    has_lines: bool
    planned: Decimal | None
    actual: Decimal | None
    paid: Decimal
    advances: Decimal
    justified_on: date | None
    due_on: date
    on: date

    @property
    def entitled(self) -> Decimal | None:
        return self.planned if self.actual is None else self.actual

    @property
    def due(self) -> Decimal | None:
        """What remains to pay; negative: what was paid in excess (indu)."""
        return None if self.entitled is None else self.entitled - self.paid

    @property
    def above_forecast(self) -> Decimal | None:
        """The actual, or what is paid, beyond the forecast."""
        if self.planned is None:
            return None
        excess = max(self.actual or ZERO, self.paid) - self.planned
        return excess if excess > 0 else None

    @property
    def overpaid(self) -> Decimal | None:
        return -self.due if self.actual is not None and self.due is not None and self.due < 0 else None

    @property
    def days_late(self) -> int:
        """Since the day the papers were due; 0 once they are received."""
        return max((self.on - self.due_on).days, 0) if self.justified_on is None else 0


@dataclass(frozen=True)
class YearEnd:
    year: int
    on: date
    entries: list[Entry]

    @property
    def late(self) -> list[Entry]:
        return sorted((e for e in self.entries if e.days_late), key=lambda e: (e.due_on, e.agreement.pk))

    @property
    def to_pay(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.due is not None and entry.due > 0]

    @property
    def above(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.above_forecast is not None]

    @property
    def overpaid(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.overpaid is not None]

    @property
    def unpriced(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.entitled is None]

    @property
    def due_total(self) -> Decimal:
        return sum((entry.due for entry in self.to_pay if entry.due is not None), ZERO)


def year_end(caf: Caf, year: int, on: date) -> YearEnd:
    """Four queries, whatever the number of COF."""
    agreements = FundingAgreement.objects.filter(caf=caf, starts_on__year__lte=year, ends_on__year__gte=year)
    rows = list(agreements.for_list().order_by("payee__name", "reference", "pk"))
    amounts = _amounts(caf, year)
    paid = _paid(caf, year)
    justified = dict(agreements.filter(justifications__year=year).values_list("pk", "justifications__received_on"))
    entries = []
    for cof in rows:
        states = amounts.get(cof.pk, {})
        movements = paid.get(cof.pk, {})
        entries.append(
            Entry(
                agreement=cof,
                year=year,
                has_lines=bool(states),
                planned=states.get(State.UPDATED, states.get(State.PLANNED)),
                actual=states.get(State.ACTUAL),
                paid=sum(movements.values(), ZERO),
                advances=movements.get(Payment.Kind.ADVANCE, ZERO),
                justified_on=justified.get(cof.pk),
                due_on=cof.justification_due_on(year),
                on=on,
            )
        )
    return YearEnd(year, on, entries)


def _amounts(caf: Caf, year: int) -> dict[int, dict[str, Decimal | None]]:
    """By COF and state; one line à chiffrer makes the state unknown."""
    lines = FundingLine.objects.filter(caf=caf, year=year, agreement__isnull=False).order_by("pk")
    found: dict[int, dict[str, Decimal | None]] = defaultdict(dict)
    for cof, state, amount in lines.values_list("agreement_id", "state", "amount"):
        known = found[cof].get(state, ZERO)
        found[cof][state] = None if amount is None or known is None else known + amount
    return found


def _paid(caf: Caf, year: int) -> dict[int, dict[str, Decimal]]:
    movements = Payment.objects.filter(agreement__caf=caf, year=year).order_by().values("agreement_id", "kind")
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for row in movements.annotate(total=Sum("amount")).order_by("agreement_id", "kind"):
        found[row["agreement_id"]][row["kind"]] = row["total"]
    return found
