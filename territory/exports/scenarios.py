"""A simulation as a workbook: values, never formulas, and what they rest on in a sheet of its own."""

from collections.abc import Sequence
from datetime import date

from ctg_site.lib.sheets import Cell, Sheet, euro, number, workbook
from territory.exports.lines import Columns
from territory.models import Ctg
from territory.reports.comparison import Column

UNPRICED = "à chiffrer"


def scenarios_workbook(ctg: Ctg, columns: Sequence[Column], *, on: date) -> bytes:
    years = [
        (column, year, total) for column in columns for year, total in zip(column.years, column.totals, strict=True)
    ]
    sheets = [
        Sheet("Par année", BY_YEAR, years),
        Sheet("Par équipement", BY_FACILITY, [(c, line) for c in columns for line in c.lines]),
        Sheet("Par financeur", BY_PAYER, [(c, payer) for c in columns for payer in c.payers]),
        Sheet(
            "Garanti et supposé", ASSUMED, list(_assumed(columns)), "Ce qui est garanti, et ce qui n’est que supposé."
        ),
        Sheet(
            "Calculs expliqués", STEPS, [(c, line, step) for c in columns for line in c.lines for step in line.steps]
        ),
    ]
    return workbook(f"Du Cej au bonus territoire, {ctg}", sheets, source=ctg.caf.name, on=on)


def _assumed(columns: Sequence[Column]) -> list[tuple[str, str, str]]:
    rows = []
    for column in columns:
        name = column.scenario.name
        if column.guarantee:
            rows.append((name, "garanti" if column.guarantee.holds else "non garanti", column.guarantee.text))
        rows += [(name, "supposé", text) for text in column.assumed]
    return rows


def _amount(value):
    return UNPRICED if value is None else euro(value)


BY_YEAR: Columns = {
    "Scénario": lambda row: row[0].scenario.name,
    "Année": lambda row: Cell(row[1], "0"),
    "Bonus (€)": lambda row: _amount(row[2]),
}

BY_FACILITY: Columns = {
    "Scénario": lambda row: row[0].scenario.name,
    "Équipement": lambda row: row[1].facility.name,
    "Gestionnaire": lambda row: row[1].facility.manager.name,
    "Bonus": lambda row: row[1].scheme.label,
    "Année": lambda row: Cell(row[1].year, "0"),
    "Cej de la dernière année (€)": lambda row: euro(row[1].before),
    "Unités existantes": lambda row: number(row[1].existing_units, 2),
    "Unités nouvelles": lambda row: number(row[1].new_units, 2),
    "Pour l’existant (€)": lambda row: _amount(row[1].existing_amount),
    "Pour le nouveau (€)": lambda row: _amount(row[1].new_amount),
    "Bonus (€)": lambda row: _amount(row[1].amount),
    "Collectivité avant (€)": lambda row: euro(row[1].local_before),
    "Collectivité après (€)": lambda row: euro(row[1].local_after),
    "Barème à vérifier": lambda row: row[1].to_verify,
}

BY_PAYER: Columns = {
    "Scénario": lambda row: row[0].scenario.name,
    "Financeur": lambda row: row[1].label,
    "Dernière année du Cej (€)": lambda row: _amount(row[1].before),
    "Première année de la Ctg (€)": lambda row: _amount(row[1].after),
    "Différence (€)": lambda row: _amount(row[1].change),
}

ASSUMED: Columns = {
    "Scénario": lambda row: row[0],
    "Statut": lambda row: row[1],
    "Hypothèse": lambda row: row[2],
}

STEPS: Columns = {
    "Scénario": lambda row: row[0].scenario.name,
    "Équipement": lambda row: row[1].facility.name,
    "Année": lambda row: Cell(row[1].year, "0"),
    "Calcul": lambda row: row[2],
}
