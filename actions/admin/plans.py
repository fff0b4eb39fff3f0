"""The plan and its tree, repaired here; opened with the Ctg, closed by the committees’ decisions."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from actions import services
from actions.admin.rows import PlanPartAdmin, person
from actions.models import Action, ActionPlan, Objective
from territory.admin import CafHistoryAdmin, CafScopedInline, OwnFilter


class ObjectiveInline(CafScopedInline):
    model = Objective
    is_locked = True
    fields = ["code", "title", "parent", "position"]
    ordering = ["position", "code", "pk"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("parent")


class ActionInline(CafScopedInline):
    model = Action
    is_locked = True
    fields = ["code", "title", "lead", "verdict", "starts_on", "ends_on"]
    ordering = ["code", "pk"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("lead")


@admin.register(ActionPlan)
class ActionPlanAdmin(CafHistoryAdmin):
    """Opened with the Ctg, closed by the committees' decisions: here its text is repaired and it is published."""

    caf_path = "diagnosis__ctg__caf"
    list_display = [
        "ctg",
        "version",
        "axes_fixed_on",
        "formalised_on",
        "costed_on",
        "adopted_on",
        "signed_on",
        "published_at",
    ]
    list_filter = [("diagnosis__ctg", OwnFilter), "adopted_on", "signed_on"]
    list_select_related = ["diagnosis__ctg__caf"]
    search_fields = ["diagnosis__ctg__name", "introduction"]
    ordering = ["diagnosis__ctg__name", "-version", "pk"]
    closures = ["axes_fixed_on", "axes_fixed_decision", "formalised_on", "formalised_decision", "costed_on"]
    closures += ["costed_decision", "adopted_on", "adopted_decision", "signed_on", "published_at"]
    fields = ["ctg", "version", "introduction", "level_names", *closures]
    inlines = [ObjectiveInline, ActionInline]
    actions = ["publish", "unpublish"]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: ActionPlan | None = None) -> list[str]:
        frozen = ["introduction", "level_names"] if obj and obj.axes_fixed_on else []
        return ["ctg", "version", *self.closures, *frozen]

    def save_model(self, request: HttpRequest, obj: ActionPlan, form: Any, change: bool) -> None:
        services.describe_plan(obj, introduction=obj.introduction, level_names=obj.level_names, by=person(request))

    @admin.display(description="Ctg", ordering="diagnosis__ctg__name")
    def ctg(self, plan: ActionPlan) -> str:
        return str(plan.ctg)

    @admin.action(description="Publier le plan")
    def publish(self, request: HttpRequest, rows: QuerySet[ActionPlan]) -> None:
        self.run(request, rows, lambda plan: services.publish_plan(plan, by=person(request)), "Plans publiés")

    @admin.action(description="Ne plus publier le plan")
    def unpublish(self, request: HttpRequest, rows: QuerySet[ActionPlan]) -> None:
        self.run(request, rows, lambda plan: services.unpublish_plan(plan, by=person(request)), "Plans retirés")


@admin.register(Objective)
class ObjectiveAdmin(PlanPartAdmin):
    caf_path = "plan__diagnosis__ctg__caf"
    list_display = ["code", "title", "parent", "ctg", "position", "is_demo"]
    list_display_links = ["code", "title"]
    list_filter = [("plan__diagnosis__ctg", OwnFilter), "is_demo"]
    list_select_related = ["plan__diagnosis__ctg__caf", "parent"]
    search_fields = ["code", "title", "text", "plan__diagnosis__ctg__name"]
    ordering = ["plan", "position", "code", "pk"]
    fields = ["plan", "parent", "code", "title", "text", "position", "is_demo"]
    readonly_fields = ["plan", "parent", "position", "is_demo"]

    @admin.display(description="Ctg", ordering="plan__diagnosis__ctg__name")
    def ctg(self, objective: Objective) -> str:
        return str(objective.plan.ctg)
