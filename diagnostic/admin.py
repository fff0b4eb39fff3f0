"""The back office of the diagnosis: look, search, repair; every writing goes through the services."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.db.models import Count, Field, Model, QuerySet
from django.http import HttpRequest

from ctg_site.accounts.models import User
from ctg_site.lib.dates import today
from diagnostic import services
from diagnostic.forms import ContributionsField, FindingsField
from diagnostic.models import (
    Contribution,
    Diagnosis,
    Finding,
    GroupMember,
    Guest,
    Idea,
    Photograph,
    Priority,
    Scoring,
    ThematicGroup,
)
from territory.admin import CafHistoryAdmin, CafScopedAdmin, CafScopedInline, OwnFilter
from territory.models import Facility

OUTSIDE = {"invalid_choice": "Hors du périmètre de la Ctg."}


def _person(request: HttpRequest) -> User:
    """The back office lets nobody in without an account."""
    return cast(User, request.user)


class MemberInline(CafScopedInline):
    """Who sits in the group: added and removed on its page « Membres »."""

    model = GroupMember
    is_locked = True
    fields = ["organisation", "user", "joined_on", "left_on"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("organisation", "user")


@admin.register(ThematicGroup)
class GroupAdmin(CafHistoryAdmin):
    caf_path = "ctg__caf"
    is_deletable = True
    list_display = [
        "name",
        "audience",
        "ctg",
        "lead",
        "findings",
        "ideas",
        "contributions_open_on",
        "contributions_close_on",
    ]
    list_filter = [("ctg", OwnFilter), "colour"]
    list_select_related = ["ctg", "lead"]
    search_fields = ["name", "audience", "ctg__name", "lead__full_name"]
    ordering = ["ctg__name", "position", "pk"]
    dates = ["contributions_open_on", "contributions_close_on"]
    fields = ["ctg", "name", "audience", "colour", "lead", *dates, "indicators"]
    filter_horizontal = ["indicators"]
    inlines = [MemberInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_counts()  # type: ignore[attr-defined]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["ctg"] if obj else []

    def save_model(self, request: HttpRequest, obj: ThematicGroup, form: Any, change: bool) -> None:
        services.save_group(obj, indicators=form.cleaned_data.get("indicators"), by=_person(request))

    def delete_model(self, request: HttpRequest, obj: ThematicGroup) -> None:
        services.delete_group(obj, by=_person(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for group in queryset:
            self.delete_model(request, group)

    @admin.display(description="constats", ordering="finding_count")
    def findings(self, group: ThematicGroup) -> int:
        return group.finding_count  # type: ignore[attr-defined]

    @admin.display(description="pistes", ordering="idea_count")
    def ideas(self, group: ThematicGroup) -> int:
        return group.idea_count  # type: ignore[attr-defined]


@admin.register(GroupMember)
class GroupMemberAdmin(CafScopedAdmin):
    """A seat is taken or left, never altered."""

    caf_path = "group__ctg__caf"
    is_deletable = True
    list_display = ["organisation", "user", "group", "ctg", "joined_on", "left_on"]
    list_filter = [("group__ctg", OwnFilter)]
    list_select_related = ["organisation", "user", "group__ctg"]
    search_fields = ["organisation__name", "user__full_name", "group__name", "group__ctg__name"]
    ordering = ["group__ctg__name", "group__position", "organisation__name", "pk"]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: GroupMember, form: Any, change: bool) -> None:
        member = services.add_member(
            obj.group, organisation=obj.organisation, user=obj.user, joined_on=obj.joined_on, by=_person(request)
        )
        obj.pk = member.pk

    def delete_model(self, request: HttpRequest, obj: GroupMember) -> None:
        services.remove_member(obj, by=_person(request), on=today())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for member in queryset.select_related("group__ctg__caf", "organisation"):
            self.delete_model(request, member)

    @admin.display(description="Ctg", ordering="group__ctg__name")
    def ctg(self, member: GroupMember) -> str:
        return str(member.group.ctg)


class FindingInline(CafScopedInline):
    model = Finding
    is_locked = True
    show_change_link = True
    fields = ["group", "kind", "title", "is_demo"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("group")


class PriorityInline(CafScopedInline):
    model = Priority
    is_locked = True
    show_change_link = True
    fields = ["position", "title", "is_demo"]


@admin.register(Diagnosis)
class DiagnosisAdmin(CafHistoryAdmin):
    """Opened with its Ctg, validated by a committee's decision: here one corrects a draft and publishes what is validated."""

    caf_path = "ctg__caf"
    list_display = [
        "ctg",
        "version",
        "finding_count",
        "priority_count",
        "validated_on",
        "validated_by_decision",
        "published_at",
    ]
    list_filter = [
        ("ctg", OwnFilter),
        ("validated_on", admin.EmptyFieldListFilter),
        ("published_at", admin.EmptyFieldListFilter),
    ]
    list_select_related = ["ctg"]
    search_fields = ["ctg__name", "summary"]
    date_hierarchy = "validated_on"
    ordering = ["ctg__name", "-version", "pk"]
    phases = ["team_phase_starts_on", "team_phase_ends_on", "partner_phase_starts_on", "partner_phase_ends_on"]
    words = ["summary", "key_points", "decisions_asked"]
    closing = ["validated_on", "validated_by_decision", "published_at"]
    fields = ["ctg", "version", "reopened_on", "reopening_reason", *words, *phases, *closing]
    inlines = [PriorityInline, FindingInline]
    actions = ["publish", "unpublish"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        counts = {"findings_n": Count("findings", distinct=True), "priorities_n": Count("priorities", distinct=True)}
        return super().get_queryset(request).annotate(**counts)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Diagnosis | None = None) -> list[str]:
        frozen = [*self.words, *self.phases] if obj and obj.is_validated else []
        return ["ctg", "version", "reopened_on", "reopening_reason", *self.closing, *frozen]

    def save_model(self, request: HttpRequest, obj: Diagnosis, form: Any, change: bool) -> None:
        services.describe_diagnosis(obj, by=_person(request))

    @admin.display(description="constats", ordering="findings_n")
    def finding_count(self, diagnosis: Diagnosis) -> int:
        return diagnosis.findings_n  # type: ignore[attr-defined]

    @admin.display(description="priorités", ordering="priorities_n")
    def priority_count(self, diagnosis: Diagnosis) -> int:
        return diagnosis.priorities_n  # type: ignore[attr-defined]

    @admin.action(description="Publier le diagnostic")
    def publish(self, request: HttpRequest, rows: QuerySet[Diagnosis]) -> None:
        self.run(request, rows, lambda row: services.publish_diagnosis(row, by=_person(request)), "Diagnostics publiés")

    @admin.action(description="Ne plus publier le diagnostic")
    def unpublish(self, request: HttpRequest, rows: QuerySet[Diagnosis]) -> None:
        self.run(
            request, rows, lambda row: services.unpublish_diagnosis(row, by=_person(request)), "Diagnostics retirés"
        )


