"""The pages of a place: what they compare, whose figures they show, what they say beside each figure."""

import io
import json
import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from territory.models import Indicator, Role, Succession, Territory, Value
from territory.services import publish_portrait
from tests.territory.factories import (
    CafFactory,
    IndicatorFactory,
    SourceFactory,
    TerritoryFactory,
    add_outline,
    add_value,
    communes_of,
    make_country,
    make_ctg,
    make_epci,
    make_publishable,
    make_published,
    make_user,
    population_indicator,
)

pytestmark = pytest.mark.django_db

NBSP, THIN = "\u00a0", "\u202f"


@pytest.fixture
def country():
    return make_country()


@pytest.fixture
def ctg(country):
    return make_ctg(country.caf, place=make_epci(country.department))


def page(place, name="portrait", client=None, query="", **parameters):
    url = reverse(f"places:{name}", kwargs={"kind": place.kind, "code": place.code} | parameters)
    return (client or Client()).get(url + query)


def text(response):
    return response.content.decode()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def make_published_perimeter(caf, epci, communes):
    ctg = make_ctg(caf, place=epci, communes=communes, name="Vallée")
    return publish_portrait(make_publishable(ctg), by=None)


def rsa(**fields):
    return IndicatorFactory(code="part-rsa", label="Part au RSA", theme=Indicator.Theme.RIGHTS, is_key=False, **fields)


# --- Whose figures ---


def test_the_figures_of_a_caf_are_public_once_its_ctg_publishes(ctg):
    make_publishable(ctg)
    assert f"43{NBSP}%" not in text(page(ctg.territory))
    publish_portrait(ctg, by=None)
    assert f"43{NBSP}%" in text(page(ctg.territory))


def test_those_inside_see_them_before_and_are_told_so(ctg):
    make_publishable(ctg)
    for user in (
        make_user(caf=ctg.caf, role=Role.CAF_READER),
        make_user(ctg=ctg, role=Role.READER),
    ):
        seen = text(page(ctg.territory, client=signed_in(user)))
        assert f"43{NBSP}%" in seen
        assert "Vu de l’intérieur" in seen
    outsider = make_user(caf=CafFactory(), role=Role.CAF_MANAGER)
    assert f"43{NBSP}%" not in text(page(ctg.territory, client=signed_in(outsider)))


def test_someone_of_another_caf_sees_what_is_published_there(ctg):
    """As everyone does: their own Caf has nothing to say of a place that is not on its territory."""
    make_published(ctg)
    stranger = make_user(caf=CafFactory(), role=Role.CAF_ADVISER)
    seen = text(page(ctg.territory, client=signed_in(stranger)))
    assert f"43{NBSP}%" in seen
    assert "Vu de l’intérieur" not in seen


def test_comparing_with_another_place_lends_none_of_its_unpublished_figures(country, ctg):
    publish_portrait(make_publishable(ctg), by=None)
    other = make_ctg(country.caf, place=make_epci(country.department, name="Vallespir"))
    add_value(Indicator.objects.get(code="bas-revenus"), other.territory, 37, caf=country.caf)
    query = f"?avec=epci-{other.territory.code}"
    assert f"37{NBSP}%" not in text(page(ctg.territory, query=query))
    adviser = signed_in(make_user(caf=country.caf, role=Role.CAF_ADVISER))
    seen = text(page(ctg.territory, client=adviser, query=query))
    assert f"37{NBSP}%" in seen
    assert "soit 6 points de plus que dans l’intercommunalité de Vallespir." in seen


def test_a_perimeter_has_a_page_once_its_ctg_is_published(country):
    epci = make_epci(country.department)
    ctg = make_ctg(country.caf, place=epci, communes=communes_of(epci)[:2], name="Vallée")
    assert page(ctg.territory).status_code == 404
    assert page(ctg.territory, client=signed_in(make_user(ctg=ctg, role=Role.READER))).status_code == 200
    publish_portrait(make_publishable(ctg), by=None)
    assert page(ctg.territory).status_code == 200
    assert f"/territoires/perimetre-{ctg.territory.code}/" == reverse(
        "places:portrait", args=[ctg.territory.kind, ctg.territory.code]
    )


