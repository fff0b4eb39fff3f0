"""The portrait as a typed workbook: figures, money, communes. A figure leaves through its PublicValue, as on the page."""

from datetime import date
from decimal import Decimal
from typing import Any

from ctg_site.lib.sheets import Cell, Sheet, euro, number, percent, workbook, year
from territory.models import Ctg, FundingLine, Indicator
from territory.portraits import Portrait, portrait
from territory.portraits.comparison import Row
from territory.portraits.money import Money
from territory.secrecy import PublicValue

SECRECY = "Un mot tient la place d’un chiffre qui n’est pas montré : la colonne reste faite de nombres."


def portrait_workbook(ctg: Ctg, *, on: date) -> bytes:
    shown = portrait(ctg.territory, ctg.caf)
    lines = (
        FundingLine.objects.filter(territory=ctg.territory, caf=ctg.caf)
        .for_list()
        .order_by("-year", "state", "-amount", "pk")
    )
    sheets = [
        Sheet("Chiffres", FACTS, shown.facts, SECRECY),
        Sheet("Indicateurs comparés", _comparison(shown), shown.comparison.rows, SECRECY),
        Sheet("Population", POPULATION, shown.population.series),
        Sheet("Financements", FUNDING, lines),
        Sheet(
            "Totaux",
            TOTALS,
            _totals(shown.money),
            "Un total annoncé par un document peut différer de la somme des lignes.",
        ),
        Sheet("Communes", COMMUNES, shown.places.rows, SECRECY),
    ]
    return workbook(f"Portrait de {ctg}", sheets, source=_source(shown), on=on)


def cell(value: PublicValue, indicator: Indicator) -> Cell | str:
    """A number with its format; the word when it may not be shown."""
    if value.number is None:
        return value.words
    if indicator.unit == Indicator.Unit.PERCENT:
        return percent(value.number, indicator.decimals)
    if indicator.unit == Indicator.Unit.EURO:
        return euro(value.number)
    return number(value.number, indicator.decimals)


def _comparison(shown: Portrait) -> dict[str, Any]:
    names = shown.stage.names
    columns: dict[str, Any] = {
        "Indicateur": lambda row: row.label,
        names["here"]: lambda row: cell(row.here, row.indicator),
    }
    if names["department"]:
        columns[names["department"]] = lambda row: cell(row.department, row.indicator)
    if names["france"]:
        columns[names["france"]] = lambda row: cell(row.france, row.indicator)
    return columns | {
        "Écart à la France (points)": _gap,
        "Année": lambda row: year(row.here.year),
        "Source": lambda row: row.here.source,
        "Définition": lambda row: row.indicator.definition,
    }


def _gap(row: Row) -> Cell | None:
    return None if row.gap is None else number(row.gap, row.indicator.decimals)


def _count(value: PublicValue) -> Cell | str:
    return value.words if value.number is None else number(value.number)


FUNDING: dict[str, Any] = {
    "Année": lambda line: year(line.year),
    "Objet": lambda line: line.label,
    "Nature": lambda line: line.service.label,
    "Dispositif": lambda line: line.scheme.label,
    "État": lambda line: line.get_state_display(),
    "Section": lambda line: line.get_nature_display(),
    "Quantité": lambda line: line.quantity,
    "Unité": lambda line: line.unit,
    "Montant": lambda line: euro(line.amount),
    "Précision": lambda line: line.get_rounding_display(),
    "Source": lambda line: line.source,
}


FACTS: dict[str, Any] = {
    "Chiffre": lambda fact: fact.indicator.label,
    "Valeur": lambda fact: cell(fact.value, fact.indicator),
    "Année": lambda fact: year(fact.value.year),
    "Source": lambda fact: fact.value.source,
    "Définition": lambda fact: fact.indicator.definition,
}

POPULATION: dict[str, Any] = {
    "Année": lambda value: year(value.year),
    "Population": lambda value: _count(value),
    "Source": lambda value: value.source,
}

TOTALS: dict[str, Any] = {
    "Total": lambda total: total[0],
    "Année": lambda total: year(total[1]),
    "Montant": lambda total: euro(total[2]),
}

COMMUNES: dict[str, Any] = {
    "Code Insee": lambda place: place.territory.code,
    "Commune": lambda place: place.territory.name,
    "Population": lambda place: _count(place.population),
    "Année": lambda place: year(place.population.year),
}


def _totals(money: Money | None) -> list[tuple[str, int, Decimal]]:
    """The sums, the totals that a document states, the gap between them."""
    if money is None:
        return []
    rows = [("Services, somme des lignes", money.total), ("Services et projets, somme des lignes", money.with_projects)]
    rows += [(f"{total.scheme}, total annoncé", total.amount) for total in money.totals]
    if money.reconciliation:
        rows.append(("Écart entre la somme des lignes et les totaux annoncés", money.reconciliation.gap))
    return [(label, money.year, amount) for label, amount in rows]


def _source(shown: Portrait) -> str:
    return "\u00a0; ".join(row["source"].name for row in shown.sources) or "voir chaque feuille"
