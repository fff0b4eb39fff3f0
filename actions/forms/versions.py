from django import forms

from ctg_site.lib.prose import ProseField

BACK_TO = [
    ("adopted", "Le plan définitif : il sera adopté de nouveau"),
    ("costed", "La faisabilité et le chiffrage, puis le plan définitif"),
    ("formalised", "Les fiches, la faisabilité et le chiffrage, puis le plan définitif"),
    ("axes_fixed", "Tout, depuis les axes"),
]


class ReopeningForm(forms.Form):
    reason = ProseField(
        label="Pourquoi rouvrir le plan",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Le motif reste dans l’histoire du plan.",
    )
    back_to = forms.ChoiceField(
        label="Ce qui sera décidé de nouveau", choices=BACK_TO, initial="adopted", widget=forms.RadioSelect
    )
