from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from territory import services
from territory.admin.scoping import CafHistoryAdmin, CafScopedAdmin, OwnFilter
from territory.models import ControlTotal, FundingLine, Scheme, ServiceKind


@admin.register(ServiceKind)
class ServiceKindAdmin(CafScopedAdmin):
    list_display = ["label", "is_project", "valid_from", "valid_to", "successor", "position", "code"]
    list_filter = ["is_project"]
    list_select_related = ["successor"]
    search_fields = ["label", "code"]
    ordering = ["position", "label", "pk"]


@admin.register(Scheme)
class SchemeAdmin(CafScopedAdmin):
    list_display = ["label", "position", "code"]
    search_fields = ["label", "code"]
    ordering = ["position", "label", "pk"]


@admin.register(FundingLine)
class FundingLineAdmin(CafHistoryAdmin):
    caf_path = "caf"
    is_deletable = True
    list_display = ["label", "territory", "year", "service", "scheme", "state", "amount", "rounding", "caf"]
    list_filter = ["year", "state", "nature", ("service", OwnFilter), ("scheme", OwnFilter), ("caf", OwnFilter)]
    list_select_related = ["territory", "service", "scheme", "caf"]
    search_fields = ["label", "territory__name", "source"]
    raw_id_fields = ["territory"]
    readonly_fields = ["is_demo"]
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
