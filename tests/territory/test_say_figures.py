"""Sentences and names of places in correct French."""

from decimal import Decimal

import pytest

from territory.models import Indicator, Territory
from territory.portraits import naming, sentences
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
        (place(Kind.FRANCE, "France métropolitaine"), "de France métropolitaine"),
    ],
)
def test_the_name_after_of(where, said):
    assert naming.of(where) == said


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
    facing = STAGE.facing(place(Kind.EPCI, "Vallespir"))
    assert said(LOW, 43, 40, None, stage=facing).endswith("soit 3 points de plus que Vallespir.")
    facing = STAGE.facing(place(Kind.EPCI, "Aspres"))
    assert said(LOW, 43, 40, None, stage=facing).endswith("soit 3 points de plus qu’Aspres.")


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


@pytest.mark.parametrize(("number", "verb"), [(13, "a augmenté de 13"), (-4, "a diminué de 4"), (0, "n’a pas changé")])
def test_an_evolution(number, verb):
    sentence = said(GROWTH, number, 22, 17, start=2014)
    assert sentence.startswith(f"Le nombre d’allocataires de Conflent-Canigó {verb}")
    assert sentence.endswith(f"entre 2014 et 2019, moins que dans le département (+22{NBSP}%).")


def test_figures_of_other_years_are_not_compared():
    here, france = shown(LOW, 43), shown(LOW, 30, year=2018)
    assert sentences.line(LOW, STAGE, here, MISSING, france) == (
        f"43{NBSP}% des allocataires de Conflent-Canigó sont à bas revenus."
    )


def test_nothing_is_said_of_what_is_not_shown():
    assert sentences.line(LOW, STAGE, PublicValue(State.MASKED, text="secret"), MISSING, MISSING) == ""
