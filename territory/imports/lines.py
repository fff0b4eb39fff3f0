"""The sheet « Lignes »: funding lines, completed by their equipment and priced on their cost when they give one."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.core.exceptions import ValidationError

from ctg_site.lib.conditions import check_row
from ctg_site.lib.errors import RuleBroken
from territory.exports.lines import LINES
from territory.imports.cells import Planned, SheetReader, changes_between
from territory.models import FundingLine
from territory.rates import RateBook
from territory.services.funding import AS_KNOWN, check_funding_line, complete_line
from territory.surroundings import Surroundings

Key = tuple[Any, ...]


class LineReader(SheetReader):
    title = LINES
    fields: ClassVar[dict[str, str]] = {
        "Code du territoire": "territory",
        "Année": "year",
        "Rattachement": "period",
        "Code équipement": "facility",
        "Nature": "service",
        "Objet": "label",
        "Dispositif": "scheme",
        "État": "state",
        "Section": "nature",
        "Versé à": "payee",
        "Convention": "agreement",
        "Quantité": "quantity",
        "Unité": "unit",
        "Montant (€)": "amount",
        "Précision": "rounding",
        "Source": "source",
        "Coût par unité (€)": "unit_cost",
        "Taux de facturation (%)": "billing",
        "Participation des familles (€ par unité)": "family_share",
        "Taux de régime général (%)": "general_scheme",
    }
    required = ("Code du territoire", "Année", "Dispositif", "État", "Source")
    optional = (
        "Coût par unité (€)",
        "Taux de facturation (%)",
        "Participation des familles (€ par unité)",
        "Taux de régime général (%)",
    )
    defaults: ClassVar[dict[str, Any]] = {"unit": "", "label": ""}

    def keep_all(self, rows: Iterator[tuple[int, dict[str, Any]]]) -> None:
        """All are read before one is compared: what they are checked against is asked once for all of them."""
        self.rates: RateBook | None = None
        self.seen: dict[Key, int] = {}
        made = [(number, line) for number, values in rows if (line := self._line_of(number, values))]
        lines = [line for _, line in made]
        around, existing = Surroundings(lines), self._existing(lines)
        for done, (number, line) in enumerate(made, start=1):
            self._compare(number, line, existing.get(_key(line)), around)
            self.tell(done, len(made))

    def _existing(self, lines: list[FundingLine]) -> dict[Key, FundingLine]:
        known = FundingLine.objects.filter(caf=self.caf, year__in={line.year for line in lines})
        related = known.select_related(
            "territory", "facility__manager", "service", "scheme", "payee", "agreement", "caf"
        )
        return {_key(line): line for line in related.order_by("pk")}

    def _line_of(self, number: int, values: dict[str, Any]) -> FundingLine | None:
        """The line of a row, completed; None once something is refused."""
        line = FundingLine(caf=self.caf, **{k: v for k, v in values.items() if v is not None})
        heading, refusal = self._completed(line)
        first = number if refusal else self.seen.setdefault(_key(line), number)
        if first != number:
            heading, refusal = "Objet", f"Cette ligne est déjà dans le fichier, rang {first} : gardez-en une."
        if refusal:
            self.refuse(number, heading, refusal)
        return None if refusal else line

    def _completed(self, line: FundingLine) -> tuple[str, str]:
        """What its equipment and the rates say; the heading and the words of what they refuse."""
        if line.facility is None and line.service_id is None:
            return "Nature", "Donnez la nature du service, ou le code de l’équipement."
        if line.unit_cost is not None and self.rates is None:
            self.rates = RateBook.of(self.known.all("scheme").values())
        try:
            complete_line(line, self.rates)
        except RuleBroken as error:
            return "Montant (€)", str(error)
        return ("", "") if line.label else ("Objet", "Donnez l’objet de la ligne.")

    def _compare(self, number: int, line: FundingLine, known: FundingLine | None, around: Surroundings) -> None:
        changes: list[tuple[str, str, str]] = []
        before, paid_to = (known.amount, known.payee_id) if known else (None, None)
        if known is not None:
            changes = changes_between(known, line, self.fields)
            if not changes:
                self.result.unchanged += 1
                return
            line = _taken(known, line, self.fields.values())
        try:
            check_funding_line(line, around, on=AS_KNOWN, paid_to=paid_to)
            check_row(line)  # its key is alone: the file and the register were compared
        except RuleBroken as error:
            self.refuse(number, "Objet", " ".join([str(error), *error.missing]))
        except ValidationError as error:
            self.refuse_fields(number, error, "Objet")
        else:
            self.result.planned.append(Planned(self.title, number, line, changes, known is None, before))


def _taken(known: FundingLine, line: FundingLine, names: Any) -> FundingLine:
    """The known line with the values of the file; an amount that was computed brings its explanation."""
    if known.amount != line.amount:
        known.explanation = line.explanation
    for name in names:
        setattr(known, name, getattr(line, name))
    return known


def _key(line: FundingLine) -> Key:
    """What makes a line unique, as the database has it."""
    same = (line.year, line.scheme_id, line.state, line.nature)
    if line.facility_id:
        return (line.facility_id, *same)
    return (line.territory_id, line.service_id, line.label, *same)