def test_a_region_and_a_department_of_the_same_code_are_two_places(country):
    TerritoryFactory(kind="departement", code="76", name="Seine-Maritime")
    assert "Occitanie" in text(Client().get("/territoires/region-76/"))
    assert "Seine-Maritime" in text(Client().get("/territoires/departement-76/"))


@pytest.mark.parametrize(
    "url",
    [
        "/territoires/epci-999999999/",
        "/territoires/ville-66149/",
        "/territoires/region-76/nulle-part/",
        "/territoires/region-76/portrait/",
        "/territoires/region-76/indicateurs/nul/",
        "/territoires/region-76/indicateurs/bas-revenus/camembert.svg",
        "/territoires/region-76/indicateurs/bas-revenus/courbe.svg",
        "/territoires/region-76/donnees.exe",
    ],
)
def test_what_does_not_exist(country, url):
    IndicatorFactory(code="bas-revenus")
    assert Client().get(url).status_code == 404


def test_comparing_with_nothing_known_stays_beside_the_department(ctg):
    make_publishable(ctg)
    for odd in ("epci-1", "semblables", "n’importe quoi", "perimeter-x"):
        assert page(ctg.territory, query=f"?avec={odd}").status_code == 200


# --- What is said ---


def test_a_theme_shows_its_indicators_and_no_other(country, ctg):
    add_value(rsa(phrase="des foyers {of} reçoivent le RSA"), ctg.territory, 21)
    IndicatorFactory(label="Autre thème", theme=Indicator.Theme.PARENTING)
    seen = text(page(ctg.territory, "theme", theme="droits"))
    assert f"21{NBSP}% des foyers de Conflent-Canigó reçoivent le RSA." in seen
    assert "Autre thème" not in seen


def test_a_page_that_mixes_years_says_so_beside_each_value(country, ctg):
    share = rsa()
    for place, number, year in ((ctg.territory, 21, 2024), (country.department, 19, 2024)):
        add_value(share, place, number, year=year)
    assert "<small>2024</small>" not in text(page(ctg.territory, "theme", theme="droits"))
    add_value(share, country.france, 12, year=2023)
    seen = text(page(ctg.territory, "theme", theme="droits"))
    assert seen.count("<small>2024</small>") == 2
    assert "<small>2023</small>" in seen


def test_a_figure_more_than_three_years_old_is_flagged(country, ctg, settings, monkeypatch):
    from datetime import date

    monkeypatch.setattr("territory.views.places.today", lambda: date(2023, 1, 1))
    add_value(rsa(), ctg.territory, 21, year=2019)
    add_value(IndicatorFactory(theme=Indicator.Theme.RIGHTS, label="Récent"), ctg.territory, 30, year=2020)
    assert text(page(ctg.territory, "theme", theme="droits")).count("plus de trois ans") == 1
    settings.OLD_FIGURE_YEARS = 2
    assert "Tous ces chiffres ont plus de deux ans" in text(page(ctg.territory, "theme", theme="droits"))
    monkeypatch.setattr("territory.views.places.today", lambda: date(2021, 10, 30))
    assert "plus de deux ans" not in text(page(ctg.territory, "theme", theme="droits"))


def test_trend_and_ranks_stand_beside_the_figure(country, ctg):
    share = rsa()
    other = make_epci(country.department, name="Vallespir")
    add_value(share, ctg.territory, 18, year=2014)
    for place, number in ((ctg.territory, 21), (other, 30)):
        add_value(share, place, number, year=2019)
    seen = text(page(ctg.territory, "theme", theme="droits"))
    assert f"+3{NBSP}pts depuis 2014" in seen
    assert "2e sur 2 EPCI du département" in seen
    assert "Rang : le 1er a le chiffre le plus haut." in seen
    assert "Tendance, rang" not in text(page(country.department, "theme", theme="droits"))  # an empty column is none


def test_nobody_is_first_of_one(country, ctg):
    add_value(rsa(), ctg.territory, 21)
    assert "sur 1 EPCI" not in text(page(ctg.territory, "theme", theme="droits"))


