"""What a reading found, in words and as a workbook to send to whoever made the file."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from ctg_site.lib import numbers
from ctg_site.lib.sheets import Sheet, number, workbook
from territory.imports.families import LONG
from territory.models import FigureFile, Value

LISTS = ("errors", "unknown", "aside", "changes", "totals", "failures", "notices")
MOST_NAMED = 12
EMPTY: dict[str, Any] = {name: [] for name in LISTS} | {"source_name": ""}


def summary(file: FigureFile, *, in_full: bool = False) -> list[tuple[str, str]]:
    """The lines of the preview, from the most general; the page does not name every column, the workbook does."""
    report = file.report
    if not report:
        return [("État", file.get_state_display()), *([("Motif", file.refusal)] if file.refusal else [])]
    rows = [
        (table["sheet"], f"reconnu comme : {table['label']} – {_count(table['rows'], 'ligne')}")
        for table in report["tables"]
    ]
    rows += [
        ("Source", report["source_name"]),
        ("Années", _years(report["years"])),
        ("Indicateurs", _indicators(report["tables"], None if in_full else MOST_NAMED)),
        *(
            [("Colonnes laissées", ignored)]
            if (ignored := _ignored(report["tables"], None if in_full else MOST_NAMED))
            else []
        ),
        ("Chiffres lus", numbers.integer(report["values"])),
        ("Nouveaux", numbers.integer(report["new"])),
        ("Changés", numbers.integer(report["changed"])),
        ("Identiques", numbers.integer(report["identical"])),
        ("Territoires inconnus", numbers.integer(report["unknown_count"])),
        ("Cellules à corriger", numbers.integer(report["error_count"])),
    ]
    return rows


def _indicators(tables: list[dict[str, Any]], most: int | None) -> str:
    labels = list(dict.fromkeys(label for table in tables for label in table["indicators"]))
    more = len(labels) - len(labels[:most])
    told = ", ".join(labels[:most]) or "aucun"
    return f"{told} et {_count(more, 'autre')}" if more else told


def _ignored(tables: list[dict[str, Any]], most: int | None) -> str:
    """What was not taken for figures: a column that one counted on is missed here. Measures of a long file are set aside."""
    names = [name for table in tables if table["family"] != LONG for name in dict.fromkeys(table["ignored"])]
    more = len(names) - len(names[:most])
    told = ", ".join(f"«\u00a0{name}\u00a0»" for name in names[:most])
    return f"{told} et {_count(more, 'autre')}, que le catalogue ne connaît pas" if more > 0 else told


def masses_set_aside(file: FigureFile) -> list[tuple[str, list[str]]]:
    """« non localisés – 5 lignes », then what these rows hold, in French."""
    return [
        (
            f"{group['reason']} – {_count(group['count'], 'ligne')}",
            [_mass(file.report, label, mass) for label, mass in sorted(group["masses"].items())],
        )
        for group in file.report.get("aside", [])
    ]


def changes_said(file: FigureFile) -> list[dict[str, Any]]:
    """Before and after, as they are read in French; a figure without a number says why."""
    return [row | {"before": _before(row), "after": _after(row)} for row in file.report.get("changes", [])]


def totals_said(file: FigureFile) -> list[dict[str, Any]]:
    told = ("sum", "stated", "gap")
    return [
        row | {name: numbers.shortest(Decimal(row[name]), 4) for name in told} for row in file.report.get("totals", [])
    ]


def answers_given(file: FigureFile) -> list[tuple[str, str]]:
    """Each question answered, with the words of its answer."""
    return [
        (question["text"], dict(map(tuple, question["choices"]))[file.answers[question["key"]]])
        for question in file.report.get("questions", [])
        if question["key"] in file.answers
    ]


def lines_of(file: FigureFile) -> Iterator[str]:
    """For a terminal."""
    report = file.report
    for label, text in summary(file):
        yield f"{label} : {text}"
    for reason, masses in masses_set_aside(file):
        yield f"Mis de côté : {reason}"
        yield from (f"    {mass}" for mass in masses)
    for sentence in report["notices"]:
        yield f"À savoir : {sentence}"
    for row in report["unknown"]:
        near = f" ; le plus proche : {row['closest']}" if row["closest"] else ""
        yield f"Inconnu : {row['sheet']}, ligne {row['row']}, {row['code']} {row['name']}{near}"
    for row in report["errors"]:
        yield f"À corriger : {row['sheet']}, ligne {row['row']}, {row['column']}, « {row['value']} » ; attendu : {row['expected']}"
    for question in report["questions"]:
        yield f"Question : {question['text']}"
        given = file.answers.get(question["key"])
        for value, meaning in question["choices"]:
            told = " (votre réponse)" if value == given else ""
            yield f'    --answer "{question["key"]}={value}" : {meaning}{told}'
    for row in report["failures"]:
        yield f"Incohérence : {row['place']} – {row['sentence']} {row['detail']}"


def report_workbook(file: FigureFile, *, on: date) -> bytes:
    report = EMPTY | file.report
    sheets = [
        Sheet(
            "Résumé",
            {"Rubrique": lambda row: row[0], "Constat": lambda row: row[1]},
            summary(file, in_full=True),
            "Ce que le fichier contient.",
        ),
        Sheet(
            "À corriger",
            _columns(Feuille="sheet", Ligne="row", Colonne="column", Valeur="value", Attendu="expected"),
            report["errors"],
        ),
        Sheet(
            "Territoires inconnus",
            _columns(Feuille="sheet", Ligne="row", Code="code", Nom="name", Le_plus_proche="closest"),
            report["unknown"],
        ),
        Sheet(
            "Mis de côté",
            {"Motif": _of("reason"), "Ligne": _of("row"), "Détail": _of("detail"), "Ce qu’elle contient": _of("mass")},
            _aside(report),
        ),
        Sheet(
            "Changés",
            {**_columns(Indicateur="indicator", Territoire="place", Année="year"), "Avant": _before, "Après": _after},
            report["changes"],
        ),
        Sheet(
            "Totaux",
            {**_columns(Indicateur="indicator", Année="year", Département="place"), **_totals()},
            report["totals"],
        ),
        Sheet("Incohérences", _columns(Où="place", Règle="sentence", Constat="detail"), report["failures"]),
        Sheet("À savoir", {"Remarque": str}, report["notices"]),
    ]
    return workbook(f"Compte rendu : {file.name}", sheets, source=report["source_name"] or "fichier non lu", on=on)


def _columns(**keys: str) -> dict[str, Any]:
    return {heading.replace("_", " "): _of(key) for heading, key in keys.items()}


def _of(key: str) -> Any:
    return lambda row: row[key]


def _totals() -> dict[str, Any]:
    return {
        "Somme des communes": lambda row: number(Decimal(row["sum"])),
        "Total annoncé": lambda row: number(Decimal(row["stated"])),
        "Écart": lambda row: number(Decimal(row["gap"])),
        "Expliqué": lambda row: "par l’arrondi ou le secret" if row["explained"] else "non",
    }


def _aside(report: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for group in report["aside"]:
        for row in group["rows"]:
            mass = ", ".join(_mass(report, label, number) for label, number in row["masses"].items())
            yield {"reason": group["reason"], "row": row["row"], "detail": row["detail"], "mass": mass}


def _mass(report: dict[str, Any], label: str, number: str) -> str:
    """« Foyers bénéficiaires du RSA 2024 : 6 675 foyers »."""
    return f"{label} : {numbers.counted(Decimal(number), report.get('units', {}).get(label, ''))}"


def _before(row: dict[str, Any]) -> str:
    return _said(row["before"], row["quality_before"])


def _after(row: dict[str, Any]) -> str:
    return _said(row["after"], row["quality_after"])


def _said(text: str | None, quality: str) -> str:
    return Value.Quality(quality).label if text is None else numbers.shortest(Decimal(text), 4)


def _count(number: int, word: str) -> str:
    return f"{numbers.integer(number)} {word}{'s' if number > 1 else ''}"


def _years(years: list[int]) -> str:
    return str(years[0]) if len(years) == 1 else f"{years[0]} à {years[-1]}" if years else "aucune"
