"""The seven steps of Conflent-Canigó, walked by each role on the product as `make demo` starts it."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from ctg_site.lib.dates import today
from tests.browser.documents import holds, pdf_words, workbook_cells
from tests.browser.visitors import leave_by, words

pytestmark = pytest.mark.browser

CTG = "/ctg/conflent-canigo-2021-2025/"
ADVISER = "conseil.caf66@demo.example"
STEPS = {
    "Diagnostic partagé": "validé le 30 oct. 2021",
    "Projet de territoire": "axes fixés le 30 oct. 2021",
    "Plan d’actions": "formalisé le 15 nov. 2021",
    "Faisabilité et chiffrage": "chiffré le 15 nov. 2021",
    "Plan définitif": "adopté le 26 nov. 2021",
    "Signature": "signée le 15 déc. 2021",
    "Évaluation annuelle": "4 années sur 5",
}


@pytest.fixture
def public(visit) -> Page:
    page = visit()
    page.goto(CTG)
    return page


def open_room(page: Page, name: str) -> str:
    leave_by(page.get_by_role("navigation", name="Pages de la Ctg").get_by_role("link", name=name, exact=True))
    return words(page)


def test_the_public_goes_from_the_home_page_to_the_seven_steps(visit):
    page = visit()
    page.goto("/")
    page.get_by_role("searchbox", name="Chercher une commune").fill("conflent")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    leave_by(page.get_by_role("link", name="Conflent-Canigó 2021-2025"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Conflent-Canigó")
    expect(page.locator(".lead")).to_contain_text("Échue")
    stepper = page.get_by_role("list", name="Les sept étapes de la démarche").get_by_role("listitem")
    assert [tuple(step.locator("span").inner_text().split("\n")) for step in stepper.all()] == list(STEPS.items())


def test_the_portrait_shows_the_figures_of_the_presentation(public):
    text = words(public)
    for figure in ("20 391", "43 %", "4 077", "8 629", "42 %", "1 089 800 €", "Écart de 1 013 €"):
        assert figure in text
    assert "1 013 €" in open_room(public, "Financements")
    for amount in ("520 600 €", "442 500 €", "490 787 €", "598 000 €"):
        assert amount in words(public)


def test_the_public_reads_each_step(public):
    text = open_room(public, "Diagnostic")
    for expected in ("Validé", "20 391", "43 %", "Petite enfance", "Priorités"):
        assert expected in text
    text = open_room(public, "Plan d’actions")
    for expected in ("Axes fixés", "Faisabilité et chiffrage clos", "Plan adopté", "1 257 708,84 €"):
        assert expected in text
    leave_by(public.get_by_role("link", name="Relais petite enfance itinérant dans les vallées"))
    assert "186 719,75 €" in words(public)
    text = open_room(public, "Calendrier")
    for meeting in ("octobre 2021", "Comité opérationnel partenarial", "Signature de la Ctg"):
        assert meeting in text
    text = open_room(public, "Convention")
    for expected in ("Signée par toutes les parties le 15 décembre 2021", "SHA-256", "Commune de Prades"):
        assert expected in text
    open_room(public, "Évaluation")
    leave_by(public.get_by_role("link", name="2022", exact=True))
    for expected in ("Validée", "Avancement des axes", "Villages où le relais tient"):
        assert expected in words(public)


def test_the_signed_convention_holds_the_figures(public):
    open_room(public, "Convention")
    text = pdf_words(public, "Lire la convention (PDF)")
    for figure in ("43 %", "1 089 800 €", "1 013 €", "20 391", "1 257 708,84 €", "CTG-66-2021-001"):
        assert figure in text


def test_the_workbooks_hold_typed_cells(public):
    open_room(public, "Diagnostic")
    cells = workbook_cells(public, "Télécharger (xlsx)")
    assert holds(cells, 20391, "#,##0")
    assert holds(cells, 0.43, "0 %")
    assert holds(cells, 1089800, '#,##0 "€"')
    assert holds(cells, 1013, '#,##0 "€"')
    assert holds(cells, 2019, "0")
    open_room(public, "Plan d’actions")
    assert holds(workbook_cells(public, "Télécharger (xlsx)"), 186719.75, '#,##0.00 "€"')
    portrait = public.request.get(f"{CTG}portrait.xlsx")
    assert portrait.ok


# The last meeting that the demonstration plans for Conflent-Canigó is of December 2026: a month later, none is to come.
MEETINGS = ["Prochaines réunions"] if today() < date(2027, 1, 1) else []

# What each person finds on « Ce qui m’attend », and what they do not.
DAYS = {
    ADVISER: (["Agathe Lloveras-Mir", "en retard", "Nouvelle Ctg", "Pyrénées Cerdagne 2026-2030"], ["Montagne Noire"]),
    "cooperation.conflent@demo.example": (["Conflent-Canigó 2021-2025", "Évaluation de l’année 2025"], ["Vallespir"]),
    "groupe.conflent@demo.example": (["Rien ne vous attend", "Conflent-Canigó"], ["Personnes invitées"]),
    "action.conflent@demo.example": ([*MEETINGS, "Conflent-Canigó"], ["Personnes invitées"]),
    "partenaire.conflent@demo.example": ([*MEETINGS, "Conflent-Canigó"], ["Nouvelle Ctg"]),
    "maire.conflent@demo.example": (["Ma commune", "Prades", "Conflent-Canigó"], ["Nouvelle Ctg"]),
    "lecture.conflent@demo.example": (["Conflent-Canigó"], ["Nouvelle Ctg", "Vallespir"]),
}


@pytest.mark.parametrize("email", DAYS)
def test_each_person_finds_what_awaits_them(visit, email):
    page = visit(email)
    leave_by(page.get_by_role("link", name="Ce qui m’attend"))
    text, (found, absent) = words(page), DAYS[email]
    assert [words for words in found if words not in text] == []
    assert [words for words in absent if words in text] == []


# The gestures that each role finds on the pages of a Ctg, and those it does not.
GESTURES = {
    "cooperation.conflent@demo.example": ("Calendrier", ["Ajouter une réunion"], []),
    "partenaire.conflent@demo.example": ("Calendrier", [], ["Ajouter une réunion"]),
    "lecture.conflent@demo.example": ("Plan d’actions", ["Télécharger (xlsx)"], ["Ne plus publier"]),
    "maire.conflent@demo.example": ("Convention", ["Lire la convention (PDF)"], ["Modifier"]),
}


@pytest.mark.parametrize("email", GESTURES)
def test_each_role_finds_its_gestures(visit, email):
    page = visit(email)
    page.goto(CTG)
    room, offered, absent = GESTURES[email]
    open_room(page, room)
    names = page.locator("main").locator("a, button").all_inner_texts()
    assert [name for name in offered if name not in names] == []
    assert [name for name in absent if name in names] == []


def test_the_caf_adviser_administers(visit):
    page = visit(ADVISER)
    leave_by(page.get_by_role("link", name="Administration"))
    leave_by(page.get_by_role("link", name="Ctg", exact=True).first)
    expect(page.get_by_role("link", name="Conflent-Canigó")).to_be_visible()
    expect(page.get_by_role("link", name="Montagne Noire")).to_have_count(0)
    page.locator("#searchbar").fill("vallespir")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Conflent-Canigó")).to_have_count(0)
    leave_by(page.get_by_role("link", name="Vallespir"))
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Vallespir")
