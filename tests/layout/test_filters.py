from datetime import date
from decimal import Decimal

import pytest
from django.template import Context, Template

from territory.secrecy import MASKED, MISSING, PublicValue, State


def written(text: str, **context: object) -> str:
    return Template("{% load french %}" + text).render(Context(context))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ amount|euros }}", "1\u202f089\u202f800\u00a0€"),
        ("{{ amount|integer }}", "1\u202f089\u202f800"),
        ("{{ rate|percent }}", "43\u00a0%"),
        ("{{ rate|percent:1 }}", "43,0\u00a0%"),
        ("{{ gap|points }}", "\u22124\u00a0pts"),
        ("{{ time|fte }}", "2,5\u00a0ETP"),
        ("{{ day|fr_date }}", "1er janvier 2021"),
        ("{{ day|short_date }}", "1er janv. 2021"),
        ("{{ nothing|euros }}{{ nothing|fr_date }}", ""),
    ],
)
def test_a_filter_writes_french(text, expected):
    context = {
        "amount": Decimal("1089800"),
        "rate": 43,
        "gap": -4,
        "time": Decimal("2.5"),
        "day": date(2021, 1, 1),
        "nothing": None,
    }
    assert written(text, **context) == expected


def test_a_figure_that_is_not_shown_says_why():
    shown = PublicValue(State.SHOWN, Decimal(43), "43\u00a0%")
    assert written("{{ value|public_value }}", value=shown) == "43\u00a0%"
    for value, word, words in ((MASKED, "secret", "secret statistique"), (MISSING, "n.d.", "non disponible")):
        seen = written("{{ value|public_value }}", value=value)
        assert f'<span aria-hidden="true">{word}</span>' in seen  # for the eye
        assert f'<span class="vh">{words}</span>' in seen  # for who listens
        assert f'title="{words}' in seen


def test_the_text_of_a_figure_is_escaped():
    value = PublicValue(State.SHOWN, Decimal(1), "<b>1</b>")
    assert written("{{ value|public_value }}", value=value) == "&lt;b&gt;1&lt;/b&gt;"


def test_a_coordinate_keeps_its_point():
    assert written("{{ share|dot }}", share=Decimal("85.04")) == "85.0"
