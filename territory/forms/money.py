"""The money of the Caf as people type it: lines, totals, equipments, COF, payments, files."""

from datetime import date
from typing import Any

from django import forms

from ctg_site.accounts.models import User
from ctg_site.lib.fields import AmountField, DayField, NumberField
from ctg_site.lib.prose import ProseField
from ctg_site.lib.shared_forms import SharedForm
from territory import services
from territory.imports.funding import receive_import
from territory.models import (
    Caf,
    ControlTotal,
    Ctg,
    Facility,
    FacilityFact,
    FundingAgreement,
    FundingImport,
    FundingLine,
    Justification,
    Organisation,
    Payment,
    ServiceKind,
    Territory,
)


def _help(name: str) -> str:
    return str(FundingLine._meta.get_field(name).help_text)  # type: ignore[union-attr]


class CompletedLineForm(forms.ModelForm):
    """A line whose object and nature may be left to its equipment."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"label", "service"} & self.fields.keys():
            self.fields[name].required = False
        if "label" in self.fields:
            self.fields["label"].help_text = "Vide : le nom de l’équipement."
        if "service" in self.fields:
            self.fields["service"].help_text = "Vide : celle de l’équipement."

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("facility"):
            for name, say in (("label", "Donnez l’objet de la ligne."), ("service", "Donnez la nature du service.")):
                if name in self.fields and not data.get(name) and name not in self.errors:
                    self.add_error(name, f"{say} Ou choisissez un équipement.")
        return data

    def _get_validation_exclusions(self) -> set[str]:
        """What the equipment will give is checked by the service, once it is known."""
        excluded = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | {name for name in ("label", "service") if not self.cleaned_data.get(name)}


class FundingLineForm(CompletedLineForm, SharedForm):
    amount = AmountField(label="Montant (€)", required=False, help_text=_help("amount"))
    quantity = NumberField(
        label="Quantité",
        required=False,
        min_value=0,
        help_text="« 2,5 » pour 2,5 ETP ; « 2 » pour deux établissements.",
    )

    unit_cost = AmountField(label="Coût réel par unité (€)", required=False, help_text=_help("unit_cost"))
    billing = NumberField(label="Taux de facturation (%)", required=False, min_value=0, help_text=_help("billing"))
    family_share = AmountField(label="Participation des familles par unité (€)", required=False)
    general_scheme = NumberField(
        label="Taux de régime général (%)",
        required=False,
        min_value=0,
        max_value=100,
        help_text=_help("general_scheme"),
    )

    class Meta:
        model = FundingLine
        fields = [
            "year",
            "period",
            "facility",
            "label",
            "service",
            "scheme",
            "state",
            "nature",
            "payee",
            "agreement",
            "quantity",
            "unit",
            "amount",
            "rounding",
            "source",
            "unit_cost",
            "billing",
            "family_share",
            "general_scheme",
        ]
        field_classes = dict.fromkeys(["label", "unit", "source"], ProseField)

    def __init__(self, *args: Any, ctg: Ctg, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "facility", Facility.objects.of(ctg).order_by("name", "pk"))
        choose(self, "payee", Organisation.objects.filter(caf=ctg.caf).order_by("name", "pk"))
        choose(self, "agreement", FundingAgreement.objects.filter(caf=ctg.caf).order_by("reference", "pk"))
        self.fields["payee"].help_text = "Vide : le gestionnaire de l’équipement. Un bonus se verse toujours à lui."

    def save_as(self, user: User) -> FundingLine:
        return services.save_funding_line(self.save(commit=False), by=user)


class ControlTotalForm(SharedForm):
    amount = AmountField(label="Montant annoncé (€)")

    class Meta:
        model = ControlTotal
        fields = ["year", "scheme", "amount", "rounding", "source"]
        field_classes = {"source": ProseField}

    def save_as(self, user: User) -> ControlTotal:
        return services.save_control_total(self.save(commit=False), by=user)


class FacilityForm(SharedForm):
    capacity = NumberField(label="Capacité", required=False, min_value=0)
    opened_on = DayField(label="Ouvert le", required=False)
    closed_on = DayField(label="Fermé le", required=False)

    class Meta:
        model = Facility
        fields = [
            "code",
            "name",
            "kind",
            "manager",
            "seat",
            "served",
            "address",
            "capacity",
            "capacity_unit",
            "opened_on",
            "closed_on",
            "approval",
        ]
        field_classes = dict.fromkeys(["code", "name", "address", "approval"], ProseField)

    def __init__(self, *args: Any, ctg: Ctg, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        communes = ctg.communes.order_by("name", "pk")
        choose(self, "seat", communes)
        choose(self, "served", communes)
        choose(self, "manager", Organisation.objects.filter(caf=ctg.caf).order_by("name", "pk"))
        choose(self, "kind", ServiceKind.objects.filter(is_project=False).order_by("position", "label", "pk"))
        self.fields["served"].help_text = "Celles qui envoient des familles, en plus du siège."

    def save_as(self, user: User) -> Facility:
        served = self.cleaned_data["served"]
        return services.save_facility(self.save(commit=False), by=user, served=served)


class FacilityFactForm(forms.Form):
    """A condition of the bonus, with the day it begins to hold."""

    kind = forms.ChoiceField(label="Condition", choices=FacilityFact.Kind.choices)
    on = DayField(label="Depuis le")

    def save_as(self, facility: Facility, ctg: Ctg, user: User) -> FacilityFact:
        data = self.cleaned_data
        return services.state_facility_fact(facility, kind=data["kind"], on=data["on"], by=user, ctg=ctg)


class AgreementForm(SharedForm):
    signed_on = DayField(label="Signée le", required=False)
    starts_on = DayField(label="Début")
    ends_on = DayField(label="Fin")
    advance_percent = NumberField(label="Acompte maximal (% du droit prévisionnel)", min_value=0)

    class Meta:
        model = FundingAgreement
        fields = [
            "reference",
            "territory",
            "facility",
            "payee",
            "scheme",
            "signed_on",
            "starts_on",
            "ends_on",
            "advance_percent",
        ]
        field_classes = {"reference": ProseField}

    def __init__(self, *args: Any, caf: Caf, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Territory.objects.filter(ctgs__caf=caf).distinct()
        choose(self, "territory", own.order_by("name", "pk"))
        choose(self, "facility", Facility.objects.filter(caf=caf).order_by("name", "pk"))
        choose(self, "payee", Organisation.objects.filter(caf=caf).order_by("name", "pk"))

    def save_as(self, user: User) -> FundingAgreement:
        return services.save_funding_agreement(self.save(commit=False), by=user)


class PaymentForm(SharedForm):
    amount = NumberField(label="Montant (€)", help_text="Négatif pour un indu ou une régularisation à reprendre.")
    paid_on = DayField(label="Payé le")

    class Meta:
        model = Payment
        fields = ["year", "kind", "amount", "paid_on", "reason"]
        field_classes = {"reason": ProseField}

    def save_as(self, user: User) -> Payment:
        return services.record_payment(self.save(commit=False), by=user)


class JustificationForm(SharedForm):
    received_on = DayField(label="Reçue le")

    class Meta:
        model = Justification
        fields = ["year", "received_on"]

    def save_as(self, user: User) -> Justification:
        data = self.cleaned_data
        return services.record_justification(self.instance.agreement, **data, by=user)


class ImportForm(forms.Form):
    file = forms.FileField(
        label="Classeur Excel (.xlsx), ou lignes en CSV",
        help_text="20\u00a0000 lignes et cinq mégaoctets au plus, sur le modèle proposé : tout le registre d’une Caf y tient.",
    )

    def save_as(self, caf: Caf, user: User) -> FundingImport:
        sent = self.cleaned_data["file"]
        return receive_import(caf, name=sent.name, content=sent.read(), by=user)


def choose(form: forms.BaseForm, name: str, rows: Any) -> None:
    """What a list may offer."""
    form.fields[name].queryset = rows
