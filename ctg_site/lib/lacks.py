"""What a step still lacks, as a page shows it: a sentence, and where to go to mend it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ShownLack:
    """``url`` is empty where this person cannot mend it."""

    text: str
    url: str = ""
