"""The text is fixed by a decision: one PDF, rendered once, stored with its SHA-256, never rendered again."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from pypdf import PdfReader

from ctg_site.audit.models import Entry
from ctg_site.lib.errors import RuleBroken
from governance import services
from governance.models import Agreement, Article, Decision, Deliberation, Gate, Party, Signatory
from governance.services import agreements
from territory.models import FacilityFact, FundingLine, Organisation, Scheme, ServiceKind
from territory.services import save_facility_fact, save_funding_line, state_facility_fact, update_ctg
from tests.governance.conftest import fingerprint, stored_bytes
from tests.governance.factories import (
    DELIBERATED_ON,
    FROZEN_ON,
    add_party,
    decide,
    fresh,
    held_meeting,
    make_agreement,
    make_ctg,
    make_frozen_agreement,
    make_signed_agreement,
    sign,
)
from tests.territory.money import a_facility

pytestmark = pytest.mark.django_db


def text_of(content, *pages):
    """The words of the document, every space alike."""
    reader = PdfReader(io.BytesIO(content))
    chosen = [reader.pages[number] for number in pages] or reader.pages
    return " ".join(" ".join(page.extract_text() for page in chosen).split())


def pdf_of(client, agreement):
    return client.get(reverse("governance:agreement_pdf", args=[agreement.ctg.slug]))


def add_funding(ctg, label="Relais petite enfance", amount="36000.00"):
    service, _ = ServiceKind.objects.get_or_create(code="rpe-essai", defaults={"label": "Relais"})
    scheme, _ = Scheme.objects.get_or_create(code="ps-essai", defaults={"label": "Prestation de service"})
    line = FundingLine(caf=ctg.caf, territory=ctg.territory, year=2019, service=service, scheme=scheme, label=label)
    line.state, line.amount, line.source = FundingLine.State.ACTUAL, Decimal(amount), "Présentation"
    return save_funding_line(line, by=None)


@pytest.mark.once
def test_the_pdf_says_the_whole_convention(real_pdf):
    agreement = make_agreement()
    add_funding(agreement.ctg)
    decide(agreement.ctg, Gate.APPROVE_SIGNATURE)
    agreement = fresh(agreement)
    text = text_of(stored_bytes(agreement))
    for expected in (
        agreement.number,
        agreement.ctg.name,
        "Sommaire",
        "Article 1 – Objet de la convention",
        "Annexe 1 – Le diagnostic partagé",
        "36 000 €",
        "Outil de suivi de l’offre et de la demande",
        "décision n° 2021-5",
        "Annexe 5 – La méthode d’évaluation",
        "Pour la Caf",
    ):
        assert expected in text, expected
    assert "Projet –" not in text


def test_annex_2_lists_the_equipments_that_the_freeze_states_as_annexed(real_pdf):
    agreement = make_agreement()
    ctg = agreement.ctg
    supported, ended, not_supported = (a_facility(ctg, name) for name in ("Les Isards", "Ancien relais", "Hors annexe"))
    for facility, until in ((supported, None), (ended, date(2021, 3, 31))):
        fact = state_facility_fact(facility, kind="cofunded", on=date(2021, 1, 1), by=None, ctg=ctg)
        fact.until = until
        save_facility_fact(fact, by=None)
    decide(ctg, Gate.APPROVE_SIGNATURE)
    text = text_of(stored_bytes(fresh(agreement)))
    assert "Les Isards" in text
    assert "Ancien relais" not in text
    assert not_supported.name not in text
    annexed = FacilityFact.objects.filter(kind="annexed", ctg=ctg)
    assert [fact.facility for fact in annexed] == [supported]


@pytest.mark.once
def test_no_page_is_empty(real_pdf):
    reader = PdfReader(io.BytesIO(stored_bytes(make_frozen_agreement())))
    assert all(len(page.extract_text()) > 150 for page in reader.pages[1:])


@pytest.mark.once
def test_the_pdf_is_tagged_titled_in_french_with_bookmarks(real_pdf):
    reader = PdfReader(io.BytesIO(stored_bytes(make_frozen_agreement())))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "fr"
    assert reader.metadata.title.startswith("Convention territoriale globale 2021-2025 – ")
    titles = [item.title for item in reader.outline if not isinstance(item, list)]
    assert titles[:3] == ["Sommaire", "Entre les parties", "Préambule"]
    assert titles[-1] == "Signatures"


def test_the_stored_bytes_are_served_whatever_changes_afterwards(real_pdf, lead_of):
    agreement = make_agreement()
    ctg = agreement.ctg
    line = add_funding(ctg)
    decide(ctg, Gate.APPROVE_SIGNATURE)
    agreement = fresh(agreement)
    before = stored_bytes(agreement)
    assert agreement.document_sha256 == fingerprint(before)
    line.amount = Decimal("99999.00")
    save_funding_line(line, by=None)
    ctg.territory.name = "Un autre nom"
    ctg.territory.save()
    response = pdf_of(lead_of(ctg), agreement)
    assert response.content == before
    assert response["Content-Type"] == "application/pdf"
    assert response["ETag"] == f'"{fingerprint(before)}"'


def test_the_freeze_is_dated_and_journaled_with_the_fingerprint():
    agreement = make_frozen_agreement()
    assert agreement.frozen_on == FROZEN_ON
    assert agreement.frozen_by_decision == str(Decision.objects.get(gate=Gate.APPROVE_SIGNATURE))
    entry = Entry.objects.get(verb="agreement.frozen")
    assert entry.data["sha256"] == agreement.document_sha256


def test_a_second_freeze_is_refused_with_its_decision():
    agreement = make_frozen_agreement()
    before = (agreement.document.name, agreement.document_sha256)
    with pytest.raises(RuleBroken, match="c’est déjà fait, par Comité de pilotage"):
        decide(agreement.ctg, Gate.APPROVE_SIGNATURE)
    with pytest.raises(RuleBroken, match="arrêté"):
        services.freeze_agreement(agreement, decision="Une autre", by=None, on=FROZEN_ON)
    agreement = fresh(agreement)
    assert (agreement.document.name, agreement.document_sha256) == before


def test_when_the_pdf_fails_nothing_is_written(monkeypatch):
    agreement = make_agreement()
    monkeypatch.setattr(agreements, "render_agreement", lambda agreement: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        decide(agreement.ctg, Gate.APPROVE_SIGNATURE)
    assert not fresh(agreement).is_frozen
    assert not Decision.objects.filter(gate=Gate.APPROVE_SIGNATURE).exists()


def without_text(agreement):
    article = agreement.articles.first()
    Article.objects.filter(pk=article.pk).update(body="")


def with_a_mark_left(agreement):
    article = agreement.articles.first()
    Article.objects.filter(pk=article.pk).update(body="Entre la {caf} et les communes.")


def without_a_number(agreement):
    Deliberation.objects.update(number="")


def without_a_date(agreement):
    Deliberation.objects.update(adopted_on=None, transmitted_on=None)


LACKS = {
    "Le préambule n’est pas rédigé": lambda agreement: Agreement.objects.update(preamble=" "),
    "La convention n’a aucun article": lambda agreement: agreement.articles.all().delete(),
    "il n’a pas de texte": without_text,
    "remplacez {caf}": with_a_mark_left,
    "La Caf n’est pas parmi les parties": lambda agreement: Party.objects.filter(organisation__kind="caf").delete(),
    "Aucune collectivité n’est parmi les parties": lambda agreement: Party.objects.exclude(
        organisation__kind="caf"
    ).delete(),
    "il manque son signataire": lambda agreement: Signatory.objects.all().delete(),
    "il manque sa délibération": lambda agreement: Deliberation.objects.all().delete(),
    "il manque le numéro de sa délibération": without_a_number,
    "il manque la date de sa délibération": without_a_date,
}


@pytest.mark.parametrize("sentence", LACKS)
def test_the_text_is_refused_with_what_it_lacks(sentence):
    agreement = make_agreement()
    LACKS[sentence](agreement)
    with pytest.raises(RuleBroken) as refusal:
        decide(agreement.ctg, Gate.APPROVE_SIGNATURE)
    assert [line for line in refusal.value.missing if sentence in line]
    assert refusal.value.missing == fresh(agreement).missing_before_freeze()
    assert not fresh(agreement).is_frozen


@pytest.mark.parametrize(
    ("up_to", "sentence"),
    [(Gate.CLOSE_COSTING, "plan d’actions définitif"), (Gate.ADOPT_PLAN, "méthode d’évaluation")],
)
def test_the_plan_and_the_method_are_validated_before(up_to, sentence):
    agreement = make_agreement(up_to=up_to)
    with pytest.raises(RuleBroken) as refusal:
        decide(agreement.ctg, Gate.APPROVE_SIGNATURE)
    assert [line for line in refusal.value.missing if sentence in line]


def test_the_text_is_not_fixed_on_a_day_before_the_plan_and_the_method():
    agreement = make_agreement()
    with pytest.raises(RuleBroken, match="avant le plan et la méthode d’évaluation, validés le 29 novembre 2021"):
        decide(agreement.ctg, Gate.APPROVE_SIGNATURE, on=date(2021, 11, 28))


def test_nothing_of_a_frozen_text_changes_whatever_the_door():
    agreement = make_frozen_agreement()
    party, article = agreement.parties.last(), agreement.articles.first()
    signatory, deliberation = party.signatories.first(), party.deliberation
    ctg, communes = agreement.ctg, list(agreement.ctg.communes.all())
    organisation = Organisation.objects.create(caf=ctg.caf, kind="commune", name="Commune tardive")
    gestures = [
        lambda: services.save_article(article, by=None),
        lambda: services.delete_article(article, by=None),
        lambda: services.move_article(article, up=False, by=None),
        lambda: services.describe_agreement(agreement, by=None),
        lambda: services.add_party(agreement, organisation=organisation, by=None),
        lambda: services.remove_party(party, by=None),
        lambda: services.save_signatory(signatory, by=None),
        lambda: services.delete_signatory(signatory, by=None),
        lambda: update_ctg(
            ctg, name="Autre", communes=communes[:1], starts_on=ctg.starts_on, ends_on=ctg.ends_on, by=None
        ),
        article.save,
        article.delete,
        party.save,
        party.delete,
        signatory.save,
        signatory.delete,
        deliberation.save,
        deliberation.delete,
        agreement.save,
        agreement.delete,
    ]
    for gesture in gestures:
        with pytest.raises(RuleBroken, match="arrêté"):
            gesture()


def test_after_the_freeze_only_the_transmission_is_still_written_until_the_signature():
    agreement = make_agreement()
    late = add_party(agreement, Organisation.Kind.COMMUNE, transmitted_on=None)
    decide(agreement.ctg, Gate.APPROVE_SIGNATURE)
    deliberation = Deliberation.objects.get(party=late)
    deliberation.transmitted_on = date(2021, 12, 4)
    services.save_deliberation(deliberation, by=None)
    assert Deliberation.objects.get(party=late).transmitted_on == date(2021, 12, 4)
    deliberation.number = "autre"
    with pytest.raises(RuleBroken, match="seule la transmission"):
        services.save_deliberation(deliberation, by=None)
    deliberation = Deliberation.objects.get(party=late)
    deliberation.transmitted_on = date(2021, 11, 1)
    with pytest.raises(RuleBroken, match="transmise après son adoption"):
        services.save_deliberation(deliberation, by=None)
    sign(agreement)
    deliberation.transmitted_on = date(2021, 12, 5)
    with pytest.raises(RuleBroken, match="a signé"):
        services.save_deliberation(deliberation, by=None)
    assert Deliberation.objects.get(party=late).adopted_on == DELIBERATED_ON


@pytest.mark.parametrize("fault", ["altered", "lost"])
def test_a_file_that_is_not_the_frozen_one_is_never_served_nor_rendered_again(fault, client, monkeypatch):
    agreement = make_signed_agreement()
    default_storage.delete(agreement.document.name)
    if fault == "altered":
        default_storage.save(agreement.document.name, ContentFile(b"un autre texte"))
    monkeypatch.setattr("governance.views.agreements.render_agreement", lambda agreement: 1 / 0)
    response = pdf_of(client, agreement)
    assert response.status_code == 500
    assert "ne correspond plus à son empreinte" in response.content.decode()
    assert Entry.objects.get(verb="agreement.altered").data["expected"] == agreement.document_sha256


def test_before_the_freeze_members_read_a_draft_that_says_so(real_pdf, lead_of):
    agreement = make_agreement()
    response = pdf_of(lead_of(agreement.ctg), agreement)
    assert f"Projet – n° {agreement.number}" in text_of(response.content, 1)
    assert not fresh(agreement).document


@pytest.mark.parametrize("who", ["anonymous", "outsider"])
def test_others_see_the_text_only_when_all_have_signed(who, as_someone):
    agreement = make_frozen_agreement()
    client = as_someone(who, agreement.ctg)
    page = reverse("governance:agreement", args=[agreement.ctg.slug])
    assert pdf_of(client, agreement).status_code == 404
    assert client.get(page).status_code == 404
    sign(agreement)
    assert pdf_of(client, agreement).content == stored_bytes(agreement)
    assert agreement.document_sha256 in client.get(page).content.decode()


def test_the_articles_are_copied_from_the_model_then_free():
    agreement = make_agreement()
    ctg = agreement.ctg
    titles = list(agreement.articles.values_list("title", flat=True))
    assert titles[0] == "Objet de la convention"
    assert ctg.name in agreement.articles.first().body
    assert "31 décembre 2025" in agreement.articles.get(title="Durée").body
    assert agreement.preamble.startswith("Les familles")
    first, second = agreement.articles.all()[:2]
    services.move_article(first, up=False, by=None)
    assert list(agreement.articles.values_list("title", flat=True))[:2] == [second.title, first.title]
    services.delete_article(Article.objects.get(pk=second.pk), by=None)
    numbers = agreement.articles.order_by("position").values_list("position", flat=True)
    assert list(numbers) == list(range(1, len(titles)))
    with pytest.raises(RuleBroken, match="au bout de la liste"):
        services.move_article(agreement.articles.first(), up=True, by=None)


def test_one_text_for_each_plan_and_numbers_that_do_not_meet():
    agreement = make_agreement()
    with pytest.raises(RuleBroken, match="déjà préparé"):
        services.draft_agreement(agreement.plan, by=None)
    other = make_agreement(make_ctg(caf=agreement.ctg.caf))
    assert [agreement.number[-3:], other.number[-3:]] == ["001", "002"]


def test_the_decision_that_fixes_the_text_is_in_the_annex(real_pdf):
    agreement = make_frozen_agreement()
    decision = held_meeting(agreement.ctg, on=FROZEN_ON).decisions.get()
    assert " ".join(str(decision).split()) in text_of(stored_bytes(agreement))
