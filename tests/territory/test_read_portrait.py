"""The portrait: which figure is chosen, what the sentences say, how many queries it takes."""

import io
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from territory.exports import portrait_workbook
from territory.models import FundingLine, Indicator, SecrecyRule
from territory.portraits import portrait
from territory.portraits.figures import read_figures
from territory.portraits.stage import stage_of
from territory.portraits.unknown import missing_from
from tests.territory.factories import (
    TODAY,
    CafFactory,
    IndicatorFactory,
    SourceFactory,
    TerritoryFactory,
    add_line,
    add_outline,
    add_total,
    add_value,
    communes_of,
    make_country,
    make_ctg,
    make_epci,
    population_indicator,
)

pytestmark = pytest.mark.django_db

NBSP, THIN = "\u00a0", "\u202f"

FRANCE = "qu’en France métropolitaine."
SEED = [  # label, start year, here, département, France, gap, sentence (T4)
    (
        "Évolution du nombre d’allocataires, 2014-2019",
        2014,
        13,
        22,
        17,
        -4,
        f"Évolution du nombre d’allocataires{NBSP}: +13{NBSP}% entre 2014 et 2019, "
        f"moins que dans le département (+22{NBSP}%).",
    ),
    (
        "Allocataires à bas revenus",
        2019,
        43,
        40,
        30,
        13,
        f"43{NBSP}% des allocataires de Conflent-Canigó sont à bas revenus, soit 13 points de plus {FRANCE}",
    ),
    ("Revenu garanti", 2019, 63, 62, 49, 14, f"Revenu garanti{NBSP}: 63{NBSP}%, soit 14 points de plus {FRANCE}"),
    ("Dépendance", 2019, 32, 31, 22, 10, f"Dépendance{NBSP}: 32{NBSP}%, soit 10 points de plus {FRANCE}"),
    ("Monoparentales", 2019, 30, 33, 24, 6, f"Monoparentales{NBSP}: 30{NBSP}%, soit 6 points de plus {FRANCE}"),
    ("Nombreuses", 2019, 17, 15, 18, -1, f"Nombreuses{NBSP}: 17{NBSP}%, soit 1 point de moins {FRANCE}"),
]


@pytest.fixture
def country():
    return make_country()


@pytest.fixture
def ctg(country):
    return make_ctg(country.caf, place=make_epci(country.department))


@pytest.fixture
def seed(country, ctg):
    """The six indicators of the presentation of 9 June 2021."""
    for position, (label, start, here, department, france, _, _) in enumerate(SEED):
        indicator = IndicatorFactory(
            label=label.partition(",")[0],
            position=position,
            is_evolution=start not in (None, 2019),
            phrase="des allocataires {of} sont à bas revenus" if position == 1 else "",
        )
        for place, number in ((ctg.territory, here), (country.department, department), (country.france, france)):
            add_value(indicator, place, number, start_year=start, caf=country.caf)
    return ctg


def read(ctg, **options):
    return portrait(ctg.territory, ctg.caf, **options)


# --- The comparison ---


def test_the_table_of_the_seed(seed):
    rows = read(seed).comparison.rows
    assert [
        (row.label, row.here.number, row.department.number, row.france.number, row.gap, row.sentence) for row in rows
    ] == [
        (label, here, department, france, gap, sentence) for label, _, here, department, france, gap, sentence in SEED
    ]
    assert rows[1].gap_text == f"+13{NBSP}pts"
    assert rows[5].gap_text == f"−1{NBSP}pt"


def test_the_headline_is_the_sentence_of_the_first_remarkable_gap(seed):
    assert read(seed).comparison.headline == SEED[1][-1]
    assert read(seed).comparison.caption == "Indicateurs clés 2019"


