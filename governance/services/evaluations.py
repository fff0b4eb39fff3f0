"""Step 7: the method, then one evaluation for each civil year, judged by the copil."""

from datetime import date

from django.db import transaction
from simple_history.utils import bulk_create_with_history

from actions.models import Target
from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.dates import french_date, now
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from governance.models import ActionReview, Agreement, Evaluation, EvaluationMethod, Measurement


@transaction.atomic
def save_method(method: EvaluationMethod, *, by: User | None) -> EvaluationMethod:
    save_checked(method)
    record(by, "method.written", method, ctg=method.ctg)
    return method


@transaction.atomic
def validate_method(method: EvaluationMethod, *, decision: str, by: User | None, on: date) -> EvaluationMethod:
    method = EvaluationMethod.objects.select_for_update(of=("self",)).select_related("ctg__caf").get(pk=method.pk)
    if method.validated_on:
        raise RuleBroken("La méthode d’évaluation est déjà validée.")
    if lacks := method.missing_before_validation():
        raise RuleBroken("La méthode d’évaluation ne peut pas encore être validée.", missing=lacks)
    _close(method, decision, on)
    record(by, "method.validated", method, ctg=method.ctg, on=on.isoformat(), decision=decision)
    return method


@transaction.atomic
def open_evaluation(agreement: Agreement, *, year: int, by: User | None, on: date) -> Evaluation:
    """A year of the period, once begun and once the convention is signed; a year before the signature is reviewed too."""
    agreement = (
        Agreement.objects.select_for_update(of=("self",))
        .select_related("plan__diagnosis__ctg__caf")
        .get(pk=agreement.pk)
    )
    ctg = agreement.ctg
    if year not in ctg.years:
        raise RuleBroken(f"L’évaluation porte sur une année de la convention, de {ctg.years[0]} à {ctg.years[-1]}.")
    if agreement.signed_on is None or on < agreement.signed_on:
        raise RuleBroken("L’évaluation s’ouvre une fois la convention signée par toutes les parties.")
    if on < date(year, 1, 1):
        raise RuleBroken(
            f"L’année {year} n’est pas commencée : son évaluation s’ouvrira le {french_date(date(year, 1, 1))}."
        )
    evaluation = Evaluation(agreement=agreement, year=year, opened_on=on, is_demo=agreement.is_demo)
    save_checked(evaluation)
    _prepare(evaluation)
    record(by, "evaluation.opened", evaluation, ctg=ctg, year=year)
    return evaluation


@transaction.atomic
def describe_evaluation(evaluation: Evaluation, *, by: User | None) -> Evaluation:
    """The summary of the year."""
    save_checked(evaluation)
    record(by, "evaluation.described", evaluation, ctg=evaluation.ctg)
    return evaluation


@transaction.atomic
def save_review(review: ActionReview, *, by: User | None) -> ActionReview:
    save_checked(review)
    record(by, "review.saved", review, ctg=review.evaluation.ctg, progress=review.progress, percent=review.percent)
    return review


@transaction.atomic
def save_measurement(measurement: Measurement, *, by: User | None) -> Measurement:
    """Measured within the year or after it (R64)."""
    year = measurement.evaluation.year
    if measurement.measured_on and measurement.measured_on < date(year, 1, 1):
        raise RuleBroken(f"« {measurement.target} » : une mesure de {year} se fait dans l’année ou après.")
    save_checked(measurement)
    value = None if measurement.value is None else str(measurement.value)
    record(by, "measurement.saved", measurement, ctg=measurement.evaluation.ctg, value=value)
    return measurement


@transaction.atomic
def validate_evaluation(evaluation: Evaluation, *, decision: str, by: User | None, on: date) -> Evaluation:
    evaluation = _locked(evaluation)
    if evaluation.is_validated:
        raise RuleBroken("Cette évaluation est déjà validée.")
    if on < date(evaluation.year, 1, 1):
        raise RuleBroken(f"L’année {evaluation.year} n’est pas commencée : elle ne peut pas être évaluée.")
    if lacks := evaluation.missing_before_validation():
        raise RuleBroken(f"L’évaluation de {evaluation.year} ne peut pas encore être validée.", missing=lacks)
    _close(evaluation, decision, on)
    record(by, "evaluation.validated", evaluation, ctg=evaluation.ctg, on=on.isoformat(), decision=decision)
    return evaluation


@transaction.atomic
def publish_evaluation(evaluation: Evaluation, *, by: User | None) -> Evaluation:
    evaluation = _locked(evaluation)
    if not evaluation.is_validated:
        raise RuleBroken("L’évaluation se publie une fois validée par le comité de pilotage.")
    if evaluation.published_at:
        raise RuleBroken("Cette évaluation est déjà publiée.")
    evaluation.published_at = now()
    evaluation.save(update_fields=["published_at"])
    record(by, "evaluation.published", evaluation, ctg=evaluation.ctg)
    return evaluation


@transaction.atomic
def unpublish_evaluation(evaluation: Evaluation, *, by: User | None) -> Evaluation:
    evaluation = _locked(evaluation)
    if evaluation.published_at is None:
        raise RuleBroken("Cette évaluation n’est pas publiée.")
    evaluation.published_at = None
    evaluation.save(update_fields=["published_at"])
    record(by, "evaluation.withdrawn", evaluation, ctg=evaluation.ctg)
    return evaluation


def _locked(evaluation: Evaluation) -> Evaluation:
    rows = Evaluation.objects.select_for_update(of=("self",)).select_related("agreement__plan__diagnosis__ctg__caf")
    return rows.get(pk=evaluation.pk)


def _close(row: EvaluationMethod | Evaluation, decision: str, on: date) -> None:
    if not decision.strip():
        raise RuleBroken("Seule la décision d’un comité valide cette étape : indiquez-la.")
    row.validated_on, row.validated_by_decision = on, decision.strip()[:120]
    row.save(update_fields=["validated_on", "validated_by_decision"])


def _prepare(evaluation: Evaluation) -> None:
    """A review for each action of the plan, a measurement for each indicator: what remains to be filled is known at once."""
    actions = evaluation.agreement.plan.actions.retained().order_by("code", "pk")
    bulk_create_with_history([ActionReview(evaluation=evaluation, action=action) for action in actions], ActionReview)
    targets = Target.objects.filter(action__in=actions).order_by("pk")
    Measurement.objects.bulk_create(Measurement(evaluation=evaluation, target=target) for target in targets)
