from typing import Any

from django import forms

from ctg_site.lib.fields import DayField, NumberField
from ctg_site.lib.prose import ProseField
from ctg_site.lib.shared_forms import SharedForm
from governance.models import ActionReview, Evaluation, EvaluationMethod, Measurement


class MethodForm(SharedForm):
    class Meta:
        model = EvaluationMethod
        fields = ["questions", "criteria", "organisation"]
        field_classes = dict.fromkeys(fields, ProseField)
        widgets = {name: forms.Textarea(attrs={"rows": 7}) for name in fields}
        help_texts = {
            "questions": "Ce que le territoire veut savoir : pertinence, efficacité, effets…",
            "criteria": "À quoi on le verra, avec les indicateurs du plan.",
        }


class SummaryForm(SharedForm):
    class Meta:
        model = Evaluation
        fields = ["summary"]
        field_classes = {"summary": ProseField}
        widgets = {"summary": forms.Textarea(attrs={"rows": 10})}


class ReviewForm(SharedForm):
    percent = forms.IntegerField(
        label="Réalisé (%)",
        required=False,
        min_value=0,
        max_value=100,
        help_text="Vide : on ne sait pas. Ce n’est pas zéro.",
    )

    class Meta:
        model = ActionReview
        fields = ["progress", "percent", "comment", "outlook"]
        field_classes = {"comment": ProseField}
        widgets = {"comment": forms.Textarea(attrs={"rows": 6})}
        help_texts = {"comment": "Obligatoire quand l’action est reportée, suspendue ou abandonnée : dites pourquoi."}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        stopped = (ActionReview.Progress.POSTPONED, ActionReview.Progress.SUSPENDED, ActionReview.Progress.DROPPED)
        if data.get("progress") in stopped and not data.get("comment"):
            self.add_error("comment", "Dites pourquoi l’action est reportée, suspendue ou abandonnée.")
        return data


class MeasurementForm(SharedForm):
    value = NumberField(label="Valeur", required=False)
    measured_on = DayField(label="Mesurée le", required=False)

    class Meta:
        model = Measurement
        fields = ["value", "missing_reason", "measured_on"]
        field_classes = {"missing_reason": ProseField}
        labels = {"missing_reason": "Ou pourquoi elle manque"}


MeasurementFormSet = forms.modelformset_factory(Measurement, form=MeasurementForm, extra=0)
