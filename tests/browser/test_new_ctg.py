"""A Ctg begun from « Nouvelle Ctg » with names and figures drawn at random, taken by the pages only to its first evaluation."""

import re
from datetime import date
from decimal import Decimal

import pytest
from openpyxl.cell.cell import Cell
from playwright.sync_api import Page, expect

from ctg_site.lib import numbers
from tests.browser import walk
from tests.browser.documents import holds, pdf_words, workbook_cells
from tests.browser.forms import fill, post, refused, send
from tests.browser.invented import Invented, invent
from tests.browser.visitors import plain, words

pytestmark = pytest.mark.browser

ADVISER = "conseil.caf66@demo.example"
PREPARATION = "Travaux préparatoires"
VALIDATION = "Validation du diagnostic"
FORMALISATION = "Formalisation du plan"
ADOPTION = "Validation du plan d’actions et de la méthode"
SIGNATURE = "Signature de la Ctg"
EVALUATION = "Évaluation de la première année"
FREEZE = "Arrêter le texte de la convention et le signer"
COUNT, EUROS, CENTS = "#,##0", '#,##0 "€"', '#,##0.00 "€"'
GROUPS = ("Petite enfance", "Parentalité")
LEFT_OUT = [
    "Enfance-Jeunesse (3 – 17 ans)",
    "Accès aux droits / Jeunes adultes",
    "Animation de la vie sociale / Logement",
]


def test_a_new_ctg_goes_from_nothing_to_its_first_evaluation(visit):
    invented = invent(date.today())
    adviser = visit(ADVISER)
    ctg = _create(adviser, invented)
    lead, guest = visit(), visit()
    walk.accept(lead, walk.mail_link(adviser, invented.lead[1]))
    walk.accept(guest, walk.mail_link(adviser, invented.guest[1]))
    _hold_the_five_meetings(lead, ctg, invented)
    _every_later_step_is_refused(lead, ctg, invented)
    _share_the_diagnosis(adviser, lead, guest, ctg, invented)
    _set_the_project(lead, ctg, invented)
    _write_the_plan(lead, ctg, invented)
    _cost_it(lead, ctg, invented)
    _adopt_it(lead, ctg, invented)
    _sign_the_convention(lead, ctg, invented)
    _evaluate_the_first_year(lead, ctg, invented)
    _publish(adviser, ctg, invented)
    _the_public_finds_it_all(visit(), ctg, invented)


def _create(page: Page, invented: Invented) -> str:
    """Its address. A period too long is refused once, and everything typed stays."""
    walk.pick_territory(page, invented)
    expect(page.locator("main")).to_contain_text("« Prénom Nom <adresse@exemple.fr> »")
    unticked = invented.chance.sample(walk.labels(page, "communes"), invented.chance.randint(1, 3))
    walk.describe_ctg(page, invented, left_out=[*unticked, *LEFT_OUT])
    fill(page, ends_on=date(invented.year + 6, 12, 31))
    assert refused(page, "Ouvrir la Ctg") == ["Une Ctg dure cinq ans au plus."]
    expect(page.locator('[name="name"]')).to_have_value(invented.name)
    expect(page.get_by_label(unticked[0], exact=True)).not_to_be_checked()
    fill(page, ends_on=invented.period[1])
    send(page, "Ouvrir la Ctg")
    expect(page.get_by_role("heading", level=1)).to_have_text(invented.name)
    return page.get_by_role("link", name=invented.name, exact=True).first.get_attribute("href") or ""


def _hold_the_five_meetings(page: Page, ctg: str, invented: Invented) -> None:
    purposes = (PREPARATION, VALIDATION, FORMALISATION, ADOPTION, SIGNATURE)
    for purpose, day in zip(purposes, invented.meeting_days, strict=True):
        walk.hold(page, ctg, purpose, day)


