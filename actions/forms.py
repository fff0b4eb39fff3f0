from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from actions.models import Action, ActionPlan, Cost, Financing, Objective, Target
from actions.services import next_action_code, next_objective_code
from ctg_site.accounts.models import User
from ctg_site.lib.fields import AmountField, DayField, NumberField
from ctg_site.lib.prose import ProseField
from ctg_site.lib.shared_forms import SharedForm
from ctg_site.lib.text import search_key
from territory.models import Ctg, Organisation


class PlanForm(forms.Form):
    introduction = ProseField(
        label="Projet de territoire",
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="Ce que le territoire veut, en quelques phrases.",
    )
    level_names = forms.CharField(
        label="Niveaux du projet",
        required=False,
        help_text="Deux ou trois noms, du plus large au plus précis, séparés par des virgules. Vide : Axe, Objectif.",
    )

    def __init__(self, *args: Any, plan: ActionPlan, **kwargs: Any) -> None:
        kwargs["initial"] = {"introduction": plan.introduction, "level_names": ", ".join(plan.level_names)}
        super().__init__(*args, **kwargs)

    def clean_level_names(self) -> list[str]:
        names = [name.strip() for name in self.cleaned_data["level_names"].split(",") if name.strip()]
        if names and not 2 <= len(names) <= 3:
            raise ValidationError("Donnez deux ou trois noms, séparés par des virgules.")
        return names


class ObjectiveForm(SharedForm):
    fields: dict[str, Any]

    class Meta:
        model = Objective
        fields = ["parent", "code", "title", "text", "priorities"]
        field_classes = {"title": ProseField, "text": ProseField}
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


