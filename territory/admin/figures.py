from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from territory import services
from territory.admin.scoping import CafScopedAdmin, OwnFilter
from territory.models import (
    AskedGesture,
    ConsistencyRule,
    FigureFile,
    Indicator,
    Rank,
    Release,
    SecrecyRule,
    Source,
    Value,
    Withholding,
)

JUDGED_AGAIN = "Les chiffres concernés sont jugés de nouveau en tâche de fond\u00a0: cela prend quelques minutes pour toute la France."


@admin.register(Source)
class SourceAdmin(CafScopedAdmin):
    list_display = ["name", "producer", "licence", "code"]
    search_fields = ["name", "producer", "code"]
    ordering = ["name", "pk"]


@admin.register(Indicator)
class IndicatorAdmin(CafScopedAdmin):
    list_display = ["label", "theme", "unit", "source", "finest_level", "is_key", "counts_people", "position", "code"]
    list_filter = ["theme", "unit", "source", "is_key", "counts_people"]
    list_select_related = ["source"]
    search_fields = ["label", "code", "definition"]
    ordering = ["position", "label", "pk"]

    def save_model(self, request: HttpRequest, obj: Indicator, form: Any, change: bool) -> None:
        """What it counts decides what is masked."""
        services.save_indicator(obj, by=request.user)
        if change and services.DECISIVE.intersection(form.changed_data):
            self.message_user(request, JUDGED_AGAIN)


@admin.register(SecrecyRule)
class SecrecyRuleAdmin(CafScopedAdmin):
    """Dated rows: one is added, never written over; adding one decides again what is masked."""

    list_display = ["source", "first_year", "method", "threshold", "base", "reference"]
    list_filter = ["method", ("source", OwnFilter)]
    list_select_related = ["source"]
    search_fields = ["source__name", "reference"]
    ordering = ["source__name", "-first_year"]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: SecrecyRule, form: Any, change: bool) -> None:
        services.add_secrecy_rule(obj, by=request.user)
        self.message_user(request, JUDGED_AGAIN)


@admin.register(Withholding)
class WithholdingAdmin(CafScopedAdmin):
    """Decided on the page « Chiffres non masqués » of the Caf; read here."""

    caf_path = "caf"
    is_locked = True
    list_display = ["indicator", "territory", "year", "caf", "decided_at", "decided_by"]
    list_filter = ["year", ("caf", OwnFilter)]
    list_select_related = ["indicator", "territory", "caf", "decided_by"]
    search_fields = ["indicator__label", "territory__name"]
    ordering = ["-decided_at", "-pk"]


@admin.register(AskedGesture)
class AskedGestureAdmin(CafScopedAdmin):
    """Asked on the pages of a Ctg and of a Caf; what still waits is looked up here."""

    caf_path = "caf"
    is_locked = True
    list_display = ["about", "kind", "state", "caf", "asked_at", "asked_by"]
    list_filter = ["state", "kind", ("caf", OwnFilter)]
    list_select_related = ["caf", "asked_by"]
    search_fields = ["about"]
    exclude = ["arguments", "found"]
    date_hierarchy = "asked_at"
    ordering = ["-asked_at", "-pk"]


@admin.register(Release)
class ReleaseAdmin(CafScopedAdmin):
    """One delivery; those without a Caf are open data, the same for everyone."""

    caf_path = "caf"
    shares_open_rows = True
    list_display = ["name", "source", "caf", "published_on", "loaded_at", "is_demo"]
    list_filter = [("source", OwnFilter), ("caf", OwnFilter), "is_demo"]
    list_select_related = ["source", "caf"]
    search_fields = ["name", "source__name"]
    readonly_fields = ["source", "caf", "loaded_at", "loaded_by"]  # whose figures they are was said when they came
    date_hierarchy = "loaded_at"
    ordering = ["-loaded_at", "-pk"]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A delivery comes with its figures: a file, or a figure typed on the page of a Ctg."""
        return False


@admin.register(FigureFile)
class FigureFileAdmin(CafScopedAdmin):
    """Files are dropped, looked at and applied on their own pages; here they are looked up."""

    caf_path = "caf"
    is_locked = True
    list_display = ["name", "state", "caf", "source", "created_at", "created_by", "applied_at"]
    list_filter = ["state", ("caf", OwnFilter), ("source", OwnFilter)]
    list_select_related = ["caf", "source", "created_by"]
    search_fields = ["name", "sha256"]
    exclude = ["content", "prepared", "report", "answers"]
    ordering = ["-created_at", "-pk"]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may_write(request, obj)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("files:files"))

    def view_on_site(self, obj: FigureFile) -> str:
        return reverse("files:file", args=[obj.pk])


@admin.register(ConsistencyRule)
class ConsistencyRuleAdmin(CafScopedAdmin):
    """Parts and their total, a ceiling: what binds figures decides what is masked."""

    list_display = ["sentence", "indicator", "relation", "first", "second", "tolerance"]
    list_filter = ["relation"]
    list_select_related = ["indicator", "first", "second"]
    search_fields = ["sentence", "code", "indicator__label"]
    ordering = ["code"]

    def save_model(self, request: HttpRequest, obj: ConsistencyRule, form: Any, change: bool) -> None:
        with services.judged_again():
            super().save_model(request, obj, form, change)


@admin.register(Rank)
class RankAdmin(CafScopedAdmin):
    """Computed when figures arrive or leave; read here."""

    caf_path = "caf"
    shares_open_rows = True
    is_locked = True
    list_display = [
        "indicator",
        "territory",
        "year",
        "in_department",
        "department_count",
        "in_country",
        "country_count",
    ]
    list_filter = ["year", ("indicator", OwnFilter)]
    list_select_related = ["indicator", "territory"]
    search_fields = ["indicator__label", "territory__name", "territory__code"]
    ordering = ["indicator__position", "territory__name", "-year", "pk"]


@admin.register(Value)
class ValueAdmin(CafScopedAdmin):
    """Figures: corrected on the page « Chiffres » of a Ctg, where their source is asked for; looked up here."""

    caf_path = "release__caf"
    shares_open_rows = True
    is_locked = True
    list_display = ["indicator", "territory", "year", "start_year", "number", "quality", "is_withheld", "release"]
    list_filter = ["quality", "is_withheld", "year", ("indicator", OwnFilter), ("release", OwnFilter)]
    list_select_related = ["indicator", "territory", "release"]
    search_fields = ["indicator__label", "territory__name", "territory__code"]
    ordering = ["indicator__position", "territory__name", "-year", "-pk"]