def test_a_rank_made_before_a_figure_was_masked_is_not_told(country, ctg):
    """The mask is written first, the ranks are made again after it."""
    for number, place in ((40, make_epci(country.department, name="Vallespir")), (21, ctg.territory)):
        value = add_value(rsa(), place, number)
    assert "2e sur 2 EPCI" in text(page(ctg.territory, "theme", theme="droits"))
    Value.objects.filter(pk=value.pk).update(is_withheld=True)
    assert "sur 2 EPCI" not in text(page(ctg.territory, "theme", theme="droits"))


def test_a_change_of_source_is_said_and_makes_no_trend(country, ctg):
    share, deck, census = rsa(), SourceFactory(name="Présentation de la Caf"), SourceFactory(name="Recensement")
    for year, number, source in ((2014, 18, deck), (2017, 20, census), (2019, 21, census)):
        add_value(share, ctg.territory, number, year=year, source=source)
    assert f"+1{NBSP}pt depuis 2017" in text(page(ctg.territory, "theme", theme="droits"))
    seen = text(page(ctg.territory, "indicator", indicator="part-rsa"))
    assert f"Les sources changent en chemin (Présentation de la Caf, puis Recensement){NBSP}:" in seen
    assert "2014" in seen


def test_a_figure_that_stays_the_same_is_said_to_stay(country, ctg):
    for year in (2014, 2019):
        add_value(rsa(), ctg.territory, 21, year=year)
    seen = text(page(ctg.territory, "indicator", indicator="part-rsa"))
    assert f"De 2014 à 2019, {ctg.territory.name} reste à 21{NBSP}%." in seen


def test_years_of_one_source_are_told_without_a_warning(country, ctg):
    source = SourceFactory()
    for year in (2014, 2019):
        add_value(rsa(), ctg.territory, year - 2000, year=year, source=source)
    assert "Les sources changent" not in text(page(ctg.territory, "indicator", indicator="part-rsa"))


def test_the_caveat_of_the_source_stands_beside_the_figure(ctg):
    source = SourceFactory(caveat="Les familles de la MSA n’y sont pas.")
    add_value(rsa(), ctg.territory, 21, source=source)
    assert source.caveat in text(page(ctg.territory, "indicator", indicator="part-rsa"))
    assert source.caveat in text(page(ctg.territory, "theme", theme="droits"))


def test_an_indicator_opens_to_its_definition_curve_communes_and_map(ctg):
    population = population_indicator()
    for year, number in ((2017, 20391), (2018, 20466), (2019, 20559)):
        add_value(population, ctg.territory, number, year=year)
    for rank, commune in enumerate(communes_of(ctg.territory)):
        add_value(population, commune, 100 + rank, year=2019)
        add_outline(commune, 2.0 + rank / 10)
    seen = text(page(ctg.territory, "indicator", indicator="population"))
    for part in ("En % des allocataires.", 'class="chart"', 'class="map"', 'class="bar"', f"20{THIN}466"):
        assert part in seen
    names = [row.name for row in communes_of(ctg.territory)]
    assert seen.index(f">{names[2]}</a>") < seen.index(f">{names[0]}</a>")  # the highest first


def test_what_is_secret_comes_last_whatever_it_is(ctg):
    count = IndicatorFactory(people=True, code="foyers", is_additive=True)
    for commune, number in zip(communes_of(ctg.territory), (None, 12, 300), strict=True):
        add_value(count, commune, number, quality="masked" if number is None else "exact")
    seen = text(page(ctg.territory, "indicator", indicator="foyers"))
    first, second, third = communes_of(ctg.territory)
    assert seen.index(f">{third.name}</a>") < seen.index(f">{first.name}</a>")
    assert "<strong>secret</strong> : secret statistique" in seen  # the key of the marks, below the table


def test_one_outline_is_no_map(country):
    epci = make_epci(country.department, communes=1)
    (commune,) = communes_of(epci)
    add_outline(commune, 2.0)
    add_value(rsa(), commune, 21)
    seen = text(page(epci, "indicator", indicator="part-rsa"))
    assert ("barres.svg" in seen, "carte.svg" in seen) == (True, False)


def test_what_is_secret_comes_after_what_is_below_zero(ctg):
    """Between a gain and a loss it would be told to be small."""
    balance = IndicatorFactory(code="solde", unit=Indicator.Unit.COUNT, is_key=False, is_additive=True)
    masked, loss, gain = communes_of(ctg.territory)
    for commune, number in ((masked, None), (loss, -12), (gain, 300)):
        add_value(balance, commune, number, quality="masked" if number is None else "exact")
    seen = text(page(ctg.territory, "indicator", indicator="solde"))
    order = sorted((gain, loss, masked), key=lambda commune: seen.index(f">{commune.name}</a>"))
    assert order == [gain, loss, masked]


