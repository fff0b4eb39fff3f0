"""The sheet « Lignes »: funding lines, completed by their equipment and priced on their cost when they give one."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.core.exceptions import ValidationError

from ctg_site.lib.errors import RuleBroken
from territory.exports.lines import LINES
from territory.imports.cells import Planned, SheetReader, changes_between
from territory.models import FundingLine
from territory.rates import RateBook
from territory.services.funding import AS_KNOWN, Perimeters, check_funding_line, complete_line

Key = tuple[Any, ...]
READ = {"caf", "territory", "facility", "service", "scheme", "payee", "agreement"}  # rows that were read from the base


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
        self.rates: RateBook | None = None
        self.existing, self.perimeters = self._existing(), Perimeters()
        self.seen: dict[Key, int] = {}
        for number, values in rows:
            self._keep(number, values)

    def _existing(self) -> dict[Key, FundingLine]:
        related = FundingLine.objects.filter(caf=self.caf).select_related(
            "territory", "facility__manager", "service", "scheme", "payee", "agreement", "caf"
        )
        return {_key(line): line for line in related.order_by("pk")}

    def _keep(self, number: int, values: dict[str, Any]) -> None:
        line = FundingLine(caf=self.caf, **{k: v for k, v in values.items() if v is not None})
        if line.facility is None and line.service_id is None:
            return self.refuse(number, "Nature", "Donnez la nature du service, ou le code de l’équipement.")
        if line.unit_cost is not None and self.rates is None:
            self.rates = RateBook.of(self.known.all("scheme").values())
        try:
            complete_line(line, self.rates)
        except RuleBroken as error:
            return self.refuse(number, "Montant (€)", str(error))
        if not line.label:
            return self.refuse(number, "Objet", "Donnez l’objet de la ligne.")
        key = _key(line)
        if key in self.seen:
            say = f"Cette ligne est déjà dans le fichier, rang {self.seen[key]} : gardez-en une."
            return self.refuse(number, "Objet", say)
        self.seen[key] = number
        return self._compare(number, line, self.existing.get(key))

    def _compare(self, number: int, line: FundingLine, known: FundingLine | None) -> None:
        changes: list[tuple[str, str, str]] = []
        if known is not None:
            changes = changes_between(known, line, self.fields)
            if not changes:
                self.result.unchanged += 1
                return
            line = _taken(known, line, self.fields.values())
        try:
            check_funding_line(line, on=AS_KNOWN, perimeters=self.perimeters)
            line.clean_fields(exclude=READ)
            line.validate_constraints(exclude=READ)  # its key is alone: the file and the register were compared
        except RuleBroken as error:
            self.refuse(number, "Objet", " ".join([str(error), *error.missing]))
        except ValidationError as error:
            self.refuse_fields(number, error.message_dict, "Objet")
        else:
            self.result.planned.append(Planned(self.title, number, line, changes, is_new=known is None))


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
