"""The audit by linear programming: between which bounds does the public know each cell that it does not read?

A solution clears every cell that it gives zero, or enough: a few dozen solutions do for the thousands of cells of a Caf.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf

from territory.disclosure.identities import Identity, Key, Table
from territory.disclosure.solver import CLOSE, Contradiction, End, Row, System, Unsolved, loosened

Ends = tuple[End, End]


@dataclass(frozen=True)
class Breach:
    """A hidden cell that the figures shown bound inside what must not be known; ``told`` says from which of them: in one
    sum or the other they have a weight, and to mask what has none would change nothing; ``proof`` is the identities added."""

    key: Key
    low: float
    high: float
    told: tuple[dict[Key, float], ...] = ()
    tellers: frozenset[Key] = frozenset()
    proof: tuple[Identity, ...] = ()


@dataclass(frozen=True)
class Guard:
    """What must not be known of a cell. Its unknown is what it holds beyond ``least``, which the public knows of it."""

    threshold: int
    least: int = 0

    def is_known(self, low: float, high: float) -> bool:
        """Nothing is known of a cell that may be zero."""
        if low <= CLOSE and not self.least:
            return False
        return high + self.least + CLOSE < self.threshold if self.threshold else high < 2 * low


def audit(table: Table, keys: Iterable[Key] | None = None, told: Collection[Identity] | None = None) -> list[Breach]:
    """The breaches among ``keys``, all that is hidden when None: one set of cells that share identities after the other,
    nothing of one is kept for the next. From the identities ``told`` alone when they are given: what they say is true, the
    others may say more."""
    wanted = {key for key in (table.by_cell if keys is None else keys) if key in table.by_cell and table.is_hidden(key)}
    within = None if told is None else {id(identity) for identity in told}
    found = [breach for members, rows in _systems(table, wanted, within) for breach in _breaches(table, members, rows)]
    return sorted(found, key=lambda breach: breach.key)


def _breaches(table: Table, keys: list[Key], rows: list[Row]) -> Iterator[Breach]:
    """What is neither a count of people nor masked may be found. Where no figure is read, any solution doubled is one more:
    nothing is found."""
    if not any(_reads_a_figure(table, row) for row in rows):
        return
    guarded = {
        key: Guard(table.cells[key].threshold, table.least(key))
        for key in keys
        if key in table.cells and (table.cells[key].threshold or key in table.hidden)
    }
    by_hand = {key for key in guarded if _share_only(key, rows)}
    bounds = {key: _by_hand(key, rows) for key in by_hand}
    others = {key: guarded[key] for key in guarded if key not in by_hand}
    if unclear := {key: others[key] for key in others.keys() - _cleared_without_cycle(rows, others)}:
        bounds |= _solved(rows, dict(sorted(unclear.items())))
    for key, found in bounds.items():
        if found and guarded[key].is_known(found[0].number, found[1].number):
            told, tellers = zip(*(_told(end) for end in found), strict=True)
            proof = tuple(row.identity for end in found for row, _ in end.proof if row.identity)
            least = guarded[key].least
            yield Breach(
                key, found[0].number + least, found[1].number + least, told, frozenset().union(*tellers), proof
            )


def _reads_a_figure(table: Table, row: Row) -> bool:
    assert row.identity
    shown = (table.cells[key] for key in row.identity.factors if not table.is_hidden(key))
    return bool(row.identity.low or row.identity.high or any(cell.low or cell.high for cell in shown))


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


def _systems(table: Table, wanted: set[Key], within: set[int] | None = None) -> Iterator[tuple[list[Key], list[Row]]]:
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
                if within is not None and id(identity) not in within:
                    continue
                rows[id(identity)] = _row(table, identity)
                news = {key for key in identity.factors if table.is_hidden(key)} - members
                members |= news
                waiting += sorted(news)
        seen |= members
        yield _alone_of_their_kind(table, list(rows.values()), members & wanted)


def _alone_of_their_kind(table: Table, rows: list[Row], wanted: set[Key]) -> tuple[list[Key], list[Row]]:
    """Cells that enter the same identities in the same way can take each other's place, down to the least of each: they are
    safe, but for what they may hold together, and one of them stands for all."""
    kinds: dict[tuple[tuple[int, float], ...], list[Key]] = defaultdict(list)
    columns: dict[Key, list[tuple[int, float]]] = defaultdict(list)
    for i, row in enumerate(rows):
        for key, factor in row.factors.items():
            columns[key].append((i, factor))
    for key in sorted(columns):
        kinds[tuple(columns[key])].append(key)
    kept, looked_at = set(), []
    for keys in kinds.values():
        masked = [key for key in keys if key in wanted and table.least(key)]
        one = masked[0] if masked else keys[0]
        kept.add(one)
        if masked or (len(keys) == 1 and one in wanted):
            looked_at.append(one)
    small = [
        Row({key: f for key, f in row.factors.items() if key in kept}, row.low, row.high, row.identity) for row in rows
    ]
    return looked_at, small


def _row(table: Table, identity: Identity) -> Row:
    """What is shown as an interval (rounded by its producer) widens the bounds."""
    low = -inf if identity.low is None else float(identity.low)
    high = inf if identity.high is None else float(identity.high)
    factors = {}
    for key, factor in identity.factors.items():
        if table.is_hidden(key):
            factors[key] = float(factor)
            if least := table.least(key):
                low, high = low - factors[key] * least, high - factors[key] * least
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


def _cleared_without_cycle(rows: Sequence[Row], guards: dict[Key, Guard]) -> set[Key]:
    """Where rows and cells make a tree, the bounds that each row gives to the others, told on until none moves, are those of
    the whole system: what they clear needs no solver, which is heavy to load. The cells all reach one another."""
    keys = {key for row in rows for key in row.factors}
    if not guards or sum(len(row.factors) for row in rows) != len(rows) + len(keys) - 1:
        return set()
    bounds = dict.fromkeys(keys, (0.0, inf))
    for _ in rows:
        before = dict(bounds)
        for row in rows:
            _tighten(row, bounds)
        if bounds == before:
            break
    if any(low > high + CLOSE for low, high in bounds.values()):
        return set()
    return {key for key, guard in guards.items() if not guard.is_known(*bounds[key])}


def _tighten(row: Row, bounds: dict[Key, tuple[float, float]]) -> None:
    for key, factor in row.factors.items():
        others = [sorted((f * bounds[name][0], f * bounds[name][1])) for name, f in row.factors.items() if name != key]
        least, most = row.low - sum(end for _, end in others), row.high - sum(start for start, _ in others)
        low, high = sorted((least / factor, most / factor))
        bounds[key] = max(bounds[key][0], low), min(bounds[key][1], high)


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


def _solved(rows: Sequence[Row], guards: dict[Key, Guard]) -> dict[Key, Ends | None]:
    """The bounds of the cells that no solution clears. Identities that figures contradict are believed one by one, the others
    together: one figure typed wrong must not leave a whole country to them."""
    with suppress(Contradiction):
        return _not_cleared(System(rows), guards)
    try:
        looser = loosened(rows)
        found = _not_cleared(System(looser), guards)
    except (Contradiction, Unsolved):
        return {key: _by_hand(key, near) for key, near in _reaching(guards, rows).items()}
    torn = [row for row, held in zip(rows, looser, strict=True) if held is not row]
    alone = {key: _by_hand(key, near) for key, near in _reaching(guards, torn).items()}
    return found | {
        key: ends for key, ends in alone.items() if ends and guards[key].is_known(ends[0].number, ends[1].number)
    }


def _not_cleared(system: System, guards: dict[Key, Guard]) -> dict[Key, Ends | None]:
    found: dict[Key, Ends | None] = {}
    for key in _cleared_together(system, guards):
        if guards[key].is_known(*system.met(key)):  # not cleared since, by a solution found for another
            found[key] = _ends(system, key, guards[key])
    return found


def _reaching(guards: dict[Key, Guard], rows: Iterable[Row]) -> dict[Key, list[Row]]:
    """The rows that each of these cells enters."""
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        for key in guards.keys() & row.factors.keys():
            found[key].append(row)
    return found


def _ends(system: System, key: Key, guard: Guard) -> Ends | None:
    """None when the first end is enough to clear it."""
    try:
        if guard.least:
            high = system.high(key)
            return (End(0.0), high) if guard.is_known(*system.met(key)) else None
        low = system.low(key)
        return (low, system.high(key)) if guard.is_known(*system.met(key)) else None
    except Unsolved:
        return _by_hand(key, system.rows)


def _cleared_together(system: System, guards: dict[Key, Guard]) -> list[Key]:
    """As many cells as can be are brought to nothing at once, those that are one at least being filled as much as they need;
    then as many of the rest, until that clears no more. What nobody counted and holds a cell that is one at least is never
    nothing, and to bring it there works against that cell: every other time it is filled too."""
    left, is_emptying, idle = list(guards), True, 0
    while left and idle < 2:
        empty = [key for key in left if not guards[key].least and (is_emptying or not guards[key].threshold)]
        fill = {key: float(guards[key].threshold - guards[key].least) for key in set(left).difference(empty)}
        try:
            system.fit(empty, dict(sorted(fill.items())))
        except Unsolved:
            return left
        still = [key for key in left if guards[key].is_known(*system.met(key))]
        idle = 0 if len(still) < len(left) else idle + 1
        left, is_emptying = still, not is_emptying
    return left
