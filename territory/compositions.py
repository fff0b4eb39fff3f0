"""What a set was made of, change after change: the memberships of communes are dated."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

LAST_KNOWN = date.max  # the composition that has no end: the last one known, without a clock
Span = tuple[date, date]


def compositions(members: Sequence[tuple[int, date, date]]) -> Iterator[tuple[Span, set[int]]]:
    """From (commune, first day, last day). The first composition known stands for what came before; an EPCI that is no more
    has none."""
    day = timedelta(days=1)
    starts = {start for _, start, _ in members} | {end + day for *_, end in members if end != LAST_KNOWN}
    changes = sorted(starts)
    for i, start in enumerate(changes):
        inside = {commune for commune, first, last in members if first <= start <= last}
        until = changes[i + 1] - day if i + 1 < len(changes) else LAST_KNOWN
        if inside:
            yield (start if i else date.min, until), inside
