from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from actions.models import ActionPlan, Objective
from actions.services import next_objective_code
from ctg_site.lib.prose import ProseField
from ctg_site.lib.shared_forms import SharedForm


class PlanForm(SharedForm):
    level_names = ProseField(
        label="Niveaux du projet",
        required=False,
        help_text="Deux ou trois noms, du plus large au plus précis, séparés par des virgules. Vide : Axe, Objectif.",
    )

    class Meta:
        model = ActionPlan
        fields = ["introduction"]
        field_classes = {"introduction": ProseField}
        labels = {"introduction": "Projet de territoire"}
        widgets = {"introduction": forms.Textarea(attrs={"rows": 10})}
        help_texts = {"introduction": "Ce que le territoire veut, en quelques phrases."}

    also_shared = ("level_names",)

    def __init__(self, *args: Any, instance: ActionPlan, **kwargs: Any) -> None:
        initial = {"level_names": ", ".join(instance.level_names)}
        super().__init__(*args, instance=instance, initial=initial, **kwargs)

    def values_of(self, row: Any, names: list[str]) -> dict[str, Any]:
        return super().values_of(row, names) | {"level_names": ", ".join(row.level_names)}

    def clean_level_names(self) -> str:
        names = _names_in(self.cleaned_data["level_names"])
        if names and not 2 <= len(names) <= 3:
            raise ValidationError("Donnez deux ou trois noms, séparés par des virgules.")
        return ", ".join(names)

    def level_list(self) -> list[str]:
        return _names_in(self.cleaned_data["level_names"])


def _names_in(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


class ObjectiveForm(SharedForm):
    fields: dict[str, Any]

    class Meta:
        model = Objective
        fields = ["parent", "code", "title", "text", "priorities"]
        field_classes = {"code": ProseField, "title": ProseField, "text": ProseField}
        widgets = {"text": forms.Textarea(attrs={"rows": 5}), "priorities": forms.CheckboxSelectMultiple}
        help_texts = {"priorities": "Les priorités du diagnostic auxquelles il répond."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan, parent = self.instance.plan, self.instance.parent
        if self.instance.pk is None and not self.initial.get("code"):
            self.initial["code"] = next_objective_code(plan, parent)
        self.fields["priorities"].queryset = plan.diagnosis.priorities.all()
        self.fields["parent"].queryset = _possible_parents(self.instance)
        self.fields["parent"].empty_label = f"Aucun : c’est un niveau « {plan.level_name(0)} »"


def _possible_parents(objective: Objective) -> QuerySet[Objective]:
    """Neither itself nor the deepest level; what holds actions is refused by the service with its reason."""
    deepest = "__".join(["parent"] * (objective.plan.depth - 1))
    return (
        objective.plan.objectives.filter(**{deepest: None})
        .exclude(pk=objective.pk)
        .select_related("parent")
        .order_by("code", "pk")
    )
