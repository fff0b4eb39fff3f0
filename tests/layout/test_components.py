"""The components, with the samples of the styleguide: every one renders, and says its states in words."""

import re

import pytest
from django.core.paginator import Paginator
from django.template.loader import render_to_string

from ctg_site.styleguide import samples


def component(name: str, **context: object) -> str:
    return re.sub(r"[ \n]+", " ", render_to_string(f"components/_{name}.html", context)).strip()


@pytest.fixture(scope="module")
def sample():
    return samples()


def test_the_stepper_marks_the_step_in_progress_and_links_only_open_rooms(sample):
    html = component("stepper", steps=sample["steps"])
    assert html.count("<li") == 7
    assert html.count('aria-current="step"') == 1
    assert html.count("<a ") == 3


def test_a_comparison_is_a_table_that_can_be_read_without_its_drawing(sample):
    html = component("comparison", caption="Indicateurs", names=sample["names"], rows=sample["comparison"])
    assert html.count('scope="row"') == len(sample["comparison"])
    assert "43\u00a0%" in html
    assert "+13\u00a0pts" in html
    assert ">secret</span>" in html
    titles = re.findall(r"<title>([^<]+)</title>", html)
    assert len(titles) == len(sample["comparison"])
    assert "Conflent-Canigó 43\u00a0%, Pyrénées-Orientales 40\u00a0%, France métropolitaine 30\u00a0%" in titles[1]


def test_a_secret_draws_no_mark(sample):
    row = sample["comparison"][-1]
    html = component("dot_plot", plot=row.plot)
    assert 'class="dept"' in html
    assert 'class="here"' not in html


def test_money_shows_every_amount_and_says_what_is_invented(sample):
    html = component(
        "money",
        caption="Financements",
        lines=sample["lines"],
        total_label="Total",
        total_text="1\u202f089\u202f800\u00a0€",
    )
    assert "520\u202f600\u00a0€" in html
    assert "1\u202f089\u202f800\u00a0€" in html
    assert html.count("donnée de démonstration") == 1
    assert '<rect width="100.0"' in html


def test_a_map_says_each_value_and_its_classes_in_words(sample):
    html = component("map", map=sample["map"], caption="Population")
    assert "Prades\u00a0: 6\u202f124 habitants" in html
    assert "secret statistique" in html


def test_pagination_keeps_the_question_asked():
    pages = Paginator(range(60), 20)
    html = component("pagination", page=pages.page(2), query="q=prades&")
    assert 'href="?q=prades&amp;page=1"' in html
    assert 'href="?q=prades&amp;page=3"' in html
    assert "Page 2 sur 3" in html
    assert component("pagination", page=Paginator(range(5), 20).page(1)) == ""


def test_a_refused_form_keeps_what_was_typed_and_ties_the_reason_to_its_field(sample):
    html = render_to_string("components/_form.html", {"form": sample["refused_form"], "submit": "Enregistrer"})
    assert 'value="douze"' in html
    assert 'aria-invalid="true"' in html
    described = re.search(r'name="amount"[^>]*aria-describedby="([^"]+)"', html)
    assert described
    assert all(f'id="{reason}"' in html for reason in described[1].split())


def test_a_button_says_what_it_is_about(sample):
    html = component("post_button", url="/x/", label="Relancer", kind="link", about="Camille Serra")
    assert 'Relancer <span class="vh">Camille Serra</span>' in html