# --- A perimeter ---


def test_a_ratio_of_a_perimeter_is_made_of_its_terms_and_never_averaged(country):
    epci = make_epci(country.department)
    ctg = make_ctg(country.caf, place=epci, communes=communes_of(epci)[:2], name="Vallée")
    above, below = (IndicatorFactory(unit=Indicator.Unit.COUNT, is_additive=True, is_key=False) for _ in range(2))
    rsa(numerator=above, denominator=below)
    for commune, top, bottom in zip(ctg.communes.order_by("code"), (90, 10), (100, 900), strict=True):
        add_value(above, commune, top)
        add_value(below, commune, bottom)
    reader = signed_in(make_user(ctg=ctg, role=Role.READER))
    seen = text(page(ctg.territory, "theme", client=reader, theme="droits"))
    assert f"10{NBSP}%" in seen  # 100 / 1 000, and not the mean of 90 % and 1 %


def test_what_has_no_terms_is_not_computable_on_a_perimeter(country):
    epci = make_epci(country.department)
    ctg = make_ctg(country.caf, place=epci, communes=communes_of(epci)[:2], name="Vallée")
    share = rsa()
    add_value(share, country.department, 19)
    add_value(share, epci, 21)
    reader = signed_in(make_user(ctg=ctg, role=Role.READER))
    seen = text(page(ctg.territory, "theme", client=reader, theme="droits"))
    assert "non calculable" in seen
    assert f"21{NBSP}%" not in seen


def test_a_perimeter_of_the_same_communes_as_an_epci_takes_its_figures(country):
    epci = make_epci(country.department)
    ctg = make_ctg(country.caf, place=epci, communes=communes_of(epci)[:2], name="Vallée")
    ctg.territory.members.through.objects.filter(group=epci).exclude(commune__in=ctg.communes.all()).delete()
    add_value(rsa(), epci, 21)
    reader = signed_in(make_user(ctg=ctg, role=Role.READER))
    assert f"21{NBSP}%" in text(page(ctg.territory, "theme", client=reader, theme="droits"))


def test_figures_that_are_equal_everywhere_are_said_once(country, ctg):
    counted = IndicatorFactory(code="foyers", unit=Indicator.Unit.COUNT, is_additive=True)
    for number, commune in enumerate(communes_of(ctg.territory)):
        add_value(counted, commune, 0)
        add_outline(commune, 2.0 + number / 10)
    seen = text(page(ctg.territory, "indicator", indicator="foyers"))
    assert "0 partout." in seen
    assert "une seule classe" not in seen
    assert "De 0" not in seen
    add_value(counted, communes_of(ctg.territory)[0], None, quality="missing")
    assert "0 partout où un chiffre est montré." in text(page(ctg.territory, "indicator", indicator="foyers"))


def test_a_perimeter_is_compared_with_the_intercommunalites_of_its_communes(country):
    one, other, third = (make_epci(country.department, name=name) for name in ("Aspres", "Vallespir", "Conflent"))
    communes = communes_of(one)[:1] + communes_of(other)[:2]
    ctg = make_published_perimeter(country.caf, one, communes)
    seen = text(page(ctg.territory, "compare"))
    assert "Les intercommunalités de ses communes" in seen
    assert [place.name in seen for place in (one, other, third)] == [True, True, False]
    assert "Territoires semblables" not in seen


def test_the_marks_of_a_perimeter_are_explained_below_each_table(country):
    rsa()
    key = IndicatorFactory(label="Bas revenus")
    add_value(key, country.department, 40)
    epci = make_epci(country.department)
    ctg = make_published_perimeter(country.caf, epci, communes_of(epci)[:2])
    for seen in (text(page(ctg.territory, "portrait")), text(Client().get(reverse("ctg", args=[ctg.slug])))):
        assert "<strong>non calculable</strong> : ne s’additionne pas d’une commune à l’autre" in seen


