from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from governance import services
from governance.admin.closing import ClosedAdmin
from governance.models import Agreement, Article, Clause, Deliberation, Party, Signatory
from territory.admin import CafHistoryAdmin, CafScopedAdmin, CafScopedInline, OwnFilter

CTG = "agreement__plan__diagnosis__ctg"
OF_PARTY = f"party__{CTG}"


@admin.register(Clause)
class ClauseAdmin(CafScopedAdmin):
    """Reference data: the articles that a new text copies; texts already prepared do not change."""

    list_display = ["position", "title"]
    list_display_links = ["title"]
    search_fields = ["title", "body"]
    ordering = ["position"]


class ArticleInline(CafScopedInline):
    model = Article
    is_locked = True
    show_change_link = True
    fields = ["position", "title"]


class PartyInline(CafScopedInline):
    model = Party
    is_locked = True
    show_change_link = True
    fields = ["position", "organisation", "signed_on", "signature_reason"]
    readonly_fields = ["signed_on", "signature_reason"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("organisation")


@admin.register(Agreement)
class AgreementAdmin(ClosedAdmin, CafHistoryAdmin):
    """Prepared on the page of its Ctg, fixed by a decision, signed party by party: a draft is worded here."""

    caf_path = "plan__diagnosis__ctg__caf"
    list_display = ["number", "ctg", "frozen_on", "frozen_by_decision", "signed_on", "is_demo"]
    list_filter = [("frozen_on", admin.EmptyFieldListFilter), ("signed_on", admin.EmptyFieldListFilter), "is_demo"]
    list_select_related = ["plan__diagnosis__ctg"]
    search_fields = ["number", "plan__diagnosis__ctg__name", "document_sha256"]
    ordering = ["-number"]
    readonly_fields = ["number", "plan", "frozen_on", "frozen_by_decision", "document_sha256", "signed_on", "is_demo"]
    fields = ["number", "plan", "place", "preamble", *readonly_fields[2:]]
    inlines = [PartyInline, ArticleInline]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Agreement, form: Any, change: bool) -> None:
        services.describe_agreement(obj, by=request.user)

    @admin.display(description="Ctg", ordering="plan__diagnosis__ctg__name")
    def ctg(self, agreement: Agreement) -> str:
        return str(agreement.ctg)


@admin.register(Article)
class ArticleAdmin(ClosedAdmin, CafHistoryAdmin):
    caf_path = f"{CTG}__caf"
    is_deletable = True
    list_display = ["position", "title", "agreement", "ctg"]
    list_display_links = ["title"]
    list_filter = [("agreement", OwnFilter)]
    list_select_related = [CTG]
    search_fields = ["title", "body", "agreement__number", f"{CTG}__name"]
    ordering = ["agreement__number", "position", "pk"]
    fields = ["agreement", "title", "body"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["agreement"] if obj else []

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        services.save_article(obj, by=request.user)

    def delete_model(self, request: HttpRequest, obj: Article) -> None:
        services.delete_article(obj, by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for article in queryset:
            self.delete_model(request, article)

    @admin.display(description="Ctg", ordering=f"{CTG}__name")
    def ctg(self, article: Article) -> str:
        return str(article.agreement.ctg)


class SignatoryInline(CafScopedInline):
    model = Signatory
    is_locked = True
    show_change_link = True
    fields = ["rank", "full_name", "quality", "is_legal_head", "delegation"]


class DeliberationInline(CafScopedInline):
    model = Deliberation
    is_locked = True
    show_change_link = True
    fields = ["body", "number", "adopted_on", "transmitted_on"]


@admin.register(Party)
class PartyAdmin(ClosedAdmin):
    """Added or removed while the text is a draft; its signature is recorded on the page of the convention."""

    caf_path = f"{CTG}__caf"
    is_deletable = True
    list_display = ["organisation", "agreement", "ctg", "signed_on", "signature_reason"]
    list_filter = [("signed_on", admin.EmptyFieldListFilter), ("agreement", OwnFilter)]
    list_select_related = ["organisation", CTG]
    search_fields = ["organisation__name", "agreement__number", f"{CTG}__name"]
    ordering = ["agreement__number", "position", "pk"]
    fields = ["agreement", "organisation", "signed_on", "signature_reason", "signature_recorded_by"]
    readonly_fields = ["signed_on", "signature_reason", "signature_recorded_by"]
    inlines = [SignatoryInline, DeliberationInline]

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> list[Any]:
        return list(self.inlines) if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Party, form: Any, change: bool) -> None:
        obj.pk = services.add_party(obj.agreement, organisation=obj.organisation, by=request.user).pk

    def delete_model(self, request: HttpRequest, obj: Party) -> None:
        services.remove_party(obj, by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for party in queryset:
            self.delete_model(request, party)

    @admin.display(description="Ctg", ordering=f"{CTG}__name")
    def ctg(self, party: Party) -> str:
        return str(party.agreement.ctg)


@admin.register(Signatory)
class SignatoryAdmin(ClosedAdmin):
    caf_path = f"{OF_PARTY}__caf"
    is_deletable = True
    list_display = ["full_name", "quality", "party", "rank", "is_legal_head", "is_demo"]
    list_filter = ["is_legal_head", "is_demo"]
    list_select_related = ["party__organisation"]
    search_fields = ["full_name", "quality", "party__organisation__name", f"{OF_PARTY}__name"]
    ordering = ["party__agreement__number", "party__position", "rank", "pk"]
    fields = ["party", "rank", "full_name", "quality", "is_legal_head", "delegation", "user"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["party"] if obj else []

    def save_model(self, request: HttpRequest, obj: Signatory, form: Any, change: bool) -> None:
        services.save_signatory(obj, by=request.user)

    def delete_model(self, request: HttpRequest, obj: Signatory) -> None:
        services.delete_signatory(obj, by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for signatory in queryset:
            self.delete_model(request, signatory)


@admin.register(Deliberation)
class DeliberationAdmin(CafScopedAdmin):
    """Once the text is fixed, only its transmission is still written, until the party signs."""

    caf_path = f"{OF_PARTY}__caf"
    list_display = ["party", "body", "number", "adopted_on", "transmitted_on"]
    list_filter = [("transmitted_on", admin.EmptyFieldListFilter)]
    list_select_related = ["party__organisation"]
    search_fields = ["number", "body", "party__organisation__name", f"{OF_PARTY}__name"]
    date_hierarchy = "adopted_on"
    ordering = ["-adopted_on", "pk"]
    fields = ["party", "body", "number", "adopted_on", "transmitted_on"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return []
        return ["party", "body", "number", "adopted_on"] if obj.is_closed() else ["party"]

    def save_model(self, request: HttpRequest, obj: Deliberation, form: Any, change: bool) -> None:
        services.save_deliberation(obj, by=request.user)
