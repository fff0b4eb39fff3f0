"""The rows of the fiches, each in a list of its own: what they cost, who pays, what is measured."""

from django.contrib import admin

from actions.admin.rows import PlanPartAdmin
from actions.models import Cost, Financing, Target
from territory.admin import OwnFilter


class ActionPartAdmin(PlanPartAdmin):
    caf_path = "action__plan__diagnosis__ctg__caf"
    readonly_fields = ["action"]

    @admin.display(description="Ctg", ordering="action__plan__diagnosis__ctg__name")
    def ctg(self, row: Cost | Financing | Target) -> str:
        return str(row.action.plan.ctg)


@admin.register(Cost)
class CostAdmin(ActionPartAdmin):
    list_display = ["label", "action", "ctg", "year", "nature", "amount"]
    list_filter = [("action__plan__diagnosis__ctg", OwnFilter), "year", "nature"]
    list_select_related = ["action__plan__diagnosis__ctg__caf"]
    search_fields = ["label", "action__code", "action__title", "action__plan__diagnosis__ctg__name"]
    ordering = ["action", "year", "nature", "pk"]


@admin.register(Financing)
class FinancingAdmin(ActionPartAdmin):
    """What is paid is recorded on the page of the action, by its own gesture."""

    list_display = ["funder", "action", "ctg", "year", "nature", "planned", "paid"]
    list_filter = [("action__plan__diagnosis__ctg", OwnFilter), "year", "nature", ("funder", OwnFilter)]
    list_select_related = ["action__plan__diagnosis__ctg__caf", "funder"]
    search_fields = ["funder__name", "action__code", "action__title", "action__plan__diagnosis__ctg__name"]
    readonly_fields = ["action", "paid"]
    ordering = ["action", "year", "nature", "pk"]


@admin.register(Target)
class TargetAdmin(ActionPartAdmin):
    list_display = ["label", "action", "ctg", "unit", "baseline", "goal", "source", "is_demo"]
    list_filter = [("action__plan__diagnosis__ctg", OwnFilter), "direction", "is_demo"]
    list_select_related = ["action__plan__diagnosis__ctg__caf"]
    search_fields = ["label", "source", "action__code", "action__title", "action__plan__diagnosis__ctg__name"]
    readonly_fields = ["action", "is_demo"]
    ordering = ["action", "pk"]