@pytest.mark.parametrize("known", [0, 1], ids=["numerator", "denominator"])
def test_a_ratio_that_is_not_shown_has_no_source(country, ctg, known):
    terms = [IndicatorFactory(unit="count", is_key=False, is_additive=True) for _ in range(2)]
    add_value(terms[known], ctg.territory, 100, source=SourceFactory(name="Source d’un seul terme"))
    rsa(numerator=terms[0], denominator=terms[1])
    assert "Source d’un seul terme" not in text(page(ctg.territory, "theme", theme="droits"))


def test_what_is_not_known_has_no_source_to_name(country, ctg):
    share = rsa()
    add_value(share, ctg.territory, 21)
    seen = text(page(ctg.territory, "indicator", indicator=share.code))
    rows = re.findall(r'<th scope="row">[^<]*</th>.*?</tr>', seen, re.DOTALL)
    assert [("n.d." in row, 'data-label="Source"' in row) for row in rows[:3]] == [
        (False, True),
        (True, False),
        (True, False),
    ]


# --- Places alike ---


def test_places_alike_are_of_the_same_size_and_income(country, ctg):
    population, share = population_indicator(), rsa()
    income = IndicatorFactory(code="niveau-vie-median", unit=Indicator.Unit.EURO, is_key=False)
    add_value(population, ctg.territory, 20391)
    add_value(income, ctg.territory, 18890)
    add_value(share, ctg.territory, 21)
    rows = [("A", 25000, 18000, 10), ("B", 30000, 18100, 14), ("C", 45000, 18200, 30), ("Grand", 90000, 18300, 99)]
    rows += [(f"Riche {n}", 30000, 30000 + n, 1) for n in range(12)]
    rows += [("Dissous", 25000, 18000, 90), ("Ancien", 25000, 18000, 90)]
    for name, people, median, number in rows:
        place = make_epci(country.department, communes=1, name=name)
        add_value(population, place, people)
        add_value(income, place, median, year=2012 if name == "Ancien" else 2019)
        add_value(share, place, number)
    Territory.objects.filter(name="Dissous").update(valid_to=date(2020, 12, 31))  # what has ceased is like nobody
    seen = text(page(ctg.territory, "compare"))
    assert f"Intercommunalités de 20{THIN}000 à 50{THIN}000 habitants, dans le quart le plus modeste" in seen
    seen = text(page(ctg.territory, "theme", query="?avec=semblables", theme="droits"))
    assert "médiane de 3 territoires semblables" in seen
    portrait = text(page(ctg.territory, query="?avec=semblables"))
    counts = portrait[portrait.index("Population municipale") :]
    assert "sans objet" in counts[: counts.index("</tr>")]  # nobody failed to publish it: a count is that of one place
    assert f"14{NBSP}%" in seen
    assert "Riche" not in seen
    few = IndicatorFactory(code="part-asf", label="Part à l’ASF", theme=Indicator.Theme.RIGHTS, is_key=False)
    for name, number in ((ctg.territory.name, 5), ("A", 11), ("B", 17)):
        add_value(few, Territory.objects.get(kind=Territory.Kind.EPCI, name=name), number)
    seen = text(page(ctg.territory, "theme", query="?avec=semblables", theme="droits"))
    row = seen[seen.index("Part à l’ASF") :].partition("</tr>")[0]
    assert f"5{NBSP}%" in row
    assert f"14{NBSP}%" not in row  # a median of two tells both
    assert "n.d." in row


def test_communes_are_alike_inside_their_department(country, ctg):
    elsewhere = TerritoryFactory(kind=Territory.Kind.DEPARTEMENT, code="11", name="Aude")
    here, near = communes_of(ctg.territory)[:2]
    far = TerritoryFactory(name="Narbonne", parent=elsewhere)
    for place in (here, near, far):
        add_value(population_indicator(), place, 700)
    seen = text(page(here, "compare"))
    alike = seen[seen.index('id="alike"') :]
    assert (near.name in alike, far.name in alike) == (True, False)


@pytest.mark.parametrize("others", [0, 2])
def test_so_few_incomes_make_no_quarters(country, ctg, others):
    income = IndicatorFactory(code="niveau-vie-median", unit=Indicator.Unit.EURO, is_key=False)
    places = [ctg.territory, *(make_epci(country.department, communes=1) for _ in range(others))]
    for place in places:
        add_value(population_indicator(), place, 20391)
        add_value(income, place, 18890)
    assert "la taille seule est comparée" in text(page(ctg.territory, "compare"))


