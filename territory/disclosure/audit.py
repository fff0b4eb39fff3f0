"""The audit by linear programming: between which bounds does the public know each cell that it does not read?

The only module that knows scipy, which takes half a second to load: it is loaded when an audit runs.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from territory.disclosure.identities import Identity, Key, Table

CLOSE = 1e-6


@dataclass(frozen=True)
class Breach:
    """A hidden cell that the figures shown bound inside what must not be known."""

    key: Key
    low: float
    high: float


@dataclass(frozen=True)
class _Row:
    """An identity once what the public reads is put on the other side: only the unknowns are left."""

    factors: dict[Key, float]
    low: float
    high: float


def audit(table: Table, keys: Iterable[Key] | None = None) -> list[Breach]:
    """The breaches among ``keys``, all that is hidden when None."""
    hidden = {key for key in table.by_cell if table.is_hidden(key)}
    wanted = hidden if keys is None else hidden & set(keys)
    found = [_breach(table, key, rows) for key, rows in _systems(table, hidden, wanted)]
    return sorted((breach for breach in found if breach), key=lambda breach: breach.key)


def _breach(table: Table, key: Key, rows: list[_Row]) -> Breach | None:
    """Nothing is known of a cell that may be zero: what matters is first how low it can be."""
    cell = table.cells.get(key)
    if cell is None or not (cell.threshold or key in table.hidden):
        return None  # what is neither a count of people nor masked may be found
    bounds = _bounds(key, rows)
    if bounds is None:
        return None
    low, high = bounds
    if cell.threshold:
        is_known = low > CLOSE and high + CLOSE < cell.threshold
    else:
        is_known = low > CLOSE and high < 2 * low
    return Breach(key, low, high) if is_known else None


def _systems(table: Table, hidden: set[Key], wanted: set[Key]) -> Iterator[tuple[Key, list[_Row]]]:
    """Each wanted cell with the rows that reach it: cells that share no identity are not solved together."""
    seen: set[Key] = set()
    for start in sorted(wanted):
        if start in seen:
            continue
        members, rows, waiting = {start}, dict[int, _Row](), [start]
        while waiting:
            for identity in table.by_cell[waiting.pop()]:
                if id(identity) in rows or not table.is_told(identity):
                    continue
                rows[id(identity)] = _row(table, identity)
                news = {key for key in identity.factors if key in hidden} - members
                members |= news
                waiting += sorted(news)
        seen |= members
        yield from _alone_of_their_kind(list(rows.values()), members & wanted)


def _alone_of_their_kind(rows: list[_Row], wanted: set[Key]) -> Iterator[tuple[Key, list[_Row]]]:
    """Cells that enter the same identities in the same way can take each other's place, down to zero: they are safe, and
    one of them stands for all."""
    kinds: dict[tuple[tuple[int, float], ...], list[Key]] = defaultdict(list)
    columns: dict[Key, list[tuple[int, float]]] = defaultdict(list)
    for i, row in enumerate(rows):
        for key, factor in row.factors.items():
            columns[key].append((i, factor))
    for key in sorted(columns):
        kinds[tuple(columns[key])].append(key)
    kept = {keys[0] for keys in kinds.values()}
    small = [_Row({key: f for key, f in row.factors.items() if key in kept}, row.low, row.high) for row in rows]
    for keys in kinds.values():
        if len(keys) == 1 and keys[0] in wanted:
            yield keys[0], small


def _row(table: Table, identity: Identity) -> _Row:
    """What is shown as an interval (rounded by its producer) widens the bounds."""
    low = -inf if identity.low is None else float(identity.low)
    high = inf if identity.high is None else float(identity.high)
    factors = {}
    for key, factor in identity.factors.items():
        if table.is_hidden(key):
            factors[key] = float(factor)
            continue
        cell = table.cells[key]
        assert cell.low is not None
        assert cell.high is not None
        ends = sorted((float(factor * cell.low), float(factor * cell.high)))
        low, high = low - ends[1], high - ends[0]
    return _Row(factors, low, high)


def _bounds(key: Key, rows: Sequence[_Row]) -> tuple[float, float] | None:
    if not rows:
        return None
    if not _share_only(key, rows) and (together := _solved(key, rows)):
        return together
    # The rows have nothing else to say together, or they contradict one another: each is believed alone.
    alone = [bounds for row in rows if key in row.factors and (bounds := _alone(key, row))]
    return (max(low for low, _ in alone), min(high for _, high in alone)) if alone else None


def _share_only(key: Key, rows: Sequence[_Row]) -> bool:
    """True when the cell is in every row and nothing else is in two of them: no need then to load scipy."""
    others = [name for row in rows for name in row.factors if name != key]
    return all(key in row.factors for row in rows) and len(others) == len(set(others))


def _alone(key: Key, row: _Row) -> tuple[float, float] | None:
    """By hand: the others, none of which is negative, can take from nothing to everything."""
    factor = row.factors[key]
    others = [other for name, other in row.factors.items() if name != key]
    low, high = row.low, row.high
    if any(other > 0 for other in others):
        low = -inf
    if any(other < 0 for other in others):
        high = inf
    ends = sorted((low / factor, high / factor))
    return (max(ends[0], 0.0), ends[1]) if ends[1] >= -CLOSE else None


def _solved(key: Key, rows: Sequence[_Row]) -> tuple[float, float] | None:
    from scipy.optimize import linprog  # noqa: PLC0415

    names = sorted({name for row in rows for name in row.factors})
    place = {name: i for i, name in enumerate(names)}
    above, equal = _Sparse(place), _Sparse(place)
    for row in rows:
        if row.high - row.low < CLOSE:
            equal.add(row, 1.0, row.high)
            continue
        if row.high < inf:
            above.add(row, 1.0, row.high)
        if row.low > -inf:
            above.add(row, -1.0, -row.low)
    ends: list[float] = []
    for sign in (1.0, -1.0):
        if ends and ends[0] < CLOSE:
            return 0.0, inf  # it may be zero: how high it can be does not matter
        goal = [0.0] * len(names)
        goal[place[key]] = sign
        found = linprog(goal, above.matrix, above.sides or None, equal.matrix, equal.sides or None, method="highs")
        if found.status == 3:  # unbounded on that side
            ends.append(0.0 if sign > 0 else inf)
        elif found.status == 0:
            ends.append(sign * found.fun)
        else:
            return None
    return ends[0], ends[1]


class _Sparse:
    """Rows of a system, without the zeros: thousands of communes that share one total would not fit otherwise."""

    def __init__(self, place: dict[Key, int]) -> None:
        self.place = place
        self.numbers: list[float] = []
        self.columns: list[int] = []
        self.ends, self.sides = [0], list[float]()

    def add(self, row: _Row, sign: float, side: float) -> None:
        self.numbers += [sign * factor for factor in row.factors.values()]
        self.columns += [self.place[name] for name in row.factors]
        self.ends.append(len(self.columns))
        self.sides.append(side)

    @property
    def matrix(self) -> Any:
        from scipy.sparse import csr_matrix  # noqa: PLC0415

        shape = (len(self.sides), len(self.place))
        return csr_matrix((self.numbers, self.columns, self.ends), shape) if self.sides else None
