"""The plan of 30 fiches on paper: looked at page by page once, held to that look here by its text and its structure."""

import io
from datetime import date
from decimal import Decimal

import pikepdf
import pytest
from django.db import transaction
from django.urls import reverse
from pypdf import PdfReader

from actions.content import read_plan
from actions.documents import plan_document
from actions.models import Cost
from tests.actions.factories import make_complete_plan
from tests.actions.large_plan import make_large_plan

# Without it, a run of this module alone would open the database of the developer.
pytestmark = [pytest.mark.django_db, pytest.mark.once]

ON = date(2022, 12, 1)
FICHES = 30


@pytest.fixture(scope="module")
def printed(django_db_setup, django_db_blocker):
    """Thirty fiches, short and long, six funders over five years; made once for all the looks at it."""
    with django_db_blocker.unblock(), transaction.atomic():
        plan = make_large_plan(actions=FICHES)
        first = plan.actions.get(code="1.1.1")
        Cost.objects.filter(action=first, year=2023).update(low=Decimal(7000), high=Decimal(9000))
        yield plan_document(read_plan(plan, in_full=True), on=ON, inside=False)
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def pages(printed):
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(printed)).pages]


def titles(entries):
    return [title for entry in entries for title in (titles(entry) if isinstance(entry, list) else [entry.title])]


def test_it_is_tagged_and_every_fiche_has_its_bookmark(printed):
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "fr"
    found = titles(PdfReader(io.BytesIO(printed)).outline)
    assert {"Sommaire", "Échéancier", "Budget", "1. Petite enfance"} <= set(found)
    assert len([title for title in found if title.count(".") == 2 and "–" in title]) == FICHES


def test_no_page_is_left_nearly_empty(pages):
    assert len(pages) < 2 * FICHES
    assert {number: text for number, text in enumerate(pages[1:], start=2) if len(text.split()) < 60} == {}


def test_a_fiche_begins_at_the_top_of_a_page(pages):
    """The path to its objective, then its number: once on a page, where the heading of the page ends."""
    begun = [text for text in pages if " › " in text[:120]]
    assert len(begun) == FICHES
    assert all(text.count(" › ") == 1 for text in begun)


def test_a_table_is_not_cut_and_none_is_left_alone(pages):
    money = [text for text in pages if "Coût et financement Financeur" in text]
    assert len(money) == FICHES
    assert all("Total des financements" in text and "Total des dépenses" in text for text in money)
    assert all("Indicateurs d’évaluation" in text for text in money)


def test_what_is_given_and_what_may_vary_are_printed(pages):
    text = " ".join(pages)
    assert "Salle prêtée 20 jours (Caf de Maine-et-Loire, 2023)" in text
    assert "Hypothèse basse" in text
    assert "Conseil départemental de Maine-et-Loire (Finance et accompagne)" in text


def test_the_person_to_call_is_not_printed_for_the_public(pages):
    assert "Responsable du relais petite enfance" not in " ".join(pages)


def test_the_pages_lead_to_what_is_printed(db, as_someone):
    plan = make_complete_plan()
    client, action = as_someone("reader", plan), plan.actions.get()
    for page, printed in ((plan, "plan_pdf"), (action, "action_pdf")):
        args = [plan.ctg.slug, *([action.pk] if page is action else [])]
        text = client.get(page.get_absolute_url()).content.decode()
        assert f'href="{reverse(f"actions:{printed}", args=args)}"' in text
