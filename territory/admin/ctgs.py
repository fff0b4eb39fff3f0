from typing import Any

from django.contrib import admin
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest

from ctg_site.lib.dates import today
from territory import services
from territory.admin.scoping import CafHistoryAdmin, CafScopedAdmin, CafScopedInline, OwnFilter
from territory.asked import ask_to_publish
from territory.models import Ctg, CtgFact, Invitation, Membership, Territory


class FactInline(CafScopedInline):
    model = CtgFact
    is_locked = True


class MemberInline(CafScopedInline):
    """Who has which role on this Ctg; given and withdrawn on the page « Équipe »."""

    model = Membership
    is_locked = True
    fields = ["user", "role", "organisation"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("user", "organisation")


class InvitationInline(CafScopedInline):
    model = Invitation
    is_locked = True
    fields = ["full_name", "email", "role", "due_on", "sent_at", "opened_at", "accepted_at", "revoked_at"]


@admin.register(Ctg)
class CtgAdmin(CafHistoryAdmin):
    """Opened by « Nouvelle Ctg »; its perimeter and period change here until it is signed."""

    caf_path = "caf"
    list_display = [
        "name",
        "years",
        "caf",
        "territory",
        "state",
        "portrait_published_at",
        "calendar_published_at",
        "is_demo",
    ]
    list_filter = [("caf", OwnFilter), "is_demo"]
    list_select_related = ["caf", "territory"]
    search_fields = ["name", "slug", "territory__name", "communes__name"]
    date_hierarchy = "starts_on"
    ordering = ["name", "-starts_on", "pk"]
    filter_horizontal = ["communes"]
    readonly_fields = ["caf", "territory", "slug", "portrait_published_at", "calendar_published_at"]
    readonly_fields += ["created_at", "created_by", "is_demo"]
    fields = ["name", "starts_on", "ends_on", "communes", *readonly_fields]
    inlines = [FactInline, MemberInline, InvitationInline]
    actions = ["publish_portrait", "unpublish_portrait", "publish_calendar", "unpublish_calendar"]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("facts")

    def formfield_for_manytomany(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = Territory.objects.communes().order_by("name", "pk")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Ctg, form: Any, change: bool) -> None:
        obj._history_user = request.user  # type: ignore[attr-defined]
        chosen = {name: form.cleaned_data[name] for name in ("name", "starts_on", "ends_on", "communes")}
        services.update_ctg(obj, **chosen, by=request.user)

    @admin.display(description="période", ordering="starts_on")
    def years(self, ctg: Ctg) -> str:
        return ctg.period

    @admin.display(description="état")
    def state(self, ctg: Ctg) -> str:
        return str(ctg.state_on(today()).label)

    @admin.action(description="Publier le portrait")
    def publish_portrait(self, request: HttpRequest, rows: QuerySet[Ctg]) -> None:
        self.run(request, rows, lambda ctg: ask_to_publish(ctg, by=request.user), "Publications demandées")

    @admin.action(description="Retirer le portrait")
    def unpublish_portrait(self, request: HttpRequest, rows: QuerySet[Ctg]) -> None:
        self.run(request, rows, lambda ctg: services.unpublish_portrait(ctg, by=request.user), "Portraits retirés")

    @admin.action(description="Publier le calendrier")
    def publish_calendar(self, request: HttpRequest, rows: QuerySet[Ctg]) -> None:
        self.run(request, rows, lambda ctg: services.publish_calendar(ctg, by=request.user), "Calendriers publiés")

    @admin.action(description="Retirer le calendrier")
    def unpublish_calendar(self, request: HttpRequest, rows: QuerySet[Ctg]) -> None:
        self.run(request, rows, lambda ctg: services.unpublish_calendar(ctg, by=request.user), "Calendriers retirés")


@admin.register(CtgFact)
class CtgFactAdmin(CafScopedAdmin):
    """Written by the room that states them: to read only."""

    caf_path = "ctg__caf"
    is_locked = True
    list_display = ["ctg", "kind", "on"]
    list_filter = ["kind", ("ctg", OwnFilter)]
    list_select_related = ["ctg"]
    search_fields = ["ctg__name"]
    date_hierarchy = "on"
    ordering = ["-on", "pk"]
