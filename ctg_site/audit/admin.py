from django.contrib import admin
from django.http import HttpRequest

from ctg_site.audit.models import Entry


@admin.register(Entry)
class EntryAdmin(admin.ModelAdmin):
    list_display = ["at", "actor_label", "verb", "target_label", "caf_code"]
    list_filter = ["verb", "caf_code"]
    search_fields = ["actor_label", "verb", "target_label"]
    date_hierarchy = "at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False
