"""Who opens what, how a refusal reads, and a number of queries that does not grow with the rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance import services
from governance.models import Article, Attendance, Gate, Meeting
from territory.models import Ctg, Organisation
from tests.governance.conftest import INSIDE, STEERERS, WRITERS
from tests.governance.factories import (
    add_party,
    decide,
    held_meeting,
    make_agreement,
    make_ctg,
    make_evaluation,
    make_ready_plan,
    make_signed_agreement,
    make_validated_evaluation,
    plan_meeting,
)

pytestmark = pytest.mark.django_db

MOST_QUERIES = 15


def url(page, ctg, *args):
    return reverse(f"governance:{page}", args=[ctg.slug, *args])


def pages_of_a_draft(agreement):
    """Every page that is read, while nothing is published."""
    ctg, meeting = agreement.ctg, held_meeting(agreement.ctg)
    article, party = agreement.articles.first(), agreement.parties.last()
    committee = ctg.committees.first()
    return {
        "calendar": [],
        "meeting": [meeting.pk],
        "agreement": [],
        "method": [],
        "evaluations": [],
        "committee_new": [],
        "committee_edit": [committee.pk],
        "meeting_new": [],
        "meeting_edit": [meeting.pk],
        "meeting_hold": [meeting.pk],
        "meeting_attendance": [meeting.pk],
        "signature_record": [party.pk],
        "agreement_edit": [],
        "article_new": [],
        "article_edit": [article.pk],
        "party_new": [],
        "party_edit": [party.pk],
        "deliberation_edit": [party.pk],
    }


READ = ["calendar", "meeting", "agreement", "method", "evaluations"]
STEER = ["committee_new", "committee_edit", "meeting_new", "meeting_edit", "meeting_hold"]
STEER += ["meeting_attendance", "signature_record"]


@pytest.mark.parametrize("who", [*INSIDE, "outsider", "anonymous"])
def test_who_opens_a_page_of_a_draft(who, as_someone):
    agreement = make_agreement()
    client = as_someone(who, agreement.ctg)
    for page, args in pages_of_a_draft(agreement).items():
        code = client.get(url(page, agreement.ctg, *args)).status_code
        if who == "anonymous":
            assert code == (404 if page in READ else 302), page
        elif who == "outsider":
            assert code == 404, page
        else:
            allowed = INSIDE if page in READ else STEERERS if page in STEER else WRITERS
            assert code == (200 if who in allowed else 403), page


@pytest.mark.parametrize("who", ["outsider", "anonymous"])
def test_the_calendar_is_read_by_everyone_once_published_without_its_drafts_minutes_and_people(who, as_someone):
    ctg = make_ctg()
    meeting = held_meeting(ctg)
    draft = plan_meeting(ctg, status=Meeting.Status.DRAFT, purpose="Réunion secrète")
    meeting.minutes = "Échanges vifs"
    services.save_meeting(meeting, by=None)
    caf = Organisation.objects.create(caf=ctg.caf, kind="caf", name="La Caf")
    attendance = Attendance(meeting=meeting, organisation=caf, full_name="Claude Présente", status="present")
    services.save_attendance(attendance, by=None)
    services.take_decision(meeting, text="Visiter le relais", by=None, on=meeting.held_on)
    client = as_someone(who, ctg)
    assert client.get(url("calendar", ctg)).status_code == 404
    Ctg.objects.filter(pk=ctg.pk).update(
        portrait_published_at="2021-06-09T10:00Z", calendar_published_at="2021-06-09T10:00Z"
    )
    page = client.get(url("calendar", ctg)).content.decode()
    assert "Visiter le relais" in page
    assert "Réunion secrète" not in page
    assert client.get(url("meeting", ctg, draft.pk)).status_code == 404
    page = client.get(url("meeting", ctg, meeting.pk)).content.decode()
    assert "Visiter le relais" in page
    assert "Échanges vifs" not in page
    assert "Claude Présente" not in page


@pytest.mark.parametrize("page", ["agreement_edit", "article_new", "party_new"])
def test_a_page_that_edits_a_frozen_text_sends_back_and_says_why(page, lead_of):
    agreement = make_signed_agreement()
    response = lead_of(agreement.ctg).get(url(page, agreement.ctg), follow=True)
    assert response.redirect_chain[0][0] == url("agreement", agreement.ctg)
    assert "Le texte de la convention est arrêté" in response.content.decode()


def test_a_ctg_without_a_text_offers_to_prepare_it(lead_of):
    ctg = make_ctg()
    client = lead_of(ctg)
    assert "Ouvrez d’abord le plan" in client.post(url("agreement_new", ctg), follow=True).content.decode()
    make_ready_plan(ctg)
    assert "Préparer le texte" in client.get(url("agreement", ctg)).content.decode()
    assert "Objet de la convention" in client.post(url("agreement_new", ctg), follow=True).content.decode()


def test_the_text_is_written_from_its_page(lead_of):
    agreement = make_agreement()
    ctg, client = agreement.ctg, lead_of(agreement.ctg)
    article = agreement.articles.order_by("position")[1]
    client.post(url("article_move", ctg, article.pk), {"direction": "up"})
    assert agreement.articles.order_by("position").first() == article
    client.post(url("article_edit", ctg, article.pk), {"title": "Champs", "body": "Un texte\nà nous."})
    assert Article.objects.get(pk=article.pk).body == "Un texte\nà nous."
    client.post(url("article_delete", ctg, article.pk))
    assert not Article.objects.filter(pk=article.pk).exists()
    client.post(url("agreement_edit", ctg), {"preamble": "Nous, parties.", "place": "Prades"})
    agreement.refresh_from_db()
    assert (agreement.preamble, agreement.place) == ("Nous, parties.", "Prades")


def test_a_party_comes_from_the_directory_or_enters_it_with_its_signatories(lead_of):
    agreement = make_agreement()
    ctg, client = agreement.ctg, lead_of(agreement.ctg)
    page = client.post(url("party_new", ctg), {"new_name": "Commune de Prades"}).content.decode()
    assert "Dites ce qu’est cet organisme" in page
    assert "Commune de Prades" in page
    client.post(url("party_new", ctg), {"new_name": "Commune de Prades", "new_kind": "commune"})
    party = agreement.parties.get(organisation__name="Commune de Prades")
    data = {
        "signatories-TOTAL_FORMS": "2",
        "signatories-INITIAL_FORMS": "0",
        "signatories-0-full_name": "Alix Premier",
        "signatories-0-quality": "Maire",
        "signatories-0-is_legal_head": "on",
        "signatories-1-full_name": "Dominique Second",
        "signatories-1-quality": "Première adjointe",
    }
    page = client.post(url("party_edit", ctg, party.pk), data).content.decode()
    assert "Donnez la référence de la délégation" in page
    assert "Dominique Second" in page
    assert (
        client.post(url("party_edit", ctg, party.pk), data | {"signatories-1-delegation": "Arrêté n° 3"}).status_code
        == 302
    )
    assert list(party.signatories.values_list("rank", "full_name")) == [(1, "Alix Premier"), (2, "Dominique Second")]
    client.post(url("deliberation_edit", ctg, party.pk), {"body": "Conseil municipal", "number": "12"})
    party.refresh_from_db()
    assert party.authority == "Conseil municipal, délibération n°\u00a012"
    client.post(url("party_remove", ctg, party.pk))
    assert not agreement.parties.filter(pk=party.pk).exists()


def test_the_committees_and_meetings_are_kept_from_their_pages(lead_of):
    ctg = make_ctg()
    client, copil = lead_of(ctg), ctg.committees.get(kind="copil")
    client.post(url("committee_new", ctg), {"kind": "operational", "name": "Comité technique"})
    assert ctg.committees.filter(name="Comité technique").exists()
    data = {"committee": copil.pk, "purpose": "Signature", "starts_on": "2021-12-18", "starts_precision": "day"}
    data |= {"ends_precision": "day", "status": "planned"}
    page = client.post(url("meeting_new", ctg), data, follow=True).content.decode()
    assert "Le 18 décembre 2021 est un jour de week-end ou férié." in page
    meeting = Meeting.objects.get(purpose="Signature")
    assert (
        "n’est pas encore venu"
        in client.post(url("meeting_hold", ctg, meeting.pk), {"held_on": "2099-01-01"}).content.decode()
    )
    client.post(url("meeting_hold", ctg, meeting.pk), {"held_on": "2021-12-18"})
    meeting.refresh_from_db()
    assert meeting.is_held
    organisation = Organisation.objects.create(caf=ctg.caf, kind="caf", name="La Caf")
    data = {"organisation": organisation.pk, "full_name": "Camille Présente", "status": "present"}
    client.post(url("meeting_attendance", ctg, meeting.pk), data)
    assert "déjà dans la liste" in client.post(url("meeting_attendance", ctg, meeting.pk), data).text
    assert meeting.attendances.get().full_name == "Camille Présente"
    client.post(url("meeting_attendance_remove", ctg, meeting.pk), {"attendance": meeting.attendances.get().pk})
    assert not meeting.attendances.exists()


def queries(client, address):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    assert response.status_code == 200, address
    return len(captured)


@pytest.mark.once
def test_pages_of_a_draft_ask_as_few_queries_with_more_rows(lead_of):
    agreement = make_agreement(actions=1)
    ctg, client = agreement.ctg, lead_of(agreement.ctg)
    pages = [url(name, ctg, *args) for name, args in pages_of_a_draft(agreement).items()]
    before = [queries(client, page) for page in pages]
    assert max(before) <= MOST_QUERIES, dict(zip(pages, before, strict=True))
    for place in range(3):
        add_party(agreement, Organisation.Kind.COMMUNE, signatories=2)
        services.save_article(Article(agreement=agreement, title="De plus", body="Texte"), by=None)
        plan_meeting(ctg)
        meeting = held_meeting(ctg)
        services.take_decision(meeting, text=f"De plus, {place}", by=None, on=meeting.held_on)
        organisation = agreement.parties.last().organisation
        person = Attendance(meeting=meeting, organisation=organisation, full_name="Personne", status="present")
        services.save_attendance(person, by=None)
    assert [queries(client, page) for page in pages] == before


@pytest.mark.once
def test_pages_of_a_year_ask_as_few_queries_with_more_actions(lead_of):
    def counts(actions):
        evaluation = make_evaluation(year=2022, filled=True, actions=actions)
        ctg, client = evaluation.ctg, lead_of(evaluation.ctg)
        pages = [url("evaluation", ctg, 2022), url("evaluation_edit", ctg, 2022), url("evaluations", ctg)]
        pages += [url("review_edit", ctg, 2022, evaluation.reviews.first().pk), url("agreement", ctg)]
        return [queries(client, page) for page in pages]

    few = counts(1)
    assert max(few) <= MOST_QUERIES, few
    assert counts(4) == few


def test_an_evaluation_reads_in_words_and_bars(lead_of):
    evaluation = make_validated_evaluation(year=2022)
    page = lead_of(evaluation.ctg).get(url("evaluation", evaluation.ctg, 2022)).content.decode()
    assert "Validée" in page
    assert "100\u00a0%" in page
    assert 'class="bar"' in page
    assert "Publier l’évaluation" in page


def test_the_method_is_written_then_closed_by_the_copil(lead_of):
    ctg = make_ctg()
    client = lead_of(ctg)
    page = client.get(url("method", ctg)).content.decode()
    assert "Les questions évaluatives ne sont pas écrites" in page
    client.post(url("method_edit", ctg), {"questions": "À quoi ?", "criteria": "Chiffres", "organisation": "Ensemble"})
    decide(ctg, Gate.VALIDATE_METHOD)
    response = client.get(url("method_edit", ctg), follow=True)
    assert "est validée : elle ne se modifie plus" in response.content.decode()
