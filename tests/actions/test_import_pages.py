"""The workbook sent from a page, from the back office, from a command: the same rules, by those who write the plan."""

from io import BytesIO, StringIO

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from actions.models import HeadingChoice, PlanImport
from ctg_site.accounts.models import User
from ctg_site.lib import typed_cells
from tests.actions.conftest import READERS
from tests.actions.factories import close_up_to, make_complete_plan
from tests.actions.workbooks import edited, exported, foreign, put, read_here, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    return make_complete_plan()


@pytest.fixture
def without_a_child(monkeypatch):
    monkeypatch.setattr(typed_cells, "read_book", read_here)


def renamed(plan) -> bytes:
    return edited(exported(plan), lambda book: put(book, "Actions", "Intitulé", "Guichet unique"))


def url(plan, name="plan_workbook", *args):
    return reverse(f"actions:{name}", args=[plan.ctg.slug, *args])


def send(client, plan, content):
    return client.post(url(plan), {"file": SimpleUploadedFile("plan.xlsx", content)}, follow=True)


def test_a_file_is_sent_looked_at_then_applied(plan, as_someone):
    """With its guarded child, as in the product."""
    client = as_someone("editor", plan)
    page = send(client, plan, renamed(plan))
    assert "Guichet unique" in page.content.decode()
    assert plan.actions.get().title != "Guichet unique"
    received = PlanImport.objects.get()
    client.post(url(plan, "plan_import_apply", received.pk))
    assert plan.actions.get().title == "Guichet unique"
    assert "Classeur appliqué" in client.get(url(plan, "plan_import", received.pk)).content.decode()


def test_a_refused_cell_is_shown_and_cannot_be_applied(plan, as_someone, without_a_child):
    client = as_someone("editor", plan)
    content = edited(exported(plan), lambda book: put(book, "Dépenses", "Coût", "12.000,00"))
    text = send(client, plan, content).content.decode()
    assert "Dépenses, F2" in text
    assert "12.000,00" in text
    assert "Appliquer au plan" not in text


def test_a_file_that_is_no_workbook_is_said_on_the_form(plan, as_someone):
    page = send(as_someone("editor", plan), plan, b"bonjour")
    assert "n’est pas un classeur Excel" in page.content.decode()
    assert not PlanImport.objects.exists()


def test_their_headings_are_explained_on_a_page(plan, as_someone, without_a_child):
    client = as_someone("editor", plan)
    received = sent(plan, foreign([["Quoi", "Où"], ["Café des parents", "1.1"]]))
    page = client.get(url(plan, "plan_import_columns", received.pk)).content.decode()
    assert "Quoi" in page
    answers = {"sheet_0": "Actions", "column_0_0": "title", "column_0_1": "objective"}
    client.post(url(plan, "plan_import_columns", received.pk), answers)
    received.refresh_from_db()
    assert len(received.report["added"]) == 1
    assert HeadingChoice.objects.count() == 2


@pytest.mark.parametrize("reader", READERS)
def test_readers_may_not(plan, as_someone, reader):
    assert as_someone(reader, plan).get(url(plan)).status_code == 403


def test_a_frozen_plan_has_no_door(plan, as_someone):
    plan = close_up_to(plan, "adopted")
    assert as_someone("editor", plan).get(url(plan)).status_code == 403


def test_the_import_of_another_plan_is_not_found(plan, as_someone, without_a_child):
    other = make_complete_plan()
    received = sent(other, exported(other))
    assert as_someone("editor", plan).get(url(plan, "plan_import", received.pk)).status_code == 404


def test_the_command_says_then_applies(plan, tmp_path, without_a_child):
    file = tmp_path / "plan.xlsx"
    file.write_bytes(renamed(plan))
    said = StringIO()
    call_command("import_plan", plan.ctg.slug, str(file), stdout=said)
    assert "Intitulé : Outil de suivi de l’offre et de la demande → Guichet unique" in said.getvalue()
    assert plan.actions.get().title != "Guichet unique"
    call_command("import_plan", plan.ctg.slug, str(file), "--apply", stdout=said)
    assert plan.actions.get().title == "Guichet unique"


def test_the_command_refuses_what_the_page_refuses(plan, tmp_path, without_a_child):
    file = tmp_path / "plan.xlsx"
    file.write_bytes(b"bonjour")
    with pytest.raises(CommandError, match="n’est pas un classeur"):
        call_command("import_plan", plan.ctg.slug, str(file), stdout=StringIO())


def test_the_back_office_receives_and_applies(plan, as_someone, without_a_child):
    client = as_someone("superuser", plan)
    User.objects.filter(is_superuser=True).update(is_staff=True)
    file = SimpleUploadedFile("plan.xlsx", renamed(plan))
    answer = client.post(reverse("admin:actions_planimport_add"), {"plan": plan.pk, "file": file})
    assert answer.status_code == 302, answer.content.decode()
    received = PlanImport.objects.get()
    page = client.get(reverse("admin:actions_planimport_change", args=[received.pk])).content.decode()
    assert "Guichet unique" in page
    client.post(reverse("admin:actions_planimport_changelist"), {"action": "apply", "_selected_action": [received.pk]})
    assert plan.actions.get().title == "Guichet unique"


@pytest.mark.parametrize("name", ["plan_pdf", "action_pdf"])
def test_the_plan_and_a_fiche_are_tagged_documents(plan, as_someone, name):
    args = [plan.actions.get().pk] if name == "action_pdf" else []
    answer = as_someone("reader", plan).get(url(plan, name, *args))
    assert answer.status_code == 200
    with pikepdf.open(BytesIO(answer.content)) as document:
        assert document.Root.MarkInfo.Marked
        assert document.Root.Lang == "fr"


UNKNOWN = [["Quoi", "Où dans le plan"], ["Café des parents", "1.1"]]


def test_the_command_explains_the_columns_of_another_workbook(plan, tmp_path, without_a_child):
    file = tmp_path / "leur-plan.xlsx"
    file.write_bytes(foreign(UNKNOWN))
    said = StringIO()
    columns = ["--column", "Quoi=Intitulé", "--column", "Où dans le plan=Objectif"]
    call_command("import_plan", plan.ctg.slug, str(file), *columns, "--apply", stdout=said)
    assert plan.actions.filter(title="Café des parents").exists()
    with pytest.raises(CommandError, match="n’est pas une colonne de la feuille"):
        call_command("import_plan", plan.ctg.slug, str(file), "--column", "Quoi=Rien", stdout=StringIO())


def test_the_back_office_explains_the_columns_of_another_workbook(plan, as_someone, without_a_child):
    client = as_someone("superuser", plan)
    User.objects.filter(is_superuser=True).update(is_staff=True)
    received = sent(plan, foreign(UNKNOWN))
    assert received.report["missing"]
    add = reverse("admin:actions_headingchoice_add")
    for heading, field in (("Quoi", "title"), ("Où dans le plan", "objective")):
        answer = client.post(add, {"caf": plan.ctg.caf.pk, "sheet": "Actions", "heading": heading, "field": field})
        assert answer.status_code == 302, answer.content.decode()
    wrong = client.post(add, {"caf": plan.ctg.caf.pk, "sheet": "Actions", "heading": "Qui", "field": "funder"})
    assert "n’a pas cette colonne" in wrong.content.decode()
    changelist = reverse("admin:actions_planimport_changelist")
    for action in ("read_once_more", "apply"):
        client.post(changelist, {"action": action, "_selected_action": [received.pk]})
    assert plan.actions.filter(title="Café des parents").exists()
