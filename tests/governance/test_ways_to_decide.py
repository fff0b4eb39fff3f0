"""Once nothing lacks, the page leads to the one gesture that comes next: convene, say it was held, record the decision."""

from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from diagnostic.services import describe_diagnosis, open_diagnosis
from governance.models import CommitteeKind, Gate, Meeting
from territory.models import Role
from tests.governance.factories import (
    OPERATIONAL,
    PARTNER,
    decide_up_to,
    held_meeting,
    make_agreement,
    make_ctg,
    make_evaluation,
    make_ready_plan,
    make_user,
    plan_meeting,
)

pytestmark = pytest.mark.django_db
TODAY = date(2021, 11, 20)
HELD = date(2021, 10, 30)
FOLLOW, DIAGNOSIS, PLAN = "ctg_follow", "diagnostic:diagnosis", "actions:plan"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    return set_today(monkeypatch, TODAY)


def set_today(monkeypatch, day):
    for module in ("ctg_site.templatetags.journey", "ctg_site.views", "governance.views.meetings"):
        monkeypatch.setattr(f"{module}.today", lambda: day)


@pytest.fixture
def ctg():
    """Its diagnosis lacks nothing."""
    return make_ready_plan(make_ctg()).ctg


def todo(client, ctg, page=FOLLOW, *args, role=Role.LEAD):
    client.force_login(make_user("Quelqu’un", ctg=ctg, role=role))
    text = unescape(client.get(reverse(page, args=[ctg.slug, *args])).text)
    return text.partition('<section class="todo"')[2].partition("</section>")[0]


def address(name, ctg, *args, gate=""):
    return reverse(f"governance:{name}", args=[ctg.slug, *args]) + (f"?etape={gate}" if gate else "")


@pytest.mark.parametrize("page", [FOLLOW, DIAGNOSIS])
def test_without_a_meeting_one_is_led_to_convene_it(client, ctg, page):
    plan_meeting(ctg, kind=OPERATIONAL, on=date(2021, 12, 1))  # it may not validate a diagnosis
    plan_meeting(ctg, on=date(2021, 12, 1), status=Meeting.Status.DRAFT)
    assert address("meeting_new", ctg, gate="validate_diagnosis") in todo(client, ctg, page)


def test_the_meeting_comes_with_its_committee_and_its_purpose(client, ctg):
    client.force_login(make_user("Camille", ctg=ctg, role=Role.LEAD))
    form = client.get(address("meeting_new", ctg, gate="formalise_plan")).context["form"]
    assert form["committee"].value() == ctg.committees.get(kind=PARTNER).pk
    assert form["purpose"].value() == Gate.FORMALISE_PLAN.label
    form = client.get(address("meeting_new", ctg, gate="validate_evaluation:2023")).context["form"]
    assert form["committee"].value() == ctg.committees.get(kind=CommitteeKind.COPIL).pk
    assert form["purpose"].value() == "Valider l’évaluation de 2023"
    for gate in ("rien", "rien:2023", ":", "validate_evaluation:l’an 40"):
        assert "l’an" not in (
            client.get(address("meeting_new", ctg, gate=gate)).context["form"]["purpose"].value() or ""
        )
    assert not client.get(address("meeting_new", ctg, gate="rien")).context["form"]["purpose"].value()


@pytest.mark.parametrize("page", [FOLLOW, DIAGNOSIS])
def test_a_meeting_to_come_is_shown(client, ctg, page):
    coming = plan_meeting(ctg, on=date(2021, 12, 1))
    shown = todo(client, ctg, page)
    assert f'href="{address("meeting", ctg, coming.pk)}"' in shown
    assert "Comité de pilotage, 1er décembre 2021" in shown
    assert "etape=" not in shown


@pytest.mark.parametrize(("precision", "is_past"), [("day", True), ("month", False)])
def test_a_meeting_whose_day_has_come_is_said_held(client, ctg, precision, is_past):
    """A month that is known alone is not over before its end."""
    meeting = plan_meeting(ctg, on=date(2021, 11, 1), starts_precision=precision)
    assert (address("meeting_hold", ctg, meeting.pk) in todo(client, ctg)) is is_past


@pytest.mark.parametrize("page", [FOLLOW, DIAGNOSIS])
def test_a_meeting_that_was_held_records_its_decision(client, ctg, page):
    meeting = held_meeting(ctg, on=HELD)
    url = f"{address('meeting', ctg, meeting.pk, gate='validate_diagnosis')}#decide"
    assert url in todo(client, ctg, page)
    form = client.get(url).context["form"]
    assert form["gate"].value() == "validate_diagnosis"
    assert form["text"].value() == "Le comité valide le diagnostic partagé."


