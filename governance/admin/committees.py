from typing import Any

from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest

from ctg_site.lib.errors import RuleBroken
from governance import services
from governance.models import Attendance, Committee, Decision, GateRule, Meeting
from territory.admin import CafHistoryAdmin, CafScopedAdmin, CafScopedInline, OwnFilter


@admin.register(GateRule)
class GateRuleAdmin(CafScopedAdmin):
    """Reference data: which committee may close which step."""

    list_display = ["gate", "committee_kind"]
    list_filter = ["committee_kind"]
    ordering = ["gate", "committee_kind", "pk"]


@admin.register(Committee)
class CommitteeAdmin(CafScopedAdmin):
    caf_path = "ctg__caf"
    list_display = ["name", "kind", "ctg", "group", "meeting_count"]
    list_filter = ["kind", ("ctg", OwnFilter)]
    list_select_related = ["ctg", "group"]
    search_fields = ["name", "ctg__name", "group__name"]
    ordering = ["ctg__name", "kind", "name", "pk"]
    fields = ["ctg", "kind", "name", "group"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(meeting_count=Count("meetings"))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["ctg"] if obj else []

    def save_model(self, request: HttpRequest, obj: Committee, form: Any, change: bool) -> None:
        services.save_committee(obj, by=request.user)

    @admin.display(description="réunions", ordering="meeting_count")
    def meeting_count(self, committee: Committee) -> int:
        return committee.meeting_count  # type: ignore[attr-defined]


class AttendanceInline(CafScopedInline):
    """Who came: written on the page of the meeting."""

    model = Attendance
    is_locked = True
    fields = ["full_name", "organisation", "status"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("organisation")


class DecisionInline(CafScopedInline):
    """Taken in the meeting, never altered."""

    model = Decision
    is_locked = True
    show_change_link = True
    fields = ["reference", "text", "gate", "owner", "due_on"]
    readonly_fields = ["reference"]

    @admin.display(description="numéro")
    def reference(self, decision: Decision) -> str:
        return decision.reference


@admin.register(Meeting)
class MeetingAdmin(CafHistoryAdmin):
    caf_path = "committee__ctg__caf"
    list_display = ["when", "committee", "ctg", "purpose", "status", "held_on", "decision_count", "is_demo"]
    list_filter = ["status", "committee__kind", ("committee__ctg", OwnFilter), "is_demo"]
    list_select_related = ["committee__ctg"]
    search_fields = ["purpose", "committee__name", "committee__ctg__name", "minutes"]
    date_hierarchy = "starts_on"
    ordering = ["-starts_on", "pk"]
    fields = ["committee", "purpose", "starts_on", "starts_precision", "ends_on", "ends_precision", "place", "status"]
    fields += ["held_on", "minutes", "is_demo"]
    inlines = [DecisionInline, AttendanceInline]
    actions = ["hold", "cancel"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(decision_count=Count("decisions"))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["status", "held_on", "is_demo"]

    def save_model(self, request: HttpRequest, obj: Meeting, form: Any, change: bool) -> None:
        services.save_meeting(obj, by=request.user)

    @admin.display(description="date", ordering="starts_on")
    def when(self, meeting: Meeting) -> str:
        return meeting.when

    @admin.display(description="Ctg", ordering="committee__ctg__name")
    def ctg(self, meeting: Meeting) -> str:
        return str(meeting.ctg)

    @admin.display(description="décisions", ordering="decision_count")
    def decision_count(self, meeting: Meeting) -> int:
        return meeting.decision_count  # type: ignore[attr-defined]

    @admin.action(description="S’est tenue le jour prévu")
    def hold(self, request: HttpRequest, rows: QuerySet[Meeting]) -> None:
        self.run(request, rows, lambda meeting: _hold(meeting, request), "Réunions tenues")

    @admin.action(description="Annuler la réunion")
    def cancel(self, request: HttpRequest, rows: QuerySet[Meeting]) -> None:
        self.run(request, rows, lambda meeting: services.cancel_meeting(meeting, by=request.user), "Réunions annulées")


@admin.register(Attendance)
class AttendanceAdmin(CafScopedAdmin):
    caf_path = "meeting__committee__ctg__caf"
    is_deletable = True
    list_display = ["full_name", "organisation", "status", "meeting"]
    list_filter = ["status", ("organisation", OwnFilter)]
    list_select_related = ["organisation", "meeting__committee__ctg"]
    search_fields = ["full_name", "organisation__name", "meeting__committee__ctg__name"]
    ordering = ["-meeting__starts_on", "organisation__name", "full_name", "pk"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["meeting"] if obj else []

    def save_model(self, request: HttpRequest, obj: Attendance, form: Any, change: bool) -> None:
        services.save_attendance(obj, by=request.user)

    def delete_model(self, request: HttpRequest, obj: Attendance) -> None:
        services.delete_attendance(obj, by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for attendance in queryset.select_related("meeting__committee__ctg__caf"):
            self.delete_model(request, attendance)


@admin.register(Decision)
class DecisionAdmin(CafScopedAdmin):
    """Taken on the page of its meeting: to read only."""

    caf_path = "committee__ctg__caf"
    is_locked = True
    list_display = ["reference", "committee", "ctg", "gate", "text", "taken_on", "is_demo"]
    list_filter = ["gate", "committee__kind", ("committee__ctg", OwnFilter), "is_demo"]
    list_select_related = ["committee__ctg"]
    search_fields = ["text", "committee__name", "committee__ctg__name", "owner"]
    date_hierarchy = "taken_on"
    ordering = ["-taken_on", "-pk"]

    @admin.display(description="numéro")
    def reference(self, decision: Decision) -> str:
        return decision.reference

    @admin.display(description="Ctg", ordering="committee__ctg__name")
    def ctg(self, decision: Decision) -> str:
        return str(decision.committee.ctg)


def _hold(meeting: Meeting, request: HttpRequest) -> None:
    if meeting.starts_precision != Meeting.Precision.DAY:
        raise RuleBroken("son jour n’est pas connu : dites-le sur sa page.")
    services.hold_meeting(meeting, held_on=meeting.starts_on, by=request.user)
