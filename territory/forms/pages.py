"""What people type on the pages of the territory; each form ends by calling a service."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ctg_site.accounts.models import User
from ctg_site.lib import numbers
from ctg_site.lib.fields import DayField, NumberField
from ctg_site.lib.prose import ProseField
from territory import services
from territory.asked import ask_to_type, ask_to_type_local
from territory.models import (
    Comment,
    Ctg,
    Indicator,
    Invitation,
    Organisation,
    Source,
    Territory,
    Value,
)
from territory.portraits.stage import Stage


class FigureField(NumberField):
    """« 43 % », « 2,5 Etp » or « 8 629 »: the unit is the indicator's, it may be typed or not."""

    UNITS = ("%", "etp", "€")

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if isinstance(value, str):
            bare = value.strip()
            value = bare[: len(bare) - len(self.unit_of(bare))].strip()
        return super().to_python(value)

    @classmethod
    def unit_of(cls, text: str) -> str:
        return next((unit for unit in cls.UNITS if text.strip().lower().endswith(unit)), "")


class UnitChecked(forms.Form):
    """The unit typed is that of the indicator, and a bare 0,43 is taken neither for 43 % nor for 0,43 %."""

    UNIT_OF = {
        Indicator.Unit.PERCENT: "%",
        Indicator.Unit.RATE: "%",
        Indicator.Unit.EURO: "€",
        Indicator.Unit.FTE: "etp",
    }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        indicator, number = data.get("indicator"), data.get("number")
        if indicator is None or number is None:
            return data
        typed = FigureField.unit_of(str(self.data.get(self.add_prefix("number"), "")))
        if typed and typed != self.UNIT_OF.get(indicator.unit):
            text = f"« {indicator.label} » s’écrit sans « {typed} »\u00a0: son unité est « {indicator.unit_words} »."
            self.add_error("number", ValidationError(text))
        elif indicator.is_head_count and number % 1:
            counted = indicator.unit_name or "personnes ou des foyers"
            text = f"« {indicator.label} » compte des {counted}\u00a0: écrivez un nombre entier."
            self.add_error("number", ValidationError(text))
        elif indicator.unit == Indicator.Unit.PERCENT and not typed and 0 < abs(number) < 1:
            text = (
                f"Écrivez le signe %\u00a0: « {numbers.shortest(number, 4)} % », "
                f"ou « {numbers.shortest(number * 100)} % » si c’est une part de 1."
            )
            self.add_error("number", ValidationError(text))
        return data


class FigureForm(UnitChecked):
    """One figure, for here, the département or France, with where it comes from."""

    HERE, DEPARTMENT, FRANCE = "here", "department", "france"

    indicator = forms.ModelChoiceField(Indicator.objects.none(), label="Indicateur")
    place = forms.ChoiceField(label="Territoire")
    year = forms.IntegerField(label="Année", min_value=1900, max_value=2100)
    start_year = forms.IntegerField(
        label="Année de départ",
        required=False,
        min_value=1900,
        max_value=2100,
        help_text="Pour une évolution seulement.",
    )
    quality = forms.ChoiceField(label="Qualité", choices=Value.Quality.choices, initial=Value.Quality.EXACT)
    number = FigureField(
        label="Valeur", required=False, help_text="Vide quand le chiffre est secret, non disponible ou sans objet."
    )
    source = forms.ModelChoiceField(Source.objects.none(), label="Source")
    document = ProseField(label="Document", max_length=200, help_text="« Présentation du 9 juin 2021, page 2 »")

    def __init__(self, *args: Any, ctg: Ctg, stage: Stage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ctg = ctg
        self.places: dict[str, Territory | None] = {
            self.HERE: stage.here,
            self.DEPARTMENT: stage.department,
            self.FRANCE: stage.france,
        }
        self.fields["indicator"].queryset = Indicator.objects.order_by("position", "label", "pk")
        self.fields["source"].queryset = Source.objects.order_by("name", "pk")
        self.fields["place"].choices = [(name, place.name) for name, place in self.places.items() if place]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        has_number, quality = data.get("number") is not None, data.get("quality")
        if quality in Value.WITHOUT_NUMBER and has_number:
            self.add_error(
                "number", ValidationError("Un chiffre secret ou non disponible ne s’écrit pas : videz la valeur.")
            )
        elif quality and quality not in Value.WITHOUT_NUMBER and not has_number and "number" not in self.errors:
            self.add_error(
                "number", ValidationError("Donnez la valeur, ou dites dans « Qualité » pourquoi elle manque.")
            )
        return data

    def ask_as(self, user: User, *, on: date) -> None:
        data = self.cleaned_data
        territory = self.places[data["place"]]
        assert territory is not None  # the choices name only the places that exist
        ask_to_type(
            self.ctg,
            indicator=data["indicator"],
            territory=territory,
            year=data["year"],
            start_year=data["start_year"],
            number=data["number"],
            quality=data["quality"],
            source=data["source"],
            document=data["document"],
            by=user,
            on=on,
        )


class InviteForm(forms.ModelForm):
    due_on = DayField(label="Réponse attendue le", required=False)

    class Meta:
        model = Invitation
        fields = ["full_name", "email", "role", "organisation", "due_on", "message"]
        field_classes = {"full_name": ProseField, "message": ProseField}
        widgets = {"message": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, ctg: Ctg, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ctg = ctg
        self.fields["organisation"].queryset = Organisation.objects.filter(caf=ctg.caf).order_by("name", "pk")

    def save_as(self, user: User, *, on: date) -> Invitation:
        return services.invite(self.ctg, **self.cleaned_data, by=user, on=on)


class AcceptForm(forms.Form):
    """A first visit: a name, as others will read it, and a password."""

    full_name = ProseField(label="Nom et prénom", max_length=150)
    password = forms.CharField(
        label="Mot de passe",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Douze caractères au moins ; une phrase courte convient bien.",
    )


class LocalFigureForm(UnitChecked):
    """What the territory counts itself: for the whole or for one of its communes."""

    indicator = forms.ModelChoiceField(Indicator.objects.none(), label="Ce qui est compté")
    place = forms.ModelChoiceField(Territory.objects.none(), label="Territoire", empty_label=None)
    year = forms.IntegerField(label="Année", min_value=1900, max_value=2100)
    number = FigureField(label="Valeur")
    document = ProseField(
        label="D’où vient ce chiffre", max_length=200, help_text="« Comptage du service enfance, septembre 2024 »"
    )

    def __init__(self, *args: Any, ctg: Ctg, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ctg = ctg
        self.fields["indicator"].queryset = services.local_indicators()
        self.fields["place"].queryset = services.places_of(ctg)

    def ask_as(self, user: User, *, on: date) -> None:
        ask_to_type_local(self.ctg, **self.cleaned_data, by=user, on=on)


class CommentForm(forms.ModelForm[Comment]):
    class Meta:
        model = Comment
        fields = ["text"]
        field_classes = {"text": ProseField}
        labels = {"text": "Votre commentaire"}
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}
