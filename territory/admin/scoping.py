"""The back office of a Caf: each model shows and takes only what the person's Caf may see, by the role they have there."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import DateField, DecimalField, Field, Model, Q, QuerySet, URLField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from simple_history.admin import SimpleHistoryAdmin

from ctg_site.accounts.models import User
from ctg_site.lib import dates, numbers
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.fields import DayField, NumberField
from ctg_site.lib.prose import ProseField, is_free
from territory import perms
from territory.admin.history import FrenchChanges


class RoleRights(BaseModelAdmin):
    """Rights from the role on the Caf, never from Django's groups.

    ``caf_path`` leads from a row to its Caf (« ctg__caf »); None is reference data, written by the superuser only.
    ``shares_open_rows``: rows without a Caf are shown to everyone, as open data are.
    ``is_locked``: rows that only services write; ``is_deletable``: rows that may leave without a trace.
    """

    caf_path: str | None = None
    shares_open_rows = False
    is_locked = False
    is_deletable = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if request.user.is_superuser or obj is None or self.caf_path is None:
            return bool(request.user.is_superuser or perms.staffed_cafs(request.user))
        caf_id = self.caf_id_of(obj)
        return caf_id in perms.staffed_cafs(request.user) or (caf_id is None and self.shares_open_rows)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return not self.is_locked and self._may_write(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return not self.is_locked and self._may_write(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return not self.is_locked and self.is_deletable and self._may_write(request, obj)

    def _may_write(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if request.user.is_superuser:
            return True
        writable = perms.written_cafs(request.user)
        if self.caf_path is None or not writable:
            return False
        return obj is None or self.caf_id_of(obj) in writable

    def caf_id_of(self, obj: Model) -> int | None:
        """The Caf of a row, by its path; None for open data and for a row being added."""
        value: Any = obj
        for step in (self.caf_path or "").split("__"):
            value = getattr(value, step, None)
        return getattr(value, "pk", value)

    def limit_to_own(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        if request.user.is_superuser or self.caf_path is None:
            return rows
        mine = Q(**{f"{self.caf_path}__in": perms.staffed_cafs(request.user)})
        return rows.filter(mine | Q(**{f"{self.caf_path}__isnull": True}) if self.shares_open_rows else mine)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return self.limit_to_own(request, super().get_queryset(request))

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Amounts and quantities as French people type them: « 1 013,50 »; texts cleaned of what is hidden, as on the pages."""
        if isinstance(db_field, DecimalField) and db_field.decimal_places == 2:
            kwargs.setdefault("form_class", NumberField)
        elif is_free(db_field):
            kwargs.setdefault("form_class", ProseField)
        elif type(db_field) is DateField:
            kwargs.setdefault("form_class", DayField)
        elif isinstance(db_field, URLField):
            kwargs.setdefault("assume_scheme", "https")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", choices_for(request, db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", choices_for(request, db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class CafScopedAdmin(RoleRights, admin.ModelAdmin):
    """To inherit from for every model of the product; a rule refused by a service comes back in the form."""

    list_per_page = 50
    show_full_result_count = False

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Without what says the same on every row: the Caf of who has only one, the mark of the demonstration."""
        has_one_caf = not request.user.is_superuser and len(perms.staffed_cafs(request.user)) == 1
        needless = {"is_demo", "caf"} if has_one_caf else {"is_demo"}
        return [_column(self.model, name) for name in super().get_list_display(request) if name not in needless]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """A gesture on several rows is done on all of them, or refused with its reason and done on none."""
        try:
            with transaction.atomic():
                return super().changelist_view(request, extra_context)
        except RuleBroken as error:
            self.message_user(request, " ".join([str(error), *error.missing]), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except RuleBroken as error:
            request.refusal = error  # type: ignore[attr-defined]  # the same form again: the sentence is on it, and nothing typed is lost
            return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        refusal = getattr(request, "refusal", None)
        return _refused(form, refusal) if refusal else form

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().delete_view(request, *args, **kwargs)
        except RuleBroken as error:
            self.message_user(request, " ".join([str(error), *error.missing]), messages.ERROR)
            return HttpResponseRedirect(request.path)

    def run(self, request: HttpRequest, rows: QuerySet, gesture: Any, done: str) -> None:
        """Call a service on each row chosen; what the rules refuse is said, the rest is done."""
        count = 0
        for row in rows:
            if not self.has_change_permission(request, row):
                self.message_user(request, f"{row} : votre rôle ne permet pas ce geste.", messages.ERROR)
                continue
            try:
                with transaction.atomic():
                    gesture(row)
            except RuleBroken as error:
                self.message_user(request, " ".join([f"{row} : {error}", *error.missing]), messages.ERROR)
            else:
                count += 1
        if count:
            self.message_user(request, f"{done} : {count}.", messages.SUCCESS)


class CafHistoryAdmin(CafScopedAdmin, SimpleHistoryAdmin):
    """With the history of the fields, to read: an old version is never written back past the services."""

    def revert_disabled(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def history_view_title(self, request: HttpRequest, obj: Model) -> str:
        return f"Historique\u00a0: {obj}"

    def history_form_view_title(self, request: HttpRequest, obj: Model) -> str:
        return f"Version ancienne\u00a0: {obj}"

    def set_history_delta_changes(
        self, request: HttpRequest, historical_records: Any, *args: Any, **kwargs: Any
    ) -> None:
        for record in historical_records:
            record.history_delta_changes = []  # the first line of all has nothing before it to differ from
        super().set_history_delta_changes(request, historical_records, *args, **kwargs)

    def get_historical_record_context_helper(self, request: HttpRequest, historical_record: Any) -> FrenchChanges:
        return FrenchChanges(self.model, historical_record)

    def history_form_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "GET":
            raise PermissionDenied("L’historique se lit, il ne se réécrit pas.")
        return super().history_form_view(request, *args, **kwargs)


class CafScopedInline(RoleRights, admin.TabularInline):
    """Rows inside the page of their parent: the rights are those on the parent."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.admin_site._registry[self.parent_model].has_view_permission(request, obj)

    def _may_write(self, request: HttpRequest, obj: Model | None = None) -> bool:
        owner = self.admin_site._registry[self.parent_model]
        return isinstance(owner, RoleRights) and owner._may_write(request, obj)


class OwnFilter(admin.RelatedFieldListFilter):
    """A filter on a relation that names only what the person may see: ``list_filter = [("ctg", OwnFilter)]``."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[Any, Any]]:
        return [(row.pk, str(row)) for row in choices_for(request, field, model_admin.admin_site)]


def _column(model: type[Model], name: Any) -> Any:
    """Numbers and days as French people read them, in little room: « 1 089 800,50 », « 15 déc. 2021 »."""
    field = next((field for field in model._meta.fields if field.name == name), None)
    if not isinstance(field, DecimalField | DateField):
        return name

    @admin.display(description=str(field.verbose_name), ordering=name)
    def shown(row: Model) -> str | None:
        value = getattr(row, name)
        return None if value is None else _written(field, value)

    shown.__name__ = name  # the name of the column, for the style and for its address when one sorts by it
    return shown


def _written(field: Field, value: Any) -> str:
    if isinstance(field, DecimalField):
        cents = "€" in str(field.verbose_name) and value % 1 and field.decimal_places == 2
        return numbers.decimal(value, 2) if cents else numbers.shortest(value, field.decimal_places)
    day = value.astimezone(dates.PARIS).date() if isinstance(value, datetime) else value
    return dates.short_date(day).replace(" ", "\u00a0")


def choices_for(request: HttpRequest, field: Any, site: admin.AdminSite) -> QuerySet:
    """What a relation may point to: the rows that the person sees in the back office of that model."""
    model = field.remote_field.model
    if model is User:
        return User.objects.filter(pk__in=perms.people_of(request.user)).order_by("full_name", "pk")
    rows = model._default_manager.all()
    owner = site._registry.get(model)
    if not isinstance(owner, RoleRights):
        return rows
    if isinstance(owner.list_select_related, list | tuple) and owner.list_select_related:
        rows = rows.select_related(*owner.list_select_related)
    return owner.limit_to_own(request, rows)


def _refused(form: type[forms.ModelForm], refusal: RuleBroken) -> type[forms.ModelForm]:
    class Refused(form):  # type: ignore[misc, valid-type]
        def clean(self) -> Any:
            data = super().clean()
            self.add_error(None, ValidationError([str(refusal), *refusal.missing]))
            return data

    return Refused