def test_a_territory_of_the_name_of_its_department_has_its_own_column(country):
    """As a Ctg of all of it, or of the commune of Mayenne."""
    communes = communes_of(make_epci(country.department))[:1]
    ctg, share = make_ctg(country.caf, communes=communes, name=country.department.name), IndicatorFactory()
    for place, number in ((ctg.territory, 43), (country.department, 40)):
        add_value(share, place, number, caf=country.caf)
    sheet = load_workbook(io.BytesIO(portrait_workbook(ctg, on=TODAY)))["Indicateurs comparés"]
    rows = [[cell.value for cell in row] for row in sheet]
    heading = next(row for row in rows if row[0] == "Indicateur")
    assert heading[1:3] == ["Pyrénées-Orientales", "Pyrénées-Orientales (département)"]
    assert rows[rows.index(heading) + 1][1:3] == [0.43, 0.4]


def test_figures_of_other_years_are_shown_with_their_year_and_without_gap(country, ctg):
    """Rule R44."""
    indicator = IndicatorFactory()
    add_value(indicator, ctg.territory, 43, year=2019, caf=country.caf)
    add_value(indicator, country.department, 40, year=2017, caf=country.caf)
    add_value(indicator, country.department, 41, year=2019, caf=country.caf)
    add_value(indicator, country.france, 30, year=2018, caf=country.caf)
    (row,) = read(ctg).comparison.rows
    assert row.here.text == f"43{NBSP}%"
    assert row.department.text == f"41{NBSP}%"
    assert row.france.text == f"30{NBSP}% (2018)"
    assert (row.gap, row.gap_text) == (None, "")
    assert row.sentence.endswith("soit 2 points de plus que dans le département.")


def test_an_evolution_is_no_headline(country, ctg):
    """However far apart: a rise of 40 % says nothing of how many there are."""
    growth, share = IndicatorFactory(evolution=True, position=1), IndicatorFactory(label="Bas revenus", position=2)
    for place, rise, number in ((ctg.territory, 40, 43), (country.france, 10, 41)):
        add_value(growth, place, rise, start_year=2014)
        add_value(share, place, number)
    assert read(ctg).comparison.headline.startswith("Bas revenus")


def test_what_cannot_be_computed_is_no_row_where_nobody_knows_it(country):
    communes = communes_of(make_epci(country.department))[:2]
    IndicatorFactory()
    assert read(make_ctg(country.caf, communes=communes, name="Vallée")).comparison.rows == []


def test_beside_a_figure_comes_that_of_the_same_year_rather_than_a_newer_one(country, ctg):
    share = IndicatorFactory()
    add_value(share, ctg.territory, 43)
    for year, number in ((2019, 30), (2023, 33)):
        add_value(share, country.france, number, year=year)
    (row,) = read(ctg).comparison.rows
    assert (row.france.number, row.gap) == (30, 13)


def test_counts_have_no_gap_and_no_dot(country, ctg):
    indicator = IndicatorFactory(label="Foyers", unit=Indicator.Unit.COUNT, is_additive=True)
    add_value(indicator, ctg.territory, 4077, caf=country.caf)
    add_value(indicator, country.france, 13_000_000, caf=country.caf)
    (row,) = read(ctg).comparison.rows
    assert (row.gap, row.sentence, row.plot.marks) == (None, f"Foyers{NBSP}: 4{THIN}077.", ())
    assert row.here.text == f"4{THIN}077"


def test_an_indicator_unknown_everywhere_makes_no_row(ctg):
    IndicatorFactory()
    assert read(ctg).comparison.rows == []
    assert read(ctg).is_empty


# --- Which figure ---


def test_the_figure_of_the_caf_comes_before_open_data(ctg):
    indicator = IndicatorFactory()
    add_value(indicator, ctg.territory, 43, year=2019, caf=ctg.caf)
    add_value(indicator, ctg.territory, 44, year=2022, caf=None)
    assert read(ctg).comparison.rows[0].here.number == 43
    assert portrait(ctg.territory).comparison.rows[0].here.number == 44