@pytest.mark.parametrize(("name", "more"), [("portrait", {}), ("theme", {"theme": "droits"})])
def test_too_few_places_alike_is_said_instead_of_the_median(country, ctg, name, more):
    add_value(rsa(), ctg.territory, 21)
    add_value(population_indicator(), ctg.territory, 20391)
    seen = text(page(ctg.territory, name, query="?avec=semblables", **more))
    assert "Moins de trois territoires semblables ont des chiffres ici" in seen
    assert "Revenir au portrait" in seen
    assert "territoires semblables" not in text(page(ctg.territory, name, **more))


def test_who_lives_in_an_epci_is_summed_where_nobody_published_it(country):
    """Population is published by commune: the places alike are found all the same."""
    people = IndicatorFactory(code="population", unit="count", is_additive=True, is_key=False)
    epcis = [
        make_epci(country.department, name=name) for name in ("Aspres", "Conflent", "Vallespir", "Partiel", "Grand")
    ]
    for epci, size in zip(epcis, (7_000, 7_200, 7_400, 7_300, 90_000), strict=True):
        for commune in communes_of(epci)[: 2 if epci.name == "Partiel" else 3]:
            add_value(people, commune, size, year=2021)
    add_value(people, communes_of(epcis[0])[0], 9_000, year=2022)  # one commune tells no year
    seen = text(page(epcis[0], "compare"))
    assert f"Intercommunalités de 20{THIN}000 à 50{THIN}000 habitants" in seen
    assert "Aucun autre territoire connu ici n’est de cette classe" in text(page(epcis[4], "compare"))
    alike = seen[seen.index('id="alike"') : seen.index('id="neighbours"')]
    assert [name for name in ("Conflent", "Vallespir", "Partiel", "Grand") if f">{name}<" in alike] == [
        "Conflent",
        "Vallespir",
    ]


def test_a_place_is_found_to_compare_with(country, ctg):
    make_epci(country.department, name="Vallespir")
    assert "Vallespir" in text(page(ctg.territory, "compare", query="?q=vallesp"))
    assert "Aucun territoire ne porte ce nom" in text(page(ctg.territory, "compare", query="?q=zzz"))


# --- Taken away ---


@pytest.fixture
def taken(country, ctg):
    """A name that could run as a formula, a decimal, a secret."""
    share = rsa(decimals=1, definition="=1+1")
    add_value(share, ctg.territory, "21.5", year=2024)
    add_value(share, country.department, None, year=2024, quality="masked")
    type(ctg.territory).objects.filter(pk=ctg.territory.pk).update(name="=HYPERLINK(0)")
    ctg.territory.refresh_from_db()
    return ctg.territory


def test_csv_opens_right_in_a_french_excel(taken):
    content = page(taken, "data", extension="csv").content
    assert content.startswith("\ufeff".encode())
    rows = [line.split(";") for line in content.decode("utf-8-sig").split("\r\n")]
    assert rows[1][0] == "'=HYPERLINK(0)"
    assert (rows[1][5], rows[1][7], rows[1][8]) == ("2024", "21,5", "publié")
    assert (rows[2][7], rows[2][8]) == ("", "secret statistique")


def test_xlsx_holds_numbers_with_french_formats_below_a_frozen_heading(taken):
    book = load_workbook(io.BytesIO(page(taken, "indicator_data", indicator="part-rsa", extension="xlsx").content))
    sheet = book["Chiffres"]
    assert sheet.freeze_panes == "A2"
    cell = sheet["H2"]
    assert (round(cell.value, 4), cell.number_format) == (0.215, "0.0 %")
    assert sheet["H3"].value == "secret statistique"
    assert sheet["A2"].data_type == "s"


