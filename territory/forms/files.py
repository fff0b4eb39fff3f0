"""What people send and choose on the pages of the files of figures."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator

from ctg_site.accounts.models import User
from territory import perms
from territory.imports.filing import answer_questions, open_questions, receive_file
from territory.models import Caf, Ctg, FigureFile, Source

ANOTHER_YEAR = "Cette année n’est pas encore venue\u00a0: donnez celle des chiffres."
OPEN = "Données ouvertes, pour tout le site"


class FileForm(forms.Form):
    """A file, and what it may not say by itself."""

    file = forms.FileField(
        label="Fichier",
        help_text="Glissez-le ici ou choisissez-le : .xlsx ou .csv, 100 Mo au plus, sans aucune donnée sur des personnes.",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xlsm,.csv,.txt,.tsv", "class": "dropzone"}),
    )
    caf = forms.ModelChoiceField(Caf.objects.none(), label="Ces chiffres sont à", empty_label=OPEN, required=False)
    source = forms.ModelChoiceField(
        Source.objects.none(),
        label="Source",
        required=False,
        empty_label="Celle que dit le fichier",
        help_text="À choisir pour le modèle Excel.",
    )
    year = forms.IntegerField(label="Année", required=False, min_value=1990, help_text="Si le fichier ne la dit pas.")

    def __init__(self, *args: Any, user: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit_year(self.fields["year"], on)
        cafs = Caf.objects.all() if user.is_superuser else Caf.objects.filter(pk__in=perms.written_cafs(user))
        self.fields["caf"].queryset = cafs.order_by("name", "pk")
        self.fields["source"].queryset = Source.objects.order_by("name", "pk")
        if not user.is_superuser:  # only the administrators of the site bring open data
            self.fields["caf"].required = True
            self.fields["caf"].empty_label = None

    def receive(self, user: User) -> FigureFile:
        data = self.cleaned_data
        sent = data["file"]
        return receive_file(
            sent.name, sent.chunks(), caf=data["caf"], source=data["source"], year=data["year"], by=user
        )


def limit_year(field: forms.Field, on: date) -> None:
    """Said beside the field, and by the browser before the page is sent; the service refuses it anyway."""
    field.validators.append(MaxValueValidator(on.year, ANOTHER_YEAR))
    field.widget.attrs["max"] = on.year


class TemplateForm(forms.Form):
    ctg = forms.ModelChoiceField(Ctg.objects.none(), label="Ctg")
    year = forms.IntegerField(label="Année des chiffres", min_value=1990)

    def __init__(self, *args: Any, user: User, on: date, **kwargs: Any) -> None:
        kwargs["auto_id"] = "template_%s"  # beside another form that has a year
        super().__init__(*args, **kwargs)
        limit_year(self.fields["year"], on)
        self.fields["ctg"].queryset = Ctg.objects.visible_to(user).select_related("caf", "territory__parent")


class AnswerForm(forms.Form):
    """One choice for each open question; nothing is ticked in advance, since nothing is guessed."""

    def __init__(self, *args: Any, file: FigureFile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.file = file
        self.keys = [question["key"] for question in open_questions(file)]
        for number, question in enumerate(open_questions(file)):
            choices = [tuple(choice) for choice in question["choices"]]
            widget = forms.RadioSelect if len(choices) < 6 else forms.Select
            times = f"{question['count']} cases concernées." if question["count"] > 1 else ""
            self.fields[f"q{number}"] = forms.ChoiceField(
                label=question["text"], choices=choices, widget=widget, help_text=times
            )

    def save_as(self, user: User) -> FigureFile:
        answers = {key: self.cleaned_data[f"q{number}"] for number, key in enumerate(self.keys)}
        return answer_questions(self.file, answers, by=user)
