"""« Done when »: the page of the EPCI shows the six indicators of the deck and the median income beside France."""

import html
import re
from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client

from territory.imports.filing import apply_file, read_file, receive_file
from territory.loading import load_reference, read_csv
from territory.models import Belonging, Indicator, Source, Territory
from territory.services import Typed, create_ctg, publish_portrait, type_value
from tests.territory.factories import CafFactory, TerritoryFactory, make_country
from tests.territory.test_import_file import AT
from tests.territory.test_real_files import DATA, france  # noqa: F401

pytestmark = pytest.mark.django_db

SEED_FIGURES = settings.BASE_DIR / "fixtures" / "demo" / "seed_figures.csv"
SEED = {  # indicator: here, département, France
    "Évolution du nombre d’allocataires, 2014-2019": ("13 %", "22 %", "17 %"),
    "Allocataires à bas revenus": ("43 %", "40 %", "30 %"),
    "Bénéficiaires d’un revenu garanti (RSA, prime d’activité, AAH)": ("63 %", "62 %", "49 %"),
    "Allocataires dépendant à 50 % ou 100 % des prestations": ("32 %", "31 %", "22 %"),
    "Familles monoparentales": ("30 %", "33 %", "24 %"),
    "Familles nombreuses": ("17 %", "15 %", "18 %"),
}
FILOSOFI = "CODGEO;LIBGEO;NBMEN19;NBPERS19;Q219;GI19\n"
EPCI_FILE = FILOSOFI + "200049211;CC Conflent-Canigó;9765;19539;18890;0,262\n"
FRANCE_FILE = FILOSOFI + "1;France métropolitaine;27937964;62973019;21930;0,292\n"


def type_the_deck(caf):
    """The figures of the presentation of 9 June 2021, published with the portrait of a Ctg on this EPCI."""
    epci = Territory.objects.get(kind="epci", code="200049211")
    ctg = create_ctg(
        caf=caf,
        name="Conflent-Canigó",
        communes=epci.communes_on(date(2021, 1, 1)),
        starts_on=date(2021, 1, 1),
        ends_on=date(2025, 12, 31),
        by=None,
    )
    for row in read_csv(SEED_FIGURES):
        type_value(
            Typed(
                indicator=Indicator.objects.get(code=row["indicator"]),
                territory=Territory.objects.get(kind=row["territory_kind"], code=row["territory_code"]),
                year=int(row["year"]),
                start_year=int(row["start_year"]),
                number=Decimal(row["number"]),
                quality=row["quality"],
                source=Source.objects.get(code="caf-portrait"),
                document="Présentation du 9 juin 2021",
            ),
            caf=caf,
            by=None,
            on=date(2021, 6, 9),
        )
    publish_portrait(ctg, by=None)


def table() -> dict[str, tuple[str, ...]]:
    """What the public page says, line by line: the text of the cells after the label."""
    page = Client().get("/territoires/epci-200049211/").content.decode()
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL):
        label = re.search(r'<th scope="row">\s*<a [^>]*>(.*?)</a>', row, re.DOTALL)
        cells = re.findall(r'<td class="n(?: here)?"[^>]*>(.*?)</td>', row, re.DOTALL)
        if label:
            found[plain(label[1])] = tuple(plain(re.sub(r"<small>.*?</small>", "", cell)) for cell in cells)
    return found


def plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", markup)).split())


def bring(name: str, content: bytes) -> None:
    apply_file(read_file(receive_file(name, [content], caf=None, by=None)), by=None, at=AT)


def check() -> None:
    shown = table()
    assert {label: shown.get(label) for label in SEED} == SEED
    here, *_, national = shown["Niveau de vie médian"]
    assert (here, national) == ("18 890 €", "21 930 €")


def test_on_small_files_of_ours():
    country = make_country()
    load_reference()
    epci = TerritoryFactory(kind="epci", code="200049211", name="Conflent-Canigó", parent=country.department)
    commune = TerritoryFactory(code="66149", name="Prades", parent=country.department)
    Belonging.objects.create(commune=commune, group=epci, valid_from=date(2015, 1, 1))
    type_the_deck(country.caf)
    bring("FILO2019_DISP_EPCI.csv", EPCI_FILE.encode())
    bring("FILO2019_DISP_METROPOLE.csv", FRANCE_FILE.encode())
    check()


@pytest.mark.skipif(DATA is None, reason="shared/data n’est pas à côté du dépôt")
def test_on_the_files_as_published(france):  # noqa: F811
    department = Territory.objects.get(kind="departement", code="66")
    type_the_deck(CafFactory(code="66", name="Caf des Pyrénées-Orientales", territory=department))
    for level in ("EPCI", "DEP", "METROPOLE"):
        name = f"FILO2019_DISP_{level}.csv"
        bring(name, (DATA / name).read_bytes())
    check()
    assert table()["Niveau de vie médian"] == ("18 890 €", "19 610 €", "21 930 €")
    page = Client().get("/territoires/epci-200049211/").content.decode()
    assert re.search(r"\d+e sur 1\u202f\d{3} EPCI de France", page)  # ranked among the whole country
