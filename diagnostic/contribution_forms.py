"""What partners send, with an account or by link, and what the team does to gather it."""

import re
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from ctg_site.lib.attachments import ACCEPTED, MOST_MEGABYTES
from ctg_site.lib.fields import DayField
from ctg_site.lib.prose import ProseField, clean_line
from ctg_site.lib.shared_forms import SharedForm
from ctg_site.lib.text import search_key
from diagnostic.forms import organisations_of
from diagnostic.models import Contribution, Guest, ThematicGroup
from territory.models import Ctg, Organisation

_LINE = re.compile(r"(?P<name>[^<>]+)<(?P<email>[^<>]+)>\s*(?:,\s*(?P<organisation>.+))?")
MOST_GUESTS = 100


class SpokenForm(forms.ModelForm[Contribution]):
    """What one says, whoever says it."""

    class Meta:
        model = Contribution
        fields = ["kind", "text", "source", "attachment", "is_anonymous"]
        field_classes = {"text": ProseField, "source": ProseField}
        labels = {"source": "Source", "is_anonymous": "Rester anonyme pour les autres partenaires"}
        widgets = {"kind": forms.RadioSelect, "text": forms.Textarea(attrs={"rows": 8}), "attachment": forms.FileInput}
        help_texts = {
            "text": "5\u202f000 caractères au plus. Ne nommez aucune famille.",
            "attachment": f"{ACCEPTED}, {MOST_MEGABYTES} Mo au plus. Elle n’est pas gardée dans le brouillon : joignez-la en dernier.",
            "is_anonymous": "L’équipe de la Ctg et l’animation du groupe sauront qui vous êtes, personne d’autre.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices(self, "kind").choices = Contribution.Kind.choices

    @property
    def spoken(self) -> dict[str, Any]:
        """As the service takes it."""
        names = ["kind", "text", "source", "attachment", "is_anonymous"]
        return {
            name: self.cleaned_data[name] or None if name == "attachment" else self.cleaned_data[name] for name in names
        }


class ContributionForm(SpokenForm):
    """With an account."""

    class Meta(SpokenForm.Meta):
        fields = [*SpokenForm.Meta.fields, "organisation"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        author = self.instance.author
        assert author is not None
        mine = organisations_of(author, self.instance.group.ctg)
        choices(self, "organisation").queryset = mine
        choices(self, "organisation").empty_label = "En mon nom"
        if len(mine) == 0:
            del self.fields["organisation"]
        elif len(mine) == 1:
            self.initial.setdefault("organisation", mine[0].pk)


class LinkForm(SpokenForm):
    """By link: to one of the groups it names."""

    class Meta(SpokenForm.Meta):
        fields = ["group", *SpokenForm.Meta.fields]

    def __init__(self, *args: Any, groups: list[ThematicGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = choices(self, "group")
        field.queryset = ThematicGroup.objects.filter(pk__in=[group.pk for group in groups]).order_by("position", "pk")
        field.empty_label = None if len(groups) == 1 else "Choisissez un groupe"
        field.error_messages["invalid_choice"] = "Votre lien ne vous invite pas à contribuer à ce groupe."


class GroupsField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(ThematicGroup.objects.none(), label="Groupes", **kwargs)
        self.error_messages["required"] = "Choisissez au moins un groupe."


class ScheduleForm(forms.Form):
    """The same dates for some groups, or for all."""

    groups = GroupsField()
    opens_on = DayField(label="Ouverture")
    closes_on = DayField(label="Clôture", help_text="Ce jour compris.")

    def __init__(self, *args: Any, ctg: Ctg, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = list(ctg.groups.order_by("position", "pk"))
        choices(self, "groups").queryset = ctg.groups.order_by("position", "pk")
        self.fields["groups"].initial = [group.pk for group in groups]
        dates = {(group.contributions_open_on, group.contributions_close_on) for group in groups}
        if len(dates) == 1:  # those of all the groups; where they differ, none is proposed for the others
            self.fields["opens_on"].initial, self.fields["closes_on"].initial = dates.pop()


class GuestsForm(forms.Form):
    """Several partners at once, one a line, as they stand in an address book."""

    groups = GroupsField()
    guests = ProseField(
        label="Partenaires à inviter",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Une personne par ligne : « Prénom Nom &lt;adresse@exemple.fr&gt;, organisme ». "
        "L’organisme, facultatif, est celui de l’annuaire.",
    )
    message = ProseField(
        label="Message",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Ajouté au courriel : ce que vous attendez d’eux.",
    )

    def __init__(self, *args: Any, ctg: Ctg, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ctg = ctg
        choices(self, "groups").queryset = ctg.groups.order_by("position", "pk")

    def clean_guests(self) -> list[Guest]:
        lines = [clean_line(line) for line in self.cleaned_data["guests"].splitlines() if clean_line(line)]
        if len(lines) > MOST_GUESTS:
            raise ValidationError(f"{len(lines)} lignes : invitez {MOST_GUESTS} personnes au plus à la fois.")
        directory = {}
        for organisation in Organisation.objects.filter(caf=self.ctg.caf_id).order_by("pk"):
            directory[search_key(organisation.name)] = directory[search_key(organisation.short_name)] = organisation
        return [self._guest(line, directory) for line in lines]

    def _guest(self, line: str, directory: dict[str, Organisation]) -> Guest:
        match = _LINE.fullmatch(line)
        try:
            validate_email(match["email"].strip() if match else "")
        except ValidationError:
            raise ValidationError(
                f"La ligne « {line} » n’est pas de la forme « Prénom Nom <adresse@exemple.fr>, organisme »."
            ) from None
        assert match is not None
        name = match["organisation"]
        if name and search_key(name) not in directory:
            raise ValidationError(f"L’organisme « {name} » n’est pas dans l’annuaire de la Caf.")
        organisation = directory[search_key(name)] if name else None
        return Guest(ctg=self.ctg, full_name=match["name"].strip(), email=match["email"], organisation=organisation)


class AnswerForm(SharedForm):
    """What the group tells who contributed."""

    class Meta:
        model = Contribution
        fields = ["answer", "is_set_aside"]
        field_classes = {"answer": ProseField}
        widgets = {"answer": forms.Textarea(attrs={"rows": 5})}
        labels = {"is_set_aside": "Cette contribution est lue, et pas reprise"}
        help_texts = {
            "answer": "Son auteur la lira sur sa page « Ce qu’est devenue ma contribution ».",
            "is_set_aside": "La réponse en donne alors la raison.",
        }


def choices(form: forms.BaseForm, name: str) -> forms.ModelChoiceField:
    return cast(forms.ModelChoiceField, form.fields[name])
