"""Reference data, the same for all Cafs."""

from django.contrib import admin

from actions.models import Criterion, ModelAction
from territory.admin import CafScopedAdmin


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
