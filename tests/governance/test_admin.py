"""The back office: every model within one's own Caf, written by the services, read-only once a decision closed it."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance import models, services
from governance.models import Article, Attendance, Decision, Evaluation, Meeting, Signatory
from territory.models import Organisation, Role
from tests.governance.factories import (
    held_meeting,
    make_agreement,
    make_ctg,
    make_evaluation,
    make_signed_agreement,
    make_user,
    make_validated_evaluation,
    plan_meeting,
)

pytestmark = pytest.mark.django_db

REFERENCE = [models.GateRule, models.Clause]
SCOPED = [getattr(models, name) for name in models.__all__ if hasattr(getattr(models, name), "objects")]
SCOPED = [model for model in SCOPED if model not in REFERENCE]


def log_in(client, ctg, role=Role.CAF_ADVISER):
    user = make_user("Conseil", ctg=ctg, role=role)
    user.is_staff = True
    user.save()
    client.force_login(user)


def address(what, row):
    name = f"admin:governance_{row._meta.model_name}_{what}"
    return reverse(name, args=[row.pk]) if isinstance(row, row._meta.model) else reverse(name)


def fill(ctg):
    """A row of each model."""
    evaluation = make_evaluation(ctg, year=2022, filled=True)
    meeting, organisation = held_meeting(ctg), evaluation.agreement.parties.first().organisation
    person = Attendance(meeting=meeting, organisation=organisation, full_name="Personne", status="present")
    services.save_attendance(person, by=None)
    return evaluation


def row_of(model, ctg):
    paths = {
        models.Committee: "ctg",
        models.EvaluationMethod: "ctg",
        models.Meeting: "committee__ctg",
        models.Decision: "committee__ctg",
        models.Attendance: "meeting__committee__ctg",
        models.Agreement: "plan__diagnosis__ctg",
        models.Signatory: "party__agreement__plan__diagnosis__ctg",
        models.Deliberation: "party__agreement__plan__diagnosis__ctg",
        models.ActionReview: "evaluation__agreement__plan__diagnosis__ctg",
        models.Measurement: "evaluation__agreement__plan__diagnosis__ctg",
    }
    path = paths.get(model, "agreement__plan__diagnosis__ctg")
    return model.objects.filter(**{path: ctg}).order_by("pk").first()


@pytest.mark.parametrize("model", SCOPED)
def test_every_model_can_be_searched_and_filtered(model):
    options = admin.site._registry[model]
    assert options.search_fields
    assert options.list_filter
    assert options.list_select_related


def test_a_row_of_ones_own_caf_opens_and_another_does_not(client):
    mine, other = make_ctg(), make_ctg()
    fill(mine)
    fill(other)
    log_in(client, mine)
    for model in SCOPED:
        row, stranger = row_of(model, mine), row_of(model, other)
        assert client.get(address("change", row)).status_code == 200, model
        assert client.get(address("change", stranger)).status_code == 302, model
        assert str(stranger.pk) not in [
            str(r.pk) for r in client.get(address("changelist", model)).context["cl"].queryset
        ]


@pytest.mark.once
def test_lists_take_as_many_queries_whatever_their_length(client):
    ctg = make_ctg()
    fill(ctg)
    log_in(client, ctg)

    def counts():
        found = {}
        for model in SCOPED:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address("changelist", model), {"q": "a"}).status_code == 200
            found[model.__name__] = len(captured)
        return found

    before = counts()
    fill(make_ctg(caf=ctg.caf))
    fill(make_ctg(caf=ctg.caf))
    assert counts() == before


def test_decisions_and_signatures_are_only_read(client):
    agreement = make_signed_agreement()
    log_in(client, agreement.ctg, Role.CAF_MANAGER)
    decision, party = Decision.objects.first(), agreement.parties.first()
    for row in (decision, party):
        page = client.get(address("change", row))
        assert page.status_code == 200
        assert 'name="_save"' not in page.content.decode()
        assert client.post(address("change", row), {"text": "Autre"}).status_code == 403
    assert client.post(address("delete", decision), {"post": "yes"}).status_code == 403
    assert client.post(address("delete", party), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", [models.Agreement, Article, Signatory])
def test_a_frozen_text_is_only_read(client, model):
    agreement = make_signed_agreement()
    log_in(client, agreement.ctg)
    row = row_of(model, agreement.ctg)
    assert 'name="_save"' not in client.get(address("change", row)).content.decode()
    assert client.post(address("change", row), {"title": "Autre", "body": "Autre"}).status_code == 403


def test_a_draft_is_worded_through_the_services(client):
    agreement = make_agreement()
    log_in(client, agreement.ctg)
    article = agreement.articles.first()
    assert client.post(address("change", article), {"title": "Objet", "body": "Autre texte"}).status_code == 302
    assert Article.objects.get(pk=article.pk).body == "Autre texte"
    organisation = Organisation.objects.create(caf=agreement.ctg.caf, kind="msa", name="La MSA")
    data = {"agreement": agreement.pk, "organisation": organisation.pk}
    assert client.post(address("add", models.Party), data).status_code == 302
    assert agreement.parties.filter(organisation=organisation).exists()


def test_a_reader_of_the_caf_writes_nothing(client):
    agreement = make_agreement()
    log_in(client, agreement.ctg, Role.CAF_READER)
    article = agreement.articles.first()
    assert client.post(address("change", article), {"title": "Autre", "body": "Autre"}).status_code == 403


def test_the_actions_call_the_services(client):
    evaluation = make_validated_evaluation(year=2022)
    log_in(client, evaluation.ctg)

    def run(row, action):
        data = {"action": action, "_selected_action": [row.pk]}
        return client.post(address("changelist", type(row)), data, follow=True).content.decode()

    assert "Évaluations publiées\u00a0: 1" in run(evaluation, "publish")
    assert Evaluation.objects.get(pk=evaluation.pk).published_at
    assert "déjà publiée" in run(evaluation, "publish")
    meeting = plan_meeting(evaluation.ctg)
    assert "Réunions tenues\u00a0: 1" in run(meeting, "hold")
    assert Meeting.objects.get(pk=meeting.pk).is_held
    assert "ne s’annule plus" in run(meeting, "cancel")
