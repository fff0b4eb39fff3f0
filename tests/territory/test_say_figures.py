"""Sentences and names of places in correct French."""

from dataclasses import replace
from decimal import Decimal

import pytest

from territory.models import Ctg, Indicator, Territory
from territory.portraits import naming, sentences, themes
from territory.portraits.comparison import Row
from territory.portraits.stage import Stage
from territory.secrecy import PublicValue, State, text_of

NBSP, THIN = "\u00a0", "\u202f"
Kind, Unit = Territory.Kind, Indicator.Unit


def place(kind, name, *aliases):
    return Territory(kind=kind, name=name, aliases=list(aliases))


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (place(Kind.EPCI, "Conflent-Canigó", "Communauté de communes Conflent-Canigó"), "de Conflent-Canigó"),
        (place(Kind.EPCI, "Vallespir", "Communauté de communes du Vallespir"), "du Vallespir"),
        (place(Kind.EPCI, "Aspres", "Aspres", "Communauté de communes des Aspres"), "des Aspres"),
        (place(Kind.EPCI, "Arras", "Communauté urbaine d’Arras"), "d’Arras"),
        (place(Kind.DEPARTEMENT, "Pyrénées-Orientales"), "des Pyrénées-Orientales"),
        (place(Kind.DEPARTEMENT, "Val-d’Oise"), "du Val-d’Oise"),
        (place(Kind.DEPARTEMENT, "Ain"), "de l’Ain"),
        (place(Kind.DEPARTEMENT, "Côte-d'Or"), "de la Côte-d'Or"),
        (place(Kind.DEPARTEMENT, "Ille-et-Vilaine"), "d’Ille-et-Vilaine"),
        (place(Kind.REGION, "Occitanie"), "d’Occitanie"),
        (place(Kind.COMMUNE, "Le Soler"), "du Soler"),
        (place(Kind.COMMUNE, "Le Havre"), "du Havre"),
        (place(Kind.COMMUNE, "Hyères"), "d’Hyères"),
        (place(Kind.COMMUNE, "Honfleur"), "de Honfleur"),
        (place(Kind.REGION, "La Réunion"), "de La Réunion"),
        (place(Kind.DEPARTEMENT, "Ardèche"), "de l’Ardèche"),
        (place(Kind.REGION, "Hauts-de-France"), "des Hauts-de-France"),
        (place(Kind.EPCI, "Pays de Nexon", "Communauté de communes Pays de Nexon"), "du Pays de Nexon"),
        (place(Kind.EPCI, "Métropole du Grand Paris"), "de la Métropole du Grand Paris"),
        (place(Kind.EPCI, "Agglo du Pays de Dreux"), "de l’Agglo du Pays de Dreux"),
        (place(Kind.FRANCE, "France métropolitaine"), "de France métropolitaine"),
    ],
)
def test_the_name_after_of(where, said):
    assert naming.of(where) == said


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (place(Kind.EPCI, "Vallespir", "Communauté de communes du Vallespir"), "que dans le Vallespir"),
        (place(Kind.EPCI, "Aspres", "Communauté de communes des Aspres"), "que dans les Aspres"),
        (place(Kind.EPCI, "Conflent-Canigó"), "que dans l’intercommunalité de Conflent-Canigó"),
        (place(Kind.EPCI, "Arras", "Communauté urbaine d’Arras"), "que dans l’intercommunalité d’Arras"),
        (place(Kind.PERIMETER, "Tech et Aspres"), "que dans le périmètre de Tech et Aspres"),
        (place(Kind.COMMUNE, "Prades"), "qu’à Prades"),
        (place(Kind.COMMUNE, "Le Havre"), "qu’au Havre"),
        (place(Kind.COMMUNE, "Les Angles"), "qu’aux Angles"),
        (place(Kind.COMMUNE, "L’Haÿ-les-Roses"), "qu’à L’Haÿ-les-Roses"),
        (place(Kind.DEPARTEMENT, "Pyrénées-Orientales"), "que dans les Pyrénées-Orientales"),
        (place(Kind.DEPARTEMENT, "Ardèche"), "que dans l’Ardèche"),
        (place(Kind.DEPARTEMENT, "Ille-et-Vilaine"), "qu’en Ille-et-Vilaine"),
        (place(Kind.DEPARTEMENT, "Paris"), "qu’à Paris"),
        (place(Kind.DEPARTEMENT, "Loire-Atlantique"), "qu’en Loire-Atlantique"),
        (place(Kind.DEPARTEMENT, "Savoie"), "qu’en Savoie"),
        (place(Kind.DEPARTEMENT, "Drôme"), "que dans la Drôme"),
        (place(Kind.REGION, "La Réunion"), "qu’à La Réunion"),
        (place(Kind.REGION, "Guadeloupe"), "qu’en Guadeloupe"),
        (place(Kind.REGION, "Hauts-de-France"), "que dans les Hauts-de-France"),
        (place(Kind.REGION, "Occitanie"), "qu’en Occitanie"),
        (place(Kind.FRANCE, "France métropolitaine"), "qu’en France métropolitaine"),
    ],
)
def test_the_name_of_what_it_compares_with(where, said):
    assert naming.than(where) == said


