"""What the back office of a plan does everywhere: every save goes through the services; adopted, all is read-only."""

from typing import Any, cast

from django.db.models import Model
from django.http import HttpRequest

from actions import services
from actions.models import Action, ActionPlan, Cost, Financing, InKind, Lever, Objective, Partnership, Step, Target
from ctg_site.accounts.models import User
from territory.admin import CafHistoryAdmin

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


def person(request: HttpRequest) -> User:
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
        SAVE[type(obj)](obj, by=person(request))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        DELETE[type(obj)](obj, by=person(request))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        rows = formset.save(commit=False)
        for row in formset.deleted_objects:
            DELETE[type(row)](row, by=person(request))
        for row in rows:
            SAVE[type(row)](row, by=person(request))
