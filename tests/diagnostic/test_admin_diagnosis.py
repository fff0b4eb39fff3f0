"""The back office: each Caf its rows, a validated diagnosis is only read, and the rules hold as on the pages."""

import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from diagnostic.models import FROZEN, Contribution, Diagnosis, Finding, GroupMember, Idea, Priority, ThematicGroup
from territory.models import Role
from tests.diagnostic.factories import (
    CafFactory,
    OrganisationFactory,
    add_contribution,
    add_finding,
    add_idea,
    add_priority,
    first_group,
    make_ctg,
    make_diagnosis,
    make_ready_diagnosis,
    make_user,
    make_validated_diagnosis,
    open_group,
)

pytestmark = pytest.mark.django_db

MODELS = [ThematicGroup, GroupMember, Diagnosis, Finding, Idea, Priority, Contribution]
PARTS = [Finding, Idea, Priority]


def url(model, page, *args) -> str:
    return reverse(f"admin:diagnostic_{model._meta.model_name}_{page}", args=args)


def staff(ctg, role=Role.CAF_ADVISER) -> Client:
    person = make_user("Caf", role=role, ctg=ctg)
    person.is_staff = True
    person.save()
    client = Client()
    client.force_login(person)
    return client


def fill(diagnosis) -> None:
    group = first_group(diagnosis)
    author = make_user("Partenaire", role=Role.CONTRIBUTOR, ctg=diagnosis.ctg)
    GroupMember.objects.create(group=group, organisation=OrganisationFactory(caf=diagnosis.ctg.caf), user=author)
    add_contribution(open_group(group), author)
    add_idea(diagnosis, finding=add_finding(diagnosis))
    add_priority(diagnosis, findings=[])


def row_of(model, diagnosis):
    path = {"ThematicGroup": "ctg", "Diagnosis": "ctg", "GroupMember": "group__ctg", "Contribution": "group__ctg"}
    return model.objects.filter(**{path.get(model.__name__, "diagnosis__ctg"): diagnosis.ctg}).order_by("pk").first()


def test_every_model_of_the_diagnosis_has_its_admin():
    assert all(admin.site.is_registered(model) for model in MODELS)


@pytest.mark.parametrize("model", MODELS)
def test_a_caf_sees_its_rows_and_no_others(model):
    mine, theirs = make_ready_diagnosis(), make_ready_diagnosis(ctg=make_ctg(CafFactory()))
    fill(mine)
    fill(theirs)
    client = staff(mine.ctg)
    page = client.get(url(model, "changelist"), {"q": "a"})
    assert page.status_code == 200
    shown = set(client.get(url(model, "changelist")).context["cl"].queryset.values_list("pk", flat=True))
    assert row_of(model, mine).pk in shown
    assert row_of(model, theirs).pk not in shown
    assert client.get(url(model, "change", row_of(model, mine).pk)).status_code == 200
    assert client.get(url(model, "change", row_of(model, theirs).pk)).status_code == 302


@pytest.mark.once
@pytest.mark.parametrize("model", MODELS)
def test_a_list_takes_as_many_queries_with_more_rows(model):
    diagnosis = make_ready_diagnosis()
    fill(diagnosis)
    client = staff(diagnosis.ctg)
    client.get(url(model, "changelist"))
    with CaptureQueriesContext(connection) as before:
        client.get(url(model, "changelist"))
    for _ in range(3):
        fill(diagnosis)
        fill(make_diagnosis(ctg=make_ctg(diagnosis.ctg.caf)))
    with CaptureQueriesContext(connection) as after:
        client.get(url(model, "changelist"))
    assert len(after) == len(before) <= 15


@pytest.mark.parametrize("model", PARTS)
def test_a_part_of_a_validated_diagnosis_is_only_read(model):
    diagnosis = make_ready_diagnosis()
    add_idea(diagnosis)
    row = row_of(model, diagnosis)
    client = staff(diagnosis.ctg)
    assert 'name="_save"' in client.get(url(model, "change", row.pk)).text
    Diagnosis.objects.filter(pk=diagnosis.pk).update(validated_on="2021-10-30", validated_by_decision="Copil n° 1")
    assert 'name="_save"' not in client.get(url(model, "change", row.pk)).text
    assert client.post(url(model, "change", row.pk), {"title": "Autre", "text": "Autre"}).status_code == 403
    assert client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    many = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    client.post(url(model, "changelist"), many)
    assert model.objects.filter(pk=row.pk).exists()


def test_a_finding_is_corrected_through_the_rules():
    diagnosis = make_diagnosis()
    finding = add_finding(diagnosis)
    stranger = make_ctg(diagnosis.ctg.caf).communes.order_by("pk").first()
    client = staff(diagnosis.ctg)
    sent = {"group": finding.group_id, "kind": "strength", "title": "Corrigé\x07", "text": "<b>a</b>"}
    assert client.post(url(Finding, "change", finding.pk), sent).status_code == 302
    finding.refresh_from_db()
    assert (finding.title, finding.text) == ("Corrigé", "<b>a</b>")
    page = client.post(url(Finding, "change", finding.pk), sent | {"communes": str(stranger.pk), "title": "Gardé"})
    assert "Hors du périmètre de la Ctg" in page.text
    assert "Gardé" in page.text
    assert not finding.communes.exists()


