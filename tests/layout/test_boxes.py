"""Boxes in groups: a long group folds, unless one of its boxes is ticked or the field is refused."""

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms

FEW = ("Portrait", [("p1", "Habitants")])
LONG = ("Petite enfance", [(f"e{number}", f"Indicateur {number}") for number in range(13)])


class Boxes(forms.Form):
    followed = forms.MultipleChoiceField(label="Indicateurs", choices=[FEW, LONG], widget=forms.CheckboxSelectMultiple)


@pytest.mark.parametrize(
    ("form", "open_groups"),
    [
        (Boxes(), 1),
        (Boxes(initial={"followed": ["e4"]}), 2),
        (Boxes({"followed": ["unknown"]}), 2),
    ],
    ids=["nothing ticked", "one ticked", "refused"],
)
def test_a_long_group_is_folded_until_one_of_its_boxes_counts(form, open_groups):
    page = render_crispy_form(form)
    assert page.count("<details") == 2
    assert page.count(" open>") == open_groups
    assert page.count('type="checkbox"') == 14


def test_a_group_says_how_many_of_its_boxes_are_ticked():
    page = render_crispy_form(Boxes(initial={"followed": ["e4", "e5"]}))
    assert "2 sur 13" in page
    assert "0 sur 1" in page


def test_a_field_without_groups_is_never_folded():
    class Plain(forms.Form):
        one = forms.ChoiceField(choices=LONG[1], widget=forms.RadioSelect)

    assert "<details" not in render_crispy_form(Plain())


def test_the_refusal_is_said_under_the_boxes():
    form = Boxes({"followed": ["unknown"]})
    assert form.errors["followed"][0] in render_crispy_form(form)
