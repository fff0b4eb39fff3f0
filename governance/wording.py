"""What a contract words with care: the article before the name of a party, the lists inside a typed text."""

from dataclasses import dataclass

FEMININE = (
    "agglomération",
    "association",
    "caf",
    "caisse",
    "commune",
    "communauté",
    "métropole",
    "msa",
    "mutualité",
    "région",
    "ville",
)
MASCULINE = ("centre", "conseil", "département", "pôle", "sivom", "sivu", "syndicat")
KEPT = ("caf", "msa", "sivom", "sivu")  # acronyms keep their capitals
VOWELS = "aâeéèêiîoôuh"
DASHES = ("– ", "- ", "• ")


def is_masculine(name: str) -> bool:
    return _first_word(name) in MASCULINE


def with_article(name: str) -> str:
    """« la commune de Prades », « le syndicat … », « l’association … »; a name that is no common noun stays alone."""
    noun = _first_word(name)
    if noun not in FEMININE and noun not in MASCULINE:
        return name
    if noun not in KEPT:
        name = name[0].lower() + name[1:]
    if noun[0] in VOWELS:
        return f"l’{name}"
    return f"{'le' if noun in MASCULINE else 'la'} {name}"


def _first_word(name: str) -> str:
    return name.split(" ")[0].lower() if name else ""


@dataclass(frozen=True)
class Block:
    """A paragraph, or a list when ``items`` is given."""

    text: str = ""
    items: tuple[str, ...] = ()


def blocks(text: str) -> list[Block]:
    """Paragraphs parted by an empty line; lines that begin with a dash are the items of a list."""
    found: list[Block] = []
    for paragraph in text.split("\n\n"):
        lines = [line.strip() for line in paragraph.splitlines() if line.strip()]
        prose = [line for line in lines if not line.startswith(DASHES)]
        items = tuple(line[2:] for line in lines if line.startswith(DASHES))
        if prose:
            found.append(Block("\n".join(prose)))
        if items:
            found.append(Block(items=items))
    return found
