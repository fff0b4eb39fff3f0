"""Cells and what they owe each other: parts and their total, a ceiling, a published ratio as an interval."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

Key = tuple[int, int, int]  # indicator, territory, year


@dataclass(frozen=True, slots=True)
class Cell:
    """``low`` and ``high`` are what the public reads: equal where the figure is exact, both None where it is not shown.

    ``number`` is the truth, used only to choose what to mask; ``is_masked`` tells what is secret from what nobody counted.
    A cell that is not ``ours`` cannot be masked: it is published elsewhere. ``threshold`` is 0 for what is not a count: an
    amount must then not be known within a factor two.
    """

    key: Key
    number: Decimal | None
    low: Decimal | None
    high: Decimal | None
    threshold: int
    is_ours: bool = True
    is_masked: bool = False

    @property
    def is_shown(self) -> bool:
        return self.low is not None

    @property
    def is_exact(self) -> bool:
        return self.low is not None and self.low == self.high


@dataclass(frozen=True, slots=True, eq=False)
class Identity:
    """``low <= sum of factor x cell <= high``, None where there is no bound; known while ``told_by`` is shown."""

    factors: Mapping[Key, Decimal]
    low: Decimal | None
    high: Decimal | None
    told_by: Key | None = None

    @property
    def is_equality(self) -> bool:
        return self.low is not None and self.low == self.high


@dataclass
class Table:
    cells: dict[Key, Cell]
    identities: list[Identity] = field(default_factory=list)
    hidden: set[Key] = field(default_factory=set)

    def is_hidden(self, key: Key) -> bool:
        """What the public does not read, whether it is masked or was never known."""
        cell = self.cells.get(key)
        return cell is None or not cell.is_shown or key in self.hidden

    def least(self, key: Key) -> int:
        """A zero is written as such: people who are masked are one at least."""
        cell = self.cells.get(key)
        return 1 if cell and cell.threshold and cell.number and cell.number >= 1 and self.is_hidden(key) else 0

    def is_told(self, identity: Identity) -> bool:
        return identity.told_by is None or not self.is_hidden(identity.told_by)

    @cached_property
    def by_cell(self) -> dict[Key, list[Identity]]:
        found: dict[Key, list[Identity]] = defaultdict(list)
        for identity in self.identities:
            for key in identity.factors:
                found[key].append(identity)
        return found


ZERO, PLUS, MINUS = Decimal(0), Decimal(1), Decimal(-1)


def total_of(total: Key, parts: Iterable[Key]) -> Identity:
    return Identity(dict.fromkeys(parts, PLUS) | {total: MINUS}, ZERO, ZERO)


def at_most(part: Key, whole: Key) -> Identity:
    return Identity({part: PLUS, whole: MINUS}, None, ZERO)


def ratio(told_by: Key, above: Key, below: Key, number: Decimal, half: Decimal) -> list[Identity]:
    """A percentage published as ``number`` says that the true one is within ``half`` of it; « 0 % » only says at most."""
    least, most = number - half, number + half
    if most <= 0:
        return []  # no share of people is negative
    told = [Identity({above: Decimal(100), below: -most}, None, ZERO, told_by)]
    if least > 0:
        told.append(Identity({above: Decimal(100), below: -least}, ZERO, None, told_by))
    return told
