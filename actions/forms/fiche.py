"""The fiche in five steps, each saved by itself: what it is, what is done, who and where, when, with what."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms

from actions.forms.choices import directory, leaves, members, named, offer
from actions.forms.rows import InKindForm, LeverForm, PartnershipForm, RowForm, RowFormSet, StepForm, row_formset
from actions.models import Action, InKind, Lever, Partnership, Step
from actions.services import next_action_code
from actions.services.parts import Part
from ctg_site.lib.fields import DayField, NumberField
from ctg_site.lib.prose import ProseField
from ctg_site.lib.shared_forms import SharedForm
from territory.models import Ctg


class EssentialForm(SharedForm):
    class Meta:
        model = Action
        fields = ["objective", "code", "title", "novelty", "importance", "themes", "priority", "idea", "findings"]
        field_classes = {"code": ProseField, "title": ProseField}
        widgets = {"themes": forms.CheckboxSelectMultiple, "findings": forms.CheckboxSelectMultiple}
        help_texts = {
            "code": "Vide : le numéro suivant de l’objectif.",
            "themes": "Au moins une avant l’adoption du plan.",
            "findings": "Les constats du diagnostic auxquels elle répond.",
        }

    def __init__(self, *args: Any, is_writer: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan = self.instance.plan
        diagnosis = plan.diagnosis
        self.fields["code"].required = False
        self.fields["objective"].queryset = leaves(plan)
        self.fields["themes"].queryset = plan.ctg.groups.order_by("position", "pk")
        self.fields["priority"].queryset = diagnosis.priorities.order_by("position", "pk")
        self.fields["idea"].queryset = diagnosis.ideas.order_by("position", "pk")
        self.fields["findings"].queryset = diagnosis.findings.order_by("position", "pk")
        for name in ("priority", "idea"):
            self.fields[name].empty_label = "Aucune"

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("code") and data.get("objective"):
            data["code"] = next_action_code(data["objective"])
        return data


class ContentForm(SharedForm):
    class Meta:
        model = Action
        fields = [
            "description",
            "audience",
            "age_from",
            "age_to",
            "expected_results",
            "success_factors",
            "obstacles",
            "other_plans",
        ]
        field_classes = dict.fromkeys(
            ["description", "audience", "expected_results", "success_factors", "obstacles", "other_plans"], ProseField
        )
        widgets = {
            "description": forms.Textarea(attrs={"rows": 8}),
            "expected_results": forms.Textarea(attrs={"rows": 4}),
            "success_factors": forms.Textarea(attrs={"rows": 3}),
            "obstacles": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "description": "Ce que l’on fera, et comment.",
            "audience": "« Enfants de moins de 3 ans et leurs parents »",
            "other_plans": "Schéma des services aux familles, contrat de ville, projet éducatif, analyse des besoins sociaux…",
        }

    def __init__(self, *args: Any, is_writer: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class PeopleForm(SharedForm):
    NAMED_BY_WRITERS = ("lead", "co_lead", "lead_user")

    class Meta:
        model = Action
        fields = ["lead", "co_lead", "lead_user", "contact_name", "contact_email", "communes"]
        field_classes = {"contact_name": ProseField}
        widgets = {"communes": forms.CheckboxSelectMultiple}
        help_texts = {
            "lead": "L’organisme qui porte l’action : sans lui, la fiche reste un brouillon.",
            "lead_user": "La personne qui suit l’action : elle tient la fiche à jour, et les échéances l’attendent.",
            "contact_name": "La personne à qui s’adresser ; elle n’est pas publiée.",
        }

    def __init__(self, *args: Any, is_writer: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ctg = self.instance.plan.ctg
        organisations, names = directory(ctg), named(directory(ctg))  # read once for the two lists
        offer(self.fields["lead"], organisations, names, "À désigner")
        offer(self.fields["co_lead"], organisations, names, "Aucun")
        self.fields["lead_user"].queryset = members(ctg)
        self.fields["lead_user"].empty_label = "Personne pour l’instant"
        offer(self.fields["communes"], ctg.communes.all(), named(ctg.communes.all()))
        for name in () if is_writer else self.NAMED_BY_WRITERS:
            self.fields[name].disabled = True


class CalendarForm(SharedForm):
    starts_on = DayField(label="Début", required=False)
    ends_on = DayField(label="Fin", required=False)

    class Meta:
        model = Action
        fields = ["starts_on", "ends_on"]

    def __init__(self, *args: Any, is_writer: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for name in self._meta.fields or []:
            refuse_a_day_outside(self, name, data, self.instance.plan.ctg)
        return data


class MeansForm(SharedForm):
    staff_fte = NumberField(
        label="Moyens humains (ETP)",
        required=False,
        max_digits=5,
        min_value=0,
        help_text="« 0,5 » pour un mi-temps.",
        error_messages={"min_value": "Les moyens humains ne peuvent pas être négatifs."},
    )

    class Meta:
        model = Action
        fields = ["staff_fte", "staff_means", "material_means"]
        field_classes = {"staff_means": ProseField, "material_means": ProseField}
        widgets = {
            "staff_means": forms.Textarea(attrs={"rows": 3}),
            "material_means": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, is_writer: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


def refuse_a_day_outside(form: forms.ModelForm, name: str, data: dict[str, Any], ctg: Ctg) -> None:
    day = data.get(name)
    if day and not ctg.starts_on <= day <= ctg.ends_on:
        form.add_error(
            name, f"Choisissez un jour de la période de la Ctg, du {ctg.starts_on:%d/%m/%Y} au {ctg.ends_on:%d/%m/%Y}."
        )


@dataclass(frozen=True)
class Rows:
    """Rows that a step of the fiche writes below its fields."""

    name: str
    title: str
    legend: str
    model: type[Part]
    form: type[RowForm]


@dataclass(frozen=True)
class Stage:
    slug: str
    label: str
    form: Any
    rows: tuple[Rows, ...] = ()
    for_writers: bool = False


STAGES = (
    Stage("essentiel", "L’essentiel", EssentialForm, for_writers=True),
    Stage("contenu", "Le contenu", ContentForm),
    Stage(
        "acteurs",
        "Qui et où",
        PeopleForm,
        (Rows("partnerships", "Partenaires", "Partenaire", Partnership, PartnershipForm),),
    ),
    Stage("calendrier", "Le calendrier", CalendarForm, (Rows("steps", "Étapes", "Étape", Step, StepForm),)),
    Stage(
        "moyens",
        "Les moyens",
        MeansForm,
        (
            Rows("in_kind", "Apports en nature, valorisés", "Apport", InKind, InKindForm),
            Rows("levers", "Leviers de la Caf", "Dispositif", Lever, LeverForm),
        ),
    ),
)
BY_SLUG = {stage.slug: stage for stage in STAGES}


def stages_for(*, is_writer: bool) -> list[Stage]:
    """The steps of the fiche that this person may write."""
    return [stage for stage in STAGES if is_writer or not stage.for_writers]


class StageForms:
    """One step of a fiche: its fields and its rows, accepted or refused together."""

    def __init__(self, stage: Stage, action: Action, data: Any = None, *, is_writer: bool = True) -> None:
        self.stage = stage
        self.form = stage.form(data, instance=action, is_writer=is_writer)
        names = named(directory(action.plan.ctg)) if stage.rows else []
        self.sets: list[tuple[Rows, RowFormSet]] = [
            (rows, row_formset(rows.model, rows.form, action, data, prefix=rows.name, names=names))
            for rows in stage.rows
        ]

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), *(formset.is_valid() for _, formset in self.sets)])

    def add_error(self, field: None, sentences: list[str]) -> None:
        self.form.add_error(field, sentences)

    def parts(self) -> list[forms.BaseForm]:
        """Every form of the page, for its draft."""
        return [self.form, *(form for _, formset in self.sets for form in formset.forms)]

    def deleted(self) -> list[Part]:
        return [form.instance for _, formset in self.sets for form in formset.deleted_forms if form.instance.pk]

    def changed(self) -> list[Part]:
        rows: list[Part] = []
        for _, formset in self.sets:
            formset.save(commit=False)
            rows += [row for row, _fields in formset.changed_objects] + list(formset.new_objects)
        return rows

    def links(self) -> dict[str, Iterable[Any]]:
        """The lists of the form that the service replaces."""
        return {
            name: self.form.cleaned_data[name]
            for name in ("themes", "findings", "communes")
            if name in self.form.fields
        }
