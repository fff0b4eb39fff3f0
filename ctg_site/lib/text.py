"""Text that people type in many ways, brought to one key."""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "oe", "Æ": "ae"})
_SEPARATORS = re.compile(r"[\W_]+")
_ABBREVIATIONS = {"st": "saint", "ste": "sainte"}


def without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def search_key(text: str) -> str:
    """« Saint-Estève », « ST ESTEVE » and « st-estève » are one: no accent, case, hyphen, apostrophe or abbreviation."""
    words = _SEPARATORS.sub(" ", without_accents(text).casefold()).split()
    return " ".join(_ABBREVIATIONS.get(word, word) for word in words)


def of_place(name: str) -> str:
    """« de Prades », « d’Eus », « du Soler », « des Masos »."""
    if name.startswith("Le "):
        return f"du {name[3:]}"
    if name.startswith("Les "):
        return f"des {name[4:]}"
    return f"d’{name}" if search_key(name)[:1] in "aeiouy" else f"de {name}"
