from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from territory import services
from territory.admin.scoping import CafHistoryAdmin, CafScopedAdmin, OwnFilter
from territory.forms import CompletedLineForm
from territory.models import ControlTotal, FundingImport, FundingLine, FundingRollup, Rate, Scheme, ServiceKind


@admin.register(ServiceKind)
class ServiceKindAdmin(CafScopedAdmin):
    list_display = ["label", "is_project", "valid_from", "valid_to", "successor", "position", "code"]
    list_filter = ["is_project"]
    list_select_related = ["successor"]
    search_fields = ["label", "code"]
    ordering = ["position", "label", "pk"]


@admin.register(Scheme)
class SchemeAdmin(CafScopedAdmin):
    list_display = ["label", "family", "unit", "school_year", "to_verify", "position", "code"]
    list_filter = ["family", "to_verify"]
    search_fields = ["label", "code"]
    ordering = ["position", "label", "pk"]


@admin.register(Rate)
class RateAdmin(CafScopedAdmin):
    """Dated rows: one is added, never written over; what was computed before does not move.

    Once added, a rate is only checked against the official text, or ended.
    """

    list_display = ["scheme", "measure", "wealth", "value", "unit", "valid_from", "valid_to", "to_verify", "is_demo"]
    list_filter = ["measure", "to_verify", "is_demo", ("scheme", OwnFilter)]
    list_select_related = ["scheme"]
    search_fields = ["scheme__label", "scheme__code", "source"]
    readonly_fields = ["is_demo"]
    ordering = ["scheme__position", "measure", "-valid_from", "pk"]

    def get_readonly_fields(self, request: HttpRequest, obj: Rate | None = None) -> list[str]:
        return ["is_demo", *(["scheme", "measure", "wealth", "value", "unit", "valid_from"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: Rate, form: Any, change: bool) -> None:
        if not change:
            services.add_rate(obj, by=request.user)
            return
        if {"source", "to_verify"} & set(form.changed_data):
            services.confirm_rate(obj, source=obj.source, to_verify=obj.to_verify, by=request.user)
        if "valid_to" in form.changed_data:
            services.end_rate(obj, valid_to=obj.valid_to, by=request.user)


@admin.register(FundingLine)
class FundingLineAdmin(CafHistoryAdmin):
    caf_path = "caf"
    form = CompletedLineForm
    is_deletable = True
    list_display = ["label", "year", "state", "amount", "territory", "scheme", "service", "rounding", "caf"]
    list_filter = ["year", "state", "nature", ("service", OwnFilter), ("scheme", OwnFilter), ("caf", OwnFilter)]
    list_select_related = ["territory", "service", "scheme", "caf"]
    search_fields = ["label", "territory__name", "source"]
    raw_id_fields = ["territory"]
    readonly_fields = ["is_demo", "explanation"]
    ordering = ["-year", "-amount", "pk"]

    def save_model(self, request: HttpRequest, obj: FundingLine, form: Any, change: bool) -> None:
        obj._history_user = request.user  # type: ignore[attr-defined]
        services.save_funding_line(obj, by=request.user)

    def delete_model(self, request: HttpRequest, obj: FundingLine) -> None:
        services.delete_funding_line(obj, by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[FundingLine]) -> None:
        for line in queryset:
            services.delete_funding_line(line, by=request.user)


@admin.register(ControlTotal)
class ControlTotalAdmin(CafScopedAdmin):
    """The totals that a document states, kept beside the sum of the lines."""

    caf_path = "caf"
    is_deletable = True
    list_display = ["scheme", "territory", "year", "amount", "rounding", "source", "caf"]
    list_filter = ["year", ("scheme", OwnFilter), ("caf", OwnFilter)]
    list_select_related = ["territory", "scheme", "caf"]
    search_fields = ["territory__name", "source"]
    raw_id_fields = ["territory"]
    ordering = ["-year", "scheme__position", "pk"]

    def save_model(self, request: HttpRequest, obj: ControlTotal, form: Any, change: bool) -> None:
        services.save_control_total(obj, by=request.user)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        services.delete_control_total(obj, by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for total in queryset:
            services.delete_control_total(total, by=request.user)


@admin.register(FundingRollup)
class FundingRollupAdmin(CafScopedAdmin):
    """Totals kept by the services, to read."""

    caf_path = "caf"
    is_locked = True
    list_display = ["caf", "scheme", "year", "state", "amount", "lines", "unpriced"]
    list_filter = ["year", "state", ("caf", OwnFilter)]
    list_select_related = ["caf", "scheme"]
    search_fields = ["scheme__label"]
    ordering = ["caf__name", "-year", "scheme__position", "state", "pk"]


@admin.register(FundingImport)
class FundingImportAdmin(CafScopedAdmin):
    """The files received, as proof of what they changed."""

    caf_path = "caf"
    is_locked = True
    list_display = ["name", "caf", "state", "created_at", "created_by", "applied_at", "added", "changed"]
    list_filter = ["state", ("caf", OwnFilter)]
    list_select_related = ["caf", "created_by"]
    exclude = ["content", "report", "progress"]
    search_fields = ["name", "sha256"]
    ordering = ["-created_at", "-pk"]
