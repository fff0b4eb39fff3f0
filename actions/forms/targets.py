from typing import Any

from actions.models import Target
from ctg_site.lib.fields import NumberField
from ctg_site.lib.prose import ProseField
from ctg_site.lib.shared_forms import SharedForm


class TargetForm(SharedForm):
    baseline = NumberField(label="Valeur de départ", required=False)
    goal = NumberField(label="Cible")

    class Meta:
        model = Target
        fields = [
            "label",
            "kind",
            "scale",
            "level",
            "unit",
            "direction",
            "baseline",
            "baseline_reason",
            "goal",
            "source",
            "frequency",
        ]
        field_classes = dict.fromkeys(["label", "scale", "unit", "baseline_reason", "source"], ProseField)
        help_texts = {
            "scale": "Pour un indicateur qualitatif : ce que veut dire chaque niveau, « 1 absent, 2 en projet, 3 installé ».",
            "unit": "« places », « % », « familles »",
            "baseline_reason": "Seulement si la valeur de départ n’est pas disponible.",
            "source": "Qui donne le chiffre, dans quel document.",
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        baseline, goal = data.get("baseline"), data.get("goal")
        if baseline is not None and baseline == goal:
            self.add_error("goal", "La cible est égale à la valeur de départ : dites ce qui doit changer.")
        if "baseline" in data and baseline is None and not data.get("baseline_reason"):
            self.add_error(
                "baseline_reason", "Donnez la valeur de départ, ou dites pourquoi elle n’est pas disponible."
            )
        return data
