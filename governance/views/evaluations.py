from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from ctg_site.drafts.pages import with_draft
from ctg_site.lib.dates import today
from ctg_site.lib.http import attached, done, saved
from ctg_site.lib.sheets import CONTENT_TYPE
from governance import exports, perms, services
from governance.forms import MeasurementFormSet, ReviewForm, SummaryForm
from governance.mending import shown_lacks_of_year
from governance.missing import lacks_of_year
from governance.models import ActionReview, Agreement, Evaluation
from governance.progress import progress_by_axis, progress_sentence
from governance.results import results_of, results_sentence
from governance.views.access import (
    EVALUATION_ONLY,
    PUBLISH_ONLY,
    REVIEW_ONLY,
    agreement_inside,
    back_when_closed,
    evaluation_inside,
    evaluation_to_write,
    refuse,
    shown_evaluation,
)
from governance.years import years_of
from territory.models import Ctg
from territory.perms import require
from territory.views.fetching import own_ctg


@login_not_required
def evaluations(request: HttpRequest, slug: str) -> HttpResponse:
    """Every year of the period and where it stands; for everyone else, the years published."""
    found = Evaluation.objects.open_to(request.user).filter(agreement__plan__diagnosis__ctg__slug=slug)
    rows = list(found.select_related("agreement").order_by("year"))
    ctg = _ctg(request, slug, bool(rows))
    inside = perms.is_inside(request.user, ctg)
    signed_on = ctg.fact("signed")
    years = years_of(ctg, rows, signed_on=signed_on, on=today())
    context = {
        "ctg": ctg,
        "years": [year for year in years if inside or year.evaluation],
        "inside": inside,
        "signed_on": signed_on,
        "can_write": perms.can_write_evaluation(request.user, ctg),
    }
    return render(request, "governance/evaluations.html", context)


@login_not_required
def evaluation(request: HttpRequest, slug: str, year: int) -> HttpResponse:
    """Every action, every indicator against its baseline, every axis."""
    evaluation = shown_evaluation(request, slug, year)
    ctg, user = evaluation.ctg, request.user
    reviews = list(evaluation.reviews.for_year())
    axes, results = progress_by_axis(reviews), results_of(evaluation)
    is_open = not evaluation.is_validated
    can_write = is_open and perms.can_write_evaluation(user, ctg)
    context = {
        "ctg": ctg,
        "evaluation": evaluation,
        "axes": axes,
        "axes_sentence": progress_sentence(axes),
        "results": results,
        "results_sentence": results_sentence(results),
        "mine": {review.pk for review in reviews if is_open and perms.can_review(user, review)},
        "can_write": can_write,
        "can_publish": evaluation.is_validated and perms.can_publish_evaluation(user, ctg),
        "inside": perms.is_inside(user, ctg),
        "lacks": shown_lacks_of_year(
            lacks_of_year(evaluation, reviews, [r.measurement for r in results]), user, evaluation
        )
        if can_write
        else [],
    }
    return render(request, "governance/evaluation.html", context)


@login_not_required
def evaluation_xlsx(request: HttpRequest, slug: str, year: int) -> HttpResponse:
    evaluation = shown_evaluation(request, slug, year)
    sheets = exports.evaluation_sheets(evaluation, on=today())
    return attached(sheets, CONTENT_TYPE, f"evaluation-{year}-{evaluation.ctg.slug}.xlsx")


@require_POST
def evaluation_open(request: HttpRequest, slug: str, year: int) -> HttpResponse:
    agreement: Agreement = agreement_inside(request, slug)
    require(perms.can_write_evaluation(request.user, agreement.ctg), EVALUATION_ONLY)
    opened = done(
        request,
        lambda: services.open_evaluation(agreement, year=year, by=request.user, on=today()),
        f"L’évaluation de {year} est ouverte.",
    )
    return redirect("governance:evaluation", slug, year) if opened else redirect("governance:evaluations", slug)


