import io
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from diagnostic import services
from diagnostic.exports import diagnosis_sheets
from diagnostic.models import Diagnosis, Finding
from territory.models import FundingLine, Indicator, Scheme, ServiceKind, Territory, Value
from tests.diagnostic.factories import (
    TerritoryFactory,
    add_finding,
    add_idea,
    key_indicator,
    make_diagnosis,
    make_published_diagnosis,
    make_ready_diagnosis,
    tell,
)

pytestmark = pytest.mark.django_db


def read(raw: bytes):
    return load_workbook(io.BytesIO(raw))


def rows(sheet) -> list[dict[str, object]]:
    head, *lines = sheet.iter_rows(values_only=True)
    return [dict(zip(head, line, strict=True)) for line in lines]


@pytest.fixture
def diagnosis():
    diagnosis = make_ready_diagnosis()
    france = TerritoryFactory(kind=Territory.Kind.FRANCE, code="FM", name="France métropolitaine")
    department = diagnosis.ctg.caf.territory
    department.name, department.parent = "Pyrénées-Orientales", france
    department.save()
    low_income = key_indicator("Allocataires à bas revenus", position=1)
    for number, place in [(43, None), (40, department), (30, france)]:
        tell(low_income, diagnosis.ctg, number, territory=place)
    tell(key_indicator("Familles nombreuses", position=2), diagnosis.ctg, None, quality=Value.Quality.MASKED)
    population = key_indicator("Population", code="population", unit=Indicator.Unit.COUNT, is_key=False)
    tell(population, diagnosis.ctg, 20391)
    return diagnosis


@pytest.fixture
def book(diagnosis):
    add_finding(
        diagnosis,
        title='=HYPERLINK("x")',
        text="Sur\ndeux lignes",
        kind=Finding.Kind.STRENGTH,
        communes=[diagnosis.ctg.communes.order_by("pk").first()],
    )
    add_idea(diagnosis, text="Un accueil itinérant")
    return read(diagnosis_sheets(Diagnosis.objects.get(pk=diagnosis.pk), on=date(2021, 6, 9)))


def test_figures_are_numbers_beside_their_comparators_year_and_source(book, diagnosis):
    sheet = book["Chiffres comparés"]
    here = diagnosis.ctg.territory.name
    first, second = rows(sheet)
    assert [first[name] for name in ("Indicateur", here, "Pyrénées-Orientales", "France métropolitaine")] == [
        "Allocataires à bas revenus",
        0.43,
        0.40,
        0.30,
    ]
    assert (first["Écart à la France (points)"], first[f"Année ({here})"]) == (13, 2019)
    assert first["Source"] == "Caf, données d’essai"
    assert (sheet["B2"].number_format, sheet["C2"].number_format) == ("0 %", "0")
    assert second[here] == "secret statistique"


def test_facts_money_and_gap_are_numbers(diagnosis):
    service = ServiceKind.objects.create(code="alsh", label="Accueil de loisirs")
    scheme = Scheme.objects.create(code="ps", label="Prestation de service")
    FundingLine.objects.create(
        caf=diagnosis.ctg.caf,
        territory=diagnosis.ctg.territory,
        year=2019,
        state=FundingLine.State.ACTUAL,
        service=service,
        scheme=scheme,
        label="Accueil de loisirs",
        amount=Decimal("520600"),
        source="Présentation",
    )
    book = read(diagnosis_sheets(Diagnosis.objects.get(pk=diagnosis.pk), on=date(2021, 6, 9)))
    assert {"Repère": "Population", "Valeur": 20391, "Année": 2019, "Source": "Caf, données d’essai"} in rows(
        book["Repères"]
    )
    amounts = {row["Libellé"]: row["Montant 2019"] for row in rows(book["Financements"])}
    assert (amounts["Accueil de loisirs"], amounts["Total des services"]) == (520600, 520600)
    assert book["Financements"]["C2"].number_format == '#,##0 "€"'


def test_findings_ideas_priorities_and_sources_have_their_sheet(book, diagnosis):
    finding = next(row for row in rows(book["Constats"]) if row["Nature"] == "Force")
    assert finding["Constat"] == '=HYPERLINK("x")'
    assert book["Constats"].cell(3, 3).data_type == "s"
    assert finding["Explication"] == "Sur\ndeux lignes"
    assert finding["Communes"] == diagnosis.ctg.communes.order_by("pk").first().name
    assert [row["Communes"] for row in rows(book["Constats"]) if row["Nature"] == "Besoin"] == [
        "Tout le territoire"
    ] * 2
    assert rows(book["Pistes"])[0]["Piste"] == "Un accueil itinérant"
    priority = rows(book["Priorités"])[0]
    assert (priority["Rang"], priority["Priorité"]) == (1, "Accueillir tous les enfants")
    assert "Des accueils fermés en août" in priority["Constats"]
    assert [row["Source"] for row in rows(book["Sources"])] == ["Caf, données d’essai"]


def test_an_empty_diagnosis_has_its_sheets_too():
    book = read(diagnosis_sheets(make_diagnosis(), on=date(2021, 6, 9)))
    assert {"Chiffres comparés", "Constats", "Priorités"} <= set(book.sheetnames)


def test_everyone_downloads_what_is_published(client):
    diagnosis = make_published_diagnosis()
    answer = client.get(reverse("diagnostic:diagnosis_xlsx", args=[diagnosis.ctg.slug]))
    assert answer["Content-Disposition"] == f'attachment; filename="diagnostic-{diagnosis.ctg.slug}-v1.xlsx"'
    assert "validé le 30/10/2021" in read(answer.content)["Lisez-moi"]["B1"].value
    services.unpublish_diagnosis(diagnosis, by=None)
    assert client.get(reverse("diagnostic:diagnosis_xlsx", args=[diagnosis.ctg.slug])).status_code == 404