def test_what_a_finding_or_a_priority_is_linked_to_is_chosen_by_name_among_its_own():
    diagnosis, elsewhere = make_diagnosis(), make_diagnosis()
    finding, stranger = add_finding(diagnosis), add_finding(elsewhere, title="Ailleurs")
    priority = add_priority(diagnosis, findings=[finding])
    client = staff(diagnosis.ctg)
    page = client.get(url(Finding, "change", finding.pk)).text
    here, there = (row.ctg.communes.order_by("pk").first() for row in (diagnosis, elsewhere))
    assert f'<option value="{here.pk}">{here}</option>' in page
    assert f'<option value="{there.pk}">' not in page
    page = client.get(url(Priority, "change", priority.pk)).text
    assert re.search(rf'<option value="{finding.pk}" selected>Petite enfance – besoin.: {finding.title}</option>', page)
    assert stranger.title not in page


def test_a_finding_added_to_a_validated_diagnosis_is_refused_with_its_reason():
    diagnosis = make_validated_diagnosis()
    client = staff(diagnosis.ctg)
    sent = {"diagnosis": diagnosis.pk, "group": first_group(diagnosis).pk, "kind": "need", "title": "Trop tard"}
    assert FROZEN in client.post(url(Finding, "add"), sent).text
    assert not Finding.objects.filter(title="Trop tard").exists()


def test_the_summary_of_a_validated_diagnosis_is_only_read():
    diagnosis = make_validated_diagnosis()
    client = staff(diagnosis.ctg)
    inlines = {f"{name}-{count}_FORMS": 0 for name in ("findings", "priorities") for count in ("TOTAL", "INITIAL")}
    assert FROZEN in client.post(url(Diagnosis, "change", diagnosis.pk), {"summary": "Autre"} | inlines).text
    diagnosis.refresh_from_db()
    assert diagnosis.summary != "Autre"


def test_actions_publish_what_is_validated_and_say_why_not_for_the_rest():
    validated = make_validated_diagnosis()
    draft = make_ready_diagnosis(ctg=make_ctg(validated.ctg.caf))
    client = staff(validated.ctg)
    chosen = {"action": "publish", "_selected_action": [validated.pk, draft.pk]}
    page = client.post(url(Diagnosis, "changelist"), chosen, follow=True).text
    assert "Diagnostics publiés\u00a0: 1." in page
    assert "une fois validé" in page
    assert list(Diagnosis.objects.filter(published_at__isnull=False)) == [validated]


@pytest.mark.parametrize(("role", "code"), [(Role.CAF_MANAGER, 302), (Role.CAF_ADVISER, 302), (Role.CAF_READER, 403)])
def test_a_reader_of_the_caf_reads(role, code):
    diagnosis = make_diagnosis()
    finding = add_finding(diagnosis)
    client = staff(diagnosis.ctg, role)
    assert client.get(url(Finding, "change", finding.pk)).status_code == 200
    sent = {"group": finding.group_id, "kind": "need", "title": "Autre", "text": ""}
    assert client.post(url(Finding, "change", finding.pk), sent).status_code == code


def test_seats_and_empty_groups_are_managed_through_the_rules():
    diagnosis = make_diagnosis()
    group = first_group(diagnosis)
    client = staff(diagnosis.ctg)
    organisation = OrganisationFactory(caf=diagnosis.ctg.caf)
    seat = {"group": group.pk, "organisation": organisation.pk, "user": ""}
    assert client.post(url(GroupMember, "add"), seat).status_code == 302
    assert "est déjà dans ce groupe" in client.post(url(GroupMember, "add"), seat).text
    member = group.members.get()
    client.post(url(GroupMember, "delete", member.pk), {"post": "yes"})
    assert not group.members.seated().exists()
    add_finding(diagnosis)
    client.post(url(ThematicGroup, "delete", group.pk), {"post": "yes"})
    assert ThematicGroup.objects.filter(pk=group.pk).exists()


def test_the_words_of_a_partner_are_never_rewritten():
    diagnosis = make_diagnosis()
    fill(diagnosis)
    contribution = Contribution.objects.get()
    answer = staff(diagnosis.ctg).post(url(Contribution, "change", contribution.pk), {"text": "Autre"})
    assert answer.status_code == 403


def test_the_history_of_a_finding_is_read():
    diagnosis = make_diagnosis()
    finding = add_finding(diagnosis)
    assert staff(diagnosis.ctg).get(url(Finding, "history", finding.pk)).status_code == 200
