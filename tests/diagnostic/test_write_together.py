"""Two people open the same finding: nobody's words are overwritten, and nothing is saved before a choice."""

import pytest

from actions.models import Objective
from actions.services import open_plan, save_objective
from diagnostic.models import Finding
from territory.models import Role
from tests.diagnostic.factories import (
    add_contribution,
    add_finding,
    add_idea,
    add_priority,
    first_group,
    make_diagnosis,
    make_user,
    open_group,
)
from tests.writers import Writer

pytestmark = pytest.mark.django_db

BASE = "Les accueils ferment en août."
MINE = "Les accueils ferment quinze jours en août."
THEIRS = "Les accueils ferment deux semaines en août."


@pytest.fixture
def finding():
    return add_finding(make_diagnosis(), text=BASE)


@pytest.fixture
def writers(finding):
    """Two browsers on the form of the same finding."""
    return [
        Writer(name, finding.diagnosis.ctg, "diagnostic:finding_edit", finding.pk)
        for name in ("Anne Martin", "Bruno Petit")
    ]


def _saved(finding):
    return Finding.objects.get(pk=finding.pk)


def test_one_after_the_other_is_no_conflict(writers, finding):
    anne, _ = writers
    assert anne.save(text=MINE).status_code == 302
    assert _saved(finding).text == MINE


def test_the_second_to_save_sees_both_versions_and_nothing_is_lost(writers, finding):
    anne, bruno = writers
    anne.save(text=THEIRS)
    page = bruno.save(text=MINE)
    text = page.content.decode()
    assert _saved(finding).text == THEIRS
    assert "Anne Martin a enregistré ce texte" in text
    assert MINE in text
    assert THEIRS in text
    assert page.context["form"]["text"].value() == "Les accueils ferment deux semaines / quinze jours en août."


@pytest.mark.parametrize(
    ("choice", "typed", "kept"),
    [
        ("mine", "", MINE),
        ("theirs", "", THEIRS),
        ("merged", "Les accueils ferment deux semaines en août.", "Les accueils ferment deux semaines en août."),
    ],
)
def test_the_choice_is_what_is_saved(choice, typed, kept, writers, finding):
    anne, bruno = writers
    anne.save(text=THEIRS)
    bruno.save(text=MINE)
    assert bruno.save(keep_text=choice, **({"text": typed} if typed else {})).status_code == 302
    assert _saved(finding).text == kept


def test_without_a_choice_it_is_asked_again_with_both_versions(writers, finding):
    anne, bruno = writers
    anne.save(text=THEIRS)
    bruno.save(text=MINE)
    again = bruno.save()
    assert _saved(finding).text == THEIRS
    assert MINE in again.content.decode()
    assert [conflict.name for conflict in again.context["form"].conflicts] == ["text"]


def test_a_third_save_in_between_is_met_too(writers, finding):
    anne, bruno = writers
    anne.save(text=THEIRS)
    bruno.save(text=MINE)
    third = Writer("Chloé Durand", finding.diagnosis.ctg, "diagnostic:finding_edit", finding.pk)
    third.save(text="Tout est ouvert.")
    assert bruno.save(keep_text="mine").status_code == 200
    assert _saved(finding).text == "Tout est ouvert."
    assert bruno.save(keep_text="mine").status_code == 302
    assert _saved(finding).text == MINE


def test_different_fields_are_both_kept_without_a_question(writers, finding):
    anne, bruno = writers
    anne.save(title="Des accueils trop souvent fermés")
    assert bruno.save(text=MINE).status_code == 302
    assert (_saved(finding).title, _saved(finding).text) == ("Des accueils trop souvent fermés", MINE)


def test_the_ticks_of_each_count(writers, finding):
    anne, bruno = writers
    one, two = finding.diagnosis.ctg.communes.order_by("pk")
    anne.save(communes=[one.pk])
    assert bruno.save(communes=[two.pk]).status_code == 302
    assert set(_saved(finding).communes.all()) == {one, two}


def test_a_choice_of_a_list_is_asked_too(writers, finding):
    anne, bruno = writers
    anne.save(kind="strength")
    page = bruno.save(kind="weakness").content.decode()
    assert _saved(finding).kind == "strength"
    assert "Force" in page
    assert "Faiblesse" in page


def test_a_damaged_page_saves_nothing(writers, finding):
    anne, _ = writers
    assert "abîmée" in anne.save(started_from="n’importe quoi", text=MINE).content.decode()
    assert _saved(finding).text == BASE


def test_another_error_keeps_the_version_the_form_started_from(writers, finding):
    anne, bruno = writers
    anne.save(text=THEIRS)
    assert bruno.save(title="", text=MINE).status_code == 200
    assert bruno.save(title="Un constat", text=MINE).status_code == 200
    assert _saved(finding).text == THEIRS


def on_every_text():
    """Each page where two people may write the same text, with a text of it: the name of its field."""
    diagnosis = make_diagnosis()
    ctg, group = diagnosis.ctg, first_group(diagnosis)
    open_plan(diagnosis, by=None)
    axis = save_objective(Objective(plan=diagnosis.plans.get(), code="1", title="Un axe"), by=None)
    idea, priority = add_idea(diagnosis), add_priority(diagnosis, findings=[])
    return ctg, {
        "diagnostic:diagnosis_edit": (None, "summary"),
        "diagnostic:group_edit": (group, "audience"),
        "diagnostic:contribution_answer": (
            add_contribution(open_group(group), make_user("Partenaire", role=Role.CONTRIBUTOR, ctg=ctg)),
            "answer",
        ),
        "diagnostic:idea_edit": (idea, "text"),
        "diagnostic:priority_edit": (priority, "reason"),
        "actions:plan_edit": (None, "introduction"),
        "actions:objective_edit": (axis, "text"),
    }


PAGES = [
    "diagnostic:diagnosis_edit",
    "diagnostic:group_edit",
    "diagnostic:contribution_answer",
    "diagnostic:idea_edit",
    "diagnostic:priority_edit",
    "actions:plan_edit",
    "actions:objective_edit",
]


@pytest.mark.parametrize("page", PAGES)
def test_nobody_loses_their_words_whatever_the_page(page):
    ctg, pages = on_every_text()
    row, field = pages[page]
    args = [row.pk] if row else []
    anne, bruno = (Writer(name, ctg, page, *args) for name in ("Anne Martin", "Bruno Petit"))
    assert anne.save(**{field: THEIRS}).status_code == 302
    refused = bruno.save(**{field: MINE})
    assert refused.status_code == 200
    assert THEIRS in refused.text
    assert MINE in refused.text
    assert refused.text.index("Rien n’est enregistré ni perdu") < refused.text.index("Votre version")
    assert refused.text.count("Rien n’est enregistré ni perdu") == 1
    assert bruno.save(**{f"keep_{field}": "mine"}).status_code == 302
    assert Writer("Chloé Durand", ctg, page, *args).form[field].value() == MINE


def test_a_version_is_kept_even_when_both_together_are_too_long(writers, finding):
    anne, bruno = writers
    anne.save(title="A" * 150)
    assert "raccourcissez-le" not in bruno.save(title="B" * 150).text
    assert bruno.save(keep_title="merged").status_code == 200
    assert bruno.save(keep_title="mine").status_code == 302
    assert _saved(finding).title == "B" * 150