def _every_later_step_is_refused(page: Page, ctg: str, invented: Invented) -> None:
    """Nothing is written yet: each step says what it lacks, each publication and each signature too."""
    assert walk.decide_too_early(page, ctg, VALIDATION, "Valider le diagnostic partagé") == [
        "Le diagnostic ne peut pas encore être validé.",
        *(f"Chiffre clé à renseigner : {indicator}" for indicator in walk.KEY_INDICATORS),
        *(f"Groupe {group} : aucun constat" for group in GROUPS),
        "La synthèse n’est pas encore rédigée",
        "Aucune priorité n’est dégagée",
    ]
    assert walk.decide_too_early(page, ctg, VALIDATION, "Fixer les axes du plan d’actions") == [
        "Les axes ne peuvent pas encore être fixés.",
        "Le diagnostic partagé n’est pas encore validé",
        "Le projet de territoire n’est pas encore rédigé",
        "Le plan n’a encore rien au niveau « Axe »",
    ]
    assert walk.decide_too_early(page, ctg, FORMALISATION, "Formaliser le plan d’actions") == [
        "Le plan ne peut pas encore être formalisé.",
        "Les axes ne sont pas encore fixés",
    ]
    assert walk.decide_too_early(page, ctg, FORMALISATION, "Clore l’étude de faisabilité et le chiffrage") == [
        "La faisabilité et le chiffrage ne peuvent pas encore être clos.",
        "Le plan d’actions n’est pas encore formalisé",
        "Aucune action n’est retenue",
    ]
    assert walk.decide_too_early(page, ctg, ADOPTION, "Valider le plan d’actions définitif") == [
        "Le plan ne peut pas encore être adopté.",
        "La faisabilité et le chiffrage ne sont pas encore clos",
        "Aucune action n’est retenue",
    ]
    assert walk.decide_too_early(page, ctg, ADOPTION, "Valider la méthode d’évaluation") == [
        "La méthode d’évaluation ne peut pas encore être validée.",
        "Les questions évaluatives ne sont pas écrites",
        "Les critères et indicateurs ne sont pas écrits",
        "L’organisation de l’évaluation n’est pas écrite (qui évalue, quand, avec qui)",
    ]
    assert walk.decide_too_early(page, ctg, SIGNATURE, FREEZE) == [
        "Le texte de la convention n’est pas encore préparé."
    ]
    _publishing_is_refused(page, ctg)


def _publishing_is_refused(page: Page, ctg: str) -> None:
    """By a direct POST: the pages do not even offer the button, or say why it is too early."""
    assert post(page, f"{ctg}portrait/publier/") == [
        "Le portrait ne peut pas encore être publié.",
        "Saisir au moins un indicateur clé du territoire.",
    ]
    assert post(page, f"{ctg}calendrier/publier/") == [
        "Le calendrier ne peut pas encore être publié.",
        "Publier d’abord le portrait du territoire.",
    ]
    assert post(page, f"{ctg}diagnostic/publier/") == [
        "Le diagnostic se publie une fois validé par le comité de pilotage."
    ]
    assert post(page, f"{ctg}plan/publier/") == ["Le plan se publie une fois adopté."]


def _share_the_diagnosis(adviser: Page, lead: Page, guest: Page, ctg: str, invented: Invented) -> None:
    walk.type_figures(adviser, ctg, invented)
    walk.type_funding(adviser, ctg, invented)
    walk.open_contributions(lead, ctg, GROUPS[0], invented)
    walk.contribute(guest, GROUPS[0], invented.contribution)
    walk.write_finding(lead, ctg, GROUPS[0], invented.finding)
    assert walk.decide_too_early(lead, ctg, VALIDATION, "Valider le diagnostic partagé") == [
        "Le diagnostic ne peut pas encore être validé.",
        f"Groupe {GROUPS[1]} : aucun constat",
        "La synthèse n’est pas encore rédigée",
        "Aucune priorité n’est dégagée",
    ]
    walk.write_finding(lead, ctg, GROUPS[1], "Peu de lieux pour les parents")
    walk.write_conclusions(lead, ctg, invented)
    walk.decide(lead, ctg, VALIDATION, "Valider le diagnostic partagé")


def _set_the_project(page: Page, ctg: str, invented: Invented) -> None:
    walk.write_project(page, ctg, invented)
    assert walk.decide_too_early(page, ctg, VALIDATION, "Fixer les axes du plan d’actions") == [
        "Les axes ne peuvent pas encore être fixés.",
        "Axe 1 : aucune priorité du diagnostic n’y est rattachée",
    ]
    walk.tie_axis(page, ctg, invented)
    walk.decide(page, ctg, VALIDATION, "Fixer les axes du plan d’actions")


def _write_the_plan(page: Page, ctg: str, invented: Invented) -> None:
    assert walk.decide_too_early(page, ctg, FORMALISATION, "Formaliser le plan d’actions") == [
        "Le plan ne peut pas encore être formalisé.",
        "Axe 1 : aucun objectif",
    ]
    walk.prepare_agreement(page, ctg)
    walk.add_party(page, ctg, invented.president, "Présidente", new_name=invented.epci_name, new_kind="epci")
    walk.write_action(page, ctg, invented)
    assert walk.decide_too_early(page, ctg, FORMALISATION, "Formaliser le plan d’actions") == [
        "Le plan ne peut pas encore être formalisé.",
        "Action 1.1.1 : il manque la thématique",
        "Action 1.1.1 : il manque le porteur",
        "Action 1.1.1 : il manque la description",
        "Action 1.1.1 : il manque la date de début ou de fin",
    ]
    walk.complete_action(page, ctg, invented)
    walk.decide(page, ctg, FORMALISATION, "Formaliser le plan d’actions")


