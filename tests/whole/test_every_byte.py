"""Masked figures of a value found nowhere else, then every byte of every public response, opened as far as it opens."""

import io
import re
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from territory import secrecy
from territory.models import Indicator, Source, Value
from territory.services import Typed, type_value
from tests.pages import our_pages

pytestmark = pytest.mark.django_db

# A count of three or four people, told by its decimals; the same with a comma, a point, and without either.
MARKS = {"foyers-rsa": Decimal("3.7129"), "familles-sans-place": Decimal("4.6183")}
AMOUNT = Decimal("1487.2391")
SHARE = Decimal("41.8376")
DIGITS = ("7129", "6183", "2391", "8376")
# The token of a form, a fingerprint: any digits may follow one another there, one day.
DRAWN = re.compile(r"\b[A-Za-z0-9]{64}\b")
FORMATS = ("csv", "xlsx", "json")
DRAWINGS = ("comparaison", "courbe", "barres", "carte")


@pytest.fixture
def marked(demonstration):
    """Masked figures of each kind: small counts here and in a commune, an amount, a share, a complement, a chosen one."""
    ctg = demonstration.signed
    commune = ctg.communes.order_by("code")[0]
    figures = [
        ("foyers-rsa", ctg.territory, MARKS["foyers-rsa"]),
        ("foyers-rsa", commune, Decimal("3.7129")),
        ("montant-rsa", ctg.territory, AMOUNT),
        ("foyers-allocataires", ctg.territory, Decimal(4077)),
        ("part-rsa", ctg.territory, SHARE),
        ("familles-sans-place", commune, MARKS["familles-sans-place"]),
    ]
    for code, place, number in figures:
        type_value(
            Typed(
                indicator=Indicator.objects.get(code=code),
                territory=place,
                year=2022,
                number=number,
                source=Source.objects.get(code="saisie-caf"),
            ),
            caf=ctg.caf,
            by=None,
            on=date(2026, 1, 1),
        )
    rows = Value.objects.filter(year=2022, release__caf=ctg.caf)
    withheld = {str(row.number).split(".")[1] for row in rows if row.is_withheld}
    assert withheld == set(DIGITS)
    return ctg


def addresses(ctg) -> list[str]:
    """Every page that a stranger may open, and every file that these pages give."""
    found = {url for page in our_pages() if (url := page.url(ctg))}
    place = {"kind": ctg.territory.kind, "code": ctg.territory.code}
    inside = {"kind": "commune", "code": ctg.communes.order_by("code")[0].code}
    for here in (place, inside):
        found.add(reverse("places:portrait", kwargs=here))
        found |= {reverse("places:theme", kwargs=here | {"theme": theme}) for theme in Indicator.Theme.values[1:]}
        found |= {reverse("places:data", kwargs=here | {"extension": one}) for one in FORMATS}
        for code in ("foyers-rsa", "montant-rsa", "part-rsa", "familles-sans-place"):
            found.add(reverse("places:indicator", kwargs=here | {"indicator": code}))
            for one in FORMATS:
                found.add(reverse("places:indicator_data", kwargs=here | {"indicator": code, "extension": one}))
            for one in DRAWINGS:
                kwargs = here | {"indicator": code, "drawing": one, "image": "svg"}
                found.add(reverse("places:indicator_drawing", kwargs=kwargs))
    return sorted(found)


def texts_of(response) -> str:
    """Workbooks unzipped, PDFs read with their alternative texts; spaces and separators taken away."""
    content = b"".join(response) if response.streaming else response.content
    if content.startswith(b"PK"):
        archive = zipfile.ZipFile(io.BytesIO(content))
        content = b"\n".join(archive.read(name) for name in archive.namelist())
    elif content.startswith(b"%PDF"):
        reader = PdfReader(io.BytesIO(content))
        pages = " ".join(page.extract_text() for page in reader.pages)
        alternatives = " ".join(
            str(one.get_object()["/Alt"])
            for one in range_of_objects(reader)
            if isinstance(one.get_object(), dict) and "/Alt" in one.get_object()
        )
        content = f"{pages} {alternatives} {reader.metadata}".encode()
    return content.decode("utf-8", errors="replace")


def range_of_objects(reader):
    return [reader._get_indirect_object(number, 0) for number in range(1, reader.trailer["/Size"])]


def found_in(text: str) -> set[str]:
    """The decimals, or the number rounded to one or two of them where a page would."""
    pattern = r"(?<![\d.])(?:3[.,]71|4[.,]62|1[\s\u00a0\u202f]?487[.,]2|41[.,]8)\d*"
    return {digits for digits in DIGITS if digits in text} | set(re.findall(pattern, text))


def leak_at(address: str, client: Client) -> set[str] | None:
    """What a response lets through; None where nothing is served."""
    response = client.get(address)
    headers = {name: value for name, value in response.headers.items() if name not in ("Content-Length", "ETag")}
    leak = found_in(DRAWN.sub("", texts_of(response))) | found_in(str(headers))
    return leak if leak or response.status_code == 200 else None


def test_no_masked_value_is_in_any_byte_that_leaves(marked):
    client = Client(raise_request_exception=True)
    found = {address: leak for address in addresses(marked) if (leak := leak_at(address, client)) is not None}
    assert {address: leak for address, leak in found.items() if leak} == {}
    assert len(found) > 100


@pytest.mark.once
@pytest.mark.parametrize("end", [".csv", ".xlsx", ".json", ".svg", ".pdf", "/"])
def test_the_same_walk_with_the_gate_open_finds_them(end, marked, monkeypatch):
    """The control: what the gate keeps is really on the way of these pages."""
    monkeypatch.setattr(
        secrecy, "state_of", lambda value: secrecy.State.SHOWN if value.number is not None else secrecy.State.MISSING
    )
    client = Client(raise_request_exception=True)
    assert any(leak_at(address, client) for address in reversed(addresses(marked)) if address.endswith(end))
