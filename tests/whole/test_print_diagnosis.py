"""The diagnosis of the demonstration on paper: tagged, ten to twenty pages, everything in it."""

import io
import re
from datetime import date

import pikepdf
import pytest
from pypdf import PdfReader

from diagnostic.documents import diagnosis_document
from diagnostic.models import Diagnosis

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(scope="module")
def printed(loaded_demonstration):
    diagnosis = Diagnosis.objects.for_page().get(ctg=loaded_demonstration.signed)
    return diagnosis_document(diagnosis, on=date(2022, 1, 1))


def test_it_has_ten_to_twenty_pages_with_everything_in_it(printed):
    pages = PdfReader(io.BytesIO(printed)).pages
    assert 10 <= len(pages) <= 20
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))
    for words in ("Diagnostic partagé", "Petite enfance", "43 %", "Mot du comité", "Sources et définitions", "sur 100"):
        assert words in text


def test_it_is_tagged(printed):
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.Lang == "fr"
        assert "/StructTreeRoot" in pdf.Root
