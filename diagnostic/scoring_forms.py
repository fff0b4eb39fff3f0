"""How a group opens its ranking, and the ballot of one person."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ctg_site.lib.fields import DayField
from diagnostic.colleges import College, Method
from diagnostic.models import Ballot, Finding, Scoring

MARKS = [
    ("", "Sans avis"),
    (1, "1 – très faible"),
    (2, "2 – faible"),
    (3, "3 – moyenne"),
    (4, "4 – forte"),
    (5, "5 – très forte"),
]


class ScoringForm(forms.ModelForm[Scoring]):
    closes_on = DayField(label="Jusqu’au", required=False, help_text="Ce jour compris ; vide : jusqu’à la clôture.")

    class Meta:
        model = Scoring
        fields = ["method", "closes_on"]
        widgets = {"method": forms.RadioSelect}


class BallotForm(forms.Form):
    """One line a finding: two marks each, or up to three voices among them."""

    college = forms.ChoiceField(
        label="Vous votez au titre du collège", choices=College.choices, widget=forms.RadioSelect
    )

    def __init__(
        self, *args: Any, scoring: Scoring, findings: list[Finding], ballot: Ballot | None, college: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.findings, self.is_votes = findings, scoring.method == Method.VOTES
        given = {score.finding_id: score for score in ballot.scores.all()} if ballot else {}
        self.initial["college"] = ballot.college if ballot else college
        if self.is_votes:
            self.fields["votes"] = forms.MultipleChoiceField(
                label="Vos trois voix, au plus",
                choices=[(finding.pk, finding.title) for finding in findings],
                widget=forms.CheckboxSelectMultiple,
                initial=list(given),
                error_messages={"required": "Choisissez au moins un constat."},
            )
            return
        for finding in findings:
            score = given.get(finding.pk)
            for name, label in (("importance", "Importance"), ("feasibility", "Faisabilité")):
                field = forms.TypedChoiceField(label=f"{finding.title}\u00a0: {label.lower()}", choices=MARKS)
                field.required, field.coerce, field.empty_value = False, int, None
                field.initial = getattr(score, name) if score else ""
                self.fields[f"{name}_{finding.pk}"] = field

    def clean_votes(self) -> list[str]:
        chosen = self.cleaned_data["votes"]
        if len(chosen) > Scoring.MOST_VOTES:
            raise ValidationError(f"Vous avez {Scoring.MOST_VOTES} voix\u00a0: vous en avez coché {len(chosen)}.")
        return chosen

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.is_votes:
            return data
        for finding in self.findings:
            pair = self._marks(data, finding)
            if (pair[0] is None) != (pair[1] is None):
                lacking = "importance" if pair[0] is None else "feasibility"
                self.add_error(f"{lacking}_{finding.pk}", "Donnez les deux notes, ou laissez les deux sans avis.")
        if not self.errors and not any(self._marks(data, finding)[0] for finding in self.findings):
            raise ValidationError("Ce bulletin est vide : notez au moins un constat.")
        return data

    @property
    def given(self) -> dict[str, Any]:
        """As the service takes it."""
        data = self.cleaned_data
        if self.is_votes:
            return {"votes": [finding for finding in self.findings if str(finding.pk) in data["votes"]]}
        pairs = {finding: self._marks(data, finding) for finding in self.findings}
        return {"marks": {finding: pair for finding, pair in pairs.items() if pair[0] is not None}}

    def _marks(self, data: dict[str, Any], finding: Finding) -> tuple[Any, Any]:
        return data.get(f"importance_{finding.pk}"), data.get(f"feasibility_{finding.pk}")
