from django.contrib import admin

from territory.admin.scoping import CafScopedAdmin, OwnFilter
from territory.models import Indicator, Release, Source, Value


@admin.register(Source)
class SourceAdmin(CafScopedAdmin):
    list_display = ["name", "producer", "secrecy_threshold", "rounded_to", "code"]
    search_fields = ["name", "producer", "code"]
    ordering = ["name", "pk"]


@admin.register(Indicator)
class IndicatorAdmin(CafScopedAdmin):
    list_display = ["label", "theme", "unit", "is_key", "counts_people", "position", "code"]
    list_filter = ["theme", "unit", "is_key", "counts_people"]
    search_fields = ["label", "code", "definition"]
    ordering = ["position", "label", "pk"]


@admin.register(Release)
class ReleaseAdmin(CafScopedAdmin):
    """One delivery; those without a Caf are open data, the same for everyone."""

    caf_path = "caf"
    shares_open_rows = True
    list_display = ["name", "source", "caf", "published_on", "loaded_at", "is_demo"]
    list_filter = [("source", OwnFilter), ("caf", OwnFilter), "is_demo"]
    list_select_related = ["source", "caf"]
    search_fields = ["name", "source__name"]
    readonly_fields = ["loaded_at", "loaded_by"]
    date_hierarchy = "loaded_at"
    ordering = ["-loaded_at", "-pk"]


@admin.register(Value)
class ValueAdmin(CafScopedAdmin):
    """Figures: corrected on the page « Chiffres » of a Ctg, where their source is asked for; looked up here."""

    caf_path = "release__caf"
    shares_open_rows = True
    is_locked = True
    list_display = ["indicator", "territory", "year", "start_year", "number", "quality", "release"]
    list_filter = ["quality", "year", ("indicator", OwnFilter), ("release", OwnFilter)]
    list_select_related = ["indicator", "territory", "release"]
    search_fields = ["indicator__label", "territory__name", "territory__code"]
    ordering = ["indicator__position", "territory__name", "-year", "-pk"]