HERE = place(Kind.EPCI, "Conflent-Canigó")
DEPARTMENT, FRANCE = place(Kind.DEPARTEMENT, "Pyrénées-Orientales"), place(Kind.FRANCE, "France métropolitaine")
STAGE = Stage(HERE, DEPARTMENT, FRANCE)
MISSING = PublicValue(State.MISSING, text="n.d.")


def shown(indicator, number, year=2019, start=None):
    number = Decimal(str(number))
    return PublicValue(State.SHOWN, number, text_of(number, indicator), indicator.unit, year, start or year)


def said(indicator, here, middle=None, france=None, *, stage=STAGE, start=None):
    values = [MISSING if number is None else shown(indicator, number, start=start) for number in (here, middle, france)]
    return sentences.line(indicator, stage, *values)


LOW = Indicator(unit=Unit.PERCENT, phrase="des allocataires {of} sont à bas revenus", label="Bas revenus")
MEDIAN = Indicator(unit=Unit.EURO, phrase="le niveau de vie médian {of}", label="Niveau de vie")
COUNT = Indicator(unit=Unit.COUNT, phrase="le nombre de foyers {of}", label="Foyers", is_additive=True)
GROWTH = Indicator(unit=Unit.PERCENT, phrase="le nombre d’allocataires {of}", label="Évolution")


def test_a_share_and_its_gap_in_points():
    expected = (
        f"43{NBSP}% des allocataires de Conflent-Canigó sont à bas revenus, "
        "soit 13 points de plus qu’en France métropolitaine."
    )
    assert said(LOW, 43, 40, 30) == expected


def test_one_point_is_singular_and_none_is_as_much():
    assert said(LOW, 31, 40, 30).endswith("soit 1 point de plus qu’en France métropolitaine.")
    assert said(LOW, 30, 40, 30).endswith("sont à bas revenus, autant qu’en France métropolitaine.")


def test_without_france_the_department_is_what_it_compares_with():
    assert said(LOW, 43, 40, None).endswith("soit 3 points de plus que dans le département.")


def test_beside_another_place_chosen():
    """What was chosen comes before France."""
    facing = STAGE.facing(place(Kind.COMMUNE, "Le Havre"))
    assert said(LOW, 43, 40, 30, stage=facing).endswith("soit 3 points de plus qu’au Havre.")


def test_beside_the_places_alike():
    alike = replace(STAGE, department=None, against="Médiane de 12 territoires semblables")
    assert said(LOW, 43, 40, 30, stage=alike).endswith(
        "soit 3 points de plus que la médiane de 12 territoires semblables."
    )


def test_a_share_too_small_for_its_decimals_is_not_nothing():
    assert said(LOW, "0.3").startswith(f"Moins de 1{NBSP}% des allocataires")
    assert said(LOW, 0).startswith(f"0{NBSP}% des allocataires")


def test_a_place_over_several_departments_is_a_part_of_none():
    astride = replace(STAGE, is_astride=True)
    assert said(COUNT, 4077, 100000, stage=astride) == f"Le nombre de foyers de Conflent-Canigó est de 4{THIN}077."


