"""From several contributions to one finding: what the form proposes, that the group rewrites in its own words."""

from collections.abc import Iterable
from typing import Any

from diagnostic.models import Contribution, Finding

_KINDS = {
    Contribution.Kind.WORKS: Finding.Kind.STRENGTH,
    Contribution.Kind.MISSING: Finding.Kind.NEED,
    Contribution.Kind.IDEA: Finding.Kind.OPPORTUNITY,
}


def merged(contributions: Iterable[Contribution]) -> dict[str, Any]:
    """Their words one after the other, and the nature they have in common; nobody is quoted by name."""
    rows = list(contributions)
    kinds = {_KINDS.get(Contribution.Kind(row.kind)) for row in rows}
    proposed = {"contributions": [row.pk for row in rows], "text": "\n\n".join(row.text for row in rows)}
    common = kinds.pop() if len(kinds) == 1 else None
    return proposed | ({"kind": common} if common else {})
