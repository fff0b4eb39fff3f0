from typing import Any

from django.contrib import admin
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest

from ctg_site.lib.dates import today
from territory import perms, services
from territory.admin.scoping import CafScopedAdmin, CafScopedInline, OwnFilter
from territory.models import CAF_ROLES, Caf, Contact, Invitation, Membership, Organisation, Role


@admin.register(Caf)
class CafAdmin(CafScopedAdmin):
    caf_path = "pk"
    list_display = ["name", "code", "territory"]
    list_select_related = ["territory"]
    search_fields = ["name", "code"]
    raw_id_fields = ["territory"]
    readonly_fields = []
    ordering = ["name", "pk"]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)


class ContactInline(CafScopedInline):
    model = Contact
    is_deletable = True
    readonly_fields = ["is_demo"]


@admin.register(Organisation)
class OrganisationAdmin(CafScopedAdmin):
    """The directory of a Caf: professional contacts only, never families."""

    caf_path = "caf"
    list_display = ["name", "short_name", "kind", "siren", "territory", "caf", "is_demo"]
    list_filter = ["kind", ("caf", OwnFilter), "is_demo"]
    list_select_related = ["territory", "caf"]
    search_fields = ["name", "short_name", "siren"]
    raw_id_fields = ["territory"]
    readonly_fields = ["is_demo"]
    ordering = ["name", "pk"]
    inlines = [ContactInline]


@admin.register(Contact)
class ContactAdmin(CafScopedAdmin):
    caf_path = "organisation__caf"
    is_deletable = True
    list_display = ["full_name", "job", "organisation", "email", "phone", "is_demo"]
    list_filter = [("organisation", OwnFilter), "is_demo"]
    list_select_related = ["organisation"]
    search_fields = ["full_name", "job", "email", "organisation__name"]
    readonly_fields = ["is_demo"]
    ordering = ["full_name", "pk"]


@admin.register(Membership)
class MembershipAdmin(CafScopedAdmin):
    """A role is given or withdrawn, never altered. Those of the Caf are given by its managers."""

    list_display = ["user", "role", "caf", "ctg", "organisation"]
    list_filter = ["role", ("caf", OwnFilter), ("ctg", OwnFilter)]
    list_select_related = ["user", "caf", "ctg", "organisation"]
    search_fields = ["user__full_name", "user__email", "caf__name", "ctg__name"]
    ordering = ["user__full_name", "role", "pk"]
    caf_path = "caf"
    is_deletable = True
    actions = None

    def caf_id_of(self, obj: Membership) -> int | None:  # type: ignore[override]
        return obj.caf_id or (obj.ctg.caf_id if obj.ctg else None)

    def limit_to_own(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        if request.user.is_superuser:
            return rows
        cafs = perms.staffed_cafs(request.user)
        return rows.filter(caf__in=cafs) | rows.filter(ctg__caf__in=cafs)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:  # type: ignore[override]
        if obj and obj.caf_id and not request.user.is_superuser:
            return obj.caf_id in perms.managed_cafs(request.user)
        return super().has_delete_permission(request, obj)

    def formfield_for_foreignkey(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "caf" and not request.user.is_superuser:
            kwargs["queryset"] = Caf.objects.filter(pk__in=perms.managed_cafs(request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_choice_field(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role" and not (request.user.is_superuser or perms.managed_cafs(request.user)):
            kwargs["choices"] = [(value, label) for value, label in Role.choices if value not in CAF_ROLES]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        given = services.grant_role(
            user=obj.user, role=obj.role, ctg=obj.ctg, caf=obj.caf, organisation=obj.organisation, by=request.user
        )
        obj.pk = given.pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        services.withdraw_role(obj, by=request.user)


@admin.register(Invitation)
class InvitationAdmin(CafScopedAdmin):
    """To follow and to repair; one invites from the page « Équipe » of the Ctg."""

    caf_path = "ctg__caf"
    list_display = ["full_name", "email", "ctg", "role", "organisation", "state", "due_on", "sent_at"]
    list_filter = [("ctg", OwnFilter), "role"]
    list_select_related = ["ctg", "organisation"]
    search_fields = ["full_name", "email", "ctg__name"]
    ordering = ["ctg__name", "full_name", "pk"]
    date_hierarchy = "created_at"
    actions = ["remind", "revoke"]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [field.name for field in self.model._meta.fields]

    @admin.display(description="état")
    def state(self, invitation: Invitation) -> str:
        return invitation.state_on(today())

    @admin.action(description="Relancer ceux qui n’ont pas répondu")
    def remind(self, request: HttpRequest, rows: QuerySet[Invitation]) -> None:
        self.run(request, rows, lambda row: services.remind(row, by=request.user, on=today()), "Rappels envoyés")

    @admin.action(description="Annuler l’invitation")
    def revoke(self, request: HttpRequest, rows: QuerySet[Invitation]) -> None:
        self.run(request, rows, lambda row: services.revoke(row, by=request.user), "Invitations annulées")
