"""The diagnosis on paper and on one screen."""

import io
import re
from datetime import date

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from pypdf import PdfReader

from diagnostic import services
from diagnostic.documents import diagnosis_annex, diagnosis_document, document_context
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
    assert [row.here.text for row in context["figures"].comparison.rows] == ["43\u00a0%"]
    assert context["on"] == VALIDATED_ON


def test_a_key_figure_is_said_once_and_the_others_in_their_chapter():
    diagnosis = make_ready_diagnosis()
    key, other = key_indicator("Indicateur clé"), key_indicator("Indicateur du thème", is_key=False)
    tell(key, diagnosis.ctg, 43)
    tell(other, diagnosis.ctg, 12)
    context = document_context(for_page(diagnosis.ctg), on=ON)
    assert [row.indicator for row in context["figures"].comparison.rows] == [key]
    assert [line.row.indicator for chapter in context["chapters"] for line in chapter.tables.lines] == [other]


def test_the_groups_without_a_finding_are_named_in_one_sentence():
    diagnosis = make_ready_diagnosis()
    silent = diagnosis.findings.latest("pk").group
    diagnosis.findings.filter(group=silent).delete()
    context = document_context(for_page(diagnosis.ctg), on=ON)
    assert context["silent"] == [silent]
    assert all(chapter.row.findings or chapter.row.ideas for chapter in context["groups"])


def test_a_long_finding_leaves_no_page_empty():
    """Kept whole on a page, it left the end of the one before empty, and its heading alone there."""
    diagnosis = make_ready_diagnosis()
    finding = diagnosis.findings.earliest("pk")
    finding.text = "Les familles attendent une place en crèche plusieurs mois. " * 84
    services.save_finding(finding, by=None)
    pages = PdfReader(io.BytesIO(diagnosis_document(for_page(diagnosis.ctg), on=ON))).pages
    assert len(pages) <= 4
    assert all(len(page.extract_text()) > 300 for page in pages[1:])


def test_a_draft_says_those_of_today():
    diagnosis = make_ready_diagnosis()
    indicator = key_indicator()
    tell(indicator, diagnosis.ctg, 43)
    release_anew(indicator, diagnosis.ctg)
    assert [row.text for row in document_context(for_page(diagnosis.ctg), on=ON)["photographs"]] == ["47\u00a0%"]


@pytest.mark.parametrize("asked", ["", "Confier le suivi à la communauté."])
def test_the_page_of_the_elected_says_five_things_and_the_decisions_until_they_are_taken(client, as_someone, asked):
    diagnosis = make_ready_diagnosis()
    diagnosis.key_points = "Une chose.\nDeux choses."
    diagnosis.decisions_asked = asked
    services.describe_diagnosis(diagnosis, by=None)
    page = as_someone("reader", diagnosis).get(address := diagnosis_brief(diagnosis)).text
    assert "<li>Une chose.</li>" in page
    decisions = asked.splitlines() or ["Valider le diagnostic partagé.", "Retenir la priorité proposée."]
    assert all(f"<li>{decision}</li>" in page for decision in decisions)
    services.validate_diagnosis(diagnosis, decision="Copil", by=None, on=VALIDATED_ON)
    page = client.get(address).text
    assert "Aucune : le comité a validé le diagnostic et l’ordre de ses priorités." in page
    assert not any(decision in page for decision in decisions)


def diagnosis_brief(diagnosis):
    return reverse("diagnostic:diagnosis_brief", args=[diagnosis.ctg.slug])


@pytest.mark.parametrize("text", ["\n".join("abcdef"), "x" * 181])
def test_more_than_one_screen_is_refused_beside_its_field(text):
    diagnosis = make_ready_diagnosis()
    form = DiagnosisForm({"summary": "S", "key_points": text, "decisions_asked": ""}, instance=diagnosis)
    assert list(form.errors) == ["key_points"]


@pytest.mark.parametrize(("validated_on", "is_flagged"), [(date(2022, 10, 30), False), (date(2023, 10, 30), True)])
def test_the_document_and_the_annex_flag_what_was_old_that_day(validated_on, is_flagged):
    """A figure of 2019, key, of a theme and of a finding; read as text in the PDF itself."""
    diagnosis, indicator, recent = make_ready_diagnosis(), key_indicator(), key_indicator("Chiffre récent")
    tell(indicator, diagnosis.ctg, 43)
    tell(recent, diagnosis.ctg, 12, year=2022)
    tell(key_indicator("Chiffre de thème", is_key=False), diagnosis.ctg, 8)
    tell(key_indicator("Chiffre récent de thème", is_key=False), diagnosis.ctg, 9, year=2022)
    finding = diagnosis.findings.earliest("pk")
    services.photograph_figures(finding, indicators=[indicator], by=None, on=VALIDATED_ON)
    services.validate_diagnosis(diagnosis, decision="Copil", by=None, on=validated_on)
    pages = PdfReader(io.BytesIO(diagnosis_document(for_page(diagnosis.ctg), on=ON))).pages
    printed = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))
    annex = re.sub(
        r"\s+", " ", render_to_string("diagnostic/pdf/_annex.html", diagnosis_annex(for_page(diagnosis.ctg)))
    )
    for text in (printed, annex):
        assert ("Les chiffres de 2019 ont plus de trois ans à la date du diagnostic." in text) == is_flagged
        assert ("(2019, plus de trois ans)" in text) == is_flagged
        assert "voyez s’il en existe" not in text
    assert ("(plus de trois ans)" in printed) == is_flagged


def test_a_word_without_end_stays_on_the_paper():
    """An address pasted in a finding: cut by the edge of the page, its end could not be read."""
    diagnosis = make_ready_diagnosis()
    finding = diagnosis.findings.earliest("pk")
    finding.text = "https://essai.example/" + "abcdefghij" * 60
    services.save_finding(finding, by=None)
    pages = PdfReader(io.BytesIO(diagnosis_document(for_page(diagnosis.ctg), on=ON))).pages
    lines = [line for page in pages for line in page.extract_text().splitlines() if "abcdefghij" in line]
    assert len(lines) >= 6


def test_an_old_version_is_still_downloaded_as_it_was(client, as_someone):
    diagnosis = make_ready_diagnosis()
    services.validate_diagnosis(diagnosis, decision="Copil", by=None, on=VALIDATED_ON)
    old = services.publish_diagnosis(diagnosis, by=None)
    new = services.reopen_diagnosis(old, reason="Un motif", by=None, on=ON)
    new.summary = "Texte en préparation"
    services.describe_diagnosis(new, by=None)

    def text(version):
        answer = client.get(reverse("diagnostic:diagnosis_version_pdf", args=[new.ctg.slug, version]))
        assert f"-v{version}.pdf" in answer["Content-Disposition"]
        return re.sub(
            r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
        )

    for name in ("pdf", "xlsx"):
        address = f"diagnostic:diagnosis_version_{name}"
        assert client.get(reverse(address, args=[new.ctg.slug, 1])).status_code == 200
        assert client.get(reverse(address, args=[new.ctg.slug, 2])).status_code == 404
    as_someone("reader", new)
    assert "Beaucoup de familles" in text(1)
    assert "Texte en préparation" in text(2)
    page = client.get(reverse("diagnostic:diagnosis_version", args=[new.ctg.slug, 1])).text
    assert reverse("diagnostic:diagnosis_version_pdf", args=[new.ctg.slug, 1]) in page
