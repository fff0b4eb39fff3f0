from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from territory import services
from territory.admin.scoping import CafHistoryAdmin, CafScopedAdmin, OwnFilter
from territory.models import FundingAgreement, Justification, Payment


@admin.register(FundingAgreement)
class FundingAgreementAdmin(CafHistoryAdmin):
    caf_path = "caf"
    list_display = ["reference", "facility", "payee", "scheme", "signed_on", "starts_on", "ends_on", "caf"]
    list_filter = [("scheme", OwnFilter), ("caf", OwnFilter)]
    list_select_related = ["facility", "payee", "scheme", "caf"]
    search_fields = ["reference", "facility__name", "payee__name"]
    raw_id_fields = ["territory"]
    readonly_fields = ["is_demo"]
    ordering = ["-ends_on", "reference", "pk"]

    def save_model(self, request: HttpRequest, obj: FundingAgreement, form: Any, change: bool) -> None:
        obj._history_user = request.user  # type: ignore[attr-defined]
        services.save_funding_agreement(obj, by=request.user)


class Written(CafScopedAdmin):
    """Added once, then only read: a mistake is put right by another row."""

    caf_path = "agreement__caf"
    list_select_related = ["agreement"]
    search_fields = ["agreement__reference", "agreement__payee__name"]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Payment)
class PaymentAdmin(Written):
    list_display = ["agreement", "year", "kind", "amount", "paid_on", "reason"]
    list_filter = ["year", "kind"]
    ordering = ["-paid_on", "-pk"]

    def save_model(self, request: HttpRequest, obj: Payment, form: Any, change: bool) -> None:
        services.record_payment(obj, by=request.user)


@admin.register(Justification)
class JustificationAdmin(Written):
    list_display = ["agreement", "year", "received_on"]
    list_filter = ["year"]
    ordering = ["-received_on", "-pk"]

    def save_model(self, request: HttpRequest, obj: Justification, form: Any, change: bool) -> None:
        made = services.record_justification(obj.agreement, year=obj.year, received_on=obj.received_on, by=request.user)
        obj.pk = made.pk