def test_the_newest_year_then_the_last_delivery(ctg):
    indicator = IndicatorFactory()
    for number, year, document in ((40, 2018, "a"), (43, 2019, "b"), (45, 2019, "c")):
        add_value(indicator, ctg.territory, number, year=year, caf=ctg.caf, document=document)
    assert read(ctg).comparison.rows[0].here.number == 45


def test_the_figures_of_a_caf_are_for_itself(ctg):
    add_value(IndicatorFactory(), ctg.territory, 43, caf=ctg.caf)
    assert portrait(ctg.territory).comparison.rows == []
    assert portrait(ctg.territory, CafFactory()).comparison.rows == []


def test_the_coverage_is_recomputed_from_its_terms_of_their_time(ctg):
    population = population_indicator()
    people = IndicatorFactory(code="personnes-couvertes", people=True)
    IndicatorFactory(code="taux-couverture-population", numerator=people, denominator=population, is_key=False)
    add_value(people, ctg.territory, 8629, year=2019, caf=ctg.caf)
    for number, year in ((20391, 2017), (21102, 2023)):
        add_value(population, ctg.territory, number, year=year)
    stats = {stat.label: (stat.text, stat.note) for stat in read(ctg).stats}
    assert stats["habitants couverts par la Caf"] == (f"42{NBSP}%", f"8{THIN}629 personnes, en 2019")
    assert stats["habitants"] == (f"21{THIN}102", "en 2023")
    add_value(population, ctg.territory, 20391, year=2017, caf=ctg.caf)
    assert read(ctg).stats[0].text == f"20{THIN}391"


def test_a_long_series_is_told_by_its_years(ctg):
    population = population_indicator()
    for year in range(2017, 2024):
        add_value(population, ctg.territory, 20000 + year, year=year, document=f"Livraison {year}")
    (row,) = read(ctg).sources
    assert row["releases"] == ["années 2017 à 2023"]


# --- The money ---

LINES = {
    "2 établissements d’accueil du jeune enfant": "442500",
    "Un service multi-sites d’accueil de loisirs": "520600",
    "Un relais assistantes maternelles": "36000",
    "2,5 ETP de chargés de coopération": "44400",
    "Séjours vacances": "6900",
    "Formations BAFA/BAFD": "7200",
    "Une structure d’animation vie locale": "22600",
    "Un contrat local d’accompagnement scolaire": "9600",
}


@pytest.fixture
def money(ctg):
    for label, amount in LINES.items():
        add_line(ctg, label, amount)
    add_line(ctg, "Aides aux projets", "22000", project=True)
    add_total(ctg, "Prestations de service", "490787")
    add_total(ctg, "Contrat enfance jeunesse", "598000", rounding=100)
    return ctg


def test_the_money_of_the_seed(money):
    found = read(money).money
    assert found.total_text == f"1{THIN}089{THIN}800{NBSP}€"
    assert found.with_projects == Decimal(1111800)
    assert found.headline == f"1,1{NBSP}M€"
    assert found.gap_note[0] == f"Écart de 1{THIN}013{NBSP}€"
    assert "+0,093" in found.gap_note[1]
    assert "les arrondis ne suffisent pas à l’expliquer" in found.gap_note[1]
    assert (
        f"Le premier poste{NBSP}: un service multi-sites d’accueil de loisirs, 520{THIN}600{NBSP}€." in found.sentence
    )
    assert found.services[0].share == 100
    assert found.projects[0].share < 5


def test_lines_that_make_what_is_stated_leave_no_gap_to_tell(ctg):
    add_line(ctg, "Relais", "36000")
    add_total(ctg, "Prestations de service", "36000")
    money = read(ctg).money
    assert (money.reconciliation.gap, money.gap_note) == (0, None)


