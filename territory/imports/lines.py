"""Lines from a workbook: read, shown cell by cell, then applied whole or not at all."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib import numbers
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.text import search_key
from territory.exports.lines import LINE_COLUMNS, LINES
from territory.imports.sheet import read_sheet
from territory.models import (
    Caf,
    Facility,
    FundingAgreement,
    FundingImport,
    FundingLine,
    Organisation,
    Rounding,
    Scheme,
    ServiceKind,
    Territory,
)
from territory.services import save_funding_lines
from territory.services.funding import AS_KNOWN, check_funding_line, complete_from_facility

HEADINGS = list(LINE_COLUMNS)
FIELDS = {
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
}
REQUIRED = ("Code du territoire", "Année", "Dispositif", "État", "Source")
UNPRICED = {"", "a chiffrer"}


@dataclass(frozen=True)
class CellError:
    """« F12 » : where, in which column, what to do."""

    cell: str
    heading: str
    text: str


@dataclass(frozen=True)
class Planned:
    """One row of the file: the line it makes, or what it changes in the one that exists."""

    row: int
    line: FundingLine
    changes: list[tuple[str, str, str]]

    @property
    def is_new(self) -> bool:
        return self.line.pk is None


@dataclass
class Plan:
    planned: list[Planned] = field(default_factory=list)
    unchanged: int = 0
    errors: list[CellError] = field(default_factory=list)

    @property
    def added(self) -> list[Planned]:
        return [item for item in self.planned if item.is_new]

    @property
    def changed(self) -> list[Planned]:
        return [item for item in self.planned if not item.is_new]


def receive_import(caf: Caf, *, name: str, content: bytes, by: User | None) -> FundingImport:
    """Kept as it came once it can be read; nothing is applied yet."""
    read_sheet(content, LINES)
    sent = FundingImport.objects.create(
        caf=caf, name=name[:200], content=content, sha256=hashlib.sha256(content).hexdigest(), created_by=by
    )
    record(by, "funding.import_received", sent, caf_code=caf.code, sha256=sent.sha256)
    return sent


def plan_import(sent: FundingImport) -> Plan:
    """What applying the file would do, with every refusal at its cell. Writes nothing."""
    rows = read_sheet(bytes(sent.content), LINES)
    return _Reader(sent.caf, rows).plan()


@transaction.atomic
def apply_import(sent: FundingImport, *, by: User | None, at: datetime) -> FundingImport:
    sent = FundingImport.objects.select_for_update(of=("self",)).select_related("caf").get(pk=sent.pk)
    if sent.applied_at:
        raise RuleBroken("Ce fichier est déjà appliqué.")
    plan = plan_import(sent)
    if plan.errors:
        raise RuleBroken("Corrigez d’abord les cellules refusées : rien n’a été écrit.")
    sent.applied_at, sent.added, sent.changed = at, len(plan.added), len(plan.changed)
    save_funding_lines([item.line for item in plan.planned], by=by)
    sent.save(update_fields=["applied_at", "added", "changed"])
    record(by, "funding.import_applied", sent, caf_code=sent.caf.code, added=sent.added, changed=sent.changed)
    return sent


class _Reader:
    """The rows of one file against what the Caf already has: a number of queries that does not grow with the rows read."""

    def __init__(self, caf: Caf, rows: list[list[str]]) -> None:
        self.caf = caf
        self.heading = [search_key(cell or "") for cell in rows[0]] if rows else []
        self.rows = rows[1:]
        self.result = Plan()
        self.known: dict[str, dict[str, Any]] = {
            "territory": {t.code.lower(): t for t in Territory.objects.filter(models.Q(caf=None) | models.Q(caf=caf))},
            "facility": {f.code.lower(): f for f in _facilities(caf)},
            "service": _by_name(ServiceKind.objects.select_related("successor")),
            "scheme": _by_name(Scheme.objects.all()),
            "payee": {search_key(o.name): o for o in Organisation.objects.filter(caf=caf)},
            "agreement": {a.reference.lower(): a for a in _agreements(caf)},
        }

    def plan(self) -> Plan:
        absent = [heading for heading in FIELDS if search_key(heading) not in self.heading]
        if absent:
            self.result.errors.append(
                CellError(
                    "1", ", ".join(absent), "Ces colonnes manquent : partez du modèle, sans changer sa première ligne."
                )
            )
            return self.result
        existing = self._existing()
        seen: dict[tuple[Any, ...], int] = {}
        for number, cells in enumerate(self.rows, start=2):
            if not any(cells):
                continue
            before = len(self.result.errors)
            values = self._values(number, cells)
            if len(self.result.errors) == before:
                self._keep(number, values, existing, seen)
        return self.result

    def _existing(self) -> dict[tuple[Any, ...], FundingLine]:
        lines = FundingLine.objects.filter(caf=self.caf)
        related = lines.select_related(
            "territory", "facility__manager", "service", "scheme", "payee", "agreement", "caf"
        )
        return {_key(line): line for line in related.order_by("pk")}

    def _values(self, number: int, cells: list[str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for heading, name in FIELDS.items():
            column = self.heading.index(search_key(heading))
            text = (cells[column] if column < len(cells) else None) or ""
            try:
                values[name] = self._value(heading, name, text.strip())
            except ValueError as error:
                self.result.errors.append(CellError(f"{_letters(column)}{number}", heading, str(error)))
        return values

    def _value(self, heading: str, name: str, text: str) -> Any:
        if not text:
            if heading in REQUIRED:
                raise ValueError("Cette cellule est obligatoire.")
            return _DEFAULTS.get(name)
        if name in self.known:
            return self._found(name, text)
        read = _READERS.get(name)
        return read(text) if read else text

    def _found(self, name: str, text: str) -> Any:
        known = self.known[name]
        found = known.get(text.lower()) or known.get(search_key(text))
        if found is None:
            raise ValueError(f"« {text} » est inconnu{_WHERE[name]}.")
        return found

    def _keep(
        self,
        number: int,
        values: dict[str, Any],
        existing: dict[tuple[Any, ...], FundingLine],
        seen: dict[tuple[Any, ...], int],
    ) -> None:
        line = FundingLine(caf=self.caf, **{k: v for k, v in values.items() if v is not None or k == "amount"})
        if line.facility is None and line.service_id is None:
            return self._refuse(number, "Nature", "Donnez la nature du service, ou le code de l’équipement.")
        complete_from_facility(line)
        if not line.label:
            return self._refuse(number, "Objet", "Donnez l’objet de la ligne.")
        key = _key(line)
        if key in seen:
            return self._refuse(
                number, "Objet", f"Cette ligne est déjà dans le fichier, rang {seen[key]} : gardez-en une."
            )
        seen[key] = number
        return self._compare(number, line, existing.get(key))

    def _compare(self, number: int, line: FundingLine, known: FundingLine | None) -> None:
        changes: list[tuple[str, str, str]] = []
        if known is not None:
            changes = _changes(known, line)
            if not changes:
                self.result.unchanged += 1
                return
            for name in FIELDS.values():
                setattr(known, name, getattr(line, name))
            line = known
        try:
            check_funding_line(line, on=AS_KNOWN)
            line.full_clean()
        except RuleBroken as error:
            self._refuse(number, "Objet", " ".join([str(error), *error.missing]))
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                heading = next((h for h, f in FIELDS.items() if f == name), "Objet")
                self._refuse(number, heading, " ".join(messages))
        else:
            self.result.planned.append(Planned(number, line, changes))

    def _refuse(self, number: int, heading: str, text: str) -> None:
        cell = f"{_letters(self.heading.index(search_key(heading)))}{number}"
        self.result.errors.append(CellError(cell, heading, text))


def _facilities(caf: Caf) -> models.QuerySet[Facility]:
    return Facility.objects.filter(caf=caf).select_related("manager", "kind__successor", "caf")


def _agreements(caf: Caf) -> models.QuerySet[FundingAgreement]:
    return FundingAgreement.objects.filter(caf=caf).select_related("scheme", "payee", "facility")


def _by_name(rows: models.QuerySet[Any]) -> dict[str, Any]:
    """By code and by label, as people write them."""
    found: dict[str, Any] = {}
    for row in rows:
        found[row.code] = found[search_key(row.label)] = row
    return found


def _key(line: FundingLine) -> tuple[Any, ...]:
    """What makes a line unique, as the database has it."""
    same = (line.year, line.scheme_id, line.state, line.nature)
    if line.facility_id:
        return (line.facility_id, *same)
    return (line.territory_id, line.service_id, line.label, *same)


def _changes(known: FundingLine, line: FundingLine) -> list[tuple[str, str, str]]:
    """Heading, before, after; in the words of the sheet."""
    rows = []
    for heading, name in FIELDS.items():
        before, after = getattr(known, name), getattr(line, name)
        if before != after:
            rows.append((heading, _said(known, name), _said(line, name)))
    return rows


def _said(line: FundingLine, name: str) -> str:
    value = getattr(line, name)
    if name == "amount":
        return "à chiffrer" if value is None else numbers.euros(value)
    if value is None or value == "":
        return "vide"
    display = getattr(line, f"get_{name}_display", None)
    return str(display() if display else value)


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _year(text: str) -> int:
    if not text.isdigit() or not 1990 <= int(text) <= 2100:
        raise ValueError("Écrivez une année, par exemple 2019.")
    return int(text)


def _amount(text: str) -> Decimal | None:
    return None if search_key(text) in UNPRICED else numbers.parse_amount(text)


def _quantity(text: str) -> Decimal:
    try:
        return numbers.parse_amount(text)
    except ValueError as error:
        raise ValueError("Écrivez une quantité, par exemple 2,5 (deux décimales au plus).") from error


def _choice(choices: type[models.Choices]) -> Any:
    words: Mapping[str, Any] = {search_key(str(choice.label)): choice.value for choice in choices}

    def read(text: str) -> Any:
        if search_key(text) not in words:
            accepted = ", ".join(f"« {choice.label} »" for choice in choices)
            raise ValueError(f"« {text} » n’est pas admis : écrivez {accepted}.")
        return words[search_key(text)]

    return read


_READERS = {
    "year": _year,
    "amount": _amount,
    "quantity": _quantity,
    "period": _choice(FundingLine.Period),
    "state": _choice(FundingLine.State),
    "nature": _choice(FundingLine.Nature),
    "rounding": _choice(Rounding),
}
_DEFAULTS = {"unit": "", "label": ""}
_WHERE = {
    "territory": "\u00a0: donnez le code Insee, le SIREN ou le code du périmètre",
    "facility": " dans le registre de la Caf",
    "service": " parmi les natures de service",
    "scheme": " parmi les dispositifs",
    "payee": " dans l’annuaire de la Caf",
    "agreement": " parmi les conventions de la Caf",
}