def test_a_step_that_this_committee_may_not_close_is_not_proposed(client, ctg):
    meeting = held_meeting(ctg, on=HELD)
    client.force_login(make_user("Camille", ctg=ctg, role=Role.LEAD))
    form = client.get(address("meeting", ctg, meeting.pk, gate="formalise_plan")).context["form"]
    assert not form["gate"].value()
    assert not form["text"].value()


def test_a_meeting_older_than_the_last_step_decides_nothing_more(client, ctg):
    held_meeting(ctg, kind=PARTNER, on=date(2021, 9, 1))
    decide_up_to(ctg, Gate.FIX_AXES)  # on 30 October
    shown = todo(client, ctg, PLAN)
    assert "Enregistrer sa décision" not in shown
    assert address("meeting_new", ctg, gate="formalise_plan") in shown


@pytest.mark.parametrize(("role", "may"), [(Role.LEAD, True), (Role.CAF_ADVISER, True), (Role.EDITOR, False)])
def test_only_those_who_record_decisions_are_led_to_it(client, ctg, role, may):
    held_meeting(ctg, on=HELD)
    plan_meeting(ctg, on=date(2021, 12, 1))
    shown = todo(client, ctg, DIAGNOSIS, role=role)
    assert ("Enregistrer sa décision" in shown) is may
    assert "Comité de pilotage, 1er décembre 2021" in shown


def test_the_text_the_method_and_the_evaluation_lead_there_too(client, monkeypatch):
    set_today(monkeypatch, date(2023, 6, 1))
    agreement = make_agreement(up_to=Gate.ADOPT_PLAN)
    held = held_meeting(agreement.ctg, on=date(2021, 11, 29))
    shown = todo(client, agreement.ctg, "governance:method")
    assert address("meeting", agreement.ctg, held.pk, gate="validate_method") in shown
    ctg = make_agreement().ctg
    held = held_meeting(ctg, on=date(2021, 11, 30))
    assert address("meeting", ctg, held.pk, gate="approve_signature") in todo(client, ctg, "governance:agreement")
    ctg = make_evaluation(filled=True).ctg
    held = held_meeting(ctg, on=date(2023, 3, 1))
    url = address("meeting", ctg, held.pk, gate="validate_evaluation:2022")
    assert url in todo(client, ctg, "governance:evaluation", 2022)
    assert client.get(url).context["form"]["text"].value() == "Le comité valide l’évaluation de 2022."


def test_what_a_step_lacks_leads_to_where_it_is_mended(client, ctg):
    describe_diagnosis(set_summary(ctg, ""), by=None)
    url = reverse("diagnostic:diagnosis_edit", args=[ctg.slug])
    assert f'<a href="{url}">La synthèse n’est pas encore rédigée</a>' in todo(client, ctg)
    assert url not in todo(client, ctg, role=Role.READER)


def test_what_an_evaluation_lacks_leads_to_where_it_is_mended(client, monkeypatch):
    set_today(monkeypatch, date(2023, 6, 1))
    evaluation = make_evaluation()
    shown = todo(client, evaluation.ctg, "governance:evaluation", 2022)
    assert reverse("governance:evaluation_edit", args=[evaluation.ctg.slug, 2022]) in shown
    review = evaluation.reviews.first()
    assert reverse("governance:review_edit", args=[evaluation.ctg.slug, 2022, review.pk]) in shown
    assert reverse("governance:evaluation", args=[evaluation.ctg.slug, 2022]) in todo(client, evaluation.ctg)


def test_the_follow_up_holds_the_meetings_that_wait_and_no_other(client):
    ctg = open_diagnosis(make_ctg(), by=None).ctg
    held = held_meeting(ctg, on=TODAY)
    cancelled = plan_meeting(ctg, on=date(2021, 12, 24), status=Meeting.Status.DRAFT)
    Meeting.objects.filter(pk=cancelled.pk).update(status=Meeting.Status.CANCELLED)
    late, coming = plan_meeting(ctg, on=date(2021, 11, 2)), plan_meeting(ctg, on=date(2021, 12, 1))
    client.force_login(make_user("Camille", ctg=ctg, role=Role.LEAD))
    page = client.get(reverse(FOLLOW, args=[ctg.slug]))
    assert [meeting.pk for meeting in page.context["meetings"]] == [late.pk, coming.pk]
    assert held.pk not in {late.pk, coming.pk}


def set_summary(ctg, summary):
    diagnosis = ctg.diagnoses.get()
    diagnosis.summary = summary
    return diagnosis
