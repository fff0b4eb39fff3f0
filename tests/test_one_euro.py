"""The funding table of the seed, to the euro: its gap on the page, in the workbook, in the PDF; one euro moves all three."""

import io
from decimal import Decimal

import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from ctg_site.demonstration.loading import DEMO
from ctg_site.lib.pdf import render_pdf
from governance.documents import agreement_html
from territory import services
from territory.loading import load_reference, read_csv
from territory.models import ControlTotal, FundingLine, Role, Scheme, ServiceKind
from tests.governance.factories import make_agreement
from tests.territory.factories import make_user

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def agreement():
    agreement = make_agreement()
    load_reference()
    ctg = agreement.ctg
    for row in read_csv(DEMO / "seed_funding.csv"):
        line = FundingLine(caf=ctg.caf, territory=ctg.territory, **{k: row[k] for k in TEXTS})
        line.year, line.amount, line.rounding = int(row["year"]), D(row["amount"]), int(row["rounding"])
        line.quantity = D(row["quantity"]) if row["quantity"] else None
        line.service, line.scheme = found(ServiceKind, row["service"]), found(Scheme, row["scheme"])
        services.save_funding_line(line, by=None)
    for row in read_csv(DEMO / "seed_control_totals.csv"):
        total = ControlTotal(caf=ctg.caf, territory=ctg.territory, year=int(row["year"]), source=row["source"])
        total.scheme, total.amount = found(Scheme, row["scheme"]), D(row["amount"])
        total.rounding = int(row["rounding"])
        services.save_control_total(total, by=None)
    return agreement


TEXTS = ("label", "unit", "state", "nature", "source")


def found(model, code: str):
    return model.objects.get(code=code)


@pytest.fixture
def adviser(agreement):
    client = Client()
    client.force_login(make_user("Alix Conseil", caf=agreement.ctg.caf, role=Role.CAF_ADVISER))
    return client


def plain(text: str) -> str:
    return " ".join(text.replace("\u202f", " ").replace("\u00a0", " ").split())


def on_the_page(client, ctg) -> str:
    return plain(client.get(reverse("territory:funding", args=[ctg.slug])).content.decode())


def in_the_workbook(client, ctg) -> dict:
    content = client.get(reverse("territory:funding_xlsx", args=[ctg.slug])).content
    page = load_workbook(io.BytesIO(content))["Rapprochement"]
    return {cell.value: page.cell(2, cell.column).value for cell in page[1]}


def in_the_pdf(agreement) -> str:
    """The bytes as a reader extracts them."""
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(agreement_html(agreement))))
    return plain(" ".join(page.extract_text() for page in reader.pages))


def test_the_table_of_the_seed_is_shown_to_the_euro_with_its_gap(agreement, adviser):
    """T1 and T3."""
    page, sheet, pdf = (
        on_the_page(adviser, agreement.ctg),
        in_the_workbook(adviser, agreement.ctg),
        in_the_pdf(agreement),
    )
    for amount in ("520 600 €", "442 500 €", "44 400 €", "36 000 €", "22 600 €", "9 600 €", "7 200 €", "6 900 €"):
        assert amount in page
        assert amount in pdf
    for text in (page, pdf):
        assert "1 089 800 €" in text
        assert "Écart de 1 013 €" in text
        assert "0,093 %" in text
        assert "ne suffisent pas à l’expliquer" in text
    assert "598 000 € arrondi à 100 €" in page.replace("<small>", "").replace("</small>", "")
    assert "1 110 787 €" in page
    assert "1 111 800 €" in page
    assert "Plus de 1 million d’euros d’aides ont été versés en 2019" in page
    assert "17 760 € par ETP" in page
    assert (sheet["Écart (€)"], sheet["Écart (% des totaux annoncés)"]) == (1013, 0.093)
    assert sheet["Les arrondis peuvent l’expliquer"] == "non"
    assert sheet["Totaux annoncés et projets (€)"] == 1110787


def test_one_euro_added_in_the_back_office_is_seen_in_all_three(agreement, adviser):
    """The form as the back office gives it, all its fields sent back, one euro more in one of them."""
    line = FundingLine.objects.get(service__code="eaje")
    address = reverse("admin:territory_fundingline_change", args=[line.pk])
    typed = typed_in(adviser.get(address).context["adminform"].form)
    assert typed["amount"] == "442 500"
    response = adviser.post(address, typed | {"amount": "442 501"})
    assert response.status_code == 302
    assert "Écart de 1 014 €" in on_the_page(adviser, agreement.ctg)
    assert in_the_workbook(adviser, agreement.ctg)["Écart (€)"] == 1014
    assert "Écart de 1 014 €" in in_the_pdf(agreement)


def typed_in(form) -> dict:
    """What a browser would send: each field as it is shown."""
    shown = {field.html_name: field.field.prepare_value(field.value()) for field in form}
    return {name: "" if value is None else plain(str(value)) for name, value in shown.items()}