def test_the_file_of_a_place_holds_its_communes_too(country, ctg):
    """Of the year shown for the whole, masked as on the page of the indicator."""
    counted = IndicatorFactory(code="foyers", people=True, is_additive=True)
    add_value(counted, ctg.territory, 93, year=2019)
    for commune, number in zip(communes_of(ctg.territory), (3, 40, 50), strict=True):
        add_value(counted, commune, number, year=2019)
        add_value(counted, commune, 77, year=2021)
    found = json.loads(page(ctg.territory, "data", extension="json").content)
    inside = [row for row in found["chiffres"] if row["territoire"].startswith("commune-")]
    assert sorted((row["annee"], row["valeur"] or 0, row["etat"]) for row in inside) == [
        (2019, 0, "secret statistique"),
        (2019, 0, "secret statistique"),
        (2019, 50, "publié"),
    ]


def test_json_holds_numbers_and_states(taken):
    found = json.loads(page(taken, "data", extension="json").content)
    assert [(row["valeur"], row["etat"]) for row in found["chiffres"]] == [
        (21.5, "publié"),
        (None, "secret statistique"),
    ]


def test_each_figure_has_the_licence_of_its_own_source(country, ctg):
    """Not that of the source where the indicator usually comes from."""
    usual, other = (SourceFactory(licence=name) for name in ("Licence Ouverte 2.0", "ODbL 1.0"))
    share = rsa(source=usual)
    for place, source in ((ctg.territory, other), (country.department, usual), (country.france, SourceFactory())):
        add_value(share, place, 21, source=source)
    found = json.loads(page(ctg.territory, "data", extension="json").content)
    assert [(row["source"], row["licence"]) for row in found["chiffres"][:2]] == [
        (other.name, "ODbL 1.0"),
        (usual.name, "Licence Ouverte 2.0"),
    ]
    assert found["chiffres"][2]["licence"] == ""
    assert found["indicateurs"][0]["source_habituelle"] == usual.name
    assert "licence" not in found["indicateurs"][0]
    rows = page(ctg.territory, "data", extension="csv").content.decode("utf-8-sig").split("\r\n")
    assert rows[1].endswith(f"{other.name};ODbL 1.0")
    sheet = load_workbook(io.BytesIO(page(ctg.territory, "data", extension="xlsx").content))["Chiffres"]
    assert [cell.value for cell in sheet["L"]][:3] == ["Licence", "ODbL 1.0", "Licence Ouverte 2.0"]


def test_a_ratio_has_the_licence_of_what_it_counts(country, ctg):
    above, below = (IndicatorFactory(unit=Indicator.Unit.COUNT, is_additive=True, is_key=False) for _ in range(2))
    rsa(numerator=above, denominator=below)
    add_value(above, ctg.territory, 21, source=SourceFactory(licence="ODbL 1.0"))
    add_value(below, ctg.territory, 100, source=SourceFactory(licence="Licence Ouverte 2.0"))
    found = json.loads(page(ctg.territory, "data", extension="json").content)
    assert [row["licence"] for row in found["chiffres"] if row["indicateur"] == "part-rsa"] == ["ODbL 1.0"]


@pytest.mark.parametrize("image", ["svg", "png"])
def test_a_drawing_carries_its_source_and_its_day(taken, image):
    response = page(taken, "indicator_drawing", indicator="part-rsa", drawing="comparaison", image=image)
    assert response.status_code == 200
    if image == "png":
        assert response.content.startswith(b"\x89PNG")
    else:
        assert "Source d’essai" in text(response)
        assert "Extrait le" in text(response)


def test_there_is_no_drawing_of_what_is_not_shown(country, ctg):
    add_value(rsa(), ctg.territory, None, quality="masked")
    link = "indicateurs/part-rsa/comparaison.png"
    assert (
        page(ctg.territory, "indicator_drawing", indicator="part-rsa", drawing="comparaison", image="svg").status_code
        == 404
    )
    assert link not in text(page(ctg.territory, "indicator", indicator="part-rsa"))
    add_value(Indicator.objects.get(code="part-rsa"), country.department, 19)
    assert link in text(page(ctg.territory, "indicator", indicator="part-rsa"))


def test_the_bars_of_a_drawing_say_each_figure_once_with_its_year(country, ctg):
    counted = IndicatorFactory(code="foyers", unit=Indicator.Unit.COUNT, is_additive=True)
    add_value(counted, ctg.territory, 90, year=2023, source=SourceFactory(name="Tableau", licence="ODbL 1.0"))
    add_value(counted, country.department, 412, year=2022)
    seen = text(page(ctg.territory, "indicator_drawing", indicator="foyers", drawing="comparaison", image="svg"))
    assert (seen.count("90 (2023)"), seen.count("412 (2022)"), seen.count(">Conflent-Canigó<")) == (1, 1, 1)
    assert "Tableau (Caf, ODbL 1.0)" in seen


