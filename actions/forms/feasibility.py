from typing import Any

from django import forms

from actions.models import Action, Criterion, Mark
from ctg_site.lib.fields import DayField
from ctg_site.lib.prose import ProseField

GIVEN = [(verdict.value, verdict.label) for verdict in Action.GIVEN]


class VerdictForm(forms.Form):
    """What the technical committee answers to each criterion, its opinion, its verdict and why."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, action: Action, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = list(Criterion.objects.order_by("position", "code"))
        self.marks = {mark.criterion_id: mark for mark in action.marks.all()}
        for criterion in self.criteria:
            self._add_criterion(criterion, self.marks.get(criterion.pk))
        self.fields |= self._opinion(action)

    def _add_criterion(self, criterion: Criterion, mark: Mark | None) -> None:
        self.fields[f"level_{criterion.pk}"] = forms.ChoiceField(
            label="Réponse",
            help_text=criterion.question,
            choices=[("", "Sans réponse"), *Mark.Level.choices],
            required=False,
            initial=mark.level if mark else "",
        )
        self.fields[f"note_{criterion.pk}"] = ProseField(
            label="Remarque", max_length=300, required=False, initial=mark.note if mark else ""
        )

    def _opinion(self, action: Action) -> dict[str, forms.Field]:
        verdict = action.verdict if action.verdict in Action.GIVEN else None
        return {
            "text": ProseField(
                label="Avis du comité technique",
                max_length=5000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 4}),
            ),
            "given_on": DayField(label="Rendu le"),
            "committee": ProseField(
                label="Par", max_length=120, required=False, help_text="« Comité technique du 3 mars 2027 »"
            ),
            "verdict": forms.ChoiceField(label="Verdict", choices=GIVEN, widget=forms.RadioSelect, initial=verdict),
            "verdict_reason": ProseField(
                label="Motif",
                max_length=2000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 3}),
                initial=action.verdict_reason,
                help_text="Obligatoire quand l’action est à retravailler, reportée ou écartée.",
            ),
        }

    def criterion_rows(self) -> list[tuple[Criterion, forms.BoundField, forms.BoundField]]:
        return [(each, self[f"level_{each.pk}"], self[f"note_{each.pk}"]) for each in self.criteria]

    def opinion_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("text", "given_on", "committee", "verdict", "verdict_reason")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for criterion in self.criteria:
            if data.get(f"note_{criterion.pk}") and not data.get(f"level_{criterion.pk}"):
                self.add_error(f"level_{criterion.pk}", "Répondez au critère, ou retirez la remarque.")
        if data.get("verdict") not in (None, Action.Verdict.RETAINED) and not data.get("verdict_reason"):
            self.add_error("verdict_reason", "Dites pourquoi l’action est écartée, reportée ou à retravailler.")
        return data

    def answered(self) -> list[Mark]:
        rows = []
        for criterion in self.criteria:
            if level := self.cleaned_data[f"level_{criterion.pk}"]:
                mark = self.marks.get(criterion.pk) or Mark(criterion=criterion)
                mark.level, mark.note = level, self.cleaned_data[f"note_{criterion.pk}"]
                rows.append(mark)
        return rows