def test_an_amount_and_its_gap_in_euros():
    expected = (
        f"Le niveau de vie médian de Conflent-Canigó est de 18{THIN}890{NBSP}€, "
        f"soit 3{THIN}040{NBSP}€ de moins qu’en France métropolitaine."
    )
    assert said(MEDIAN, 18890, 19610, 21930) == expected


def test_a_number_of_heads_says_its_share_of_the_department():
    expected = (
        f"Le nombre de foyers de Conflent-Canigó est de 4{THIN}077, soit 4,1{NBSP}% de l’ensemble du département."
    )
    assert said(COUNT, 4077, 100000, 13000000) == expected
    assert said(COUNT, 64, 520000).endswith(f"est de 64, soit moins de 0,1{NBSP}% de l’ensemble du département.")
    assert said(COUNT, 996, 10000).endswith(f"soit 10{NBSP}% de l’ensemble du département.")


def test_a_part_is_never_more_than_the_whole():
    """Two counts that their producer rounded apart, or the balances of places that lose people."""
    assert said(COUNT, 43, 40) == "Le nombre de foyers de Conflent-Canigó est de 43."


def trend(indicator, *numbers, year=2019):
    history = [shown(indicator, number, year=year - 5 * place) for place, number in enumerate(reversed(numbers))]
    return themes.trend_of(history[::-1], indicator, history[0]).replace(NBSP, " ")


def test_a_balance_changes_by_heads_and_not_by_percents():
    assert trend(COUNT, -10, -5) == "+5 depuis 2014"
    assert trend(COUNT, 10, -5) == "−15 depuis 2014"
    assert trend(COUNT, 10, 5) == "−50,0 % depuis 2014"


def test_an_evolution_has_no_trend_of_its_own():
    history = [shown(GROWTH, 22, year=2014, start=2009), shown(GROWTH, 13, year=2019, start=2014)]
    assert themes.trend_of(history, GROWTH, history[-1]) == ""


def test_a_trend_is_of_ten_years_at_most():
    assert trend(LOW, 10, 20, 30, 40) == "+20 pts depuis 2009"


@pytest.mark.parametrize(("here", "told"), [("0.2901", "0,000"), ("0.291", "+0,001"), ("0.289", "−0,001")])
def test_a_gap_too_small_for_its_decimals_has_no_sign(here, told):
    gini = Indicator(unit=Unit.COUNT, decimals=3, label="Gini")
    row = Row(gini, shown(gini, here), MISSING, shown(gini, "0.29"), "", None)
    assert themes.gap_text(row) == told


@pytest.mark.parametrize(
    ("number", "department", "told"),
    [
        (13, 22, "a augmenté de 13 % entre 2014 et 2019, moins que dans le département (+22 %)."),
        (13, "13.4", "a augmenté de 13 % entre 2014 et 2019, comme dans le département."),
        (-4, 22, "a diminué de 4 % entre 2014 et 2019, contre +22 % dans le département."),
        (-4, -6, "a diminué de 4 % entre 2014 et 2019, moins que dans le département (−6 %)."),
        (0, 22, "n’a pas changé entre 2014 et 2019, contre +22 % dans le département."),
        (0, 0, "n’a pas changé entre 2014 et 2019, comme dans le département."),
        (13, None, "a augmenté de 13 % entre 2014 et 2019, moins qu’en France métropolitaine (+17 %)."),
    ],
)
def test_an_evolution(number, department, told):
    sentence = said(GROWTH, number, department, 17, start=2014)
    assert sentence.replace(NBSP, " ") == f"Le nombre d’allocataires de Conflent-Canigó {told}"


def test_figures_of_other_years_are_not_compared():
    here, france = shown(LOW, 43), shown(LOW, 30, year=2018)
    assert sentences.line(LOW, STAGE, here, MISSING, france) == (
        f"43{NBSP}% des allocataires de Conflent-Canigó sont à bas revenus."
    )


def test_nothing_is_said_of_what_is_not_shown():
    assert sentences.line(LOW, STAGE, PublicValue(State.MASKED, text="secret"), MISSING, MISSING) == ""


def test_the_name_of_a_ctg_in_a_title():
    assert Ctg(name="Aspres").of_name == "d’Aspres"
    assert Ctg(name="Conflent-Canigó").of_name == "de Conflent-Canigó"
