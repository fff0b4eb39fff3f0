"""The diagnosis as a workbook: heading → function, a number in each cell that holds one."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ctg_site.lib.sheets import Cell, Sheet, euro, number, workbook, year
from diagnostic.colleges import College
from diagnostic.content import DiagnosisContent, PriorityContent, read_diagnosis
from diagnostic.figures import DiagnosisFigures, figures_of
from diagnostic.models import Diagnosis, Finding
from diagnostic.photographs import seen_by
from diagnostic.rankings import give_notes, read_notes
from territory.exports import SECRECY, cell
from territory.portraits.comparison import Row
from territory.portraits.money import Money, read_money
from territory.secrecy import PublicValue

Columns = Mapping[str, Callable[[Any], Any]]


def diagnosis_sheets(diagnosis: Diagnosis, *, on: date) -> bytes:
    content = read_diagnosis(diagnosis, links=["communes", "facilities"])
    figures, notes = figures_of(diagnosis, content, on=on), read_notes(diagnosis)
    give_notes(content, notes)
    sheets = [
        Sheet(
            "Chiffres comparés",
            _comparison_columns(figures),
            figures.comparison.rows,
            note=f"Chaque chiffre porte son année. {SECRECY}",
        ),
        Sheet("Repères", FACT_COLUMNS, figures.facts),
        *_money_sheets(read_money(diagnosis.ctg.territory, diagnosis.ctg.caf)),
        Sheet("Constats", FINDING_COLUMNS, content.findings),
        Sheet(
            "Chiffres des constats",
            PHOTOGRAPH_COLUMNS,
            [(finding, row) for finding in content.findings for row in seen_by(finding)],
            note="Chaque chiffre tel qu’il était le jour où le groupe l’a retenu ; « aujourd’hui » dit s’il a changé depuis.",
        ),
        Sheet("Pistes", IDEA_COLUMNS, content.ideas),
        Sheet(
            "Priorités",
            PRIORITY_COLUMNS,
            content.priorities,
            note="Chaque priorité, avec les constats sur lesquels elle s’appuie.",
        ),
        Sheet(
            "Notes des groupes",
            NOTE_COLUMNS,
            [(finding, notes[finding.key]) for finding in content.findings if finding.key in notes],
            note="Notations closes, de 0 à 100 ; les bulletins sont seulement comptés.",
        ),
        Sheet("Sources", SOURCE_COLUMNS, figures.sources),
    ]
    return workbook(f"{diagnosis} : {_state(diagnosis)}", sheets, source=_sources(figures, content), on=on)


def _comparison_columns(figures: DiagnosisFigures) -> Columns:
    places = [figures.stage.here, figures.stage.department, figures.stage.france]
    here, department, france = (place.name if place else "—" for place in places)
    return {
        "Indicateur": lambda row: row.indicator.label,
        here: lambda row: cell(row.here, row.indicator),
        f"Année ({here})": lambda row: _year(row.here),
        department: lambda row: cell(row.department, row.indicator),
        f"Année ({department})": lambda row: _year(row.department),
        france: lambda row: cell(row.france, row.indicator),
        f"Année ({france})": lambda row: _year(row.france),
        "Écart à la France (points)": _gap,
        "Source": lambda row: row.here.source or row.france.source,
        "Définition": lambda row: row.indicator.definition,
    }


def _year(value: PublicValue) -> int | str | Cell | None:
    """An evolution is between two years."""
    if value.year is None:
        return None
    if value.start_year not in (None, value.year):
        return f"{value.start_year}-{value.year}"
    return year(value.year)


def _gap(row: Row) -> Cell | None:
    return None if row.gap is None else number(row.gap, row.indicator.decimals)


def _money_sheets(money: Money | None) -> list[Sheet]:
    if money is None:
        return []
    rows = [("Service", line.label, line.amount) for line in money.services]
    rows += [("Projet", line.label, line.amount) for line in money.projects]
    rows += [("Total", "Total des services", money.total)]
    rows += [("Total annoncé", str(total.scheme), total.amount) for total in money.totals]
    if money.reconciliation:
        rows += [("Écart", "Total des services, moins les totaux annoncés", money.reconciliation.gap)]
    columns: Columns = {
        "Nature": lambda row: row[0],
        "Libellé": lambda row: row[1],
        f"Montant {money.year}": lambda row: euro(row[2]),
    }
    return [
        Sheet(
            "Financements",
            columns,
            rows,
            note="Les totaux annoncés restent à côté de la somme des lignes : l’écart est dit.",
        )
    ]


def _communes(finding: Finding) -> str:
    return ", ".join(sorted(commune.name for commune in finding.communes.all())) or "Tout le territoire"


def _rank(row: PriorityContent) -> int:
    return row.priority.position


def _mark(mark: Decimal | None, decimals: int = 1) -> Cell | None:
    return None if mark is None else number(mark, decimals)


def _share(college: College) -> Callable[[Any], Cell | None]:
    return lambda row: _mark(row[1].colleges.get(college.value), 0)


def _state(diagnosis: Diagnosis) -> str:
    if diagnosis.validated_on is None:
        return "projet"
    return f"validé le {diagnosis.validated_on:%d/%m/%Y} ({diagnosis.validated_by_decision})"


def _sources(figures: DiagnosisFigures, content: DiagnosisContent) -> str:
    names = [row["source"].name for row in figures.sources]
    return " ; ".join([*names, f"groupes thématiques de {content.diagnosis.ctg}"])


FACT_COLUMNS: Columns = {
    "Repère": lambda fact: fact.indicator.label,
    "Valeur": lambda fact: cell(fact.value, fact.indicator),
    "Année": lambda fact: _year(fact.value),
    "Source": lambda fact: fact.value.source,
}
FINDING_COLUMNS: Columns = {
    "Groupe": lambda finding: finding.group.name,
    "Nature": lambda finding: finding.get_kind_display(),
    "Constat": lambda finding: finding.title,
    "Explication": lambda finding: finding.text,
    "Communes": _communes,
    "Équipements": lambda finding: ", ".join(sorted(facility.name for facility in finding.facilities.all())),
    "Donnée de démonstration": lambda finding: finding.is_demo,
}
PHOTOGRAPH_COLUMNS: Columns = {
    "Constat": lambda row: row[0].title,
    "Chiffre": lambda row: row[1].photograph.label,
    "Périmètre": lambda row: row[1].photograph.perimeter,
    "Valeur": lambda row: cell(row[1].here, row[1].photograph.measure),
    "Année": lambda row: _year(row[1].here),
    "État": lambda row: row[1].photograph.get_state_display(),
    "Département": lambda row: row[1].photograph.department,
    "Valeur, département": lambda row: cell(row[1].photograph.in_department, row[1].photograph.measure),
    "Année, département": lambda row: _year(row[1].photograph.in_department),
    "France": lambda row: row[1].photograph.france,
    "Valeur, France": lambda row: cell(row[1].photograph.in_france, row[1].photograph.measure),
    "Année, France": lambda row: _year(row[1].photograph.in_france),
    "Source": lambda row: row[1].photograph.source,
    "Livraison": lambda row: row[1].photograph.release,
    "Photographié le": lambda row: row[1].photograph.taken_on,
    "Aujourd’hui": lambda row: cell(row[1].today, row[1].photograph.measure) if row[1].today else "",
    "Donnée de démonstration": lambda row: row[1].photograph.is_demo,
}
IDEA_COLUMNS: Columns = {
    "Groupe": lambda idea: idea.group.name,
    "Piste": lambda idea: idea.text,
    "Constat": lambda idea: idea.finding.title if idea.finding else "",
    "Donnée de démonstration": lambda idea: idea.is_demo,
}
PRIORITY_COLUMNS: Columns = {
    "Rang": _rank,
    "Priorité": lambda row: row.priority.title,
    "Pourquoi": lambda row: row.priority.text,
    "Note des groupes": lambda row: _mark(row.note, 0),
    "Mot du comité": lambda row: row.priority.reason,
    "Constats": lambda row: "\n".join(finding.title for finding in row.findings),
    "Donnée de démonstration": lambda row: row.priority.is_demo,
}
NOTE_COLUMNS: Columns = {
    "Groupe": lambda row: row[0].group.name,
    "Constat": lambda row: row[0].title,
    "Note": lambda row: number(row[1].note, 0),
    "Avis le plus bas": lambda row: number(row[1].low, 0),
    "Avis le plus haut": lambda row: number(row[1].high, 0),
    "Importance": lambda row: _mark(row[1].importance),
    "Faisabilité": lambda row: _mark(row[1].feasibility),
    **{f"{college.label} (%)": _share(college) for college in College},
    "Bulletins": lambda row: row[1].ballots,
    "Version notée": lambda row: row[1].version,
}
SOURCE_COLUMNS: Columns = {
    "Source": lambda row: row["source"].name,
    "Producteur": lambda row: row["source"].producer,
    "Livraisons": lambda row: ", ".join(row["releases"]),
    "À savoir": lambda row: row["source"].caveat,
    "Donnée de démonstration": lambda row: row["is_demo"],
}