@back_when_closed("governance:evaluation")
def evaluation_edit(request: HttpRequest, slug: str, year: int) -> HttpResponse:
    evaluation = evaluation_to_write(request, slug, year)
    form = SummaryForm(request.POST or None, instance=evaluation)
    if request.method == "POST" and saved(form, lambda: services.describe_evaluation(form.instance, by=request.user)):
        messages.success(request, "Le bilan de l’année est enregistré.")
        return redirect("governance:evaluation", slug, year)
    context = {"ctg": evaluation.ctg, "evaluation": evaluation, "form": form, "draft": with_draft(request, form)}
    return render(request, "governance/evaluation_edit.html", context)


@back_when_closed("governance:evaluation")
def review_edit(request: HttpRequest, slug: str, year: int, pk: int) -> HttpResponse:
    """The year of one action and the values of its indicators, on one page, saved as one."""
    evaluation = evaluation_inside(request, slug, year)
    review = get_object_or_404(evaluation.reviews.for_year(), pk=pk)
    review.evaluation = evaluation
    require(perms.can_review(request.user, review), REVIEW_ONLY)
    refuse(evaluation.is_validated, Evaluation.CLOSED)
    measurements = (
        evaluation.measurements.filter(target__action=review.action_id).select_related("target__action").order_by("pk")
    )
    form = ReviewForm(request.POST or None, instance=review)
    formset = MeasurementFormSet(request.POST or None, queryset=measurements, prefix="measurements")
    if request.method == "POST" and _reviewed(request, evaluation, form, formset):
        messages.success(request, f"Le bilan de l’action {review.action.code} est enregistré.")
        return redirect(f"{reverse('governance:evaluation', args=[slug, year])}#actions")
    context = {
        "ctg": evaluation.ctg,
        "evaluation": evaluation,
        "review": review,
        "form": form,
        "formset": formset,
        "draft": with_draft(request, form, *formset.forms),
    }
    return render(request, "governance/review_edit.html", context)


@require_POST
def evaluation_publish(request: HttpRequest, slug: str, year: int) -> HttpResponse:
    evaluation = _to_publish(request, slug, year)
    done(
        request,
        lambda: services.publish_evaluation(evaluation, by=request.user),
        f"L’évaluation de {year} est publiée : tout le monde peut la lire.",
    )
    return redirect("governance:evaluation", slug, year)


@require_POST
def evaluation_unpublish(request: HttpRequest, slug: str, year: int) -> HttpResponse:
    evaluation = _to_publish(request, slug, year)
    done(
        request,
        lambda: services.unpublish_evaluation(evaluation, by=request.user),
        f"L’évaluation de {year} n’est plus publique.",
    )
    return redirect("governance:evaluation", slug, year)


@transaction.atomic
def _reviewed(request: HttpRequest, evaluation: Evaluation, form: ReviewForm, formset) -> bool:
    """Both are checked, in the transaction that saves them: each locks what it compares itself with."""
    is_valid = [form.is_valid(), formset.is_valid()]
    return all(is_valid) and saved(form, lambda: _save_review(request, evaluation, form.instance, formset))


def _save_review(request: HttpRequest, evaluation: Evaluation, review: ActionReview, formset) -> None:
    services.save_review(review, by=request.user)
    for measurement in formset.save(commit=False):
        measurement.evaluation = evaluation
        services.save_measurement(measurement, by=request.user)


def _to_publish(request: HttpRequest, slug: str, year: int) -> Evaluation:
    evaluation = evaluation_inside(request, slug, year)
    require(perms.can_publish_evaluation(request.user, evaluation.ctg), PUBLISH_ONLY)
    return evaluation


def _ctg(request: HttpRequest, slug: str, has_public: bool) -> Ctg:
    if has_public:
        return get_object_or_404(
            Ctg.objects.select_related("caf__territory", "territory__parent").prefetch_related("facts"), slug=slug
        )
    return own_ctg(request, slug)
