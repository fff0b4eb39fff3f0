from django.db.models import Model
from django.http import HttpRequest

from territory.admin import CafScopedAdmin


class ClosedAdmin(CafScopedAdmin):
    """Rows that a decision closes: from then on they are read, the rest follows the role."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and not self.is_closed(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not self.is_closed(obj)

    def is_closed(self, obj: Model | None) -> bool:
        return obj is not None and obj.is_closed()  # type: ignore[attr-defined]
