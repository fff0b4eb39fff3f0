"""The workbook of the plan, read back: typed cells, the same amounts as the page."""

import io
from datetime import date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from actions import services
from actions.content import read_plan
from actions.exports import plan_sheets
from tests.actions.factories import (
    add_action,
    add_cost,
    add_financing,
    add_target,
    close_up_to,
    make_complete_plan,
    make_plan,
)

pytestmark = pytest.mark.django_db

TODAY = date(2022, 12, 1)


def read_back(plan, **options):
    raw = plan_sheets(read_plan(plan, in_full=True, **options), on=TODAY)
    return load_workbook(io.BytesIO(raw))


def rows(book, sheet):
    heading, *lines = book[sheet].iter_rows(values_only=True)
    return [dict(zip(heading, line, strict=True)) for line in lines]


@pytest.fixture
def plan():
    plan = make_plan()
    action = add_action(plan, title="=1+1", starts_on=plan.ctg.starts_on)
    add_cost(action, "1200.50", year=2023)
    add_financing(action, "1000.00", year=2023, name="Commune")
    add_financing(action, "100.00", year=2024, name="Caf", nature="investment")
    add_target(action, baseline=None, baseline_reason="Jamais compté.", goal=Decimal("12.5"))
    return plan


def test_it_holds_every_sheet(plan):
    assert read_back(plan).sheetnames == [
        *("Lisez-moi", "Actions", "Partenaires", "Étapes", "Dépenses", "Financements"),
        *("Apports en nature", "Leviers de la Caf", "Indicateurs", "Budget"),
    ]


def test_an_action_is_a_line_with_typed_cells(plan):
    line = rows(read_back(plan), "Actions")[0]
    assert (line["Numéro"], line["Enjeu (se lit seulement)"], line["Objectif"]) == (
        "1.1.1",
        "1. Petite enfance",
        "1.1. Connaître l’offre et la demande",
    )
    assert line["Début"] == datetime(2023, 1, 1)
    assert line["Fin"] is None
    assert line["Coût total (se lit seulement)"] == 1200.5
    assert line["Communes"] == "Tout le territoire"


def test_what_was_typed_is_never_a_formula(plan):
    cell = read_back(plan)["Actions"]["C2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_money_is_typed_and_what_is_not_paid_is_empty(plan):
    book = read_back(plan)
    assert [(line["Action"], line["Année"], line["Section"], line["Coût"]) for line in rows(book, "Dépenses")] == [
        ("1.1.1", 2023, "Fonctionnement", 1200.5)
    ]
    assert [
        (line["Financeur"], line["Année"], line["Prévu"], line["Réalisé"]) for line in rows(book, "Financements")
    ] == [
        ("Commune", 2023, 1000, None),
        ("Caf", 2024, 100, None),
    ]


def test_an_indicator_without_baseline_says_why(plan):
    line = rows(read_back(plan), "Indicateurs")[0]
    assert (line["Valeur de départ"], line["Pourquoi pas de valeur de départ"], line["Cible"]) == (
        None,
        "Jamais compté.",
        12.5,
    )


def test_the_budget_is_that_of_the_page(plan):
    lines = {(line["Partie"], line["Ligne"]): line for line in rows(read_back(plan), "Budget")}
    whole = lines["Ensemble du plan", "Total des dépenses"]
    assert (whole["2023"], whole["2024"], whole["Total"]) == (1200.5, 0, 1200.5)
    assert lines["Ensemble du plan", "Écart"]["Total"] == -100.5
    assert lines["1. Petite enfance", "Caf"]["2024"] == 100


def test_outside_gets_what_is_retained(plan):
    book = read_back(plan, only_retained=True)
    assert [rows(book, sheet) for sheet in ("Actions", "Dépenses", "Financements", "Indicateurs")] == [[], [], [], []]


def test_it_says_where_the_plan_stands():
    plan = close_up_to(make_complete_plan(), "adopted")
    services.record_payment(plan.actions.get().financings.get(), paid=Decimal(11000), by=None)
    book = read_back(plan)
    assert book["Lisez-moi"]["B1"].value.endswith("adopté le 01/11/2022 (Copil n° adopted)")
    assert rows(book, "Financements")[0]["Réalisé"] == 11000


def test_the_same_plan_gives_the_same_bytes(plan):
    first, second = (plan_sheets(read_plan(plan, in_full=True), on=TODAY) for _ in range(2))
    assert first == second
