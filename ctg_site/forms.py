from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet

from ctg_site.accounts.models import User
from ctg_site.lib.dates import today
from ctg_site.lib.fields import DayField
from ctg_site.lib.prose import ProseField
from ctg_site.starting import Guest, Milestone
from diagnostic.services import DEFAULT_GROUPS
from governance.models import CommitteeKind, Meeting
from territory import perms
from territory.models import Caf, Role, Territory

# The five milestones of the seed, proposed with their month left to choose.
MILESTONES = [
    (CommitteeKind.OPERATIONAL, "Travaux préparatoires, partage et enrichissement du diagnostic"),
    (CommitteeKind.COPIL, "Validation du diagnostic, fixation des axes du plan d’actions"),
    (CommitteeKind.OPERATIONAL_PARTNER, "Formalisation du plan d’actions"),
    (CommitteeKind.COPIL, "Validation du plan d’actions et de la méthode d’évaluation"),
    (CommitteeKind.COPIL, "Signature de la Ctg"),
]


class PickTerritoryForm(forms.Form):
    """First page of « Nouvelle Ctg »: the Caf and the intercommunalités whose communes will be proposed."""

    caf = forms.ModelChoiceField(Caf.objects.none(), label="Caf")
    epci = forms.ModelMultipleChoiceField(
        Territory.objects.none(),
        label="Intercommunalités",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins une intercommunalité."},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cafs = [caf for caf in Caf.objects.order_by("name", "pk") if perms.can_create_ctg(user, caf)]
        self.fields["caf"].queryset = Caf.objects.filter(pk__in=[caf.pk for caf in cafs]).order_by("name", "pk")
        self.fields["epci"].queryset = _epcis_of(cafs)
        if len(cafs) == 1:
            self.fields["caf"].initial, self.fields["caf"].empty_label = cafs[0], None


class NewCtgForm(forms.Form):
    """Second page: everything that opens a Ctg. What is typed stays when something is refused."""

    name = ProseField(label="Nom du territoire", max_length=150)
    starts_on = DayField(label="Début de la convention")
    ends_on = DayField(label="Fin de la convention", help_text="Cinq ans au plus.")
    communes = forms.ModelMultipleChoiceField(
        Territory.objects.none(),
        label="Communes du périmètre",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins une commune."},
    )
    groups = forms.MultipleChoiceField(
        label="Groupes thématiques",
        choices=[
            (str(i), f"{seed.name} ({seed.audience})" if seed.audience else seed.name)
            for i, seed in enumerate(DEFAULT_GROUPS)
        ],
        initial=[str(i) for i in range(len(DEFAULT_GROUPS))],
        widget=forms.CheckboxSelectMultiple,
        help_text="Vous pourrez les renommer, en ajouter ou en retirer.",
    )
    lead_name = ProseField(label="Chargé·e de coopération : nom et prénom", max_length=150, required=False)
    lead_email = forms.EmailField(label="Chargé·e de coopération : adresse électronique", required=False)
    guests = ProseField(
        label="Autres personnes à inviter",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Une par ligne : nom et prénom, puis l’adresse entre chevrons. « Prénom Nom &lt;adresse@exemple.fr&gt; »",
    )

    def __init__(self, *args: Any, communes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["communes"].queryset = communes
        for index, (committee, purpose) in enumerate(MILESTONES):
            self.fields[f"milestone_{index}"] = ProseField(
                label=f"{committee.label} : {purpose[0].lower()}{purpose[1:]}",
                required=False,
                help_text="Jour (15/10/2027) ou mois (10/2027). Vide : à fixer plus tard.",
            )

    def parts(self) -> dict[str, list[forms.BoundField]]:
        """The fields under the three questions they answer; only the first must be answered."""
        people = ["lead_name", "lead_email", "guests"]
        meetings = [f"milestone_{index}" for index in range(len(MILESTONES))]
        return {
            "La convention": [self[name] for name in self.fields if name not in people + meetings],
            "Les personnes à inviter (facultatif)": [self[name] for name in people],
            "Les réunions des comités (facultatif)": [self[name] for name in meetings],
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("lead_email") and not data.get("lead_name"):
            self.add_error("lead_name", "Donnez le nom de la personne à inviter.")
        return data

    def clean_guests(self) -> list[Guest]:
        return [_guest(line) for line in self.cleaned_data["guests"].splitlines() if line.strip()]

    def chosen_groups(self) -> list[Any]:
        return [DEFAULT_GROUPS[int(i)] for i in self.cleaned_data["groups"]]

    def all_guests(self) -> list[Guest]:
        lead = []
        if self.cleaned_data["lead_email"]:
            lead = [Guest(self.cleaned_data["lead_name"], self.cleaned_data["lead_email"], Role.LEAD)]
        return [*lead, *self.cleaned_data["guests"]]

    def milestones(self) -> list[Milestone]:
        rows = []
        for index, (committee, purpose) in enumerate(MILESTONES):
            when = self.cleaned_data.get(f"milestone_{index}")
            if when:
                rows.append(Milestone(committee, purpose, *when))
        return rows

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        for index in range(len(MILESTONES)):
            name = f"milestone_{index}"
            try:
                self.cleaned_data[name] = _day_or_month(self.cleaned_data.get(name, ""))
            except ValidationError as error:
                self.add_error(name, error)


def _epcis_of(cafs: list[Caf]) -> QuerySet[Territory]:
    """Those with at least one commune in the départements of these Cafs."""
    epcis = Territory.objects.epcis().valid_on(today())
    return epcis.filter(members__parent__in=[caf.territory_id for caf in cafs]).distinct().order_by("name", "pk")


def _guest(line: str) -> Guest:
    name, _, rest = line.partition("<")
    email = rest.rstrip("> \t")
    try:
        validate_email(email)
    except ValidationError:
        raise ValidationError(
            f"La ligne « {line.strip()} » n’est pas de la forme « Prénom Nom <adresse@exemple.fr> »."
        ) from None
    return Guest(name.strip() or email, email, Role.CONTRIBUTOR)


def _day_or_month(text: str) -> tuple[date, Meeting.Precision] | None:
    """« 15/10/2027 » is a day, « 10/2027 » a month; nothing is no milestone."""
    text = text.strip()
    is_month = text.count("/") == 1
    try:
        day = DayField(required=False).clean(f"1/{text}" if is_month else text)
    except ValidationError:
        raise ValidationError(f"« {text} » n’est ni un jour (15/10/2027) ni un mois (10/2027).") from None
    return day and (day, Meeting.Precision.MONTH if is_month else Meeting.Precision.DAY)
