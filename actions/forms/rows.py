"""The rows of a fiche: one small form a row, the empty ones are not kept."""

from collections.abc import Iterable
from typing import Any

from django import forms

from actions.forms.choices import directory, offer
from actions.forms.money import YearForm
from actions.models import Action, InKind, Lever, Partnership, Step
from actions.services.parts import Part
from ctg_site.lib.fields import AmountField, DayField, NumberField
from ctg_site.lib.prose import ProseField
from ctg_site.lib.shared_forms import SharedForm, SharedRows
from territory.models import Ctg, Scheme

Names = list[tuple[Any, str]]


class RowForm(SharedForm):
    fields: dict[str, Any]

    def __init__(self, *args: Any, ctg: Ctg, names: Names, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ctg = ctg
        for name in ("organisation", "giver"):
            if name in self.fields:
                offer(self.fields[name], directory(ctg), names, "…")


class PartnershipForm(RowForm):
    class Meta:
        model = Partnership
        fields = ["organisation", "role", "state"]
        field_classes = {"role": ProseField}


class StepForm(RowForm):
    starts_on = DayField(label="Début", required=False)
    due_on = DayField(label="Échéance")

    class Meta:
        model = Step
        fields = ["title", "starts_on", "due_on"]
        field_classes = {"title": ProseField}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("starts_on", "due_on"):
            day = data.get(name)
            if day and not self.ctg.starts_on <= day <= self.ctg.ends_on:
                first, last = self.ctg.starts_on, self.ctg.ends_on
                self.add_error(
                    name, f"Choisissez un jour de la période de la Ctg, du {first:%d/%m/%Y} au {last:%d/%m/%Y}."
                )
        return data


class InKindForm(RowForm, YearForm):
    amount = AmountField(label="Valeur (€)")

    class Meta:
        model = InKind
        fields = ["year", "giver", "label", "amount"]
        field_classes = {"label": ProseField}

    def __init__(self, *args: Any, ctg: Ctg, names: Names, **kwargs: Any) -> None:
        super().__init__(*args, ctg=ctg, names=names, **kwargs)
        self.offer_years(ctg)


class LeverForm(RowForm):
    """Among the schemes by which the Caf pays."""

    NOT_LEVERS = (Scheme.Family.CONTRACT, Scheme.Family.MIXED, Scheme.Family.PARTNER)

    yearly_amount = AmountField(
        label="Montant attendu par an (€)",
        required=False,
        help_text="Annoncé par la Caf. Vide : calculé du barème, ou à chiffrer.",
    )
    units = NumberField(label="Unités nouvelles", required=False, min_value=0, help_text="Places, heures, ETP…")

    class Meta:
        model = Lever
        fields = ["scheme", "units", "yearly_amount", "note"]
        field_classes = {"note": ProseField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scheme"].queryset = Scheme.objects.exclude(family__in=self.NOT_LEVERS)
        self.fields["scheme"].empty_label = "…"


class RowFormSet(SharedRows):
    def get_unique_error_message(self, unique_check: Iterable[str]) -> str:
        return "Une ligne figure deux fois : gardez-en une seule."


def row_formset(
    model: type[Part], form: type[RowForm], action: Action, data: Any, *, prefix: str, names: Names
) -> RowFormSet:
    kept: Any = forms.inlineformset_factory(
        Action, model, form=form, formset=RowFormSet, fk_name="action", extra=2, can_delete=True
    )
    return kept(data, instance=action, prefix=prefix, form_kwargs={"ctg": action.plan.ctg, "names": names})
