"""The workbook sent back: the same file changes nothing, a change is shown before it is written, a fault is refused at its cell."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction

from actions import services
from actions.content import read_plan
from actions.exports import plan_sheets
from actions.imports import apply_import, explain_heading, preview_import, read_again, report_lines, save_layout
from actions.imports.layout import Place
from actions.models import (
    Action,
    ActionPlan,
    Cost,
    Financing,
    HeadingChoice,
    InKind,
    Lever,
    Partnership,
    PlanImport,
    Step,
    Target,
)
from ctg_site.audit.models import Entry
from ctg_site.lib import typed_cells
from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken
from territory.models import Scheme
from tests.actions.factories import (
    add_action,
    add_objective,
    close_up_to,
    funder,
    leaf,
    make_complete_plan,
    make_plan,
    name_three_levels,
)
from tests.actions.workbooks import (
    ON,
    add_row,
    changes,
    edited,
    exported,
    foreign,
    put,
    read_here,
    refusals,
    sent,
)

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture(autouse=True)
def without_a_child(monkeypatch):
    monkeypatch.setattr(typed_cells, "read_book", read_here)


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    """The plan and its workbook, made once a module; each test writes in a transaction of its own."""
    with django_db_blocker.unblock(), transaction.atomic():
        plan = one_row_of_each_sheet()
        yield plan, exported(plan)
        transaction.set_rollback(True)


@pytest.fixture
def plan(made, db):
    return ActionPlan.objects.for_page().get(pk=made[0].pk)


@pytest.fixture
def sent_back(made, plan):
    """The workbook of the plan, changed, then sent back."""
    return lambda change=lambda book: None: sent(plan, edited(made[1], change))


def one_row_of_each_sheet():
    plan = make_plan()
    action = add_action(plan, complete=True)
    services.save_part(Step(action=action, title="Ouverture", due_on=date(2023, 9, 1)), by=None)
    giver = funder(plan, "Association")
    services.save_part(InKind(action=action, year=2023, giver=giver, label="Salle", amount=D(500)), by=None)
    services.save_part(Partnership(action=action, organisation=giver, role="Prête la salle"), by=None)
    scheme = Scheme.objects.create(code="bonus-essai", label="Bonus d’essai")
    services.save_part(Lever(action=action, scheme=scheme, yearly_amount=D(1000)), by=None)
    return plan


def applied(found):
    return apply_import(found, by=None, at=now())


# --- What comes back unchanged ----------------------------------------------------------------------------------------


def test_the_same_file_changes_nothing(plan, sent_back):
    report = sent_back().report
    assert (report["errors"], report["missing"], report["added"], report["changed"]) == ([], [], [], [])
    assert (report["unchanged"], report["untouched"]) == (8, 0)


def test_what_cannot_be_seen_in_a_cell_is_no_change(plan):
    """A text written below the services, as by an older version: its line breaks and its last space do not come back."""
    Action.objects.filter(plan=plan).update(description="Ce que l’on fera.\r\nEt comment. ")
    Cost.objects.filter(action__plan=plan).update(label="Poste ")
    content = exported(plan)
    report = sent(plan, content).report
    assert (report["errors"], report["added"], report["changed"], report["unchanged"]) == ([], [], [], 8)
    found = sent(plan, edited(content, lambda book: put(book, "Actions", "Intitulé", "Guichet unique")))
    assert [heading for _, heading, _, _ in changes(found)] == ["Intitulé"]


def test_a_file_that_changes_nothing_is_not_applied(plan, sent_back):
    with pytest.raises(RuleBroken, match="ne change rien"):
        applied(sent_back())


def test_a_line_taken_out_is_left_in_the_plan(plan, sent_back):
    found = sent_back(lambda book: book["Dépenses"].delete_rows(2))
    assert (found.report["changed"], found.report["untouched"]) == ([], 1)


# --- What changed -----------------------------------------------------------------------------------------------------


ONE_CELL_OF_EACH_SHEET = [
    ("Actions", "Intitulé", "Guichet unique", ("Outil de suivi de l’offre et de la demande", "Guichet unique")),
    ("Partenaires", "Rôle", "Anime la salle", ("Prête la salle", "Anime la salle")),
    ("Étapes", "Échéance", date(2023, 10, 1), ("01/09/2023", "01/10/2023")),
    ("Dépenses", "Coût", 12500.5, ("12\u202f000", "12\u202f500,5")),
    ("Financements", "Prévu", 12500.5, ("12\u202f000", "12\u202f500,5")),
    ("Apports en nature", "Apport", "Grande salle", ("Salle", "Grande salle")),
    ("Leviers de la Caf", "À quelles conditions", "Agrément", ("vide", "Agrément")),
    ("Indicateurs", "Cible", 50, ("40", "50")),
]


def edit_every_sheet(book):
    for sheet, heading, value, _ in ONE_CELL_OF_EACH_SHEET:
        put(book, sheet, heading, value)


def test_one_cell_of_each_sheet_is_shown_before_it_is_written(plan, sent_back):
    found = sent_back(edit_every_sheet)
    assert refusals(found) == []
    assert changes(found) == [(sheet, heading, *said) for sheet, heading, _, said in ONE_CELL_OF_EACH_SHEET]
    assert found.report["added"] == []
    assert Action.objects.get(plan=plan).title.startswith("Outil")


def test_it_is_then_written_by_the_services(plan, sent_back):
    found = applied(sent_back(edit_every_sheet))
    action = plan.actions.get()
    assert (found.added, found.changed) == (0, 8)
    assert (action.title, action.steps.get().due_on) == ("Guichet unique", date(2023, 10, 1))
    assert (action.costs.get().amount, action.financings.get().planned) == (D("12500.50"), D("12500.50"))
    assert (action.targets.get().goal, action.in_kind.get().label) == (D(50), "Grande salle")
    assert Entry.objects.filter(verb="action.changed").exists()
    assert sent(plan, exported(plan)).report["changed"] == []


def test_a_file_is_applied_once(plan, sent_back):
    found = applied(sent_back(edit_every_sheet))
    with pytest.raises(RuleBroken, match="déjà appliqué"):
        applied(found)


def test_lists_of_names_are_compared_as_lists(plan, sent_back):
    names = sorted(plan.ctg.communes.values_list("name", flat=True))
    found = sent_back(lambda book: put(book, "Actions", "Communes", f"{names[1].upper()} ;{names[0]}"))
    assert [(heading, before) for _, heading, before, _ in changes(found)] == [("Communes", "vide")]
    applied(found)
    assert plan.actions.get().communes.count() == 2
    assert sent(plan, exported(plan)).report["changed"] == []


def test_new_lines_hang_together(plan, sent_back):
    def add(book):
        add_row(book, "Actions", Intitulé="Café des parents", Objectif="1.1", Porteur="Commune")
        add_row(book, "Dépenses", Action="1.1.2", Année=2024, Poste="Animation", Coût=300)
        add_row(book, "Financements", Action="1.1.2", Année=2024, Financeur="commune", Prévu=300)

    found = sent_back(add)
    assert refusals(found) == []
    assert [(sheet, row) for sheet, row, _ in found.report["added"]] == [
        ("Actions", 3),
        ("Dépenses", 3),
        ("Financements", 3),
    ]
    applied(found)
    action = plan.actions.get(code="1.1.2")
    assert (action.title, action.costs.get().amount, action.financings.get().funder.name) == (
        "Café des parents",
        D(300),
        "Commune",
    )


def test_new_lines_sent_twice_are_written_once(plan, sent_back):
    content = edited(
        exported(plan),
        lambda book: [
            add_row(book, "Actions", Intitulé="Café des parents", Objectif="1.1"),
            add_row(book, "Étapes", Action="1.1.2", Étape="Ouvrir", Échéance=date(2024, 1, 1)),
        ],
    )
    applied(sent(plan, content))
    report = sent(plan, content).report
    assert (report["errors"], report["added"], report["changed"]) == ([], [], [])


def test_what_moved_meanwhile_is_looked_at_again(plan, sent_back):
    found = sent_back(edit_every_sheet)
    action = plan.actions.get()
    action.title = "Changé ailleurs"
    services.save_action(action, by=None)
    with pytest.raises(RuleBroken, match="a changé depuis"):
        applied(found)
    read_again(found)
    assert changes(found)[0] == ("Actions", "Intitulé", "Changé ailleurs", "Guichet unique")
    applied(found)


# --- What is refused, at its cell -------------------------------------------------------------------------------------


REFUSED = [
    ("Actions", "Identifiant", "A1-000000", "A2", "identifiant a été modifié"),
    ("Actions", "Identifiant", "n’importe quoi", "A2", "identifiant a été modifié"),
    ("Actions", "Numéro", "1.1", "B2", "déjà celui d’un axe ou d’un objectif"),
    ("Actions", "Intitulé", None, "C2", "obligatoire"),
    ("Actions", "Intitulé", "x" * 201, "C2", "caractères au plus"),
    ("Actions", "Objectif", "1", "E2", "est un axe"),
    ("Actions", "Objectif", "Petite enfance", "E2", "est un axe"),
    ("Actions", "Objectif", "9.9", "E2", "« 9.9 » n’est pas un objectif du plan. Écrivez l’un de ceux du plan : 1.1."),
    ("Actions", "Objectif", "9.9", "E2", "s’ajoute d’abord sur la page du plan"),
    (
        "Actions",
        "Enjeu (se lit seulement)",
        "Jeunesse",
        "D2",
        "« Jeunesse » n’est pas un axe du plan : 1. Petite enfance.",
    ),
    ("Actions", "Thématiques", "Pêche", "R2", "« Pêche » n’est pas une thématique de cette Ctg."),
    ("Actions", "Courriel du référent", "contact", "AD2", "adresse électronique"),
    ("Partenaires", "Partenaire", "Inconnu", "C2", "annuaire"),
    ("Partenaires", "Mobilisation", "peut-être", "E2", "À mobiliser"),
    ("Actions", "Nature", "Inédite", "F2", "Nouvelle action"),
    ("Actions", "Porteur", "Comune", "P2", "Vouliez-vous dire"),
    ("Actions", "Porteur", "Zzz", "P2", "annuaire"),
    ("Actions", "Communes", "Paris", "S2", "commune de cette Ctg"),
    ("Actions", "Début", date(2019, 1, 1), "T2", "période de la Ctg"),
    ("Actions", "Début", "bientôt", "T2", "15/12/2023"),
    ("Actions", "Fin", "32/01/2024", "U2", "15/12/2023"),
    ("Actions", "État", "Écartée", "Y2", "avis du comité technique"),
    ("Étapes", "Action", "9.9.9", "B2", "numéro d’une action"),
    ("Étapes", "Échéance", date(2031, 1, 1), "E2", "période de la Ctg"),
    ("Étapes", "Échéance", None, "E2", "date"),
    ("Étapes", "Faite le", date(2023, 9, 2), "F2", "une fois le plan adopté"),
    ("Dépenses", "Année", 2019, "C2", "de 2023 à 2026"),
    ("Dépenses", "Année", "2023,5", "C2", "de 2023 à 2026"),
    ("Dépenses", "Coût", "12.000,00", "F2", "sans séparateur de milliers"),
    ("Dépenses", "Coût", "12 000 €", "F2", "seul, 12000, sans espace"),
    ("Dépenses", "Coût", "beaucoup", "F2", "un montant"),
    ("Dépenses", "Coût", -5, "F2", "négatif"),
    ("Dépenses", "Coût", 1.234, "F2", "Deux décimales"),
    ("Dépenses", "Coût", 10**12, "F2", "trop grand"),
    ("Dépenses", "Coût", None, "F2", "un montant"),
    ("Dépenses", "Hypothèse basse", 99999, "G2", "entre l’hypothèse basse"),
    ("Financements", "Réalisé", 10, "H2", "une fois le plan adopté"),
    ("Leviers de la Caf", "Dispositif", "Inconnu", "C2", "dispositif connu"),
    ("Indicateurs", "Cible", 10, "L2", "s’écarter de la valeur de départ"),
    ("Indicateurs", "Valeur de départ", None, "J2", "Donnez la valeur de départ"),
    ("Indicateurs", "Sens voulu", "monter", "I2", "augmenter"),
]


def plain(sentence):
    return sentence.replace("\u00a0", " ")


def said(value):
    """What was typed, as the page repeats it."""
    return "" if value is None else str(value)


@pytest.mark.parametrize(("sheet", "heading", "value", "cell", "words"), REFUSED)
def test_a_fault_is_refused_at_its_cell(plan, sent_back, sheet, heading, value, cell, words):
    found = sent_back(lambda book: put(book, sheet, heading, value))
    assert [(each[0], each[1]) for each in refusals(found)] == [(sheet, cell)]
    assert words in plain(refusals(found)[0][2])
    assert found.report["errors"][0][3] == said(value)
    with pytest.raises(RuleBroken, match="rien n’a été écrit"):
        applied(found)


@pytest.mark.parametrize("faults", [{"Intitulé": None}, {"Identifiant": "A1-000000"}, {"Début": "bientôt"}])
def test_a_refused_line_is_not_said_to_be_absent(sent_back, faults):
    def spoil(book):
        for heading, value in faults.items():
            put(book, "Actions", heading, value)

    report = sent_back(spoil).report
    assert report["errors"] != []
    assert (report["left"], report["untouched"]) == ([], 0)


def test_a_funder_twice_in_a_year_names_the_other_line(plan, sent_back):
    found = sent_back(
        lambda book: add_row(book, "Financements", Action="1.1.1", Année=2023, Financeur="Commune", Prévu=1),
    )
    assert len(refusals(found)) == 1
    assert "à la ligne 2" in refusals(found)[0][2]


def test_a_copied_line_names_the_line_it_repeats(plan, sent_back):
    def copy(book):
        page = book["Financements"]
        page.append([cell.value for cell in page[2]])

    assert ["à la ligne 2" in expected for _, _, expected in refusals(sent_back(copy))] == [True]


def test_a_subdivided_objective_is_not_a_leaf(plan, sent_back):
    plan = name_three_levels(plan)
    branch = add_objective(plan, parent=plan.objectives.get(code="1"), title="Branche")
    add_objective(plan, parent=branch, title="Feuille")
    found = sent_back(lambda book: put(book, "Actions", "Objectif", branch.code))
    assert ["1.2.1" in expected for _, _, expected in refusals(found)] == [True]


def test_the_workbook_of_another_ctg_is_refused_whole(plan, sent_back):
    other = make_complete_plan()
    found = sent(plan, exported(other))
    assert [(sheet, cell) for sheet, cell, _ in refusals(found)] == [("Lisez-moi", "B4")]
    assert "autre plan" in refusals(found)[0][2]


def test_a_line_of_another_ctg_is_refused_even_without_its_first_sheet(plan, sent_back):
    other = make_complete_plan()
    found = sent(plan, edited(exported(other), lambda book: book.remove(book["Lisez-moi"])))
    assert {expected.split(".")[0] for _, _, expected in refusals(found)} == {
        "Cet identifiant a été modifié, ou vient d’un autre plan"
    }


def test_a_row_deleted_since_is_said(plan, sent_back):
    content = exported(plan)
    services.delete_cost(Cost.objects.get(action__plan=plan), by=None)
    assert ["n’existe plus" in expected for _, _, expected in refusals(sent(plan, content))] == [True]


def test_a_frozen_plan_refuses(db):
    plan = close_up_to(make_complete_plan(), "adopted")
    with pytest.raises(RuleBroken, match="adopté"):
        sent(plan, exported(plan))


def test_a_plan_frozen_since_the_preview_refuses(db):
    plan = make_complete_plan()
    found = sent(plan, edited(exported(plan), lambda book: put(book, "Actions", "Intitulé", "Autre")))
    close_up_to(plan, "adopted")
    with pytest.raises(RuleBroken, match="adopté"):
        applied(found)


@pytest.mark.parametrize("content", [b"", b"bonjour", b"PK\x03\x04rien", b"\xd0\xcf\x11\xe0ancien"])
def test_a_file_that_is_no_workbook_is_refused(plan, content):
    with pytest.raises(RuleBroken):
        sent(plan, content)
    assert not PlanImport.objects.exists()


def test_a_refusal_of_a_service_leaves_everything_as_it_was(plan, sent_back, monkeypatch):
    found = sent_back(edit_every_sheet)
    monkeypatch.setattr(services.targets, "save_checked", _refuse)
    with pytest.raises(RuleBroken, match="Feuille «\u00a0Indicateurs\u00a0», ligne 2"):
        applied(found)
    assert plan.actions.get().title.startswith("Outil")
    assert not PlanImport.objects.get(pk=found.pk).applied_at


def _refuse(row, by=None):
    raise RuleBroken("Non.")


# --- Themes, contact, what is left ------------------------------------------------------------------------------------


def test_themes_and_the_person_to_call_come_back(plan, sent_back):
    theme = plan.ctg.groups.order_by("-position").first()

    def edit(book):
        put(book, "Actions", "Thématiques", theme.name)
        put(book, "Actions", "Référent", "Camille, relais")
        put(book, "Actions", "Courriel du référent", "camille@essai.example")

    applied(sent_back(edit))
    action = plan.actions.get()
    assert (list(action.themes.all()), action.contact_name, action.contact_email) == (
        [theme],
        "Camille, relais",
        "camille@essai.example",
    )


def test_the_public_workbook_has_nobody_to_call(plan):
    Action.objects.filter(plan=plan).update(contact_name="Camille Relais")
    assert "Camille Relais" in cells_of(plan_sheets(read_plan(plan, in_full=True), on=ON, inside=True))
    assert "Camille Relais" not in cells_of(plan_sheets(read_plan(plan, in_full=True), on=ON))


def cells_of(content):
    return {cell.text for rows in read_here(content).values() for row in rows for cell in row if cell}


def test_an_action_absent_from_the_file_is_left_and_named(plan, sent_back):
    add_action(plan, title="Ajoutée depuis")
    found = sent_back()
    assert found.report["left"] == ["1.1.2 – Ajoutée depuis"]
    assert "Absente du classeur, laissée dans le plan : 1.1.2 – Ajoutée depuis" in list(report_lines(found.report))
    assert plan.actions.count() == 2


def test_an_axis_that_does_not_hold_the_objective_is_refused(plan, sent_back):
    add_objective(plan, title="Jeunesse")
    found = sent_back(lambda book: put(book, "Actions", "Enjeu (se lit seulement)", "2. Jeunesse"))
    assert [(cell, "dépend de" in expected) for _, cell, expected in refusals(found)] == [("D2", True)]


# --- A workbook that is not ours --------------------------------------------------------------------------------------


THEIRS = [
    ["Plan d’actions 2023-2026"],
    [],
    ["N° fiche", "Nom de l’action", "Objectif opérationnel", "Structure porteuse", "Date de début", "Remarque"],
    ["", "Café des parents", "1.1", "Commune", "01/09/2023", "à voir"],
]


def test_known_headings_are_found_by_themselves(plan, sent_back):
    found = sent(plan, foreign(THEIRS))
    assert (found.report["missing"], refusals(found)) == ([], [])
    assert [(sheet, row) for sheet, row, _ in found.report["added"]] == [("Actions", 4)]
    applied(found)
    action = plan.actions.get(code="1.1.2")
    assert (action.lead.name, action.starts_on) == ("Commune", date(2023, 9, 1))
    report = sent(plan, foreign(THEIRS)).report
    assert (report["added"], report["changed"], report["unchanged"]) == ([], [], 1)


UNKNOWN = [["Quoi", "Où dans le plan"], ["Café des parents", "1.1"]]


def test_headings_are_explained_once_and_remembered(plan, sent_back):
    found = sent(plan, foreign(UNKNOWN))
    assert found.report["missing"]
    assert preview_import(found).lines == []
    save_layout(
        found,
        layout={"Actions": Place("Plan 2023", 0, {"title": 0, "objective": 1})},
        choices={("Actions", "Quoi"): "title", ("Actions", "Où dans le plan"): "objective"},
        by=None,
    )
    assert len(found.report["added"]) == 1
    assert HeadingChoice.objects.count() == 2
    assert sent(plan, foreign(UNKNOWN)).report["missing"] == []


def test_an_empty_sheet_asks_for_its_columns(plan, sent_back):
    assert sent(plan, foreign([])).report["missing"]


def test_the_tests_above_look_at_every_sheet(plan, sent_back):
    """Control: a sheet without a row in the fixture would be compared with nothing."""
    assert all(
        model.objects.filter(action__plan=plan).count() == 1
        for model in (Partnership, Step, Cost, Financing, InKind, Lever, Target)
    )
    assert leaf(plan).code == "1.1"


# --- One column a year ------------------------------------------------------------------------------------------------

LIST_WITH_COSTS = [
    ["Action", "Objectif", "Axe", "Thème", "Contact", "Coût 2023", "Budget 2024"],
    ["Café des parents", "1.1", "Petite enfance", "", "Camille", 300, ""],
    ["Ludothèque", "1.1", "1", "", "", 1000.5, 2000],
]
FUNDERS_BY_YEAR = [["N° fiche", "Financeur", "2023", "Prévu 2024"], ["1.1.1", "commune", 50, 60]]


def test_a_list_with_a_cost_a_year_makes_actions_and_their_costs(plan):
    found = sent(plan, foreign(LIST_WITH_COSTS))
    assert (found.report["missing"], refusals(found)) == ([], [])
    applied(found)
    assert list(
        Cost.objects.filter(action__plan=plan, label="Coût de l’action")
        .order_by("action__code", "year")
        .values_list("action__title", "year", "amount")
    ) == [("Café des parents", 2023, D(300)), ("Ludothèque", 2023, D("1000.50")), ("Ludothèque", 2024, D(2000))]
    assert plan.actions.get(title="Café des parents").contact_name == "Camille"
    report = sent(plan, foreign(LIST_WITH_COSTS)).report
    assert (report["errors"], report["added"], report["changed"], report["unchanged"]) == ([], [], [], 5)


def test_an_amount_that_is_not_one_is_refused_in_its_year(plan):
    rows = [LIST_WITH_COSTS[0], [*LIST_WITH_COSTS[1][:-1], "12 000 €"]]
    found = sent(plan, foreign(rows))
    assert [(sheet, cell) for sheet, cell, _ in refusals(found)] == [("Plan 2023", "G2")]


def test_the_cost_of_a_refused_action_is_not_refused_for_it(plan):
    found = sent(plan, foreign([LIST_WITH_COSTS[0], ["Ludothèque", "9.9", "", "", "", 300, "beaucoup"]]))
    assert [cell for _, cell, _ in refusals(found)] == ["B2", "G2"]


def test_a_year_outside_the_ctg_is_refused(plan):
    rows = [["Action", "Objectif", "Coût 2019"], ["Café des parents", "1.1", 300]]
    found = sent(plan, foreign(rows))
    assert [(cell, "de 2023 à 2026" in expected) for _, cell, expected in refusals(found)] == [("C2", True)]


def test_funders_in_one_column_a_year(plan):
    found = sent(plan, foreign(FUNDERS_BY_YEAR, "Financements"))
    assert found.report["missing"]  # « n° fiche » is said once
    explain_heading(plan.ctg.caf, sheet="Financements", heading="N° fiche", field="action", by=None)
    read_again(found)
    assert changes(found) == [("Financements", "Prévu", "12\u202f000", "50")]
    applied(found)
    assert [(row.year, row.planned) for row in plan.actions.get().financings.order_by("year")] == [
        (2023, D(50)),
        (2024, D(60)),
    ]


@pytest.mark.parametrize(
    ("heading", "field", "words"), [("", "title", "Donnez l’intitulé"), ("Quoi", "funder", "n’a pas cette colonne")]
)
def test_a_heading_is_explained_by_one_of_our_columns(plan, heading, field, words):
    with pytest.raises(RuleBroken, match=words):
        explain_heading(plan.ctg.caf, sheet="Actions", heading=heading, field=field, by=None)
    assert not HeadingChoice.objects.exists()
