"""What is refused says why, and nothing typed is lost."""

from datetime import date

import pytest
from playwright.sync_api import expect

from tests.browser.forms import fill, refused
from tests.browser.visitors import leave_by

pytestmark = pytest.mark.browser

CONFLENT, CERDAGNE = "/ctg/conflent-canigo-2021-2025/", "/ctg/pyrenees-cerdagne-2026-2030/"
MONTAGNE_NOIRE = "/ctg/montagne-noire-2026-2030/"

# One form of each app: who, where, the button, what is typed, and the refusal.
FORMS = {
    "accounts": (
        "",
        "/compte/connexion/",
        "Se connecter",
        {"username": "conseil.caf66@demo.example", "password": "faux"},
        "Cette adresse et ce mot de passe ne vont pas ensemble. Vérifiez les majuscules du mot de passe.",
    ),
    "territory": (
        "conseil.caf66@demo.example",
        f"{CONFLENT}financements/ajouter/",
        "Enregistrer",
        {"label": "Ludothèque", "year": "2020", "amount": "douze mille", "quantity": "2,5", "source": "Relevé de mars"},
        "Écrivez un montant en euros, par exemple 1 250,50 (deux décimales au plus).",
    ),
    "diagnostic": (
        "cooperation.montagnenoire@demo.example",
        f"{MONTAGNE_NOIRE}constats/nouveau/",
        "Enregistrer le constat",
        {"title": "", "text": "Un long récit,\nen deux lignes."},
        "Ce champ est obligatoire.",
    ),
    "actions": (
        "cooperation.cerdagne@demo.example",
        f"{CERDAGNE}actions/nouvelle/",
        "Créer la fiche et continuer",
        {"title": "Bus des familles", "code": "7.7.7"},
        "Ce champ est obligatoire.",
    ),
    "governance": (
        "cooperation.cerdagne@demo.example",
        f"{CERDAGNE}calendrier/reunions/nouvelle/",
        "Enregistrer la réunion",
        {
            "purpose": "Point d’étape",
            "place": "Saillagouse",
            "starts_on": date(2027, 5, 4),
            "ends_on": date(2027, 5, 3),
        },
        "La fin de la période précède son début.",
    ),
}


@pytest.mark.parametrize("app", FORMS)
def test_a_form_keeps_what_was_typed(visit, app):
    email, path, button, typed, refusal = FORMS[app]
    page = visit(email)
    page.goto(path)
    fill(page, **typed)
    assert refusal in refused(page, button)
    for name, value in typed.items():
        if name != "password":
            expect(page.locator(f'main [name="{name}"]')).to_have_value(str(value))


def test_the_budget_of_an_action_keeps_every_line(visit):
    page = visit("cooperation.cerdagne@demo.example")
    page.goto(f"{CERDAGNE}plan/")
    leave_by(page.locator("main").get_by_role("link", name="1.1.1").first)
    leave_by(page.get_by_role("link", name="Modifier le budget"))
    page.locator('[name$="-label"]').last.fill("Un poste de plus")
    page.locator('[name^="costs-"][name$="-amount"]').last.fill("mille")
    assert "Écrivez un montant en euros, par exemple 1 250,50 (deux décimales au plus)." in refused(
        page, "Enregistrer le budget"
    )
    expect(page.locator('[name$="-label"]').last).to_have_value("Un poste de plus")
    expect(page.locator('[name^="costs-"][name$="-amount"]').last).to_have_value("mille")


def test_inside_without_the_right_is_refused_with_the_reason(visit):
    page = visit("lecture.conflent@demo.example")
    page.expected_statuses.add(403)
    page.goto(f"{CONFLENT}calendrier/reunions/nouvelle/")
    expect(page.locator("main")).to_contain_text(
        "Convoquer un comité et enregistrer ses décisions revient à la Caf et à la personne chargée de coopération."
    )


def test_what_is_not_yours_does_not_exist(visit):
    page = visit("conseil.caf66@demo.example")
    page.expected_statuses.add(404)
    for path in (f"{MONTAGNE_NOIRE}diagnostic/", f"{MONTAGNE_NOIRE}plan/modifier/", "/ctg/aucune/"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text("Cette page est introuvable")
        expect(page.locator("main")).not_to_contain_text("Montagne Noire")
