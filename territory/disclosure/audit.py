"""The audit by linear programming: between which bounds does the public know each cell that it does not read?

A solution clears every cell that it gives zero, or enough: a few dozen solutions do for the thousands of cells of a Caf.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from territory.disclosure.identities import Identity, Key, Table
from territory.disclosure.solver import CLOSE, Contradiction, End, Row, System, Unsolved

Ends = tuple[End, End]


@dataclass(frozen=True)
class Breach:
    """A hidden cell that the figures shown bound inside what must not be known; ``told`` says from which of them: in one
    sum or the other they have a weight, and to mask what has none would change nothing."""

    key: Key
    low: float
    high: float
    told: tuple[dict[Key, float], ...] = ()
    tellers: frozenset[Key] = frozenset()


def audit(table: Table, keys: Iterable[Key] | None = None) -> list[Breach]:
    """The breaches among ``keys``, all that is hidden when None: one set of cells that share identities after the other,
    nothing of one is kept for the next."""
    wanted = {key for key in (table.by_cell if keys is None else keys) if key in table.by_cell and table.is_hidden(key)}
    found = [breach for members, rows in _systems(table, wanted) for breach in _breaches(table, members, rows)]
    return sorted(found, key=lambda breach: breach.key)


def _breaches(table: Table, keys: list[Key], rows: list[Row]) -> Iterator[Breach]:
    """What is neither a count of people nor masked may be found."""
    guarded = {
        key: table.cells[key].threshold
        for key in keys
        if key in table.cells and (table.cells[key].threshold or key in table.hidden)
    }
    by_hand = {key for key in guarded if _share_only(key, rows)}
    bounds = {key: _by_hand(key, rows) for key in by_hand}
    if guarded.keys() - by_hand:
        bounds |= _solved(rows, {key: guarded[key] for key in guarded if key not in by_hand})
    for key, found in bounds.items():
        if found and _is_known(found[0].number, found[1].number, guarded[key]):
            told, tellers = zip(*(_told(end) for end in found), strict=True)
            yield Breach(key, found[0].number, found[1].number, told, frozenset().union(*tellers))


def _told(end: End) -> tuple[dict[Key, float], set[Key]]:
    """The weight of each cell in the sum of identities that tells this end, and the ratios that must be read for it."""
    weights: dict[Key, float] = defaultdict(float)
    tellers: set[Key] = set()
    for row, weight in end.proof:
        assert row.identity
        for key, factor in row.identity.factors.items():
            weights[key] += weight * float(factor)
        if row.identity.told_by:
            tellers.add(row.identity.told_by)
    return {key: weight for key, weight in weights.items() if abs(weight) > CLOSE}, tellers


def _is_known(low: float, high: float, threshold: int) -> bool:
    """Nothing is known of a cell that may be zero."""
    if low <= CLOSE:
        return False
    return high + CLOSE < threshold if threshold else high < 2 * low


def _systems(table: Table, wanted: set[Key]) -> Iterator[tuple[list[Key], list[Row]]]:
    """The wanted cells with the rows that reach them: cells that share no identity are not solved together."""
    seen: set[Key] = set()
    for start in sorted(wanted):
        if start in seen:
            continue
        members, rows, waiting = {start}, dict[int, Row](), [start]
        while waiting:
            for identity in table.by_cell[waiting.pop()]:
                if id(identity) in rows or not table.is_told(identity):
                    continue
                rows[id(identity)] = _row(table, identity)
                news = {key for key in identity.factors if table.is_hidden(key)} - members
                members |= news
                waiting += sorted(news)
        seen |= members
        yield _alone_of_their_kind(list(rows.values()), members & wanted)


def _alone_of_their_kind(rows: list[Row], wanted: set[Key]) -> tuple[list[Key], list[Row]]:
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
    small = [
        Row({key: f for key, f in row.factors.items() if key in kept}, row.low, row.high, row.identity) for row in rows
    ]
    return [keys[0] for keys in kinds.values() if len(keys) == 1 and keys[0] in wanted], small


def _row(table: Table, identity: Identity) -> Row:
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
    return Row(factors, low, high, identity)


def _share_only(key: Key, rows: Sequence[Row]) -> bool:
    """True when the cell is in every row and nothing else is in two of them: the rows then have nothing to say together."""
    if not all(key in row.factors for row in rows):
        return False
    others = [name for row in rows for name in row.factors if name != key]
    return len(others) == len(set(others))


def _by_hand(key: Key, rows: Sequence[Row]) -> Ends | None:
    """Each identity believed alone."""
    found = [ends for row in rows if key in row.factors and (ends := _alone(key, row))]
    if not found:
        return None
    return max((low for low, _ in found), key=_number), min((high for _, high in found), key=_number)


def _number(end: End) -> float:
    return end.number


def _alone(key: Key, row: Row) -> Ends | None:
    """The others, none of which is negative, can take from nothing to everything."""
    factor = row.factors[key]
    others = [other for name, other in row.factors.items() if name != key]
    low, high = row.low, row.high
    if any(other > 0 for other in others):
        low = -inf
    if any(other < 0 for other in others):
        high = inf
    least, most = sorted((low / factor, high / factor))
    proof = ((row, 1 / factor),)
    return (End(max(least, 0.0), proof), End(most, proof)) if most >= -CLOSE else None


def _solved(rows: Sequence[Row], thresholds: dict[Key, int]) -> dict[Key, Ends | None]:
    """The bounds of the cells that no solution clears; figures that contradict one another are believed one by one."""
    system = System(rows)
    found: dict[Key, Ends | None] = {}
    try:
        for key in _cleared_together(system, thresholds):
            if _is_known(*system.met(key), thresholds[key]):  # not cleared since, by a solution found for another
                found[key] = _ends(system, key, thresholds[key])
    except Contradiction:
        return {key: _by_hand(key, rows) for key in thresholds}
    return found


def _ends(system: System, key: Key, threshold: int) -> Ends | None:
    """None when the first end is enough to clear it."""
    try:
        low = system.low(key)
        return (low, system.high(key)) if _is_known(*system.met(key), threshold) else None
    except Unsolved:
        return _by_hand(key, system.rows)


def _cleared_together(system: System, thresholds: dict[Key, int]) -> list[Key]:
    """As many cells as can be are brought to nothing at once, then as many of the rest, until that clears no more."""
    left = list(thresholds)
    while left:
        try:
            system.fit(left)
        except Unsolved:
            return left
        still = [key for key in left if _is_known(*system.met(key), thresholds[key])]
        if len(still) == len(left):
            return left
        left = still
    return left