class PartAdmin(CafScopedAdmin):
    """A part of a diagnosis: read only once it is validated."""

    caf_path = "diagnosis__ctg__caf"
    is_deletable = True
    readonly_fields = ["is_demo"]

    def _may_write(self, request: HttpRequest, obj: Any = None) -> bool:
        is_frozen = obj is not None and obj.diagnosis_id is not None and obj.diagnosis.is_validated
        return not is_frozen and super()._may_write(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *(["diagnosis"] if obj else [])]

    def offered(self, row: Any) -> dict[str, dict[str, Any]]:
        """What each list of links of this row may hold: chosen by name, where a new row takes numbers."""
        return {}

    def formfield_for_manytomany(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        opened = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
        row = self.get_object(request, opened) if opened else None
        if row is not None:
            widget = FilteredSelectMultiple(db_field.verbose_name, is_stacked=False)
            kwargs |= {"widget": widget} | self.offered(row)[db_field.name]
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for row in queryset.select_related("diagnosis"):
            self.delete_model(request, row)


@admin.register(Photograph)
class PhotographAdmin(CafScopedAdmin):
    """Which figure was kept, when and from where, never altered; its value is read on the site, where secrecy is obeyed."""

    caf_path = "diagnosis__ctg__caf"
    is_locked = True
    exclude = [f"{place}{name}" for place in ("", "department_", "france_") for name in ("number", "text")]
    list_display = ["label", "year", "perimeter", "finding", "diagnosis", "taken_on", "is_demo"]
    list_filter = [("diagnosis__ctg", OwnFilter), "state", ("finding", admin.EmptyFieldListFilter), "is_demo"]
    list_select_related = ["finding", "diagnosis__ctg"]
    search_fields = ["label", "source", "release", "finding__title", "diagnosis__ctg__name"]
    date_hierarchy = "taken_on"
    ordering = ["diagnosis__ctg__name", "label", "pk"]


@admin.register(Finding)
class FindingAdmin(PartAdmin, CafHistoryAdmin):
    list_display = ["title", "kind", "group", "diagnosis", "is_demo"]
    list_filter = ["kind", ("diagnosis__ctg", OwnFilter), "is_demo"]
    list_select_related = ["group", "diagnosis__ctg"]
    search_fields = ["title", "text", "group__name", "diagnosis__ctg__name"]
    ordering = ["diagnosis__ctg__name", "group__position", "position", "pk"]
    fields = ["diagnosis", "group", "kind", "title", "text", "communes", "facilities", "contributions", "is_demo"]
    raw_id_fields = ["communes", "facilities", "contributions"]

    def offered(self, row: Finding) -> dict[str, dict[str, Any]]:
        ctg = row.diagnosis.ctg
        sources = row.group.contributions.select_related("organisation", "author", "guest").order_by("-pk")
        return {
            "communes": {"queryset": ctg.communes.order_by("name", "pk"), "error_messages": OUTSIDE},
            "facilities": {"queryset": Facility.objects.of(ctg).order_by("name", "pk")},
            "contributions": {"queryset": sources, "form_class": ContributionsField},
        }

    def save_model(self, request: HttpRequest, obj: Finding, form: Any, change: bool) -> None:
        links = {name: form.cleaned_data.get(name) for name in ("communes", "facilities", "contributions")}
        services.save_finding(obj, **links, by=_person(request))

    def delete_model(self, request: HttpRequest, obj: Finding) -> None:
        services.delete_finding(obj, by=_person(request))


@admin.register(Idea)
class IdeaAdmin(PartAdmin):
    list_display = ["text", "group", "finding", "diagnosis", "is_demo"]
    list_filter = [("diagnosis__ctg", OwnFilter), "is_demo"]
    list_select_related = ["group", "finding", "diagnosis__ctg"]
    search_fields = ["text", "group__name", "diagnosis__ctg__name"]
    ordering = ["diagnosis__ctg__name", "group__position", "position", "pk"]
    fields = ["diagnosis", "group", "finding", "text", "is_demo"]
    raw_id_fields = ["finding"]

    def save_model(self, request: HttpRequest, obj: Idea, form: Any, change: bool) -> None:
        services.save_idea(obj, by=_person(request))

    def delete_model(self, request: HttpRequest, obj: Idea) -> None:
        services.delete_idea(obj, by=_person(request))


@admin.register(Priority)
class PriorityAdmin(PartAdmin, CafHistoryAdmin):
    list_display = ["title", "position", "diagnosis", "is_demo"]
    list_filter = [("diagnosis__ctg", OwnFilter), "is_demo"]
    list_select_related = ["diagnosis__ctg"]
    search_fields = ["title", "text", "diagnosis__ctg__name"]
    ordering = ["diagnosis__ctg__name", "position", "pk"]
    fields = ["diagnosis", "title", "text", "findings", "reason", "is_demo"]
    raw_id_fields = ["findings"]

    def offered(self, row: Priority) -> dict[str, dict[str, Any]]:
        findings = row.diagnosis.findings.select_related("group").order_by("group__position", "position", "pk")
        return {"findings": {"queryset": findings, "form_class": FindingsField}}

    def save_model(self, request: HttpRequest, obj: Priority, form: Any, change: bool) -> None:
        services.save_priority(obj, findings=form.cleaned_data.get("findings"), by=_person(request))

    def delete_model(self, request: HttpRequest, obj: Priority) -> None:
        services.delete_priority(obj, by=_person(request))


@admin.register(Scoring)
class ScoringAdmin(CafScopedAdmin):
    """How the groups rank: counted, never ballot by ballot."""

    caf_path = "diagnosis__ctg__caf"
    is_locked = True
    list_display = ["group", "diagnosis", "method", "opened_on", "closes_on", "closed_on", "ballots", "is_demo"]
    list_filter = ["method", ("diagnosis__ctg", OwnFilter), ("closed_on", admin.EmptyFieldListFilter), "is_demo"]
    list_select_related = ["group", "diagnosis__ctg"]
    search_fields = ["group__name", "diagnosis__ctg__name"]
    date_hierarchy = "opened_on"
    ordering = ["diagnosis__ctg__name", "group__position", "pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(ballots_n=Count("ballots"))

    @admin.display(description="bulletins", ordering="ballots_n")
    def ballots(self, scoring: Scoring) -> int:
        return scoring.ballots_n  # type: ignore[attr-defined]


@admin.register(Contribution)
class ContributionAdmin(CafScopedAdmin):
    """The words of a partner: read, never rewritten; their file is downloaded from the page of the group."""

    caf_path = "group__ctg__caf"
    is_locked = True
    list_display = ["start", "kind", "speaker", "organisation", "group", "submitted_at", "state", "is_demo"]
    list_filter = ["kind", "is_set_aside", "is_anonymous", ("group__ctg", OwnFilter), "is_demo"]
    list_select_related = ["author", "guest", "organisation", "group__ctg"]
    search_fields = [
        "text",
        "author__full_name",
        "guest__full_name",
        "organisation__name",
        "group__name",
        "group__ctg__name",
    ]
    date_hierarchy = "submitted_at"
    ordering = ["-submitted_at", "-pk"]
    exclude = ["attachment"]  # no address serves the folder of the files

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(findings_n=Count("findings"))

    @admin.display(description="texte")
    def start(self, contribution: Contribution) -> str:
        return contribution.text[:80]

    @admin.display(description="auteur")
    def speaker(self, contribution: Contribution) -> str:
        return contribution.speaker

    @admin.display(description="suite donnée")
    def state(self, contribution: Contribution) -> str:
        if contribution.findings_n:  # type: ignore[attr-defined]
            return "reprise dans un constat"
        return "pas reprise" if contribution.is_set_aside else "reçue"


@admin.register(Guest)
class GuestAdmin(CafScopedAdmin):
    """To follow and to repair; one invites from the page « Recueil des contributions » of the Ctg."""

    caf_path = "ctg__caf"
    list_display = ["full_name", "email", "ctg", "organisation", "state", "sent_at", "opened_at", "answered_at"]
    list_filter = [
        ("ctg", OwnFilter),
        ("opened_at", admin.EmptyFieldListFilter),
        ("answered_at", admin.EmptyFieldListFilter),
    ]
    list_select_related = ["ctg", "organisation"]
    search_fields = ["full_name", "email", "organisation__name", "ctg__name"]
    ordering = ["ctg__name", "full_name", "pk"]
    date_hierarchy = "created_at"
    actions = ["remind", "revoke"]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [*(field.name for field in self.model._meta.fields), "groups"]

    @admin.display(description="état")
    def state(self, guest: Guest) -> str:
        return guest.state

    @admin.action(description="Relancer ceux qui n’ont pas répondu")
    def remind(self, request: HttpRequest, rows: QuerySet[Guest]) -> None:
        self.run(request, rows, lambda row: services.remind_guest(row, by=_person(request), on=today()), "Rappels")

    @admin.action(description="Annuler le lien")
    def revoke(self, request: HttpRequest, rows: QuerySet[Guest]) -> None:
        self.run(request, rows, lambda row: services.revoke_guest(row, by=_person(request)), "Liens annulés")
