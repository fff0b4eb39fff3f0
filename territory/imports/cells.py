"""The rows of one sheet of money: each cell becomes a value, or a refusal at its place; nothing is written here."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from ctg_site.lib import numbers
from ctg_site.lib.dates import year_in
from ctg_site.lib.text import search_key
from territory.imports.sheet import Rows
from territory.models import (
    Caf,
    ControlTotal,
    Facility,
    FundingAgreement,
    FundingLine,
    LegacyAction,
    LegacyContract,
    Organisation,
    Rounding,
    Scheme,
    ServiceKind,
    Territory,
)

UNPRICED = {"", "a chiffrer"}


@dataclass(frozen=True)
class CellError:
    """« Lignes, F12 » : where, in which column, what to do."""

    sheet: str
    cell: str
    heading: str
    text: str

    @property
    def place(self) -> tuple[int, int, str]:
        """Down the rows of a sheet, then across its columns: F2, F12, AA12."""
        letters = self.cell.rstrip("0123456789")
        return int(self.cell[len(letters) :]), len(letters), letters


@dataclass(frozen=True)
class Planned:
    """One row of the file, or several of one action: what it makes, or what it changes in what exists."""

    sheet: str
    row: int
    obj: FundingLine | ControlTotal | LegacyAction
    changes: list[tuple[str, str, str]]
    is_new: bool
    before: Decimal | None  # the amount that it replaces
    units: dict[Facility, Decimal] = field(default_factory=dict)
    local: dict[Facility, Decimal] = field(default_factory=dict)

    @property
    def said(self) -> str:
        return f"{self.obj}, {self.obj.scheme}" if isinstance(self.obj, FundingLine) else str(self.obj)

    @property
    def group(self) -> str:
        """Where its euros add up: a year, a state and a scheme, or the sheet."""
        if not isinstance(self.obj, FundingLine):
            return self.sheet
        return f"{self.obj.period_label}, {self.obj.get_state_display().lower()}, {self.obj.scheme}"


@dataclass
class Plan:
    planned: list[Planned] = field(default_factory=list)
    unchanged: int = 0
    errors: list[CellError] = field(default_factory=list)

    @property
    def errors_in_order(self) -> list[CellError]:
        """As one meets them in the file, sheet after sheet."""
        sheets = list(dict.fromkeys(error.sheet for error in self.errors))
        return sorted(self.errors, key=lambda error: (sheets.index(error.sheet), error.place))

    @property
    def added(self) -> list[Planned]:
        return [item for item in self.planned if item.is_new]

    @property
    def changed(self) -> list[Planned]:
        return [item for item in self.planned if not item.is_new]


class Known:
    """What the cells may name, by code and as people write it: each list is read once, the first time a cell needs it."""

    def __init__(self, caf: Caf) -> None:
        self.caf = caf
        self._rows: dict[str, dict[str, Any]] = {}

    def __contains__(self, name: str) -> bool:
        return name in _LISTS

    def all(self, name: str) -> dict[str, Any]:
        if name not in self._rows:
            self._rows[name] = _LISTS[name](self.caf)
        return self._rows[name]

    def find(self, name: str, text: str) -> Any:
        found = self.all(name).get(text.lower()) or self.all(name).get(search_key(text))
        if found is None:
            raise ValueError(f"« {text} » est inconnu{_WHERE[name]}.")
        return found


class SheetReader:
    """Heading → field, for one sheet; ``keep`` says what a row without a refused cell becomes."""

    title: ClassVar[str]
    fields: ClassVar[dict[str, str]]
    required: ClassVar[tuple[str, ...]]
    optional: ClassVar[tuple[str, ...]] = ()  # columns that a file may lack
    defaults: ClassVar[dict[str, Any]] = {}

    def __init__(self, rows: Rows, known: Known, result: Plan, tell: Callable[[int, int], None]) -> None:
        self.heading = [search_key(cell) for cell in rows[0]] if rows else []
        self.rows, self.known, self.result = rows[1:], known, result
        self.caf, self.tell = known.caf, tell

    def read(self) -> None:
        absent = [h for h in self.fields if h not in self.optional and search_key(h) not in self.heading]
        if absent:
            say = "Ces colonnes manquent\u00a0: partez du modèle, sans changer sa première ligne."
            self.result.errors.append(CellError(self.title, "1", ", ".join(absent), say))
            return
        if any(any(cells) for cells in self.rows):
            self.keep_all(self._good_rows())

    def keep_all(self, rows: Iterator[tuple[int, dict[str, Any]]]) -> None:
        raise NotImplementedError

    def _good_rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, cells in enumerate(self.rows, start=2):
            if any(cells):
                before = len(self.result.errors)
                values = self._values(number, cells)
                if len(self.result.errors) == before:
                    yield number, values

    def _values(self, number: int, cells: list[str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for heading, name in self.fields.items():
            if (column := self._column(heading)) is None:
                continue
            try:
                values[name] = self._value(heading, name, cells[column].strip() if column < len(cells) else "")
            except ValueError as error:
                self.refuse(number, heading, str(error))
        return values

    def _value(self, heading: str, name: str, text: str) -> Any:
        if not text:
            if heading in self.required:
                raise ValueError("Cette cellule est obligatoire.")
            return self.defaults.get(name)
        if name in self.known:
            return self.known.find(name, text)
        read = _READERS.get(name)
        return read(text) if read else text

    def refuse(self, number: int, heading: str, text: str) -> None:
        cell = f"{_letters(self._column(heading) or 0)}{number}"
        self.result.errors.append(CellError(self.title, cell, heading, text))

    def refuse_fields(self, number: int, refusal: ValidationError, otherwise: str) -> None:
        """The refusals of a model, each at the column of its field, or of the one that its constraint blames."""
        for name, errors in refusal.error_dict.items():
            for error in errors:
                heading = next((h for h, field in self.fields.items() if field in (name, error.code)), otherwise)
                self.refuse(number, heading, " ".join(error.messages))

    def _column(self, heading: str) -> int | None:
        key = search_key(heading)
        return self.heading.index(key) if key in self.heading else None


def said(row: models.Model, name: str) -> str:
    """A value in the words of the sheet."""
    value = getattr(row, name)
    if name == "amount":
        return "à chiffrer" if value is None else numbers.euros(value, cents=value != value.to_integral_value())
    if value is None or value == "":
        return "vide"
    display = getattr(row, f"get_{name}_display", None)
    return str(display() if display else value)


def changes_between(known: models.Model, new: models.Model, fields: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Heading, before, after."""
    changed = [(h, name) for h, name in fields.items() if getattr(known, name) != getattr(new, name)]
    return [(heading, said(known, name), said(new, name)) for heading, name in changed]


