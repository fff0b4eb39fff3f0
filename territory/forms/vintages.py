"""A vintage of the geography: the one of the software, or another."""

import re

from django import forms

from ctg_site.accounts.models import User
from ctg_site.lib.prose import ProseField
from territory.imports.geography import receive_shipped, receive_vintage
from territory.models import VintageFile


class VintageForm(forms.Form):
    file = forms.FileField(
        label="Un autre millésime",
        required=False,
        help_text="Archive .zip de territories.csv, belongings.csv et changes.csv ; vide : celui fourni avec le logiciel.",
        widget=forms.ClearableFileInput(attrs={"accept": ".zip", "class": "dropzone"}),
    )
    scope = ProseField(
        label="Limiter à",
        required=False,
        max_length=200,
        help_text="Départements ou SIREN d’intercommunalités, avec des virgules : 66, 11. Vide : toute la France.",
    )

    def clean_scope(self) -> str:
        scope: str = self.cleaned_data["scope"].upper()
        if scope and not re.fullmatch(r"[0-9AB]{2,9}( ?, ?[0-9AB]{2,9})*", scope.strip()):
            raise forms.ValidationError("Écrivez des codes séparés par des virgules, par exemple 66, 11.")
        return scope.strip()

    def receive(self, user: User) -> VintageFile:
        sent, scope = self.cleaned_data["file"], self.cleaned_data["scope"]
        if not sent:
            return receive_shipped(scope=scope, by=user)
        return receive_vintage(name=sent.name, content=sent.read(), scope=scope, by=user)
