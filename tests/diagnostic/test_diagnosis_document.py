"""The diagnosis on paper and on one screen."""

from datetime import date

import pytest
from django.urls import reverse

from diagnostic import services
from diagnostic.documents import document_context
from diagnostic.forms import DiagnosisForm
from diagnostic.models import Diagnosis
from tests.diagnostic.factories import VALIDATED_ON, key_indicator, make_ready_diagnosis, tell
from tests.diagnostic.test_photograph_figures import release_anew

pytestmark = pytest.mark.django_db
ON = date(2022, 1, 1)


def for_page(ctg):
    return Diagnosis.objects.for_page().filter(ctg=ctg).order_by("-version").first()


def test_a_validated_document_says_the_figures_of_that_day():
    diagnosis = make_ready_diagnosis()
    indicator = key_indicator()
    tell(indicator, diagnosis.ctg, 43)
    services.validate_diagnosis(diagnosis, decision="Copil", by=None, on=VALIDATED_ON)
    release_anew(indicator, diagnosis.ctg)
    context = document_context(for_page(diagnosis.ctg), on=ON)
    assert [row.text for row in context["photographs"]] == ["43\u00a0%"]
    assert [line.row.here.text for chapter in context["chapters"] for line in chapter.tables.lines] == ["43\u00a0%"]
    assert context["on"] == VALIDATED_ON


def test_a_draft_says_those_of_today():
    diagnosis = make_ready_diagnosis()
    indicator = key_indicator()
    tell(indicator, diagnosis.ctg, 43)
    release_anew(indicator, diagnosis.ctg)
    assert [row.text for row in document_context(for_page(diagnosis.ctg), on=ON)["photographs"]] == ["47\u00a0%"]


def test_the_page_of_the_elected_says_five_things_and_the_decisions(client):
    diagnosis = make_ready_diagnosis()
    diagnosis.key_points = "Une chose.\nDeux choses."
    services.describe_diagnosis(diagnosis, by=None)
    services.validate_diagnosis(diagnosis, decision="Copil", by=None, on=VALIDATED_ON)
    services.publish_diagnosis(diagnosis, by=None)
    page = client.get(reverse("diagnostic:diagnosis_brief", args=[diagnosis.ctg.slug])).content.decode()
    assert "<li>Une chose.</li>" in page
    assert "Retenir la priorité proposée." in page
    assert "Valider le diagnostic" not in page


@pytest.mark.parametrize("text", ["\n".join("abcdef"), "x" * 181])
def test_more_than_one_screen_is_refused_beside_its_field(text):
    diagnosis = make_ready_diagnosis()
    form = DiagnosisForm({"summary": "S", "key_points": text, "decisions_asked": ""}, instance=diagnosis)
    assert list(form.errors) == ["key_points"]
