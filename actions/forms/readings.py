"""The forms of the views of a plan: what narrows the table, what changes many fiches at once."""

from datetime import date
from typing import Any

from django import forms

from actions.content import PlanContent
from actions.forms.choices import members, named
from actions.forms.feasibility import GIVEN
from actions.models import Action, ActionPlan
from actions.readings.table import LACKS, SORTS
from actions.services import Judgement
from ctg_site.accounts.models import User
from ctg_site.lib.fields import DayField
from ctg_site.lib.prose import ProseField
from ctg_site.lib.text import search_key
from territory.models import Organisation

UNCHANGED = "Ne pas changer"


class FilterForm(forms.Form):
    """Sent with GET: the address is the filter, it can be kept and shared."""

    q = ProseField(label="Mots ou numéro", required=False)
    axe = forms.ChoiceField(label="Axe", required=False)
    porteur = forms.ChoiceField(label="Porteur", required=False)
    etat = forms.ChoiceField(label="État", required=False)
    annee = forms.ChoiceField(label="Année", required=False)
    commune = forms.ChoiceField(label="Commune", required=False)
    manque = forms.ChoiceField(label="Il manque", required=False)
    tri = forms.ChoiceField(label="Trier par", required=False)

    fields: dict[str, Any]

    def __init__(self, *args: Any, content: PlanContent, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "filter-%s"} | kwargs)
        plan = content.plan
        leads = {action.lead.pk: action.lead.name for action in content.actions if action.lead}
        named_leads = sorted(leads.items(), key=lambda lead: search_key(lead[1]))
        self.fields["axe"].label = plan.axis_name
        self._choices("axe", "tous", [(axis.objective.code, str(axis.objective)) for axis in content.axes])
        self._choices("porteur", "tous", [(0, "à désigner"), *named_leads])
        self._choices("etat", "tous", Action.Verdict.choices)
        self._choices("annee", "toutes", [(year, str(year)) for year in plan.ctg.years])
        self._choices("commune", "toutes", named(plan.ctg.communes.all(), "code"))
        self._choices("manque", "peu importe", [(key, label) for key, (label, _) in LACKS.items()])
        self.fields["tri"].choices = [(key, label) for key, (label, _) in SORTS.items()]

    def _choices(self, name: str, everything: str, choices: list[tuple[Any, Any]]) -> None:
        self.fields[name].choices = [("", everything), *choices]


class BulkForm(forms.Form):
    """Only what is filled changes."""

    lead = forms.ModelChoiceField(label="Porteur", queryset=Organisation.objects.none(), required=False)
    lead_user = forms.ModelChoiceField(label="Pilote", queryset=User.objects.none(), required=False)
    starts_on = DayField(label="Début", required=False)
    ends_on = DayField(label="Fin", required=False)
    verdict = forms.ChoiceField(label="Avis de faisabilité", choices=[("", UNCHANGED), *GIVEN], required=False)
    reason = ProseField(label="Motif de l’avis", max_length=2000, required=False)

    CHANGED = ("lead", "lead_user", "starts_on", "ends_on")

    fields: dict[str, Any]

    def __init__(self, *args: Any, plan: ActionPlan, may_judge: bool, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "bulk-%s"} | kwargs)
        directory = Organisation.objects.filter(caf=plan.ctg.caf)
        self.fields["lead"].queryset = directory
        self.fields["lead"].choices = [("", UNCHANGED), *named(directory)]
        self.fields["lead_user"].queryset = members(plan.ctg)
        self.fields["lead_user"].empty_label = UNCHANGED
        for name in () if may_judge else ("verdict", "reason"):
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        verdict, reason = data.get("verdict"), data.get("reason")
        if verdict and verdict != Action.Verdict.RETAINED and not reason:
            self.add_error("reason", "Dites pourquoi ces actions sont écartées, reportées ou à retravailler.")
        if reason and not verdict:
            self.add_error("verdict", "Choisissez l’avis que ce motif explique.")
        return data

    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.CHANGED if self.cleaned_data[name] is not None}

    def judgement(self, on: date) -> Judgement | None:
        verdict = self.cleaned_data.get("verdict")
        return Judgement(verdict, self.cleaned_data["reason"], on) if verdict else None
