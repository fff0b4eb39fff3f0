"""The numbers that tell apart what tests make: how many were given before depends on what else the same process ran.

All as long as one another: none begins another, and the order of their digits is theirs.
"""

from collections.abc import Iterator
from itertools import count

FIRST = 10_001


def numbers() -> Iterator[int]:
    return count(FIRST)


def code_of_nowhere(n: int) -> str:
    """Of a commune: no département has nine hundred of them, nor does a test write such a code itself."""
    return f"{n // 100:02d}9{n % 100:02d}"
