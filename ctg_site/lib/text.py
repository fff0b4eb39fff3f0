"""Text that people type in many ways, brought to one key."""

import re
import unicodedata
from functools import lru_cache

LONG = 200  # no name is that long: such a text is not kept
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "oe", "Æ": "ae"})
_SEPARATORS = re.compile(r"[\W_]+")
_ABBREVIATIONS = {"st": "saint", "ste": "sainte"}

# How the names in « h » begin before which the official code writes « de », as in « de Honfleur »: before the others it is
# « d’ », as in « d’Hyères ».
_BEFORE_DE = """
    habs hach hada hae haged hagenb hagent haget hagni hagu haille haim halles ham- hamba hambe hamby hamele hames
    hamm hamo hamp han- hanau hand hanga hangen hangv hannap hannog hannon hans hanv happe harcy hardang hardinv
    harri hars hartm harv hary hatten hattm hatts hauba haudiv hauli haulm hausg haut- hautb haute- hautecl
    hautefage hautefont hautes- hauteville-la hauteville-sur-m hauti hautot-le hautot-sur-s hauts- hautt hauv hayb
    hech heck hecm hede heg heid heili heilles heim heit heiw helfr hellev hem- hemeve henans heng henon- henv
    herbit herbs herce heres hermes hermiv herpo herra herrl hesc hesi hessen hette heudicourt-sous heugu hib hierg
    hierm hiesv hii hilse hina hind hins hip hirsc hirsi hirt hit hoch hocquig hodenc hodeng hoed hoen hoer hof hoh
    holn holq holt hombo homma hommer hon- honda hondo honf hong hons horb horg horno hoste hot houdan- houdi houet
    houey hould houle houlg houll houpp houq hourc hourg houry houssen housset houville-e hoy hua huel hues hugl
    huille huir huisn humes huna hunds huni huns hurtig husse hut hyem hyet
"""
_ASPIRATED = tuple(start.replace("-", " ") for start in _BEFORE_DE.split())


def without_accents(text: str) -> str:
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def search_key(text: str) -> str:
    """« Saint-Estève », « ST ESTEVE » and « st-estève » are one: no accent, case, hyphen, apostrophe or abbreviation."""
    return _known_key(text) if len(text) < LONG else _key(text)


def _key(text: str) -> str:
    words = _SEPARATORS.sub(" ", without_accents(text).casefold()).split()
    return " ".join(_ABBREVIATIONS.get(word, word) for word in words)


_known_key = lru_cache(maxsize=8192)(_key)  # a heading is asked for eight times, a name once a year and a figure


def is_elided(name: str) -> bool:
    """« d’Eus », « d’Hyères », « d’Yvetot », and not « d’Honfleur »."""
    key = search_key(name)
    return key[:1] in tuple("aeiouy") or (key[:1] == "h" and not f"{key} ".startswith(_ASPIRATED))


def of_place(name: str) -> str:
    """« de Prades », « d’Eus », « du Soler », « des Masos »."""
    if name.startswith("Le "):
        return f"du {name[3:]}"
    if name.startswith("Les "):
        return f"des {name[4:]}"
    return f"d’{name}" if is_elided(name) else f"de {name}"


def at_place(name: str) -> str:
    """« à Prades », « au Soler », « aux Masos »."""
    if name.startswith("Le "):
        return f"au {name[3:]}"
    return f"aux {name[4:]}" if name.startswith("Les ") else f"à {name}"
