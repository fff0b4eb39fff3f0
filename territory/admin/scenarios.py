from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from territory import services
from territory.admin.scoping import CafHistoryAdmin, CafScopedAdmin, CafScopedInline, OwnFilter
from territory.models import LegacyAction, LegacyContract, LegacyShare, Scenario, ScenarioLine


@admin.register(LegacyContract)
class LegacyContractAdmin(CafHistoryAdmin):
    caf_path = "caf"
    list_display = ["name", "territory", "payee", "ends_on", "last_amount", "caf"]
    list_filter = [("caf", OwnFilter)]
    list_select_related = ["territory", "payee", "caf"]
    search_fields = ["name", "territory__name", "payee__name"]
    raw_id_fields = ["territory"]
    readonly_fields = ["is_demo"]
    ordering = ["-ends_on", "name", "pk"]

    def save_model(self, request: HttpRequest, obj: LegacyContract, form: Any, change: bool) -> None:
        obj._history_user = request.user  # type: ignore[attr-defined]
        services.save_legacy_contract(obj, by=request.user)


class LegacyShareInline(CafScopedInline):
    """The existing units of each equipment; what is frozen for it follows, to the cent."""

    model = LegacyShare
    fields = ["facility", "units", "local_amount", "amount"]
    readonly_fields = ["amount"]
    is_deletable = True


@admin.register(LegacyAction)
class LegacyActionAdmin(CafScopedAdmin):
    """The action and its shares are written together: a new amount, or new units, share the whole again."""

    caf_path = "contract__caf"
    inlines = [LegacyShareInline]
    list_display = ["label", "contract", "service", "amount"]
    list_select_related = ["contract", "service"]
    search_fields = ["label", "contract__name"]
    ordering = ["contract__name", "-amount", "pk"]

    def save_model(self, request: HttpRequest, obj: LegacyAction, form: Any, change: bool) -> None:
        if not change:  # the shares need its number
            services.save_legacy_action(obj, by=request.user)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        for formset in formsets:
            formset.save(commit=False)  # tells the history of the admin what moved
        rows = [row.cleaned_data for formset in formsets for row in formset if row not in formset.deleted_forms]
        rows = [row for row in rows if row.get("facility")]
        units = {row["facility"]: row["units"] for row in rows}
        local = {row["facility"]: row["local_amount"] for row in rows if row["local_amount"] is not None}
        services.save_split_action(form.instance, units, local_amounts=local, by=request.user)


@admin.register(LegacyShare)
class LegacyShareAdmin(CafScopedAdmin):
    """Shared on the page « Du Cej au bonus », where the sum stays exact; looked up here."""

    caf_path = "action__contract__caf"
    is_locked = True
    list_display = ["action", "facility", "units", "amount", "local_amount"]
    list_select_related = ["action", "facility"]
    search_fields = ["action__label", "facility__name"]
    ordering = ["action__label", "facility__name", "pk"]


@admin.register(Scenario)
class ScenarioAdmin(CafScopedAdmin):
    """Computed on the page of the Ctg; looked up here."""

    caf_path = "ctg__caf"
    is_locked = True
    list_display = ["name", "ctg", "contract", "wealth", "yearly_rise", "shared_at", "saved_at"]
    list_filter = [("ctg", OwnFilter)]
    list_select_related = ["ctg", "contract"]
    search_fields = ["name", "ctg__name"]
    ordering = ["ctg__name", "pk"]


@admin.register(ScenarioLine)
class ScenarioLineAdmin(CafScopedAdmin):
    caf_path = "scenario__ctg__caf"
    is_locked = True
    list_display = ["scenario", "facility", "scheme", "year", "existing_amount", "new_amount"]
    list_filter = ["year"]
    list_select_related = ["scenario", "facility", "scheme"]
    search_fields = ["scenario__name", "facility__name"]
    ordering = ["scenario__name", "facility__name", "year", "pk"]
