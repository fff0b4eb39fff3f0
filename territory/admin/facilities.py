from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from territory import services
from territory.admin.scoping import CafHistoryAdmin, CafScopedAdmin, OwnFilter
from territory.models import Ctg, Facility, FacilityFact, Territory
from territory.reports.register import map_of


@admin.register(Facility)
class FacilityAdmin(CafHistoryAdmin):
    caf_path = "caf"
    list_display = [
        "name",
        "code",
        "kind",
        "manager",
        "seat",
        "capacity",
        "capacity_unit",
        "opened_on",
        "closed_on",
        "caf",
    ]
    list_filter = [("kind", OwnFilter), "capacity_unit", ("caf", OwnFilter)]
    list_select_related = ["kind", "manager", "seat", "caf"]
    search_fields = ["name", "code", "manager__name", "seat__name"]
    raw_id_fields = ["seat"]
    filter_horizontal = ["served"]
    readonly_fields = ["is_demo"]
    ordering = ["name", "pk"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list as it is filtered, and where its equipments are."""
        response: Any = super().changelist_view(request, extra_context)
        if changes := getattr(response, "context_data", {}).get("cl"):
            ctgs = Ctg.objects.filter(caf__in=changes.queryset.order_by().values("caf")).order_by()
            communes = Territory.objects.filter(
                pk__in=Ctg.communes.through.objects.filter(ctg__in=ctgs).values("territory")
            )
            seats = changes.queryset.order_by("name", "pk").values_list("name", "seat__name")
            response.context_data["map"], response.context_data["map_source"] = map_of(communes, seats)
        return response

    def save_model(self, request: HttpRequest, obj: Facility, form: ModelForm, change: bool) -> None:
        obj._history_user = request.user  # type: ignore[attr-defined]
        services.save_facility(obj, by=request.user)


@admin.register(FacilityFact)
class FacilityFactAdmin(CafScopedAdmin):
    """The conditions of the bonus, each with its day."""

    caf_path = "facility__caf"
    list_display = ["facility", "kind", "ctg", "on", "until"]
    list_filter = ["kind", ("ctg", OwnFilter)]
    list_select_related = ["facility", "ctg"]
    search_fields = ["facility__name", "facility__code"]
    ordering = ["facility__name", "kind", "on", "pk"]

    def save_model(self, request: HttpRequest, obj: FacilityFact, form: Any, change: bool) -> None:
        if change:
            services.save_facility_fact(obj, by=request.user)
            return
        made = services.state_facility_fact(obj.facility, kind=obj.kind, on=obj.on, by=request.user, ctg=obj.ctg)
        obj.pk = made.pk
