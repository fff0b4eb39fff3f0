from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from governance import services
from governance.admin.closing import ClosedAdmin
from governance.models import ActionReview, Evaluation, EvaluationMethod, Measurement
from territory.admin import CafHistoryAdmin, CafScopedInline, OwnFilter

CTG = "agreement__plan__diagnosis__ctg"
OF_EVALUATION = f"evaluation__{CTG}"


@admin.register(EvaluationMethod)
class MethodAdmin(ClosedAdmin, CafHistoryAdmin):
    """One for each Ctg, opened with its committees."""

    caf_path = "ctg__caf"
    list_display = ["ctg", "validated_on", "validated_by_decision", "is_demo"]
    list_filter = [("validated_on", admin.EmptyFieldListFilter), ("ctg", OwnFilter), "is_demo"]
    list_select_related = ["ctg"]
    search_fields = ["ctg__name", "questions", "criteria"]
    ordering = ["ctg__name", "pk"]
    fields = ["ctg", "questions", "criteria", "organisation", "validated_on", "validated_by_decision", "is_demo"]
    readonly_fields = ["ctg", "validated_on", "validated_by_decision", "is_demo"]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: EvaluationMethod, form: Any, change: bool) -> None:
        services.save_method(obj, by=request.user)


class ReviewInline(CafScopedInline):
    model = ActionReview
    is_locked = True
    show_change_link = True
    fields = ["action", "progress", "percent", "outlook"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("action")


class MeasurementInline(CafScopedInline):
    model = Measurement
    is_locked = True
    show_change_link = True
    fields = ["target", "value", "missing_reason", "measured_on"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("target")


@admin.register(Evaluation)
class EvaluationAdmin(CafHistoryAdmin):
    """Opened on its page, validated by the copil's decision; published and withdrawn here too."""

    caf_path = f"{CTG}__caf"
    list_display = ["year", "ctg", "opened_on", "validated_on", "validated_by_decision", "published_at", "is_demo"]
    list_filter = ["year", ("validated_on", admin.EmptyFieldListFilter), ("published_at", admin.EmptyFieldListFilter)]
    list_select_related = [CTG]
    search_fields = ["summary", "agreement__number", f"{CTG}__name"]
    ordering = ["-year", "pk"]
    fields = ["agreement", "year", "summary", "opened_on", "validated_on", "validated_by_decision", "published_at"]
    inlines = [ReviewInline, MeasurementInline]
    actions = ["publish", "unpublish"]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Its summary is written until it is validated; publishing comes after."""
        is_open = obj is not None and not obj.is_validated
        facts = ["agreement", "year", "opened_on", "validated_on", "validated_by_decision", "published_at"]
        return facts if is_open else [*facts, "summary"]

    def save_model(self, request: HttpRequest, obj: Evaluation, form: Any, change: bool) -> None:
        services.describe_evaluation(obj, by=request.user)

    @admin.display(description="Ctg", ordering=f"{CTG}__name")
    def ctg(self, evaluation: Evaluation) -> str:
        return str(evaluation.ctg)

    @admin.action(description="Publier l’évaluation")
    def publish(self, request: HttpRequest, rows: QuerySet[Evaluation]) -> None:
        self.run(request, rows, lambda row: services.publish_evaluation(row, by=request.user), "Évaluations publiées")

    @admin.action(description="Ne plus publier l’évaluation")
    def unpublish(self, request: HttpRequest, rows: QuerySet[Evaluation]) -> None:
        self.run(request, rows, lambda row: services.unpublish_evaluation(row, by=request.user), "Évaluations retirées")


class _YearAdmin(ClosedAdmin):
    """A line prepared when its year was opened."""

    caf_path = f"{OF_EVALUATION}__caf"

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description="Ctg", ordering=f"{OF_EVALUATION}__name")
    def ctg(self, row: Any) -> str:
        return str(row.evaluation.ctg)

    @admin.display(description="année", ordering="evaluation__year")
    def year(self, row: Any) -> int:
        return row.evaluation.year


@admin.register(ActionReview)
class ActionReviewAdmin(_YearAdmin, CafHistoryAdmin):
    list_display = ["action", "ctg", "year", "progress", "percent", "outlook"]
    list_filter = ["evaluation__year", "progress", "outlook"]
    list_select_related = ["action", OF_EVALUATION]
    search_fields = ["action__title", "action__code", "comment", f"{OF_EVALUATION}__name"]
    ordering = ["-evaluation__year", "action__code", "pk"]
    fields = ["evaluation", "action", "progress", "percent", "comment", "outlook"]
    readonly_fields = ["evaluation", "action"]

    def save_model(self, request: HttpRequest, obj: ActionReview, form: Any, change: bool) -> None:
        services.save_review(obj, by=request.user)


@admin.register(Measurement)
class MeasurementAdmin(_YearAdmin):
    list_display = ["target", "ctg", "year", "value", "missing_reason", "measured_on"]
    list_filter = ["evaluation__year", ("value", admin.EmptyFieldListFilter)]
    list_select_related = ["target", OF_EVALUATION]
    search_fields = ["target__label", f"{OF_EVALUATION}__name"]
    ordering = ["-evaluation__year", "target", "pk"]
    fields = ["evaluation", "target", "value", "missing_reason", "measured_on"]
    readonly_fields = ["evaluation", "target"]

    def save_model(self, request: HttpRequest, obj: Measurement, form: Any, change: bool) -> None:
        services.save_measurement(obj, by=request.user)
