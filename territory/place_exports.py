"""The figures of a place as files: the same rows for CSV, Excel and JSON, each figure as the page shows it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ctg_site.lib import numbers
from ctg_site.lib.french_csv import french_csv
from ctg_site.lib.sheets import Sheet, workbook, year
from territory.exports import SECRECY, cell
from territory.models import Indicator, Territory
from territory.portraits.figures import Figures
from territory.portraits.opened import histories_inside, places_inside, shown_in_communes
from territory.secrecy import PublicValue, State

STATES = {
    State.SHOWN: "publié",
    State.MASKED: "secret statistique",
    State.MISSING: "non disponible",
    State.NOT_APPLICABLE: "sans objet",
}


@dataclass(frozen=True)
class Line:
    indicator: Indicator
    place: Territory
    value: PublicValue

    @property
    def key(self) -> str:
        """« commune-01004 »: a code that no spreadsheet takes for a number."""
        return f"{self.place.kind}-{self.place.code}"


@dataclass(frozen=True)
class Data:
    """``inside`` are the places one level below: every year of one indicator, or the communes for all of them."""

    title: str
    figures: Figures
    lines: list[Line]
    inside: list[Line]
    on: date

    @property
    def all(self) -> list[Line]:
        return [*self.lines, *self.inside]

    @property
    def source(self) -> str:
        rows = [row["source"] for row in self.figures.sources()]
        return " ; ".join(f"{one.name} ({one.producer}){_licence(one.licence)}" for one in rows) or "aucune"


def read_data(figures: Figures, title: str, on: date, *, inside_of: Indicator | None = None) -> Data:
    """Every year of every column; the places inside of one indicator (two queries), else those read with the figures."""
    lines = [
        Line(indicator, place, value)
        for indicator in figures.indicators.values()
        for place in figures.stage.all
        for value in figures.history(indicator, place)
    ]
    inside = _inside(inside_of, figures) if inside_of else _in_communes(figures)
    return Data(title, figures, lines, list(inside), on)


def data_csv(data: Data) -> bytes:
    return french_csv(list(COLUMNS), ([write(line) for write in COLUMNS.values()] for line in data.all))


def data_workbook(data: Data) -> bytes:
    here = data.figures.stage.here.name
    sheets = [Sheet("Chiffres", SHEET, data.lines, f"{here} et les niveaux au-dessus, une ligne par année. {SECRECY}")]
    if data.inside:
        sheets.append(Sheet("À l’intérieur", SHEET, data.inside, f"Les territoires qui composent {here}."))
    sheets.append(Sheet("Définitions", DEFINITIONS, _indicators(data.all), "Ce que compte chaque indicateur."))
    return workbook(data.title, sheets, source=data.source, on=data.on)


def data_json(data: Data) -> bytes:
    here = data.figures.stage.here
    content = {
        "titre": data.title,
        "territoire": {"niveau": here.kind, "code": here.code, "nom": here.name},
        "extrait_le": data.on.isoformat(),
        "source": data.source,
        "indicateurs": [_definition(indicator) for indicator in _indicators(data.all)],
        "chiffres": [_record(line) for line in data.all],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _inside(indicator: Indicator, figures: Figures) -> Iterator[Line]:
    _, places = places_inside(figures)
    if places:
        for year_values in histories_inside(indicator, figures.caf, places):
            for place, value in zip(places, year_values, strict=True):
                yield Line(indicator, place, value)


def _in_communes(figures: Figures) -> Iterator[Line]:
    for indicator in figures.indicators.values() if figures.parts.communes else ():
        for place, value in zip(figures.parts.communes, shown_in_communes(figures, indicator), strict=True):
            if value.state != State.MISSING or value.year:
                yield Line(indicator, place, value)


def _indicators(lines: Iterable[Line]) -> list[Indicator]:
    return list({line.indicator.pk: line.indicator for line in lines}.values())


def _licence(licence: str) -> str:
    return f", {licence}" if licence else ""


def _definition(indicator: Indicator) -> dict[str, Any]:
    return {
        "code": indicator.code,
        "libelle": indicator.label,
        "theme": indicator.get_theme_display(),
        "unite": indicator.unit_words,
        "definition": indicator.definition,
        "source_habituelle": indicator.source.name if indicator.source else "",
    }


def _record(line: Line) -> dict[str, Any]:
    return {
        "indicateur": line.indicator.code,
        "territoire": line.key,
        "nom": line.place.name,
        "annee": line.value.year,
        "annee_de_depart": line.value.start_year,
        "valeur": _plain(line.value.number),
        "texte": line.value.words,
        "etat": STATES[line.value.state],
        "qualite": line.value.quality_words,
        "source": line.value.source,
        "licence": line.value.licence,
    }


def _plain(number: Decimal | None) -> int | float | None:
    """JSON knows no decimals: four of them survive a double without loss."""
    if number is None:
        return None
    exact = numbers.rounded(number, 4)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


COLUMNS: dict[str, Any] = {
    "Territoire": lambda line: line.place.name,
    "Identifiant": lambda line: line.key,
    "Thème": lambda line: line.indicator.get_theme_display(),
    "Indicateur": lambda line: line.indicator.label,
    "Unité": lambda line: line.indicator.unit_words,
    "Année": lambda line: line.value.year,
    "Année de départ": lambda line: line.value.start_year,
    "Valeur": lambda line: None if line.value.number is None else numbers.rounded(line.value.number, 4),
    "État": lambda line: STATES[line.value.state],
    "Qualité": lambda line: line.value.quality_words,
    "Source": lambda line: line.value.source,
    "Licence": lambda line: line.value.licence,
}

SHEET: dict[str, Any] = {
    "Territoire": COLUMNS["Territoire"],
    "Code": lambda line: line.place.code,
    "Niveau": lambda line: line.place.get_kind_display(),
    "Thème": COLUMNS["Thème"],
    "Indicateur": COLUMNS["Indicateur"],
    "Année": lambda line: year(line.value.year),
    "Année de départ": lambda line: year(line.value.start_year if line.indicator.is_evolution else None),
    "Valeur": lambda line: cell(line.value, line.indicator),
    "Unité": COLUMNS["Unité"],
    "Qualité": COLUMNS["Qualité"],
    "Source": COLUMNS["Source"],
    "Licence": COLUMNS["Licence"],
}

DEFINITIONS: dict[str, Any] = {
    "Indicateur": lambda one: one.label,
    "Unité": lambda one: one.unit_words,
    "Définition": lambda one: one.definition,
    "Source habituelle": lambda one: one.source.name if one.source else "",
}
