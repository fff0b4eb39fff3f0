"""The back office of the plan: to look, search and repair. Every save goes through the services; adopted, all is read-only."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Model, QuerySet, Sum
from django.http import HttpRequest

from actions import services
from actions.models import (
    Action,
    ActionPlan,
    Cost,
    Criterion,
    Financing,
    InKind,
    Lever,
    ModelAction,
    Objective,
    Partnership,
    Step,
    Target,
)
from ctg_site.accounts.models import User
from ctg_site.lib.dates import today
from ctg_site.lib.numbers import euros
from territory.admin import CafHistoryAdmin, CafScopedAdmin, CafScopedInline, OwnFilter

PARTS: tuple[type[Model], ...] = (Partnership, Step, InKind, Lever)
SAVE: dict[type[Model], Any] = {
    Objective: services.save_objective,
    Cost: services.save_cost,
    Financing: services.save_financing,
    Target: services.save_target,
    **dict.fromkeys(PARTS, services.save_part),
}
DELETE: dict[type[Model], Any] = {
    Objective: services.delete_objective,
    Action: services.delete_action,
    Cost: services.delete_cost,
    Financing: services.delete_financing,
    Target: services.delete_target,
    **dict.fromkeys(PARTS, services.delete_part),
}


def _person(request: HttpRequest) -> User:
    """The back office lets nobody in without an account."""
    return cast(User, request.user)


class PlanPartAdmin(CafHistoryAdmin):
    """Rows of a plan: written on their pages, repaired here while the plan is a draft."""

    is_deletable = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def _may_write(self, request: HttpRequest, obj: Model | None = None) -> bool:
        frozen = obj is not None and self.plan_of(obj).is_adopted
        return super()._may_write(request, obj) and not frozen

    def plan_of(self, obj: Any) -> ActionPlan:
        return obj.plan if hasattr(obj, "plan") else obj.action.plan

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Rows leave one by one, so that each refusal is read."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        SAVE[type(obj)](obj, by=_person(request))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        DELETE[type(obj)](obj, by=_person(request))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        rows = formset.save(commit=False)
        for row in formset.deleted_objects:
            DELETE[type(row)](row, by=_person(request))
        for row in rows:
            SAVE[type(row)](row, by=_person(request))


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
        services.describe_plan(obj, introduction=obj.introduction, level_names=obj.level_names, by=_person(request))

    @admin.display(description="Ctg", ordering="diagnosis__ctg__name")
    def ctg(self, plan: ActionPlan) -> str:
        return str(plan.ctg)

    @admin.action(description="Publier le plan")
    def publish(self, request: HttpRequest, rows: QuerySet[ActionPlan]) -> None:
        self.run(request, rows, lambda plan: services.publish_plan(plan, by=_person(request)), "Plans publiés")

    @admin.action(description="Ne plus publier le plan")
    def unpublish(self, request: HttpRequest, rows: QuerySet[ActionPlan]) -> None:
        self.run(request, rows, lambda plan: services.unpublish_plan(plan, by=_person(request)), "Plans retirés")


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
        services.save_action(obj, by=_person(request))

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
            lambda row: services.give_verdict(row, verdict=verdict, by=_person(request), on=today()),
            "Actions retenues",
        )


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


@admin.register(Criterion)
class CriterionAdmin(CafScopedAdmin):
    """Reference data, the same for all Cafs."""

    caf_path = None
    list_display = ["label", "question", "position"]
    search_fields = ["label", "question"]
    ordering = ["position", "code"]


@admin.register(ModelAction)
class ModelActionAdmin(CafScopedAdmin):
    """Reference data: the library of model actions."""

    caf_path = None
    list_display = ["title", "theme", "position"]
    list_filter = ["theme"]
    search_fields = ["title", "description"]
    ordering = ["position", "code"]
