from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from territory.admin.scoping import CafScopedAdmin, CafScopedInline
from territory.models import Belonging, Outline, Succession, Territory, VintageFile
from territory.services import judge_cafs_again


class GeographyAdmin(CafScopedAdmin):
    """What a set is made of decides what its total tells: a change is judged again."""

    def save_related(self, *args: Any) -> None:
        super().save_related(*args)
        judge_cafs_again()


class CommuneInline(CafScopedInline):
    """The communes of an EPCI or of a perimeter, from a day to another."""

    model = Belonging
    fk_name = "group"
    verbose_name_plural = "communes"
    raw_id_fields = ["commune"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("commune").order_by("commune__name", "valid_from", "pk")


@admin.register(Territory)
class TerritoryAdmin(GeographyAdmin):
    """The official geography is reference data; a perimeter belongs to its Caf."""

    caf_path = "caf"
    shares_open_rows = True
    list_display = ["name", "kind", "code", "nature", "parent", "valid_from", "valid_to"]
    list_filter = ["kind"]
    list_select_related = ["parent"]
    search_fields = ["name", "code", "search_text"]
    raw_id_fields = ["parent"]
    ordering = ["name", "code", "pk"]
    inlines = [CommuneInline]


@admin.register(Belonging)
class BelongingAdmin(GeographyAdmin):
    caf_path = "group__caf"
    shares_open_rows = True
    list_display = ["commune", "group", "valid_from", "valid_to"]
    list_select_related = ["commune", "group"]
    search_fields = ["commune__name", "commune__code", "group__name", "group__code"]
    raw_id_fields = ["commune", "group"]
    ordering = ["group__name", "commune__name", "valid_from", "pk"]


@admin.register(Succession)
class SuccessionAdmin(GeographyAdmin):
    list_display = ["before", "after", "kind", "on"]
    list_filter = ["kind"]
    list_select_related = ["before", "after"]
    search_fields = ["before__name", "before__code", "after__name", "after__code"]
    raw_id_fields = ["before", "after"]
    ordering = ["-on", "pk"]


@admin.register(VintageFile)
class VintageFileAdmin(CafScopedAdmin):
    """A vintage is dropped, looked at and applied on its own page; here it is looked up."""

    is_locked = True
    list_display = ["name", "state", "scope", "created_at", "created_by", "applied_at"]
    list_filter = ["state"]
    list_select_related = ["created_by"]
    search_fields = ["name", "sha256"]
    exclude = ["content", "preview"]
    ordering = ["-created_at", "-pk"]

    def view_on_site(self, obj: VintageFile) -> str:
        return reverse("files:vintage")


@admin.register(Outline)
class OutlineAdmin(CafScopedAdmin):
    list_display = ["territory", "source"]
    list_select_related = ["territory"]
    search_fields = ["territory__name", "territory__code"]
    raw_id_fields = ["territory"]
    ordering = ["territory__name", "pk"]
