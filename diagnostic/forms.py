"""The shapes of what people type; every form ends by calling a service."""

from typing import Any, cast

from django import forms
from django.db.models import Q, QuerySet

from ctg_site.accounts.models import User
from ctg_site.lib.fields import DayField
from ctg_site.lib.numbers import whole_number
from ctg_site.lib.prose import ProseField
from ctg_site.lib.shared_forms import SharedForm
from diagnostic import perms
from diagnostic.models import Contribution, Diagnosis, Finding, GroupMember, Idea, Priority, ThematicGroup
from diagnostic.photographs import is_known, said
from territory.models import Ctg, Facility, Indicator, Organisation
from territory.portraits.figures import Figures


class FindingField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Finding) -> str:
        return _finding_label(obj)


class FindingsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Finding) -> str:
        return _finding_label(obj)


class ContributionsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Contribution) -> str:
        text = obj.text if len(obj.text) <= 140 else f"{obj.text[:139]}…"
        return f"{obj.signature(knows=True)} – {obj.get_kind_display().lower()} : {text}"


class DiagnosisForm(SharedForm):
    team_phase_starts_on = DayField(label="Phase 1, avec les équipes de la collectivité : début", required=False)
    team_phase_ends_on = DayField(label="Phase 1 : fin", required=False)
    partner_phase_starts_on = DayField(label="Phase 2, avec les partenaires : début", required=False)
    partner_phase_ends_on = DayField(label="Phase 2 : fin", required=False)

    class Meta:
        model = Diagnosis
        fields = [
            "summary",
            "key_points",
            "decisions_asked",
            "team_phase_starts_on",
            "team_phase_ends_on",
            "partner_phase_starts_on",
            "partner_phase_ends_on",
        ]
        field_classes = {"summary": ProseField, "key_points": ProseField, "decisions_asked": ProseField}
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 10}),
            "key_points": forms.Textarea(attrs={"rows": 5}),
            "decisions_asked": forms.Textarea(attrs={"rows": 3}),
        }


class ReopeningForm(forms.Form):
    reason = ProseField(
        label="Pourquoi rouvrir le diagnostic",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Le motif reste dans l’histoire du diagnostic.",
    )


class GroupForm(SharedForm):
    contributions_open_on = DayField(label="Contributions à partir du", required=False)
    contributions_close_on = DayField(
        label="Contributions jusqu’au", required=False, help_text="Ce jour compris ; vide : sans fin annoncée."
    )

    class Meta:
        model = ThematicGroup
        fields = ["name", "audience", "colour", "lead", "contributions_open_on", "contributions_close_on", "indicators"]
        field_classes = {"name": ProseField, "audience": ProseField}
        widgets = {"indicators": forms.CheckboxSelectMultiple}
        help_texts = {
            "lead": "Cette personne écrit les constats et les pistes du groupe ; elle a déjà un rôle dans la Ctg."
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "lead").queryset = contributors(self.instance.ctg)
        _choices(self, "lead").empty_label = "Personne pour l’instant"
        _choices(self, "indicators").queryset = rows = Indicator.objects.order_by("label", "pk")
        by_theme: dict[str, list[tuple[int, str]]] = {label: [] for label in Indicator.Theme.labels}
        for indicator in rows:
            by_theme[indicator.get_theme_display()].append((indicator.pk, indicator.label))
        self.fields["indicators"].choices = [(theme, found) for theme, found in by_theme.items() if found]


