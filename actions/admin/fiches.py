"""The fiches, and their rows below them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest

from actions import services
from actions.admin.rows import PlanPartAdmin, person
from actions.models import Action, Cost, Financing, InKind, Lever, Partnership, Step, Target
from ctg_site.lib.dates import today
from ctg_site.lib.numbers import euros
from territory.admin import CafScopedInline, OwnFilter


class CostInline(CafScopedInline):
    model = Cost
    is_deletable = True
    ordering = ["year", "nature", "pk"]


class FinancingInline(CafScopedInline):
    model = Financing
    is_deletable = True
    fields = ["year", "nature", "funder", "planned", "paid"]
    readonly_fields = ["paid"]
    ordering = ["year", "nature", "funder__name", "pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("funder")


class PartnershipInline(CafScopedInline):
    model = Partnership
    is_deletable = True
    fields = ["organisation", "role", "state"]
    ordering = ["organisation__name", "pk"]


class StepInline(CafScopedInline):
    model = Step
    is_deletable = True
    fields = ["title", "starts_on", "due_on", "done_on"]
    readonly_fields = ["done_on"]
    ordering = ["due_on", "pk"]


class InKindInline(CafScopedInline):
    model = InKind
    is_deletable = True
    fields = ["year", "giver", "label", "amount"]
    ordering = ["year", "pk"]


class LeverInline(CafScopedInline):
    model = Lever
    is_deletable = True
    fields = ["scheme", "units", "yearly_amount", "note"]
    ordering = ["pk"]


class TargetInline(CafScopedInline):
    model = Target
    is_deletable = True
    fields = ["label", "unit", "direction", "baseline", "baseline_reason", "goal", "source"]
    ordering = ["pk"]


@admin.register(Action)
class ActionAdmin(PlanPartAdmin):
    caf_path = "plan__diagnosis__ctg__caf"
    list_display = ["code", "title", "ctg", "lead", "verdict", "starts_on", "ends_on", "cost", "is_demo"]
    list_display_links = ["code", "title"]
    list_filter = [("plan__diagnosis__ctg", OwnFilter), "verdict", "is_demo"]
    list_select_related = ["plan__diagnosis__ctg__caf", "lead"]
    search_fields = ["code", "title", "description", "lead__name", "plan__diagnosis__ctg__name"]
    date_hierarchy = "starts_on"
    ordering = ["plan", "code", "pk"]
    fields = [
        "plan",
        "objective",
        "code",
        "title",
        "description",
        "audience",
        "age_from",
        "age_to",
        "expected_results",
        "success_factors",
        "obstacles",
        "other_plans",
        "novelty",
        "importance",
        "lead",
        "co_lead",
        "lead_user",
        "contact_name",
        "contact_email",
        "staff_fte",
        "staff_means",
        "material_means",
        "starts_on",
        "ends_on",
    ]
    fields += ["verdict", "verdict_reason", "is_demo"]
    readonly_fields = ["plan", "objective", "verdict", "verdict_reason", "is_demo"]
    inlines = [PartnershipInline, StepInline, CostInline, FinancingInline, InKindInline, LeverInline, TargetInline]
    actions = ["retain"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(cost_sum=Sum("costs__amount"))

    def save_model(self, request: HttpRequest, obj: Action, form: Any, change: bool) -> None:
        services.save_action(obj, by=person(request))

    @admin.display(description="Ctg", ordering="plan__diagnosis__ctg__name")
    def ctg(self, action: Action) -> str:
        return str(action.plan.ctg)

    @admin.display(description="coût", ordering="cost_sum")
    def cost(self, action: Action) -> str:
        total = action.cost_sum  # type: ignore[attr-defined]
        return "" if total is None else euros(total)

    @admin.action(description="Donner l’avis « retenue »")
    def retain(self, request: HttpRequest, rows: QuerySet[Action]) -> None:
        verdict = Action.Verdict.RETAINED
        self.run(
            request,
            rows,
            lambda row: services.give_verdict(row, verdict=verdict, by=person(request), on=today()),
            "Actions retenues",
        )
