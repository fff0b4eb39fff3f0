"""Rules between figures are data: 8 629 / 20 391 = 42 %; the pages say where one fails."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from territory.checks import failures_at, load_rules, rules
from territory.loading import load_reference
from territory.models import ConsistencyRule, Indicator, Role
from tests.territory.factories import add_value, make_ctg, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue():
    load_reference()


def found(**figures):
    codes = {code.replace("_", "-"): number for code, number in figures.items()}
    return {indicator.pk: Decimal(codes[indicator.code]) for indicator in Indicator.objects.filter(code__in=codes)}


SEED = {"taux_couverture_population": 42, "personnes_couvertes": 8629, "population": 20391, "foyers_allocataires": 4077}


def test_the_figures_of_the_seed_agree():
    assert failures_at("Conflent-Canigó", found(**SEED), rules()) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"taux_couverture_population": 52}, "8\u202f629 / 20\u202f391 = 42,3"),
        ({"foyers_allocataires": 9000}, "au-dessus de Personnes couvertes"),
    ],
)
def test_a_figure_that_contradicts_the_others_is_said(change, words):
    [failure] = failures_at("Conflent-Canigó", found(**SEED | change), rules())
    assert words in failure.detail
    assert failure.place == "Conflent-Canigó"


def test_an_unknown_term_proves_nothing():
    assert failures_at("Ici", found(taux_couverture_population=90, population=100), rules()) == []


def test_a_sum_is_a_rule_too():
    codes = ("foyers-rsa", "foyers-prime-activite", "naissances")
    whole, first, second = (Indicator.objects.get(code=code) for code in codes)
    ConsistencyRule.objects.create(
        code="somme", indicator=whole, relation="sum", first=first, second=second, tolerance=1, sentence="Somme."
    )
    values = {whole.pk: Decimal(12), first.pk: Decimal(5), second.pk: Decimal(5)}
    [failure] = failures_at("Ici", values, rules())
    assert "5 + 5 = 10" in failure.detail
    assert failures_at("Ici", values | {whole.pk: Decimal(11)}, rules()) == []


def test_the_rules_are_loaded_as_often_as_wanted():
    before = ConsistencyRule.objects.count()
    load_rules()
    assert ConsistencyRule.objects.count() == before > 5


def test_the_page_of_the_figures_says_it():
    ctg = make_ctg()
    for code, number in [("population", 20391), ("personnes-couvertes", 8629), ("taux-couverture-population", 52)]:
        add_value(Indicator.objects.get(code=code), ctg.territory, number, caf=ctg.caf)
    client = Client()
    client.force_login(make_user(caf=ctg.caf, role=Role.CAF_ADVISER))
    assert "se contredisent" in client.get(reverse("territory:figures", args=[ctg.slug])).content.decode()