class MemberForm(forms.ModelForm[GroupMember]):
    joined_on = DayField(label="Siège depuis le", required=False)

    class Meta:
        model = GroupMember
        fields = ["organisation", "user", "joined_on"]
        help_texts = {"user": "Facultatif : l’organisme peut siéger avant que la personne soit connue."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ctg = self.instance.group.ctg
        _choices(self, "organisation").queryset = Organisation.objects.filter(caf=ctg.caf_id).order_by("name", "pk")
        _choices(self, "user").queryset = people_of(ctg)
        _choices(self, "user").empty_label = "Personne pour l’instant"


class FindingForm(SharedForm):
    class Meta:
        model = Finding
        fields = ["group", "kind", "title", "text", "communes", "contributions"]
        field_classes = {"title": ProseField, "text": ProseField, "contributions": ContributionsField}
        widgets = {
            "kind": forms.RadioSelect,
            "text": forms.Textarea(attrs={"rows": 8}),
            "communes": forms.CheckboxSelectMultiple,
            "contributions": forms.CheckboxSelectMultiple,
        }
        help_texts = {
            "title": "Une phrase : « Les accueils de loisirs ferment quinze jours en août. »",
            "communes": "Aucune : tout le territoire.",
            "contributions": "Celles sur lesquelles il s’appuie.",
        }

    def __init__(self, *args: Any, groups: list[ThematicGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _limit_groups(_choices(self, "group"), groups)
        _choices(self, "kind").choices = Finding.Kind.choices
        _choices(self, "communes").queryset = self.instance.diagnosis.ctg.communes.order_by("name", "pk")
        sources = Contribution.objects.filter(group__in=groups).select_related("organisation", "author", "guest")
        _offer(self, "contributions", sources.order_by("group__position", "-submitted_at", "-pk"))


class SupportForm(forms.Form):
    """What a finding rests on: the figures known here, by theme, each with what it is today; the equipments it speaks of."""

    indicators = forms.MultipleChoiceField(
        label="Chiffres sur lesquels le constat s’appuie",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Un chiffre coché est photographié aujourd’hui, avec le département et la France ; déjà photographié, il ne bouge pas.",
    )

    facilities = forms.ModelMultipleChoiceField(
        Facility.objects.none(),
        label="Équipements dont il parle",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, finding: Finding, figures: Figures, kept: set[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.figures, self.kept = figures, kept
        _offer(self, "facilities", Facility.objects.of(finding.diagnosis.ctg).order_by("name", "pk"))
        self.spoken_of = set(finding.facilities.values_list("pk", flat=True))
        self.initial["facilities"], self.initial["indicators"] = sorted(self.spoken_of), sorted(kept)
        for name in [name for name in ("indicators", "facilities") if name in self.fields]:
            seen = ",".join(map(str, self.initial[name]))
            self.fields[f"{name}_seen"] = forms.CharField(required=False, widget=forms.HiddenInput, initial=seen)
        here = figures.stage.here
        by_theme: dict[str, list[tuple[int, str]]] = {}
        for indicator in figures.indicators.values():
            if indicator.pk in kept or is_known(indicator, figures):
                text = said(indicator, figures.shown(indicator, here))
                by_theme.setdefault(indicator.get_theme_display(), []).append((indicator.pk, text))
        self.fields["indicators"].choices = list(by_theme.items())

    @property
    def chosen(self) -> list[Indicator]:
        wanted = self._agreed("indicators", {int(number) for number in self.cleaned_data["indicators"]}, self.kept)
        return [indicator for indicator in self.figures.indicators.values() if indicator.pk in wanted]

    @property
    def chosen_facilities(self) -> list[Facility] | None:
        """None when none was offered."""
        if "facilities" not in self.fields:
            return None
        ticked = {facility.pk for facility in self.cleaned_data["facilities"]}
        wanted = self._agreed("facilities", ticked, self.spoken_of)
        return list(Facility.objects.filter(pk__in=wanted))

    def _agreed(self, name: str, ticked: set[int], now: set[int]) -> set[int]:
        """What this person ticked or unticked since the page was opened, on what is there now: it may be another's."""
        if self.add_prefix(f"{name}_seen") not in self.data:
            return ticked
        told = map(whole_number, self.cleaned_data[f"{name}_seen"].split(","))
        seen = {number for number in told if number is not None}
        return (now | (ticked - seen)) - (seen - ticked)


class IdeaForm(SharedForm):
    class Meta:
        model = Idea
        fields = ["group", "finding", "text"]
        field_classes = {"finding": FindingField, "text": ProseField}
        help_texts = {"finding": "Le constat d’où vient cette piste, s’il y en a un."}

    def __init__(self, *args: Any, groups: list[ThematicGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _limit_groups(_choices(self, "group"), groups)
        _choices(self, "finding").queryset = self.instance.diagnosis.findings.filter(group__in=groups).select_related(
            "group"
        )
        _choices(self, "finding").empty_label = "Aucun en particulier"


class PriorityForm(SharedForm):
    class Meta:
        model = Priority
        fields = ["title", "text", "findings", "reason"]
        field_classes = {"title": ProseField, "text": ProseField, "reason": ProseField, "findings": FindingsField}
        widgets = {
            "text": forms.Textarea(attrs={"rows": 5}),
            "reason": forms.Textarea(attrs={"rows": 3}),
            "findings": forms.CheckboxSelectMultiple,
        }
        help_texts = {"findings": "Une priorité s’appuie sur au moins un constat."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        findings = self.instance.diagnosis.findings.select_related("group")
        _choices(self, "findings").queryset = findings.order_by("group__position", "group", "position", "pk")


def people_of(ctg: Ctg) -> QuerySet[User]:
    """Those who have a role on this Ctg or on its Caf."""
    return _with_roles(ctg).order_by("full_name", "pk")


def contributors(ctg: Ctg) -> QuerySet[User]:
    return _with_roles(ctg, memberships__role__in=perms.CONTRIBUTORS).order_by("full_name", "pk")


def organisations_of(user: User, ctg: Ctg) -> QuerySet[Organisation]:
    """In whose name a person may speak here: their roles and their seats say it."""
    seats = GroupMember.objects.filter(group__ctg=ctg, user=user).values("organisation")
    roles = user.memberships.filter(Q(ctg=ctg) | Q(caf=ctg.caf_id), organisation__isnull=False).values("organisation")
    return Organisation.objects.filter(Q(pk__in=seats) | Q(pk__in=roles), caf=ctg.caf_id).order_by("name", "pk")


def _with_roles(ctg: Ctg, **role: Any) -> QuerySet[User]:
    return User.objects.filter(Q(memberships__ctg=ctg) | Q(memberships__caf=ctg.caf_id), **role).distinct()


def _choices(form: forms.BaseForm, name: str) -> forms.ModelChoiceField:
    return cast(forms.ModelChoiceField, form.fields[name])


def _offer(form: forms.BaseForm, name: str, rows: QuerySet) -> None:
    """In one query; a field that would offer nothing is left out."""
    field = _choices(form, name)
    field.queryset = rows
    found = [(row.pk, field.label_from_instance(row)) for row in rows]
    if found:
        field.choices = found
    else:
        del form.fields[name]


def _limit_groups(field: forms.ModelChoiceField, groups: list[ThematicGroup]) -> None:
    field.queryset = ThematicGroup.objects.filter(pk__in=[group.pk for group in groups]).order_by("position", "pk")
    asked = [] if len(groups) == 1 else [("", "Choisissez un groupe")]
    field.choices = asked + [(group.pk, group.name) for group in groups]  # read already


def _finding_label(finding: Finding) -> str:
    return f"{finding.group} – {finding.get_kind_display().lower()} : {finding.title}"
