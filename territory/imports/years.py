"""Which year a figure is of: said by its row, by its column, by the name of the file, or else asked."""

import re
from typing import Any

from ctg_site.lib.text import search_key
from territory.imports.ledger import Ledger
from territory.possible import is_to_come

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_MONTH = re.compile(r"(?:19|20)\d{2}-?(0[1-9]|1[0-2])|(?<!\d)(\d{1,2})[/.](?:19|20)\d{2}")
_OTHER_MONTH = re.compile(r"\b(jan|fev|mars|avr|mai|jui|aou|sep|oct|nov|t[123]|q[123]|s1)")


def year_in(text: str) -> int | None:
    found = _YEAR.search(text) or _YEAR.search(text[:4])
    return int(found.group()) if found else None


def is_december(text: str) -> bool:
    """True too when only the year is given, or a period that ends with it."""
    month = _MONTH.search(text)
    if month is None and _OTHER_MONTH.search(search_key(text)):
        return False
    return month is None or int(month.group(1) or month.group(2)) == 12


class FileYear:
    """For files whose rows and columns do not say; one question, asked once."""

    def __init__(self, catalogue: dict[str, Any], ledger: Ledger) -> None:
        self.ledger = ledger
        self.latest: int = catalogue["latest"]
        named = {int(year) for year in _YEAR.findall(catalogue["name"])}
        self.proposed = sorted(year for year in named if not is_to_come(year, self.latest))
        self.given: int | None = catalogue["year"]
        self.answer: str = catalogue["answers"].get("year", "")

    def is_wrong(self, year: int) -> bool:
        return is_to_come(year, self.latest)

    @property
    def expected(self) -> str:
        return f"une année déjà commencée, {self.latest} au plus tard"

    def get(self) -> int | None:
        if self.given:
            return self.given
        if len(self.proposed) == 1:
            self.ledger.notice(f"Année {self.proposed[0]} : lue dans le nom du fichier.")
            return self.proposed[0]
        choices = [(str(year), str(year)) for year in self.proposed or range(self.latest, 2008, -1)]
        self.ledger.ask("year", "Le fichier ne dit pas de quelle année sont ses chiffres. Laquelle ?", choices)
        return int(self.answer) if self.answer.isdigit() else None
