"""A system of identities given to the solver: what one of its unknowns can be, or a whole set of figures that fits.

The only module that knows scipy, which takes half a second and 40 MB to load: it is loaded when a system is solved.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Any

from territory.disclosure.identities import Identity, Key

CLOSE = 1e-6
ROOM = 1e-4  # what was found to fit must still fit when the solver rounds otherwise
INFEASIBLE, UNBOUNDED = 2, 3  # as scipy numbers them


@dataclass(frozen=True)
class Row:
    """An identity once what the public reads is put on the other side: only the unknowns are left."""

    factors: dict[Key, float]
    low: float
    high: float
    identity: Identity | None = None


@dataclass(frozen=True)
class End:
    """What an unknown can be at least, or at most. ``proof`` is the rows that say so, each with its weight: their sum,
    weighted, is the unknown."""

    number: float
    proof: Sequence[tuple[Row, float]] = ()


class Contradiction(Exception):
    """No figures fit: those that are published contradict one another."""


class Unsolved(Exception):
    """The solver gave up, for want of precision."""


class System:
    """``least`` and ``most`` keep, of each unknown, the ends met in all the solutions found so far."""

    def __init__(self, rows: Sequence[Row]) -> None:
        names = sorted({name for row in rows for name in row.factors})
        self.place = {name: i for i, name in enumerate(names)}
        self.rows = rows
        self.least = [inf] * len(names)
        self.most = [-inf] * len(names)

    def fit(self, empty: Iterable[Key], fill: Mapping[Key, float]) -> None:
        """Figures that fit, with as little as can be in some cells together and as much as they need in the others."""
        goal = [0.0] * len(self.place)
        for key in empty:
            goal[self.place[key]] = 1.0
        self._solve(goal, {self.place[key]: need for key, need in fill.items()})

    def low(self, key: Key) -> End:
        return self._end(key, 1.0)

    def high(self, key: Key) -> End:
        return self._end(key, -1.0)

    def met(self, key: Key) -> tuple[float, float]:
        return self.least[self.place[key]], self.most[self.place[key]]

    def _end(self, key: Key, sign: float) -> End:
        goal = [0.0] * len(self.place)
        goal[self.place[key]] = sign
        found = self._solve(goal)
        return End(inf) if found is None else End(sign * float(found.fun), self._proof(found))

    def _proof(self, found: Any) -> list[tuple[Row, float]]:
        above, equal = self._sides
        weights: dict[int, float] = {}
        for side, marginals in ((above, found.ineqlin.marginals), (equal, found.eqlin.marginals)):
            for (i, sign), weight in zip(side.rows, marginals.tolist(), strict=True):
                if abs(weight) > CLOSE:
                    weights[i] = weights.get(i, 0.0) + sign * weight
        return [(self.rows[i], weight) for i, weight in weights.items()]

    def _solve(self, goal: list[float], fill: Mapping[int, float] | None = None) -> Any:
        """None when it has no end on that side."""
        found = self._ask(goal, fill or {})
        if found.status == INFEASIBLE:  # what its presolve says of some unknowns that have no end
            found = self._ask(goal, fill or {}, presolve=False)
        if found.status == UNBOUNDED:
            return None
        if found.status:
            raise Contradiction if found.status == INFEASIBLE else Unsolved
        numbers = found.x.tolist()[: len(goal)]
        self.least = [min(pair) for pair in zip(self.least, numbers, strict=True)]
        self.most = [max(pair) for pair in zip(self.most, numbers, strict=True)]
        return found

    def _ask(self, goal: list[float], fill: Mapping[int, float], **options: bool) -> Any:
        """An unknown to fill has another beside it, its part that counts: no more than itself, nor than the need."""
        from scipy.optimize import linprog  # noqa: PLC0415

        above, equal = self._sides
        if not fill:
            return linprog(
                goal, above.matrix, above.limits, equal.matrix, equal.limits, method="highs", options=options
            )
        more = len(fill)
        counted = self._counted(list(fill), len(goal))
        limits = [*(above.limits or []), *[0.0] * more]
        bounds = [*[(0.0, None)] * len(goal), *((0.0, need) for need in fill.values())]
        return linprog(
            [*goal, *[-1.0] * more],
            _stacked(_widened(above.matrix, more), counted),
            limits,
            _widened(equal.matrix, more),
            equal.limits,
            bounds,
            method="highs",
            options=options,
        )

    def _counted(self, places: list[int], width: int) -> Any:
        from scipy.sparse import csr_matrix  # noqa: PLC0415

        numbers, rows, columns = [], [], []
        for i, place in enumerate(places):
            numbers += [1.0, -1.0]
            rows += [i, i]
            columns += [width + i, place]
        return csr_matrix((numbers, (rows, columns)), (len(places), width + len(places)))

    @cached_property
    def _sides(self) -> "tuple[_Sparse, _Sparse]":
        above, equal = _Sparse(self.place), _Sparse(self.place)
        for i, row in enumerate(self.rows):
            if row.high - row.low < CLOSE:
                equal.add(i, row, 1.0, row.high)
                continue
            if row.high < inf:
                above.add(i, row, 1.0, row.high)
            if row.low > -inf:
                above.add(i, row, -1.0, -row.low)
        return above, equal


def loosened(rows: Sequence[Row]) -> list[Row]:
    """Rows that contradict one another, held as loosely as it takes for some figures to fit them, and no more."""
    spare = [((-1, i, 0), (-2, i, 0)) for i in range(len(rows))]  # no figure has such a key
    elastic = [
        Row({**row.factors, more: 1.0, less: -1.0}, row.low, row.high)
        for row, (more, less) in zip(rows, spare, strict=True)
    ]
    system = System(elastic)
    system.fit([key for pair in spare for key in pair], {})
    return [_held_within(row, *(system.met(key)[0] for key in pair)) for row, pair in zip(rows, spare, strict=True)]


def _held_within(row: Row, more: float, less: float) -> Row:
    if max(more, less) < CLOSE:
        return row
    return Row(row.factors, row.low - more - ROOM, row.high + less + ROOM, row.identity)


class _Sparse:
    """Rows without their zeros: thousands of communes that share one total would not fit otherwise."""

    def __init__(self, place: dict[Key, int]) -> None:
        self.place = place
        self.rows: list[tuple[int, float]] = []
        self.numbers: list[float] = []
        self.columns: list[int] = []
        self.ends = [0]
        self.sides: list[float] = []

    def add(self, i: int, row: Row, sign: float, side: float) -> None:
        self.rows.append((i, sign))
        self.numbers += [sign * factor for factor in row.factors.values()]
        self.columns += [self.place[name] for name in row.factors]
        self.ends.append(len(self.columns))
        self.sides.append(side)

    @property
    def limits(self) -> list[float] | None:
        return self.sides or None

    @cached_property
    def matrix(self) -> Any:
        from scipy.sparse import csr_matrix  # noqa: PLC0415

        if not self.sides:
            return None
        return csr_matrix((self.numbers, self.columns, self.ends), (len(self.sides), len(self.place)))


def _widened(matrix: Any, more: int) -> Any:
    from scipy.sparse import csr_matrix  # noqa: PLC0415

    if matrix is None:
        return None
    return csr_matrix((matrix.data, matrix.indices, matrix.indptr), (matrix.shape[0], matrix.shape[1] + more))


def _stacked(matrix: Any, below: Any) -> Any:
    from scipy.sparse import vstack  # noqa: PLC0415

    return below if matrix is None else vstack([matrix, below], format="csr")