def test_the_portrait_as_a_pdf(ctg):
    publish_portrait(make_publishable(ctg), by=None)
    response = page(ctg.territory, "portrait_pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")


# --- Cost ---


@pytest.mark.once
def test_more_communes_and_figures_cost_no_more_queries(country, ctg):
    share = rsa()
    for place in (ctg.territory, communes_of(ctg.territory)[0]):
        add_value(share, place, 21)
        add_value(IndicatorFactory(code="cle"), place, 30)

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(ctg.territory, "theme", theme="droits")
            page(ctg.territory, "indicator", indicator="part-rsa")
            page(ctg.territory)
        return len(captured)

    before = count()
    for number in range(5):
        one = IndicatorFactory(theme=Indicator.Theme.RIGHTS, label=f"Indicateur {number}")
        for place in (ctg.territory, country.department, *communes_of(ctg.territory)):
            add_value(one, place, Decimal(number))
            add_value(share, place, 20, year=2020)
    assert count() == before


# --- Where to go from here ---


def test_each_level_opens_to_the_one_next_to_it(country, ctg):
    (commune, *_), department = communes_of(ctg.territory), country.department
    for place, other in ((commune, ctg.territory), (department, ctg.territory), (department.parent, department)):
        assert f'href="{reverse("places:portrait", args=[other.kind, other.code])}">{other.name}</a>' in text(
            page(place)
        )


def test_what_has_ceased_says_so_and_opens_to_what_came_after(country):
    old = TerritoryFactory(kind="commune", code="66001", name="Ancienne", valid_to=date(2018, 12, 31))
    new = TerritoryFactory(kind="commune", code="66002", name="Nouvelle")
    Succession.objects.create(before=old, after=new, kind="merge", on=date(2019, 1, 1))
    seen = text(page(old))
    assert "il a existé jusqu’au 31 décembre 2018" in seen
    assert ">Nouvelle</a>" in seen


def test_a_region_has_too_many_communes_to_be_told_by_them(country, ctg):
    seen = text(page(country.department.parent))
    assert country.department.name in seen
    assert communes_of(ctg.territory)[0].name not in seen


def test_many_places_inside_are_folded(country):
    epci = make_epci(country.department, communes=64)
    population = population_indicator()
    for rank, commune in enumerate(communes_of(epci)):
        add_value(population, commune, 1000 - rank)
    assert "Les 34 suivants" in text(page(epci, "indicator", indicator="population"))


def test_an_epci_over_two_departments_says_so_and_is_a_part_of_neither(country, ctg):
    count = IndicatorFactory(
        people=True, is_additive=True, theme=Indicator.Theme.RIGHTS, phrase="le nombre de foyers {of}"
    )
    add_value(count, ctg.territory, 400)
    add_value(count, country.department, 4000)
    assert "de l’ensemble du département" in text(page(ctg.territory, "theme", theme="droits"))
    other = TerritoryFactory(kind="departement", code="11", name="Aude")
    commune = communes_of(ctg.territory)[0]
    commune.parent = other
    commune.save()
    assert "de l’ensemble du département" not in text(page(ctg.territory, "theme", theme="droits"))
    assert "sur plusieurs départements" in text(page(ctg.territory))


def test_the_list_of_ctgs_lets_anyone_look_for_their_commune(country):
    seen = text(Client().get(reverse("territories")))
    assert f'action="{reverse("search")}"' in seen.partition("<main")[2]


def test_a_file_is_told_by_its_years_and_its_licence(ctg):
    source = SourceFactory(name="Revenus localisés", licence="Licence Ouverte 2.0")
    value = add_value(rsa(), ctg.territory, 21, source=source)
    value.release.name = "FILO2019_DISP_EPCI.csv (2)"
    value.release.save()
    seen = text(page(ctg.territory, "theme", theme="droits"))
    assert "FILO2019" not in seen
    assert f", Licence Ouverte 2.0){NBSP}: année 2019." in seen
