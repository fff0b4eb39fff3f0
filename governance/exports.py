"""The evaluation of a year as a workbook: what was done, what was measured, each number a number."""

from collections.abc import Callable
from datetime import date
from typing import Any

from ctg_site.lib.sheets import Sheet, euro, percent, shortest, workbook
from governance.models import Evaluation
from governance.progress import Row, progress_by_axis
from governance.results import Result, results_of

Columns = dict[str, Callable[[Any], Any]]

REVIEWS: Columns = {
    "Axe": lambda line: str(line[0]),
    "Action": lambda line: line[1].review.action.code,
    "Intitulé": lambda line: line[1].review.action.title,
    "Porteur": lambda line: str(line[1].review.action.lead or ""),
    "Avancement": lambda line: line[1].review.get_progress_display(),
    "Réalisé": lambda line: percent(line[1].percent),
    "Coût sur la période": lambda line: euro(line[1].cost),
    "Poids dans l’axe": lambda line: percent(line[1].weight, 1),
    "Prévu dans l’année": lambda line: euro(line[1].review.year_planned),
    "Réalisé dans l’année": lambda line: euro(line[1].review.year_paid),
    "Bilan": lambda line: line[1].review.comment,
    "Suite": lambda line: line[1].review.get_outlook_display(),
}

MEASUREMENTS: Columns = {
    "Action": lambda result: result.target.action.code,
    "Indicateur": lambda result: result.target.label,
    "Unité": lambda result: result.target.unit,
    "Sens voulu": lambda result: result.target.get_direction_display(),
    "Valeur de départ": lambda result: shortest(result.target.baseline),
    "Cible": lambda result: shortest(result.target.goal),
    "Valeur": lambda result: shortest(result.measurement.value),
    "Chemin parcouru": lambda result: percent(result.attainment, 1),
    "Pourquoi elle manque": lambda result: result.reason,
    "Mesurée le": lambda result: result.measurement.measured_on,
    "Source": lambda result: result.target.source,
}

AXES: Columns = {
    "Axe": lambda axis: str(axis.axis),
    "Avancement": lambda axis: percent(axis.percent, 1),
    "Actions": lambda axis: len(axis.rows),
    "dont abandonnées": lambda axis: axis.dropped,
    "dont avancement inconnu": lambda axis: axis.unknown,
}


def evaluation_sheets(evaluation: Evaluation, *, on: date) -> bytes:
    axes = progress_by_axis(evaluation.reviews.for_year())
    lines: list[tuple[Any, Row]] = [(axis.axis, row) for axis in axes for row in axis.rows]
    results: list[Result] = results_of(evaluation)
    return workbook(
        f"Évaluation {evaluation.year} – {evaluation.ctg}",
        [
            Sheet("Actions", REVIEWS, lines, note="Une ligne par action ; une cellule vide n’est pas zéro."),
            Sheet(
                "Indicateurs",
                MEASUREMENTS,
                results,
                note="Chemin parcouru de la valeur de départ à la cible, non borné.",
            ),
            Sheet(
                "Axes", AXES, axes, note="Moyenne des actions non abandonnées, pondérée par leur coût sur la période."
            ),
        ],
        source=f"Ctg {evaluation.ctg}, {evaluation.ctg.caf}",
        on=on,
    )