class ActionForm(SharedForm):
    fields: dict[str, Any]

    starts_on = DayField(label="Début", required=False)
    ends_on = DayField(label="Fin", required=False)

    class Meta:
        model = Action
        fields = [
            "objective",
            "code",
            "title",
            "description",
            "audience",
            "lead",
            "lead_user",
            "partners",
            "starts_on",
            "ends_on",
            "communes",
        ]
        field_classes = {"title": ProseField, "description": ProseField, "audience": ProseField}
        widgets = {
            "description": forms.Textarea(attrs={"rows": 8}),
            "partners": forms.CheckboxSelectMultiple,
            "communes": forms.CheckboxSelectMultiple,
        }
        help_texts = {
            "code": "Vide : le numéro suivant de l’objectif.",
            "audience": "« Enfants de moins de 3 ans et leurs parents »",
            "lead": "L’organisme qui porte l’action ; il faut le connaître pour formaliser le plan.",
            "lead_user": "La personne qui suit l’action : elle pourra la décrire et saisir les montants réalisés.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan = self.instance.plan
        directory = Organisation.objects.filter(caf=plan.ctg.caf)
        names = named(directory)  # read once for the two lists
        self.fields["code"].required = False
        self.fields["objective"].queryset = leaves(plan)
        self.fields["lead"].queryset = directory
        self.fields["lead"].choices = [("", "À désigner"), *names]
        self.fields["partners"].queryset = directory
        self.fields["partners"].choices = names
        self.fields["lead_user"].queryset = members(plan.ctg)
        self.fields["lead_user"].empty_label = "Personne pour l’instant"
        self.fields["communes"].queryset = plan.ctg.communes.all()
        self.fields["communes"].choices = named(plan.ctg.communes.all())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("code") and data.get("objective"):
            data["code"] = next_action_code(data["objective"])
        for name in ("starts_on", "ends_on"):
            self._refuse_outside(name, data)
        return data

    def _refuse_outside(self, name: str, data: dict[str, Any]) -> None:
        ctg = self.instance.plan.ctg
        day = data.get(name)
        if day and not ctg.starts_on <= day <= ctg.ends_on:
            self.add_error(
                name,
                f"Choisissez un jour de la période de la Ctg, du {ctg.starts_on:%d/%m/%Y} au {ctg.ends_on:%d/%m/%Y}.",
            )


class ActionTextForm(SharedForm):
    """What the lead of an action writes: its words, not its place nor its money."""

    class Meta:
        model = Action
        fields = ["description", "audience"]
        field_classes = {"description": ProseField, "audience": ProseField}
        widgets = {"description": forms.Textarea(attrs={"rows": 10})}


class VerdictForm(forms.ModelForm[Action]):
    class Meta:
        model = Action
        fields = ["verdict", "verdict_reason"]
        field_classes = {"verdict_reason": ProseField}
        widgets = {"verdict": forms.RadioSelect, "verdict_reason": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"verdict_reason": "Obligatoire quand l’action est à retravailler, reportée ou écartée."}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        needs_reason = data.get("verdict") not in (None, Action.Verdict.PENDING, Action.Verdict.RETAINED)
        if needs_reason and not data.get("verdict_reason", "").strip():
            self.add_error("verdict_reason", "Dites pourquoi l’action est écartée, reportée ou à retravailler.")
        return data


class TargetForm(forms.ModelForm[Target]):
    baseline = NumberField(label="Valeur de départ", required=False)
    goal = NumberField(label="Cible")

    class Meta:
        model = Target
        fields = ["label", "unit", "direction", "baseline", "baseline_reason", "goal", "source"]
        field_classes = {"label": ProseField, "baseline_reason": ProseField, "source": ProseField}
        help_texts = {
            "unit": "« places », « % », « familles »",
            "baseline_reason": "Seulement si la valeur de départ n’est pas disponible.",
            "source": "Qui donne le chiffre, dans quel document.",
        }


class _YearForm(forms.ModelForm):
    """A line of money: the year is chosen among those of the Ctg."""

    fields: dict[str, Any]
    year = forms.TypedChoiceField(label="Année", coerce=int, empty_value=None)

    def __init__(self, *args: Any, ctg: Ctg, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [("", "…"), *((year, str(year)) for year in self._years(ctg))]

    def _years(self, ctg: Ctg) -> list[int]:
        """The year already written stays on the list, even when the period of the Ctg has changed."""
        return sorted({*ctg.years, *([self.instance.year] if self.instance.pk else [])})


class CostForm(_YearForm):
    amount = AmountField(label="Coût (€)")

    class Meta:
        model = Cost
        fields = ["year", "nature", "label", "amount"]
        field_classes = {"label": ProseField}


class FinancingForm(_YearForm):
    planned = AmountField(label="Prévu (€)")

    class Meta:
        model = Financing
        fields = ["year", "nature", "funder", "planned"]

    def __init__(self, *args: Any, ctg: Ctg, funders: list[tuple[Any, str]], **kwargs: Any) -> None:
        super().__init__(*args, ctg=ctg, **kwargs)
        self.fields["funder"].queryset = Organisation.objects.filter(caf=ctg.caf)
        self.fields["funder"].choices = funders


class _FinancingFormSet(forms.BaseInlineFormSet):
    def get_unique_error_message(self, unique_check: Iterable[str]) -> str:
        return "Un financeur figure deux fois pour la même année et la même section : gardez une seule ligne."


class PaymentsForm(forms.Form):
    """What was really paid, a field a funder, year and section."""

    def __init__(self, *args: Any, financings: list[Financing], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.financings = financings
        for financing in financings:
            self.fields[self.name_of(financing)] = AmountField(
                label=f"{financing.funder}, {financing.year}, {financing.get_nature_display().lower()}",
                required=False,
                initial=financing.paid,
            )

    @staticmethod
    def name_of(financing: Financing) -> str:
        return f"paid_{financing.pk}"

    def rows(self) -> list[tuple[Financing, forms.BoundField]]:
        return [(financing, self[self.name_of(financing)]) for financing in self.financings]

    def changes(self) -> list[tuple[Financing, Any]]:
        names = [(financing, self.name_of(financing)) for financing in self.financings]
        return [(financing, self.cleaned_data[name]) for financing, name in names if name in self.changed_data]


CostFormSet = forms.inlineformset_factory(Action, Cost, form=CostForm, extra=2, can_delete=True)
FinancingFormSet = forms.inlineformset_factory(
    Action, Financing, form=FinancingForm, formset=_FinancingFormSet, extra=3, can_delete=True
)


class BudgetForms:
    """The costs and the funders of an action, edited on one page and saved as one."""

    def __init__(self, action: Action, data: Any = None) -> None:
        ctg = action.plan.ctg
        funders = [("", "…"), *named(Organisation.objects.filter(caf=ctg.caf))]
        self.costs = CostFormSet(data, instance=action, prefix="costs", form_kwargs={"ctg": ctg})
        self.financings = FinancingFormSet(
            data,
            instance=action,
            prefix="financings",
            form_kwargs={"ctg": ctg, "funders": funders},
            queryset=Financing.objects.select_related("funder"),
        )

    def is_valid(self) -> bool:
        return all([self.costs.is_valid(), self.financings.is_valid()])

    def rows_to_delete(self) -> list[Cost | Financing]:
        forms_to_delete = [*self.costs.deleted_forms, *self.financings.deleted_forms]
        return [form.instance for form in forms_to_delete if form.instance.pk]

    def rows_to_save(self) -> list[Cost | Financing]:
        """What changed, freed of what is deleted."""
        self.costs.save(commit=False)
        self.financings.save(commit=False)
        costs = [*(row for row, _fields in self.costs.changed_objects), *self.costs.new_objects]
        financings = [*(row for row, _fields in self.financings.changed_objects), *self.financings.new_objects]
        return [*costs, *financings]


def leaves(plan: ActionPlan) -> QuerySet[Objective]:
    """Where an action may hang: objectives that are neither an axis nor subdivided."""
    return (
        plan.objectives.filter(parent__isnull=False, children=None)
        .select_related("parent__parent")
        .order_by("code", "pk")
    )


def named(rows: QuerySet[Any]) -> list[tuple[Any, str]]:
    """Choices in the order of a French dictionary: « Égat » between « Dorres » and « Enveitg »."""
    return sorted(rows.values_list("pk", "name"), key=lambda choice: search_key(choice[1]))


def members(ctg: Ctg) -> QuerySet[User]:
    return (
        User.objects.filter(Q(memberships__ctg=ctg) | Q(memberships__caf=ctg.caf))
        .distinct()
        .order_by("full_name", "pk")
    )


def _possible_parents(objective: Objective) -> QuerySet[Objective]:
    """Neither itself nor the third level; what holds actions is refused by the service with its reason."""
    deepest = "__".join(["parent"] * (Objective.MAX_LEVELS - 1))
    return (
        objective.plan.objectives.filter(**{deepest: None})
        .exclude(pk=objective.pk)
        .select_related("parent")
        .order_by("code", "pk")
    )
