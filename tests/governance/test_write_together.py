"""The texts of the convention, of its evaluation and of a meeting: begun, they are kept; written by two, nobody's words are
overwritten."""

from datetime import date
from urllib.parse import quote

import pytest
from django.urls import reverse

from governance.models import CommitteeKind, Gate
from territory.models import Role
from tests.governance.factories import held_meeting, make_agreement, make_evaluation, plan_meeting
from tests.writers import Writer

pytestmark = pytest.mark.django_db

MINE = "La Caf et la commune y veillent."
THEIRS = "La Caf et l’intercommunalité y veillent."
NO_MEASUREMENTS = {"measurements-TOTAL_FORMS": 0, "measurements-INITIAL_FORMS": 0}


def before_the_method():
    agreement = make_agreement(up_to=Gate.ADOPT_PLAN)
    return agreement.ctg, {
        "agreement_edit": ([], "preamble"),
        "article_edit": ([agreement.articles.first().pk], "body"),
        "method_edit": ([], "questions"),
        "meeting_edit": ([plan_meeting(agreement.ctg).pk], "purpose"),
    }


def once_signed():
    evaluation = make_evaluation()
    return evaluation.ctg, {
        "evaluation_edit": ([evaluation.year], "summary"),
        "review_edit": ([evaluation.year, evaluation.reviews.first().pk], "comment"),
    }


PAGES = [
    *((before_the_method, page) for page in ("agreement_edit", "article_edit", "method_edit", "meeting_edit")),
    *((once_signed, page) for page in ("evaluation_edit", "review_edit")),
]


@pytest.mark.parametrize(("world", "page"), PAGES)
def test_nobody_loses_their_words(world, page):
    ctg, pages = world()
    args, field = pages[page]
    anne, bruno = (
        Writer(name, ctg, f"governance:{page}", *args, role=Role.LEAD) for name in ("Anne Martin", "Bruno Petit")
    )
    assert anne.save(**{field: THEIRS}, **NO_MEASUREMENTS).status_code == 302
    refused = bruno.save(**{field: MINE}, **NO_MEASUREMENTS)
    assert refused.status_code == 200
    assert THEIRS in refused.text
    assert MINE in refused.text
    assert refused.text.index("Rien n’est enregistré ni perdu") < refused.text.index("Votre version")
    assert refused.text.count("Rien n’est enregistré ni perdu") == 1
    assert bruno.save(**{f"keep_{field}": "mine"}, **NO_MEASUREMENTS).status_code == 302
    assert Writer("Chloé Durand", ctg, f"governance:{page}", *args, role=Role.LEAD).form[field].value() == MINE


def measuring(evaluation, name):
    """Somebody who has the page of a review open, and what its first indicator holds there."""
    review = evaluation.reviews.first()
    writer = Writer(name, evaluation.ctg, "governance:review_edit", evaluation.year, review.pk, role=Role.LEAD)
    writer.formset = writer.client.get(writer.url).context["formset"]
    return writer


def measure(writer, **typed):
    formset = writer.formset
    lines = {f"{line.prefix}-{name}": line[name].value() or "" for line in formset for name in line.fields}
    counts = {"measurements-TOTAL_FORMS": len(formset.forms), "measurements-INITIAL_FORMS": len(formset.forms)}
    for name, entered in typed.items():
        lines["comment" if name == "comment" else f"measurements-0-{name}"] = entered
    response = writer.save(**(lines | counts))
    if response.status_code == 200:
        writer.formset = response.context["formset"]
    return response


def test_a_measured_value_is_not_overwritten():
    evaluation = make_evaluation()
    anne, bruno = measuring(evaluation, "Anne Martin"), measuring(evaluation, "Bruno Petit")
    assert measure(anne, value="1 200,5").status_code == 302
    refused = measure(bruno, value="1 300")
    assert refused.status_code == 200
    assert "1\u202f200,5" in refused.text
    assert 'name="measurements-0-keep_value"' in refused.text
    assert "réunies" not in refused.text, "deux nombres ne se réunissent pas"
    assert value(evaluation) == 1200.5
    assert measure(bruno, keep_value="mine").status_code == 302
    assert value(evaluation) == 1300


def test_what_only_the_other_measured_is_kept():
    evaluation = make_evaluation()
    anne, bruno = measuring(evaluation, "Anne Martin"), measuring(evaluation, "Bruno Petit")
    assert measure(anne, value="12").status_code == 302
    assert measure(bruno, comment="Ouvert en mars.").status_code == 302
    assert value(evaluation) == 12


@pytest.mark.django_db(transaction=True)
def test_a_wrong_number_comes_back_beside_its_field():
    """Outside a test's own transaction, where a lock asks for one."""
    evaluation = make_evaluation()
    assert "Écrivez un nombre" in measure(measuring(evaluation, "Anne Martin"), value="beaucoup").text


def value(evaluation):
    return evaluation.measurements.order_by("pk").first().value


@pytest.mark.parametrize(("world", "page"), PAGES)
def test_what_is_begun_is_found_again(world, page):
    ctg, pages = world()
    args, field = pages[page]
    writer = Writer("Anne Martin", ctg, f"governance:{page}", *args, role=Role.LEAD)
    opened = writer.client.get(writer.url).context
    assert writer.client.post(reverse("drafts:save"), {"draft": opened["draft"].key, field: MINE}).status_code == 302
    assert writer.client.get(writer.url).context["form"][field].value() == MINE


def kept_when_the_session_ended(writer, url, data):
    """Sent after the session ended: the login leads back to the page, which gives back what was typed."""
    opened = writer.client.get(writer.url).context
    user = opened["user"]
    writer.client.logout()
    answer = writer.client.post(url, {"draft": opened["draft"].key, **data})
    assert answer["Location"].endswith(f"next={quote(writer.url, safe='/')}&texte=garde")
    writer.client.force_login(user)
    return writer.client.get(writer.url)


def test_a_decision_typed_when_the_session_ended_is_given_back():
    ctg = make_agreement(up_to=Gate.ADOPT_PLAN).ctg
    meeting = held_meeting(ctg, kind=CommitteeKind.COPIL, on=date(2021, 11, 30))
    writer = Writer("Anne Martin", ctg, "governance:meeting", meeting.pk, role=Role.LEAD)
    page = kept_when_the_session_ended(
        writer, reverse("governance:decision_take", args=[ctg.slug, meeting.pk]), {"text": MINE}
    )
    assert page.context["form"]["text"].value() == MINE


@pytest.mark.parametrize(
    ("page", "field"),
    [
        ("committee_new", "name"),
        ("party_new", "new_name"),
        ("deliberation_edit", "body"),
        ("meeting_attendance", "full_name"),
    ],
)
def test_what_is_typed_when_the_session_ended_is_given_back(page, field):
    agreement = make_agreement(up_to=Gate.ADOPT_PLAN)
    ctg = agreement.ctg
    rows = {"deliberation_edit": agreement.parties.first(), "meeting_attendance": plan_meeting(ctg)}
    args = [rows[page].pk] if page in rows else []
    writer = Writer("Anne Martin", ctg, f"governance:{page}", *args, role=Role.LEAD)
    assert kept_when_the_session_ended(writer, writer.url, {field: MINE}).context["form"][field].value() == MINE
