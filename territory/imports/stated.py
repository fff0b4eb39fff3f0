"""The sheet « Totaux annoncés »: what a document states, kept beside the sum of the lines."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.core.exceptions import ValidationError

from ctg_site.lib.conditions import check_row
from territory.exports.lines import TOTALS
from territory.imports.cells import Planned, SheetReader, changes_between
from territory.models import ControlTotal


class TotalReader(SheetReader):
    title = TOTALS
    fields: ClassVar[dict[str, str]] = {
        "Code du territoire": "territory",
        "Année": "year",
        "Dispositif": "scheme",
        "Montant annoncé (€)": "amount",
        "Précision": "rounding",
        "Source": "source",
    }
    required = ("Code du territoire", "Année", "Dispositif", "Montant annoncé (€)", "Source")

    def keep_all(self, rows: Iterator[tuple[int, dict[str, Any]]]) -> None:
        related = ControlTotal.objects.filter(caf=self.caf).select_related("territory", "scheme", "caf")
        existing = {_key(total): total for total in related.order_by("pk")}
        seen: set[tuple[Any, ...]] = set()
        for number, values in rows:
            total = ControlTotal(caf=self.caf, **{k: v for k, v in values.items() if v is not None})
            if _key(total) in seen:
                self.refuse(number, "Dispositif", "Ce total est déjà dans le fichier : gardez-en un.")
                continue
            seen.add(_key(total))
            self._compare(number, total, existing.get(_key(total)))

    def _compare(self, number: int, total: ControlTotal, known: ControlTotal | None) -> None:
        changes = changes_between(known, total, self.fields) if known else []
        before = known.amount if known else None
        if known is not None:
            if not changes:
                self.result.unchanged += 1
                return
            for name in self.fields.values():
                setattr(known, name, getattr(total, name))
            total = known
        try:
            check_row(total)
        except ValidationError as error:
            self.refuse_fields(number, error, "Dispositif")
        else:
            self.result.planned.append(Planned(self.title, number, total, changes, known is None, before))


def _key(total: ControlTotal) -> tuple[Any, ...]:
    return total.territory_id, total.year, total.scheme_id
