from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from ctg_site.accounts.models import User
from ctg_site.lib.conditions import has_come
from ctg_site.lib.fields import DayField
from ctg_site.lib.prose import ProseField
from ctg_site.lib.shared_forms import SharedForm, SharedRows
from governance.models import Agreement, Article, Deliberation, Party, Signatory
from territory.models import Organisation


class AgreementForm(SharedForm):
    class Meta:
        model = Agreement
        fields = ["preamble", "place"]
        field_classes = {"preamble": ProseField, "place": ProseField}
        widgets = {"preamble": forms.Textarea(attrs={"rows": 14})}
        help_texts = {"place": "La commune où la convention est signée."}


class ArticleForm(SharedForm):
    class Meta:
        model = Article
        fields = ["title", "body"]
        field_classes = {"title": ProseField, "body": ProseField}
        widgets = {"body": forms.Textarea(attrs={"rows": 14})}
        help_texts = {"body": "Laissez une ligne vide entre deux paragraphes."}


class PartyForm(forms.Form):
    """An organisation of the directory, or a new one, which then enters it."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label="Organisme de l’annuaire", required=False)
    new_name = ProseField(
        label="Ou organisme à ajouter à l’annuaire",
        max_length=200,
        required=False,
        help_text="« Communauté de communes … »",
    )
    new_kind = forms.ChoiceField(label="Sa nature", choices=[("", "…"), *Organisation.Kind.choices], required=False)

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.caf = agreement.ctg.caf
        signing = [party.organisation_id for party in agreement.parties.all()]
        rows = Organisation.objects.filter(caf=self.caf).exclude(pk__in=signing)
        self.fields["organisation"].queryset = rows.order_by("name", "pk")
        self.fields["organisation"].empty_label = "Aucun : il n’y est pas"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("organisation")) == bool(data.get("new_name")):
            raise ValidationError("Choisissez un organisme de l’annuaire, ou donnez le nom d’un nouvel organisme.")
        if data.get("new_name") and not data.get("new_kind"):
            self.add_error("new_kind", "Dites ce qu’est cet organisme.")
        return data

    def chosen(self) -> Organisation:
        data = self.cleaned_data
        return data["organisation"] or Organisation(caf=self.caf, name=data["new_name"], kind=data["new_kind"])


class SignatoryForm(SharedForm):
    class Meta:
        model = Signatory
        fields = ["full_name", "quality", "is_legal_head", "delegation", "user"]
        field_classes = {"full_name": ProseField, "quality": ProseField, "delegation": ProseField}
        help_texts = {"user": "Facultatif : cette personne verra la signature qu’on attend d’elle."}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("is_legal_head") and not data.get("delegation"):
            self.add_error("delegation", "Donnez la référence de la délégation.")
        return data


class _SignatoryFormSet(SharedRows):
    """One or two: the first line is the first signatory."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ctg = self.instance.agreement.ctg
        people = (
            User.objects.filter(Q(memberships__ctg=ctg) | Q(memberships__caf=ctg.caf_id))
            .distinct()
            .order_by("full_name", "pk")
        )
        choices = [("", "Aucun"), *people.values_list("pk", "full_name")]
        for form in self.forms:
            form.fields["user"].queryset, form.fields["user"].choices = people, choices

    def changes(self) -> tuple[list[Signatory], list[Signatory]]:
        """What to delete, what to save; a new line takes the free rank."""
        gone = [form.instance for form in self.deleted_forms if form.instance.pk]
        self.save(commit=False)
        kept = [row for row, _ in self.changed_objects]
        taken = {row.rank for row in self.instance.signatories.all() if row.pk not in {g.pk for g in gone}}
        for row in self.new_objects:
            row.rank = next(rank for rank in (1, 2, 3) if rank not in taken)
            taken.add(row.rank)
        return gone, [*kept, *self.new_objects]


SignatoryFormSet = forms.inlineformset_factory(
    Party,
    Signatory,
    form=SignatoryForm,
    formset=_SignatoryFormSet,
    extra=2,
    max_num=2,
    validate_max=True,
    can_delete=True,
)


class DeliberationForm(SharedForm):
    adopted_on = DayField(label="Adoptée le", required=False)
    transmitted_on = DayField(
        label="Transmise au préfet le",
        required=False,
        help_text="Elle devient exécutoire ce jour-là : on ne signe qu’après.",
    )

    class Meta:
        model = Deliberation
        fields = ["body", "number", "adopted_on", "transmitted_on"]
        field_classes = {"body": ProseField, "number": ProseField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.party.agreement.is_frozen:
            for name in ("body", "number", "adopted_on"):
                self.fields[name].disabled = True


class SignatureForm(forms.Form):
    on = DayField(label="Jour de la signature", validators=[has_come])
    reason = ProseField(
        label="Motif",
        required=False,
        max_length=300,
        help_text="Seulement si la partie signe avant que sa délibération soit transmise au préfet. Il est gardé au journal.",
    )
