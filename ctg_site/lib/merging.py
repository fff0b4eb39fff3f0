"""Two people wrote on the same text: what each changed since the version both started from, and one text with it all."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

Tokens = list[str]

_WORDS = re.compile(r"\n|[^\s]+[^\S\n]*|[^\S\n]+")  # a word keeps the space after it
BOTH = " / "


@dataclass(frozen=True)
class Merge:
    """``is_clean`` when the two never touched the same words; otherwise both wordings stand side by side in ``text``."""

    text: str
    is_clean: bool


@dataclass(frozen=True)
class Piece:
    """A run of words, ``same`` in the two texts, ``removed`` from the first or ``added`` in the second."""

    kind: str
    text: str


def merge(base: str, mine: str, theirs: str) -> Merge:
    """By line first; inside the lines that both changed, by word; the words that both changed are kept from both."""
    return _merge(base, mine, theirs, [_lines, _words])


def differences(before: str, after: str) -> list[Piece]:
    """What changed from one text to the other, word by word."""
    old, new = _words(before), _words(after)
    pieces: list[Piece] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(old[old_from:old_to])))
            continue
        if old_to > old_from:
            pieces.append(Piece("removed", "".join(old[old_from:old_to])))
        if new_to > new_from:
            pieces.append(Piece("added", "".join(new[new_from:new_to])))
    return pieces


def _merge(base: str, mine: str, theirs: str, splits: list[Callable[[str], Tokens]]) -> Merge:
    if mine == theirs or theirs == base:
        return Merge(mine, True)
    if mine == base:
        return Merge(theirs, True)
    if not splits:
        return Merge(_side_by_side(theirs, mine), False)
    split, *finer = splits
    parts = [_merge(*chunk, finer) for chunk in _chunks(split(base), split(mine), split(theirs))]
    return Merge("".join(part.text for part in parts), all(part.is_clean for part in parts))


def _side_by_side(theirs: str, mine: str) -> str:
    if not theirs.strip() or not mine.strip():
        return theirs + mine  # one removed what the other rewrote: the words stay, to be removed knowingly
    tail = theirs[len(theirs.rstrip()) :]
    return f"{theirs.rstrip()}{BOTH}{mine.rstrip()}{tail}"


def _chunks(base: Tokens, mine: Tokens, theirs: Tokens) -> Iterator[tuple[str, str, str]]:
    """The three texts cut at what all three share, in order."""
    at_base = at_mine = at_theirs = 0
    for in_base, in_mine, in_theirs, size in [*_shared(base, mine, theirs), (len(base), len(mine), len(theirs), 0)]:
        yield (
            "".join(base[at_base:in_base]),
            "".join(mine[at_mine:in_mine]),
            "".join(theirs[at_theirs:in_theirs]),
        )
        same = "".join(base[in_base : in_base + size])
        yield same, same, same
        at_base, at_mine, at_theirs = in_base + size, in_mine + size, in_theirs + size


def _shared(base: Tokens, mine: Tokens, theirs: Tokens) -> Iterator[tuple[int, int, int, int]]:
    """Runs of the base that both kept: where they are in the base, in mine, in theirs, and their length."""
    kept_by_me = SequenceMatcher(None, base, mine).get_matching_blocks()
    kept_by_them = SequenceMatcher(None, base, theirs).get_matching_blocks()
    for me in kept_by_me:
        for them in kept_by_them:
            start, end = max(me.a, them.a), min(me.a + me.size, them.a + them.size)
            if start < end:
                yield start, me.b + start - me.a, them.b + start - them.a, end - start


def _lines(text: str) -> Tokens:
    return text.splitlines(keepends=True)


def _words(text: str) -> Tokens:
    return _WORDS.findall(text)
