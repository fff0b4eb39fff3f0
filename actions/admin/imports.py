"""Workbooks sent for a plan: received here too, looked at, read again, applied."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from actions.admin.rows import person
from actions.imports import apply_import, explain_heading, known_fields, read_again, receive_import, report_lines
from actions.models import HeadingChoice, PlanImport
from ctg_site.accounts.models import User
from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken
from territory.admin import CafScopedAdmin, OwnFilter


class PlanImportForm(forms.ModelForm[PlanImport]):
    """A file for a plan; afterwards, only read."""

    by: User
    file = forms.FileField(label="classeur (.xlsx)", required=True)

    class Meta:
        model = PlanImport
        fields = ["plan"]

    def clean(self) -> dict[str, Any]:
        """Received here, so that a refusal is read beside what was chosen."""
        data = super().clean() or {}
        if data.get("plan") and data.get("file"):
            try:
                self.received = receive_import(
                    data["plan"], name=data["file"].name, content=data["file"].read(), by=self.by
                )
            except RuleBroken as refusal:
                self.add_error("file", [str(refusal), *refusal.missing])
        return data


@admin.register(PlanImport)
class PlanImportAdmin(CafScopedAdmin):
    """Workbooks sent: received here too, looked at, read again, applied."""

    caf_path = "plan__diagnosis__ctg__caf"
    list_display = ["name", "ctg", "created_at", "created_by", "added", "changed", "applied_at"]
    list_filter = [("plan__diagnosis__ctg", OwnFilter), "applied_at"]
    list_select_related = ["plan__diagnosis__ctg__caf", "created_by"]
    search_fields = ["name", "plan__diagnosis__ctg__name"]
    date_hierarchy = "created_at"
    ordering = ["-created_at", "-pk"]
    shown = ["plan", "name", "sha256", "created_at", "created_by", "applied_at", "added", "changed", "preview"]
    readonly_fields = shown
    actions = ["read_once_more", "apply"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("book", "layout")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.shown if obj else ["plan", "file"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.shown if obj else []

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:
            return super().get_form(request, obj, change, **kwargs)
        form = super().get_form(request, obj, change, **kwargs | {"form": PlanImportForm, "fields": ["plan"]})
        form.by = person(request)
        return form

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> PlanImport:
        return form.received

    def save_model(self, request: HttpRequest, obj: PlanImport, form: Any, change: bool) -> None:
        """The service has kept it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """It has no rows of its own."""

    @admin.display(description="Ctg", ordering="plan__diagnosis__ctg__name")
    def ctg(self, sent: PlanImport) -> str:
        return str(sent.plan.ctg)

    @admin.display(description="aperçu")
    def preview(self, sent: PlanImport) -> str:
        return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in report_lines(sent.report)))

    @admin.action(description="Relire les classeurs choisis")
    def read_once_more(self, request: HttpRequest, rows: QuerySet[PlanImport]) -> None:
        self.run(request, rows, read_again, "Classeurs relus")

    @admin.action(description="Appliquer les classeurs choisis")
    def apply(self, request: HttpRequest, rows: QuerySet[PlanImport]) -> None:
        self.run(request, rows, lambda sent: apply_import(sent, by=person(request), at=now()), "Classeurs appliqués")


class HeadingChoiceForm(forms.ModelForm[HeadingChoice]):
    """The sheets and the columns are ours: they are chosen, not typed."""

    fields: dict[str, Any]

    class Meta:
        model = HeadingChoice
        fields = ["caf", "sheet", "heading", "field"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = known_fields()
        groups = [(sheet, list(columns.items())) for sheet, columns in found.items()]
        if "sheet" in self.fields:
            self.fields["sheet"] = forms.ChoiceField(label="feuille", choices=[(sheet, sheet) for sheet in found])
            self.fields["field"] = forms.ChoiceField(
                label="colonne", required=False, choices=[("", "ne pas importer"), *groups]
            )


@admin.register(HeadingChoice)
class HeadingChoiceAdmin(CafScopedAdmin):
    """What the headings of a Caf mean: said here, it serves the next file, and those that are read again."""

    caf_path = "caf"
    form = HeadingChoiceForm
    list_display = ["heading", "sheet", "field", "caf"]
    list_filter = [("caf", OwnFilter), "sheet"]
    list_select_related = ["caf__territory"]
    search_fields = ["heading", "field"]
    ordering = ["caf", "sheet", "heading"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ["caf", "sheet", "heading"] if obj else []

    def save_model(self, request: HttpRequest, obj: HeadingChoice, form: Any, change: bool) -> None:
        kept = explain_heading(obj.caf, sheet=obj.sheet, heading=obj.heading, field=obj.field, by=person(request))
        obj.pk, obj.heading = kept.pk, kept.heading
