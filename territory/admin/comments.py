from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from territory import services
from territory.admin.scoping import CafScopedAdmin, OwnFilter
from territory.models import Comment


@admin.register(Comment)
class CommentAdmin(CafScopedAdmin):
    """The words of somebody: read, settled, never rewritten."""

    caf_path = "ctg__caf"
    list_display = ["start", "author", "subject_kind", "subject_label", "ctg", "written_at", "settled_at", "is_demo"]
    list_filter = [("ctg", OwnFilter), "subject_kind", ("settled_at", admin.EmptyFieldListFilter), "is_demo"]
    list_select_related = ["author", "ctg"]
    search_fields = ["text", "subject_label", "author__full_name", "ctg__name"]
    date_hierarchy = "written_at"
    ordering = ["-written_at", "-pk"]
    actions = ["settle", "reopen"]
    readonly_fields = [
        "ctg",
        "subject_kind",
        "subject_label",
        "author",
        "text",
        "written_at",
        "settled_at",
        "settled_by",
        "is_demo",
    ]
    fields = [*readonly_fields]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description="commentaire")
    def start(self, comment: Comment) -> str:
        return comment.text[:80]

    @admin.action(description="Marquer comme réglés")
    def settle(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.run(request, queryset, lambda row: services.settle_comment(row, by=request.user), "Commentaires réglés")

    @admin.action(description="Rouvrir")
    def reopen(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.run(request, queryset, lambda row: services.reopen_comment(row, by=request.user), "Commentaires rouverts")
