from datetime import date

import pytest
from django.db import IntegrityError
from django.urls import reverse

from ctg_site.lib.errors import RuleBroken
from diagnostic import services
from diagnostic.models import Diagnosis
from tests.diagnostic.factories import make_ctg, make_diagnosis, make_validated_diagnosis

pytestmark = pytest.mark.django_db


def edit_url(diagnosis) -> str:
    return reverse("diagnostic:diagnosis_edit", args=[diagnosis.ctg.slug])


def test_opening_gives_the_five_groups_of_the_seed_in_order():
    diagnosis = services.open_diagnosis(make_ctg(), by=None)
    assert list(diagnosis.ctg.groups.values_list("name", "audience")) == [
        ("Petite enfance", "0 – moins de 3 ans"),
        ("Enfance-Jeunesse", "3 – 17 ans"),
        ("Parentalité", ""),
        ("Accès aux droits / Jeunes adultes", ""),
        ("Animation de la vie sociale / Logement", ""),
    ]
    assert diagnosis.version == 1
    with pytest.raises(RuleBroken, match="déjà ouvert"):
        services.open_diagnosis(diagnosis.ctg, by=None)


def test_two_diagnoses_have_two_versions():
    diagnosis = make_diagnosis()
    with pytest.raises(IntegrityError):
        Diagnosis.objects.create(ctg=diagnosis.ctg, version=1)


def test_the_summary_and_the_phases_are_written_from_the_page(as_someone):
    diagnosis = make_diagnosis()
    client = as_someone("editor", diagnosis)
    sent = {
        "summary": "Une vallée\x00 jeune.\u202e",
        "team_phase_starts_on": "2021-04-01",
        "team_phase_ends_on": "2021-06-30",
    }
    assert client.post(edit_url(diagnosis), sent).status_code == 302
    diagnosis.refresh_from_db()
    assert diagnosis.summary == "Une vallée jeune."
    assert (diagnosis.team_phase_starts_on, diagnosis.team_phase_ends_on) == (date(2021, 4, 1), date(2021, 6, 30))
    page = client.get(reverse("diagnostic:diagnosis", args=[diagnosis.ctg.slug])).text
    assert "du 1er avril 2021 au 30 juin 2021" in " ".join(page.split())


@pytest.mark.parametrize("phase", ["team_phase", "partner_phase"])
def test_a_phase_ends_after_its_start_and_nothing_typed_is_lost(as_someone, phase):
    diagnosis = make_diagnosis()
    client = as_someone("lead", diagnosis)
    sent = {"summary": "Gardée", f"{phase}_starts_on": "2021-06-30", f"{phase}_ends_on": "2021-04-01"}
    page = client.post(edit_url(diagnosis), sent)
    assert page.status_code == 200
    for words in ["La fin d’une phase précède son début.", "Gardée", "2021-06-30", "2021-04-01"]:
        assert words in page.text
    diagnosis.refresh_from_db()
    assert diagnosis.summary == ""


def test_too_long_a_summary_is_refused_with_its_length_and_kept(as_someone):
    diagnosis = make_diagnosis()
    page = as_someone("lead", diagnosis).post(edit_url(diagnosis), {"summary": "é" * 10_001})
    assert "10\u202f001 caractères, pour 10\u202f000 au plus" in page.text
    assert "raccourcissez-le de 1." in page.text
    assert "é" * 10_001 in page.text
    assert 'maxlength="' not in page.text


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("caf_adviser", 302),
        ("lead", 302),
        ("editor", 302),
        ("group_lead", 403),
        ("contributor", 403),
        ("reader", 403),
        ("caf_reader", 403),
        ("outsider", 404),
    ],
)
def test_who_may_write_the_summary(as_someone, who, code):
    diagnosis = make_diagnosis()
    assert as_someone(who, diagnosis).post(edit_url(diagnosis), {"summary": "Écrite"}).status_code == code
    diagnosis.refresh_from_db()
    assert (diagnosis.summary == "Écrite") == (code == 302)


def test_a_validated_diagnosis_is_closed_to_its_writers_with_the_reason(as_someone):
    diagnosis = make_validated_diagnosis()
    answer = as_someone("lead", diagnosis).post(edit_url(diagnosis), {"summary": "Trop tard"})
    assert answer.status_code == 403
    assert "validé" in answer.text
    diagnosis.refresh_from_db()
    assert diagnosis.summary != "Trop tard"


def test_without_account_one_is_asked_to_log_in(client):
    answer = client.get(edit_url(make_diagnosis()))
    assert reverse("accounts:login") in answer["Location"]