def _cost_it(page: Page, ctg: str, invented: Invented) -> None:
    walk.write_cost(page, ctg, invented)
    assert walk.decide_too_early(page, ctg, FORMALISATION, "Clore l’étude de faisabilité et le chiffrage") == [
        "La faisabilité et le chiffrage ne peuvent pas encore être clos.",
        "Action 1.1.1 : l’avis de faisabilité n’est pas rendu (à étudier)",
        "Aucune action n’est retenue",
    ]
    walk.give_verdict(page, ctg, invented)
    assert walk.decide_too_early(page, ctg, FORMALISATION, "Clore l’étude de faisabilité et le chiffrage") == [
        "La faisabilité et le chiffrage ne peuvent pas encore être clos.",
        f"Action 1.1.1 : il manque {euros(invented.own_share)} de financement en {invented.year} (fonctionnement)",
    ]
    walk.balance_budget(page, ctg, invented)
    walk.decide(page, ctg, FORMALISATION, "Clore l’étude de faisabilité et le chiffrage")


def _adopt_it(page: Page, ctg: str, invented: Invented) -> None:
    assert walk.decide_too_early(page, ctg, ADOPTION, "Valider le plan d’actions définitif") == [
        "Le plan ne peut pas encore être adopté.",
        "Action 1.1.1 : il manque un indicateur d’évaluation",
    ]
    walk.write_target(page, ctg, invented)
    walk.decide(page, ctg, ADOPTION, "Valider le plan d’actions définitif")
    walk.write_method(page, ctg)
    walk.decide(page, ctg, ADOPTION, "Valider la méthode d’évaluation")


def _sign_the_convention(page: Page, ctg: str, invented: Invented) -> None:
    assert walk.decide_too_early(page, ctg, SIGNATURE, FREEZE) == [
        "Le texte de la convention ne peut pas encore être arrêté.",
        "La Caf n’est pas parmi les parties",
        f"{invented.epci_name} : il manque sa délibération",
    ]
    walk.add_party(page, ctg, "Alain Verdeille", "Directeur", organisation="Caf des Pyrénées-Orientales")
    adopted_on, transmitted_on = date(invented.year, 5, 20), date(invented.year, 5, 28)
    walk.write_deliberation(
        page, ctg, invented.epci_name, body="Conseil communautaire", number="12", adopted_on=adopted_on
    )
    walk.decide(page, ctg, SIGNATURE, FREEZE)
    walk.sign(page, ctg, "Caf des Pyrénées-Orientales", adopted_on)
    _the_deliberation_comes_first(page, ctg, invented, adopted_on, transmitted_on)
    text = walk.sign(page, ctg, invented.epci_name, transmitted_on)
    assert "transmise au préfet le jour même de la signature" in text
    assert "la convention est signée" in text


def _the_deliberation_comes_first(page: Page, ctg: str, invented: Invented, adopted_on: date, sent_on: date) -> None:
    """Test case T14: never before it is adopted; before it is transmitted, only with a reason."""
    party = invented.epci_name
    assert walk.sign_too_early(page, ctg, party, adopted_on.replace(day=19)) == [
        "Cette signature n’est pas possible.",
        f"{party} : la délibération est du 20 mai {invented.year}, on ne peut pas signer avant.",
    ]
    assert walk.sign_too_early(page, ctg, party, adopted_on) == [
        "Cette signature demande un motif, qui sera gardé au journal.",
        "La délibération n’est pas encore transmise au préfet : elle n’est pas exécutoire.",
    ]
    walk.write_deliberation(page, ctg, party, transmitted_on=sent_on)


def _evaluate_the_first_year(page: Page, ctg: str, invented: Invented) -> None:
    gate = f"Valider l’évaluation de {invented.year}"
    walk.open_evaluation(page, ctg, invented)
    walk.convene_copil(page, ctg, EVALUATION, invented.today)
    assert walk.decide_too_early(page, ctg, EVALUATION, gate) == [
        f"L’évaluation de {invented.year} ne peut pas encore être validée.",
        "Le bilan de l’année n’est pas rédigé",
        "Action 1.1.1 : il manque son avancement",
        "Action 1.1.1 : l’indicateur « Familles venues » n’a ni valeur ni raison de son absence",
    ]
    assert post(page, f"{ctg}evaluation/{invented.year}/publier/") == [
        "L’évaluation se publie une fois validée par le comité de pilotage."
    ]
    walk.write_evaluation(page, ctg, invented)
    walk.decide(page, ctg, EVALUATION, gate)