def test_posts_are_told_in_full_time_equivalents(ctg):
    add_line(ctg, "Chargés de coopération", "44400", quantity=Decimal("2.5"), unit="ETP")
    add_line(ctg, "Accueil du jeune enfant", "442500", quantity=Decimal(2), unit="établissements")
    labels = [line.label for line in read(ctg).money.services]
    assert labels == ["Accueil du jeune enfant", f"Chargés de coopération, 2,5{NBSP}ETP"]


def test_states_and_years_are_never_mixed(money):
    add_line(money, "Prévu", "900000", year=2022, state=FundingLine.State.PLANNED)
    found = read(money).money
    assert (found.year, found.total) == (2019, 1089800)


def test_without_anything_paid_the_forecast_is_said_to_be_one(ctg):
    add_line(ctg, "Prévu", "900000", year=2022, state=FundingLine.State.PLANNED)
    found = read(ctg).money
    assert "prévoit de verser" in found.sentence
    assert found.gap_note is None


def test_the_money_of_a_caf_is_for_its_own_ctgs(money):
    assert portrait(money.territory).money is None
    assert portrait(money.territory, CafFactory()).money is None


# --- Population and communes ---


def test_the_population_year_after_year(ctg):
    population = population_indicator()
    for year, number in ((2017, 20391), (2018, 20466), (2019, 20559)):
        add_value(population, ctg.territory, number, year=year)
    found = read(ctg).population
    assert [value.year for value in found.series] == [2017, 2018, 2019]
    assert found.sentence == (
        f"De 2017 à 2019, la population passe de 20{THIN}391 à 20{THIN}559 habitants (+0,8{NBSP}%)."
    )
    assert found.chart.svg.startswith("<svg")


def test_a_population_that_stays_the_same(ctg):
    for year in (2017, 2018):
        add_value(population_indicator(), ctg.territory, 20391, year=year)
    assert read(ctg).population.sentence == f"De 2017 à 2018, la population reste à 20{THIN}391 habitants."


def test_a_perimeter_without_figures_adds_up_its_communes(country):
    epci = make_epci(country.department)
    ctg = make_ctg(country.caf, place=epci, communes=communes_of(epci)[:2])
    population = population_indicator()
    for year in (2017, 2018):
        for rank, commune in enumerate(communes_of(epci)):
            add_value(population, commune, 100 * (rank + 1) + year - 2017, year=year)
    found = read(ctg)
    assert [value.number for value in found.population.series] == [300, 302]
    assert found.population.reference.year == 2018


@pytest.mark.parametrize(("number", "text"), [(2, "secret"), (3, "6")])
def test_a_small_sum_of_a_perimeter_is_secret_whoever_published_its_communes(country, number, text):
    """Open data are relayed as published; the perimeter is ours."""
    communes = communes_of(make_epci(country.department))[:2]
    ctg, source = make_ctg(country.caf, communes=communes, name="Vallée"), SourceFactory()
    SecrecyRule.objects.create(source=source, threshold=5, method=SecrecyRule.Method.PRODUCER)
    count = IndicatorFactory(people=True, is_additive=True)
    for commune in communes:
        add_value(count, commune, number, source=source)
    figures = read_figures(stage_of(ctg.territory), ctg.caf, Q(pk=count.pk))
    assert [figures.shown(count, place).text for place in (communes[0], ctg.territory)] == [str(number), text]


def test_a_sum_with_a_hole_is_not_a_sum(country):
    epci = make_epci(country.department)
    ctg = make_ctg(country.caf, place=epci, communes=communes_of(epci)[:2])
    add_value(population_indicator(), communes_of(epci)[0], 100, year=2017)
    assert read(ctg).population.reference.state == "missing"