def _territories(caf: Caf) -> dict[str, Any]:
    rows = Territory.objects.filter(models.Q(caf=None) | models.Q(caf=caf))
    return {place.code.lower(): place for place in rows}


def _facilities(caf: Caf) -> dict[str, Any]:
    rows = Facility.objects.filter(caf=caf).select_related("manager", "kind__successor", "caf")
    return {facility.code.lower(): facility for facility in rows}


def _agreements(caf: Caf) -> dict[str, Any]:
    rows = FundingAgreement.objects.filter(caf=caf).select_related("scheme", "payee", "facility")
    return {cof.reference.lower(): cof for cof in rows}


def _contracts(caf: Caf) -> dict[str, Any]:
    return {search_key(c.name): c for c in LegacyContract.objects.filter(caf=caf).select_related("caf")}


def _by_name(rows: models.QuerySet[Any]) -> dict[str, Any]:
    """By code and by label, as people write them."""
    found: dict[str, Any] = {}
    for row in rows:
        found[row.code] = found[search_key(row.label)] = row
    return found


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _year(text: str) -> int:
    if (year := year_in(text)) is None:
        raise ValueError("Écrivez une année, par exemple 2019.")
    return year


def _amount(text: str) -> Decimal | None:
    return None if search_key(text) in UNPRICED else numbers.parse_amount(text)


def _number(example: str) -> Any:
    def read(text: str) -> Decimal:
        try:
            return numbers.parse_amount(text.removesuffix("%"))
        except ValueError as error:
            raise ValueError(f"Écrivez {example} (deux décimales au plus).") from error

    return read


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
    "quantity": _number("une quantité, par exemple 2,5"),
    "units": _number("un nombre d’unités, par exemple 7"),
    "unit_cost": numbers.parse_amount,
    "family_share": numbers.parse_amount,
    "local_amount": numbers.parse_amount,
    "billing": _number("un taux, par exemple 113,5"),
    "general_scheme": _number("un taux, par exemple 98,5"),
    "period": _choice(FundingLine.Period),
    "state": _choice(FundingLine.State),
    "nature": _choice(FundingLine.Nature),
    "rounding": _choice(Rounding),
}
_LISTS: dict[str, Callable[[Caf], dict[str, Any]]] = {
    "territory": _territories,
    "facility": _facilities,
    "service": lambda caf: _by_name(ServiceKind.objects.select_related("successor")),
    "scheme": lambda caf: _by_name(Scheme.objects.all()),
    "payee": lambda caf: {search_key(row.name): row for row in Organisation.objects.filter(caf=caf)},
    "agreement": _agreements,
    "contract": _contracts,
}
_WHERE = {
    "territory": "\u00a0: donnez le code Insee, le SIREN ou le code du périmètre",
    "facility": " dans le registre de la Caf\u00a0: corrigez le code, ou ajoutez d’abord l’équipement",
    "service": " parmi les natures de service\u00a0: la feuille «\u00a0Valeurs admises\u00a0» du modèle les donne",
    "scheme": " parmi les dispositifs\u00a0: la feuille «\u00a0Valeurs admises\u00a0» du modèle les donne",
    "payee": " dans l’annuaire de la Caf\u00a0: corrigez le nom, ou ajoutez d’abord cet organisme",
    "agreement": " parmi les conventions de la Caf\u00a0: corrigez la référence, ou ajoutez-la d’abord",
    "contract": " parmi les Cej de la Caf\u00a0: enregistrez-le d’abord sur la page de sa Ctg",
}
