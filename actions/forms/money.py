from collections.abc import Iterable
from typing import Any

from django import forms

from actions.forms.choices import named
from actions.models import Action, Cost, Financing
from ctg_site.lib.fields import AmountField
from ctg_site.lib.numbers import euros
from ctg_site.lib.prose import ProseField
from ctg_site.lib.shared_forms import CARRIED, SharedForm, SharedRows, carried_field, plain, seen_in, signed
from territory.models import Ctg, Organisation


class YearForm(SharedForm):
    """A line of money: the year is chosen among those of the Ctg."""

    fields: dict[str, Any]
    year = forms.TypedChoiceField(label="Année", coerce=int, empty_value=None)

    def offer_years(self, ctg: Ctg) -> None:
        """The year already written stays on the list, even when the period of the Ctg has changed."""
        years = sorted({*ctg.years, *([self.instance.year] if self.instance.pk else [])})
        self.fields["year"].choices = [("", "…"), *((year, str(year)) for year in years)]


class CostForm(YearForm):
    amount = AmountField(label="Coût (€)")
    low = AmountField(label="Hypothèse basse (€)", required=False)
    high = AmountField(label="Hypothèse haute (€)", required=False)

    class Meta:
        model = Cost
        fields = ["year", "nature", "label", "amount", "low", "high"]
        field_classes = {"label": ProseField}

    def __init__(self, *args: Any, ctg: Ctg, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_years(ctg)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        amount, low, high = (data.get(name) for name in ("amount", "low", "high"))
        if amount is not None and low is not None and low > amount:
            self.add_error("low", "L’hypothèse basse dépasse le coût retenu.")
        if amount is not None and high is not None and high < amount:
            self.add_error("high", "L’hypothèse haute est inférieure au coût retenu.")
        return data


class FinancingForm(YearForm):
    planned = AmountField(label="Prévu (€)")

    class Meta:
        model = Financing
        fields = ["year", "nature", "funder", "planned"]

    def __init__(self, *args: Any, ctg: Ctg, funders: list[tuple[Any, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_years(ctg)
        self.fields["funder"].queryset = Organisation.objects.filter(caf=ctg.caf)
        self.fields["funder"].choices = funders


class _FinancingFormSet(SharedRows):
    def get_unique_error_message(self, unique_check: Iterable[str]) -> str:
        return "Un financeur figure deux fois pour la même année et la même section : gardez une seule ligne."


class PaymentsForm(forms.Form):
    """What was really committed, paid and spent, beside what was planned."""

    RECORDED = (("committed", "Engagé"), ("paid", "Réalisé"))

    def __init__(self, *args: Any, costs: list[Cost], financings: list[Financing], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.costs, self.financings = costs, financings
        self.fields[CARRIED] = carried_field()
        for financing in financings:
            for field, label in self.RECORDED:
                self._add(f"{field}_{financing.pk}", f"{label} (€)", getattr(financing, field))
        for cost in costs:
            self._add(f"spent_{cost.pk}", "Dépensé (€)", cost.spent)
        self.fields[CARRIED].initial = signed(self._recorded(), mine={})

    def _add(self, name: str, label: str, initial: Any) -> None:
        self.fields[name] = AmountField(label=label, required=False, initial=initial)

    def clean(self) -> dict[str, Any]:
        """Of an amount that only the other changed, theirs is kept; of one that both changed, it is said and asked again."""
        data = super().clean() or {}
        seen, recorded = seen_in(data.pop(CARRIED, "")), self._recorded()
        typed = self.data.copy()
        for name in [name for name in recorded if name in data and recorded[name] != seen.get(name, recorded[name])]:
            mine, theirs = plain(data[name]), self.fields[name].initial
            if mine == seen[name]:
                data[name] = theirs
                typed[self.add_prefix(name)] = self.fields[name].prepare_value(theirs) or ""
            elif mine != recorded[name]:
                now = "est maintenant vide" if theirs is None else f"est maintenant de {euros(theirs, cents=True)}"
                self.add_error(
                    name,
                    f"Quelqu’un d’autre l’a écrit entre-temps : ce montant {now}. Enregistrez de nouveau pour garder le vôtre.",
                )
        typed[self.add_prefix(CARRIED)] = signed(recorded, mine={})
        self.data = typed
        return data

    def _recorded(self) -> dict[str, Any]:
        return {name: plain(field.initial) for name, field in self.fields.items() if name != CARRIED}

    def financing_rows(self) -> list[tuple[Financing, list[forms.BoundField]]]:
        return [(row, [self[f"{field}_{row.pk}"] for field, _ in self.RECORDED]) for row in self.financings]

    def cost_rows(self) -> list[tuple[Cost, list[forms.BoundField]]]:
        return [(row, [self[f"spent_{row.pk}"]]) for row in self.costs]

    def changes(self) -> list[tuple[Cost | Financing, str, Any]]:
        """Row, field, amount: what was changed on the page."""
        named = [(row, field, f"{field}_{row.pk}") for row in self.financings for field, _ in self.RECORDED]
        named += [(row, "spent", f"spent_{row.pk}") for row in self.costs]  # type: ignore[misc]
        return [
            (row, field, self.cleaned_data[name])
            for row, field, name in named
            if self.cleaned_data[name] != getattr(row, field)
        ]


CostFormSet = forms.inlineformset_factory(Action, Cost, form=CostForm, formset=SharedRows, extra=2, can_delete=True)
FinancingFormSet = forms.inlineformset_factory(
    Action, Financing, form=FinancingForm, formset=_FinancingFormSet, extra=3, can_delete=True
)


class BudgetForms:
    """The costs and the funders of an action, edited on one page and saved as one."""

    def __init__(self, action: Action, data: Any = None) -> None:
        ctg = action.plan.ctg
        funders = [("", "…"), *named(Organisation.objects.filter(caf=ctg.caf))]
        self.refusals: list[str] = []
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

    def add_error(self, field: None, sentences: list[str]) -> None:
        self.refusals += sentences

    def parts(self) -> list[forms.BaseForm]:
        """Every line of the page, for its draft."""
        return [*self.costs.forms, *self.financings.forms]

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
