"""A figure of a Caf to mask, as the page « Chiffres non masqués » names it."""

from django import forms

from ctg_site.accounts.models import User
from ctg_site.lib.errors import RuleBroken
from territory.asked import ask_to_withhold
from territory.models import Caf, Indicator, Territory


class WithholdForm(forms.Form):
    indicator = forms.ModelChoiceField(Indicator.objects.all())
    territory = forms.ModelChoiceField(Territory.objects.all())
    year = forms.IntegerField(min_value=1900, max_value=2100)

    def ask_as(self, caf: Caf, user: User) -> None:
        if not self.is_valid():
            raise RuleBroken("Ce chiffre n’existe pas : choisissez-le dans la liste ci-dessous.")
        ask_to_withhold(caf, by=user, **self.cleaned_data)