def test_the_map_and_the_table_are_of_the_year_shown(ctg):
    population = population_indicator()
    for rank, commune in enumerate(communes_of(ctg.territory)):
        add_outline(commune, 2.0 + rank / 10)
        for year in (2017, 2023):
            add_value(population, commune, 100 * (rank + 1) + year - 2017, year=year)
    add_value(population, ctg.territory, 600, year=2017, caf=ctg.caf)
    places = read(ctg).places
    assert (places.year, [place.population.number for place in places.rows]) == (2017, [100, 200, 300])
    assert len(places.map.shapes) == 3
    assert places.map.shapes[0].title == f"{places.rows[0].territory.name}{NBSP}: 100 habitants"


def test_a_commune_has_no_map_of_communes(country):
    commune = TerritoryFactory(parent=country.department)
    assert portrait(commune).places.map is None
    assert not portrait(commune).places.has_several


def test_small_communes_are_masked_two_at_least(ctg):
    """When the population of a source is secret below eleven, one masked commune never comes back by subtraction."""
    population = IndicatorFactory(code="population", people=True, is_additive=True)
    source = SourceFactory(threshold=11)
    for number, commune in zip((12, 3, 9), communes_of(ctg.territory), strict=True):
        add_value(population, commune, number, source=source)
    add_value(population, ctg.territory, 24, source=source)
    assert [place.population.text for place in read(ctg).places.rows] == ["12", "secret", "secret"]
    add_value(population, communes_of(ctg.territory)[2], 20, source=source)
    add_value(population, ctg.territory, 35, source=source)
    assert [place.population.text for place in read(ctg).places.rows] == ["secret", "secret", "20"]


# --- Queries ---


def queries(ctg) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        read(ctg)
    return len(captured)


@pytest.mark.once
def test_a_portrait_takes_as_many_queries_whatever_it_shows(seed, money):
    before = queries(money)
    assert before <= 8
    for _ in range(10):
        indicator = IndicatorFactory()
        add_value(indicator, money.territory, 10, caf=money.caf, source=SourceFactory())
        commune = TerritoryFactory(parent=money.caf.territory)
        commune.belongings.create(group=money.territory, valid_from=money.starts_on)
        add_outline(commune, 2.5)
        add_line(money, f"Ligne {indicator.pk}", "1000")
    assert queries(money) == before


# --- What is left to find ---


def test_what_is_not_known_here_is_told_by_source(country, ctg):
    census, cnaf = SourceFactory(name="Recensement", url="https://www.insee.fr/fr/x"), SourceFactory(name="Cafdata")
    small, all_of_them = (IndicatorFactory(label=label, unit="count", source=census) for label in ("Petits", "Tous"))
    IndicatorFactory(label="Part des petits", source=census, numerator=small, denominator=all_of_them)
    known = IndicatorFactory(label="Connu", source=cnaf)
    add_value(known, ctg.territory, 21)
    IndicatorFactory(label="Du seul département", source=cnaf, finest_level="departement")
    IndicatorFactory(label="Foyers", source=cnaf)
    rows = missing_from(read_figures(stage_of(ctg.territory), ctg.caf, Q()))
    told = {(row.source.name, row.site): row.labels for row in rows}
    assert told == {("Recensement", "insee.fr"): ["Part des petits"], ("Cafdata", ""): ["Foyers"]}


def test_a_village_is_not_sent_to_look_for_what_is_published_of_towns(country, ctg):
    IndicatorFactory(label="Taux de couverture", finest_level="town", source=SourceFactory())
    village, town = communes_of(ctg.territory)[:2]
    for place, people in ((village, 500), (town, 12000)):
        add_value(population_indicator(), place, people)
    said = [[row.labels for row in missing_from(read_figures(stage_of(p), ctg.caf, Q()))] for p in (village, town)]
    assert said == [[], [["Taux de couverture"]]]


def test_what_cannot_be_computed_of_a_perimeter_is_no_statistic(country, ctg):
    perimeter = make_ctg(country.caf, communes=communes_of(ctg.territory)[:2], name="Trois villages").territory
    IndicatorFactory(code="taux-couverture-population")
    assert [stat.text for stat in portrait(perimeter).stats] == []
