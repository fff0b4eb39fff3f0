from typing import Any

from django import forms

from ctg_site.lib.conditions import has_come
from ctg_site.lib.dates import year_in
from ctg_site.lib.fields import DayField
from ctg_site.lib.prose import ProseField
from ctg_site.lib.shared_forms import SharedForm
from diagnostic.models import ThematicGroup
from governance.models import Attendance, Committee, Gate, Meeting
from governance.services.doors import DOORS, Rooms
from territory.models import Ctg, Organisation


class CommitteeForm(SharedForm):
    class Meta:
        model = Committee
        fields = ["kind", "name", "group"]
        field_classes = {"name": ProseField}
        help_texts = {"group": "Seulement pour les réunions d’un groupe thématique."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = ThematicGroup.objects.filter(ctg=self.instance.ctg).order_by("position", "pk")
        self.fields["group"].empty_label = "Aucun"


class MeetingForm(SharedForm):
    starts_on = DayField(
        label="Date, ou début de la période", help_text="N’importe quel jour du mois quand seul le mois est connu."
    )
    ends_on = DayField(
        label="Fin de la période", required=False, help_text="Vide : la réunion tient en un jour ou un mois."
    )

    class Meta:
        model = Meeting
        fields = [
            "committee",
            "purpose",
            "starts_on",
            "starts_precision",
            "ends_on",
            "ends_precision",
            "place",
            "status",
            "minutes",
        ]
        field_classes = {"purpose": ProseField, "place": ProseField, "minutes": ProseField}
        widgets = {"minutes": forms.Textarea(attrs={"rows": 10})}
        labels = {"starts_precision": "Cette date est connue", "ends_precision": "La fin est connue"}
        help_texts = {
            "status": "En projet : seules les personnes de la Ctg la voient, même si le calendrier est publié."
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ctg = self.instance.committee.ctg if self.instance.committee_id else self.initial["ctg"]
        self.fields["committee"].queryset = Committee.objects.filter(ctg=ctg).order_by("kind", "name", "pk")
        if self.instance.status in (Meeting.Status.DRAFT, Meeting.Status.PLANNED):
            self.fields["status"].choices = [(s.value, s.label) for s in (Meeting.Status.DRAFT, Meeting.Status.PLANNED)]
        else:
            del self.fields["status"]
        if not self.instance.is_held:
            del self.fields["minutes"]


class HoldForm(forms.Form):
    held_on = DayField(label="Jour où la réunion s’est tenue", validators=[has_come])


class AttendanceForm(forms.ModelForm[Attendance]):
    class Meta:
        model = Attendance
        fields = ["organisation", "full_name", "status"]
        field_classes = {"full_name": ProseField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        caf = self.instance.meeting.ctg.caf
        self.fields["organisation"].queryset = Organisation.objects.filter(caf=caf).order_by("name", "pk")


class DecisionForm(forms.Form):
    """``gate`` offers only the steps that this committee may close and that are still open."""

    text = ProseField(label="Décision", max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))
    gate = forms.ChoiceField(label="Étape que cette décision valide", required=False)
    owner = ProseField(label="Qui la met en œuvre", max_length=150, required=False)
    due_on = DayField(label="Pour quand", required=False)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["gate"].choices = [("", "Aucune : une décision du comité"), *choices]
        if not choices:
            self.fields["gate"].help_text = "Aucune étape ouverte ne relève de ce comité."

    def gate_and_year(self) -> tuple[str, int | None]:
        gate, _, year = self.cleaned_data["gate"].partition(":")
        return gate, int(year) if year else None


def gate_label(asked: str) -> str:
    """Of a step as pages and forms name it, « validate_evaluation:2022 » for the evaluation of a year."""
    gate, _, year = asked.partition(":")
    return f"Valider l’évaluation de {year}" if year_in(year) else Gate(gate).label


def gate_choices(ctg: Ctg, gates: list[str]) -> list[tuple[str, str]]:
    """What remains to be closed; an evaluation is one choice for each open year."""
    rooms, rows = Rooms(ctg), []
    for gate in (gate for gate in Gate if gate.value in gates):
        if gate == Gate.VALIDATE_EVALUATION:
            open_years = [evaluation.year for evaluation in rooms.evaluations if not evaluation.is_validated]
            rows += [(key, gate_label(key)) for key in (f"{gate.value}:{year}" for year in open_years)]
        elif not DOORS[gate].closed_by(rooms):
            rows.append((gate.value, gate.label))
    return rows
