"""What a set was made of, change after change: the memberships of communes are dated."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from territory.models import Succession

LAST_KNOWN = date.max  # the composition that has no end: the last one known, without a clock
Span = tuple[date, date]
Made = list[tuple[Span, set[int]]]  # what a set was made of, from a day to another


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


def communes_of_communes() -> dict[int, set[int]]:
    """The communes made of others, or that others came out of, each with these. One that kept its place in the official code
    through the merge has two meanings, and says nothing."""
    found: dict[int, set[int]] = defaultdict(set)
    for kind, before, after in Succession.objects.order_by().values_list("kind", "before", "after"):
        if after is not None:
            whole, part = (after, before) if kind == Succession.Kind.MERGE else (before, after)
            found[whole].add(part)
    return {whole: parts for whole, parts in found.items() if whole not in parts}