def _publish(page: Page, ctg: str, invented: Invented) -> None:
    walk.press(page, f"{ctg}suivi/", "Publier le portrait")
    expect(page.get_by_role("button", name="Retirer le portrait")).to_be_visible()  # once the worker has judged it
    walk.press(page, f"{ctg}suivi/", "Publier le calendrier")
    walk.press(page, f"{ctg}diagnostic/", "Publier le diagnostic")
    walk.press(page, f"{ctg}plan/", "Publier le plan")
    walk.press(page, f"{ctg}evaluation/{invented.year}/", "Publier l’évaluation")


def _the_public_finds_it_all(page: Page, ctg: str, invented: Invented) -> None:
    _on_the_pages(page, ctg, invented)
    _in_the_convention(page, ctg, invented)
    _in_the_workbooks(page, ctg, invented)


def _on_the_pages(page: Page, ctg: str, invented: Invented) -> None:
    page.goto(ctg)
    text = words(page)
    assert "signée le 28 mai" in text
    shown = [count(invented.population), count(invented.households), euros(invented.gap)]
    shown += [euros(amount) for amount in [*invented.services, invented.project_aid, invented.services_total]]
    shown += [f"{percent} %" for percent in invented.percents]
    assert _not_in(text, shown) == []
    pages = {
        "Diagnostic": [invented.summary, invented.finding, invented.priority],
        "Plan d’actions": [invented.project, invented.axis, invented.objective, invented.action, euros(invented.cost)],
        "Convention": [invented.epci_name, invented.president, "Signée par toutes les parties le 28 mai"],
        "Calendrier": [PREPARATION, EVALUATION],
    }
    for room, expected in pages.items():
        walk.open_room(page, ctg, room)
        assert _not_in(words(page), expected) == [], room
    page.goto(f"{ctg}evaluation/{invented.year}/")
    expected = [invented.review, f"{invented.percent_done} %", str(invented.measure), str(invented.goal)]
    assert _not_in(words(page), expected) == []


def _not_in(text: str, expected: list[str]) -> list[str]:
    """« 12 % » is not said by « 112 % »."""
    return [figure for figure in expected if not re.search(rf"(?<!\d){re.escape(figure)}(?!\d)", text)]


def _in_the_convention(page: Page, ctg: str, invented: Invented) -> None:
    walk.open_room(page, ctg, "Convention")
    text = pdf_words(page, "Lire la convention (PDF)")
    expected = [invented.name, invented.epci_name, invented.summary, invented.finding, invented.action]
    expected += [count(invented.population), euros(invented.gap), euros(invented.services_total), euros(invented.cost)]
    expected += [f"{percent} %" for percent in invented.percents]
    assert [word for word in expected if word not in text] == []


def _in_the_workbooks(page: Page, ctg: str, invented: Invented) -> None:
    walk.open_room(page, ctg, "Diagnostic")
    cells = workbook_cells(page, "Télécharger (xlsx)")
    assert holds(cells, invented.population, COUNT)
    assert [percent for percent in invented.percents if not holds(cells, percent / 100, "0 %")] == []
    assert holds(cells, invented.year - 1, "0")
    amounts = [*invented.services, invented.gap, invented.services_total]
    assert [amount for amount in amounts if not _holds_amount(cells, amount)] == []
    walk.open_room(page, ctg, "Plan d’actions")
    cells = workbook_cells(page, "Télécharger (xlsx)")
    for amount in (invented.cost, invented.caf_share, invented.own_share):
        assert _holds_amount(cells, amount)
    assert holds(cells, invented.baseline, COUNT)
    assert holds(cells, invented.goal, COUNT)
    page.goto(f"{ctg}evaluation/{invented.year}/")
    cells = workbook_cells(page, "Télécharger (xlsx)")
    assert holds(cells, invented.percent_done / 100, "0 %")
    assert holds(cells, invented.measure, COUNT)


def _holds_amount(cells: list[Cell], amount: Decimal) -> bool:
    """A whole amount is written, and shown, without cents."""
    return holds(cells, float(amount), CENTS) if amount % 1 else holds(cells, int(amount), EUROS)


def euros(amount: Decimal) -> str:
    return plain(numbers.euros(amount))


def count(number: int) -> str:
    return plain(numbers.integer(number))
