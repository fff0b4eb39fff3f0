from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.db.models import Field
from django.http import HttpRequest

from ctg_site.accounts.models import User
from ctg_site.lib.prose import ProseField, is_free

admin.site.unregister(Group)  # rights come from the roles of territory, never from groups


class UserCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "full_name")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """For the superuser: the others invite people from the pages of their Ctg."""

    add_form = UserCreationForm
    ordering = ["full_name", "pk"]
    list_display = ["full_name", "email", "is_staff", "is_active", "last_login"]
    list_filter = ["is_staff", "is_superuser", "is_active"]
    search_fields = ["full_name", "email"]
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["email", "full_name", "password"]}),
        ("Accès", {"fields": ["is_active", "is_staff", "is_superuser", "last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "full_name", "usable_password", "password1", "password2"]})]

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        if is_free(db_field) and db_field.name != "password":
            kwargs.setdefault("form_class", ProseField)
        return super().formfield_for_dbfield(db_field, request, **kwargs)
