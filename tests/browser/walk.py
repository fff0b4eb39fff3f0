"""From « Nouvelle Ctg » to the evaluation, by the pages only: one function for each gesture of the démarche."""

import re
import time
from datetime import date
from decimal import Decimal

from playwright.sync_api import Page, expect

from tests.browser.forms import fill, refused, send
from tests.browser.invented import Invented
from tests.browser.visitors import leave_by, words

PASSWORD = "une longue phrase de passe"
PATIENCE = 90  # seconds: the worker takes its turn on a busy machine
KEY_INDICATORS = (
    "Évolution du nombre d’allocataires",
    "Allocataires à bas revenus",
    "Bénéficiaires d’un revenu garanti (RSA, prime d’activité, AAH)",
    "Allocataires dépendant à 50 % ou 100 % des prestations",
    "Familles monoparentales",
    "Familles nombreuses",
)


def follow(page: Page, *links: str) -> None:
    """One link of the page after another, by its first words."""
    for link in links:
        leave_by(page.locator("main").get_by_role("link", name=link).first)


def open_room(page: Page, ctg: str, name: str) -> None:
    page.goto(ctg)
    leave_by(page.get_by_role("navigation", name="Pages de la Ctg").get_by_role("link", name=name, exact=True))


def labels(page: Page, name: str) -> list[str]:
    """The words of a group of boxes, once the page that holds it is there: a list is read at once, without waiting."""
    boxes = page.locator(f'main .form-check:has([name="{name}"])')
    expect(boxes).not_to_have_count(0)
    return [text.strip() for text in boxes.all_inner_texts()]


# --- The beginning ---------------------------------------------------------------------------------------------------


def pick_territory(page: Page, invented: Invented) -> None:
    """An intercommunalité without Ctg, at random."""
    leave_by(page.get_by_role("link", name="Ce qui m’attend"))
    follow(page, "Nouvelle Ctg")
    free = sorted(set(labels(page, "epci")) - {"Conflent-Canigó", "Vallespir", "Pyrénées Cerdagne"})
    fill(page, caf="Caf des Pyrénées-Orientales", epci=[invented.chance.choice(free)])
    send(page, "Choisir les communes")


def describe_ctg(page: Page, invented: Invented, *, left_out: list[str]) -> None:
    """A few communes and groups are unticked."""
    starts_on, ends_on = invented.period
    fill(page, name=invented.name, starts_on=starts_on, ends_on=ends_on)
    for label in left_out:
        page.get_by_label(label, exact=True).uncheck()
    fill(page, **{f"milestone_{place}": f"{day:%d/%m/%Y}" for place, day in enumerate(invented.meeting_days)})
    fill(page, lead_name=invented.lead[0], lead_email=invented.lead[1])
    fill(page, guests=f"{invented.guest[0]} <{invented.guest[1]}>")


def mail_link(page: Page, email: str) -> str:
    """The link of the invitation, read on the page of the messages sent; the worker takes a moment to send it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        page.goto("/messages-envoyes/")
        links = page.locator("article.mail").filter(has_text=email).get_by_role("link")
        if links.count():
            return links.first.get_attribute("href") or ""
        time.sleep(0.5)
    raise AssertionError(f"Aucun message n’est parti vers {email}.")


def accept(page: Page, link: str) -> None:
    page.goto(link)
    fill(page, password=PASSWORD)
    send(page, "Accepter l’invitation")
    expect(page.locator("main")).to_contain_text("Bienvenue dans la Ctg")


# --- Committees ------------------------------------------------------------------------------------------------------


def open_meeting(page: Page, ctg: str, purpose: str) -> None:
    open_room(page, ctg, "Calendrier")
    row = page.locator("main li, main tr").filter(has_text=purpose).first
    leave_by(row.get_by_role("link").first)


def hold(page: Page, ctg: str, purpose: str, on: date) -> None:
    open_meeting(page, ctg, purpose)
    follow(page, "Dire qu’elle s’est tenue")
    fill(page, held_on=on)
    send(page, "Enregistrer")


def convene_copil(page: Page, ctg: str, purpose: str, on: date) -> None:
    open_room(page, ctg, "Calendrier")
    follow(page, "Ajouter une réunion")
    fill(page, committee="Comité de pilotage", purpose=purpose, starts_on=on, starts_precision="day", status="planned")
    send(page, "Enregistrer la réunion")
    follow(page, "Dire qu’elle s’est tenue")
    fill(page, held_on=on)
    send(page, "Enregistrer")


def decide(page: Page, ctg: str, purpose: str, gate: str) -> None:
    open_meeting(page, ctg, purpose)
    fill(page, text=f"Le comité décide : {gate}.", gate=gate)
    send(page, "Enregistrer la décision")


def decide_too_early(page: Page, ctg: str, purpose: str, gate: str) -> list[str]:
    """The refusals; what was typed is still there."""
    open_meeting(page, ctg, purpose)
    fill(page, text="Le comité décide trop tôt.", gate=gate)
    sentences = refused(page, "Enregistrer la décision")
    expect(page.locator('main [name="text"]')).to_have_value("Le comité décide trop tôt.")
    return sentences


# --- Figures and money -----------------------------------------------------------------------------------------------


def type_figure(page: Page, ctg: str, indicator: str, number: int, invented: Invented) -> None:
    page.goto(f"{ctg}chiffres/saisir/")
    fill(page, indicator=indicator, place="here", year=invented.year - 1, number=number)
    if indicator.startswith("Évolution"):
        fill(page, start_year=invented.year - 6)
    fill(page, source="Saisie de la Caf", document=f"Relevé {invented.seed}")
    send(page, "Enregistrer")


def type_figures(page: Page, ctg: str, invented: Invented) -> None:
    type_figure(page, ctg, "Population municipale", invented.population, invented)
    type_figure(page, ctg, "Foyers allocataires", invented.households, invented)
    for indicator, percent in zip(KEY_INDICATORS, invented.percents, strict=True):
        type_figure(page, ctg, indicator, percent, invented)
    expect(page.locator("#asked progress")).to_have_count(0, timeout=PATIENCE * 1000)  # once the worker has judged them
    expect(page.locator("#asked .note-stop")).to_have_count(0)


def type_funding(page: Page, ctg: str, invented: Invented) -> None:
    services = ("Accueil du jeune enfant (EAJE)", "Soutien à la parentalité (Reaap)")
    for service, amount in zip(services, invented.services, strict=True):
        _line(page, ctg, service, "Prestation de service", amount, invented)
    _line(
        page,
        ctg,
        "Aides aux projets",
        "Aide aux projets, fonctionnement ou investissement",
        invented.project_aid,
        invented,
    )
    open_room(page, ctg, "Financements")
    follow(page, "Ajouter un total annoncé")
    fill(page, year=invented.year - 1, scheme="Prestation de service", amount=invented.stated, source="Annonce")
    send(page, "Enregistrer")


def _line(page: Page, ctg: str, service: str, scheme: str, amount: Decimal, invented: Invented) -> None:
    open_room(page, ctg, "Financements")
    follow(page, "Ajouter une ligne")
    fill(page, year=invented.year - 1, label=service, service=service, scheme=scheme, state="actual", nature="running")
    fill(page, amount=amount, source=f"Relevé {invented.seed}")
    send(page, "Enregistrer")


# --- The diagnosis ---------------------------------------------------------------------------------------------------


def open_group(page: Page, ctg: str, group: str) -> None:
    open_room(page, ctg, "Diagnostic")
    leave_by(page.locator("main").get_by_role("link", name=group, exact=True))


def open_contributions(page: Page, ctg: str, group: str, invented: Invented) -> None:
    open_group(page, ctg, group)
    follow(page, "Modifier le groupe")
    fill(
        page, contributions_open_on=date(invented.year, 1, 1), contributions_close_on=date(invented.today.year, 12, 31)
    )
    send(page, "Enregistrer")
    open_group(page, ctg, group)
    follow(page, "Membres")
    fill(page, organisation="MSA Grand Sud", user=invented.guest[0])
    send(page, "Ajouter")


def contribute(page: Page, group: str, text: str) -> None:
    leave_by(page.get_by_role("link", name="Ce qui m’attend"))
    follow(page, f"Contribuer au groupe {group}")
    fill(page, kind="Une idée", text=text)
    send(page, "Envoyer ma contribution")


def write_finding(page: Page, ctg: str, group: str, title: str) -> None:
    open_group(page, ctg, group)
    follow(page, "Ajouter un constat")
    fill(page, kind="Faiblesse", title=title, text="Dit par tous les partenaires.")
    send(page, "Enregistrer le constat")


def write_conclusions(page: Page, ctg: str, invented: Invented) -> None:
    open_room(page, ctg, "Diagnostic")
    follow(page, "Modifier la synthèse et les dates")
    starts_on = invented.period[0]
    fill(page, summary=invented.summary, team_phase_starts_on=starts_on, team_phase_ends_on=date(invented.year, 1, 20))
    fill(page, partner_phase_starts_on=date(invented.year, 1, 21), partner_phase_ends_on=date(invented.year, 2, 10))
    send(page, "Enregistrer")
    follow(page, "Ajouter une priorité")
    fill(page, title=invented.priority, text="Elle passe avant le reste.")
    page.get_by_label(re.compile(re.escape(invented.finding))).check()
    send(page, "Enregistrer la priorité")


# --- The plan --------------------------------------------------------------------------------------------------------


def write_project(page: Page, ctg: str, invented: Invented) -> None:
    open_room(page, ctg, "Plan d’actions")
    follow(page, "Modifier le projet de territoire")
    fill(page, introduction=invented.project)
    send(page, "Enregistrer le projet")
    follow(page, "Ajouter un axe")
    fill(page, title=invented.axis)
    send(page, "Enregistrer")


def tie_axis(page: Page, ctg: str, invented: Invented) -> None:
    open_room(page, ctg, "Plan d’actions")
    follow(page, "Axe 1 : aucune priorité")
    fill(page, priorities=[invented.priority])
    send(page, "Enregistrer")


def write_action(page: Page, ctg: str, invented: Invented) -> None:
    open_room(page, ctg, "Plan d’actions")
    follow(page, "Ajouter un objectif")
    fill(page, title=invented.objective)
    send(page, "Enregistrer")
    follow(page, "Ajouter une action dans")
    fill(page, title=invented.action)
    send(page, "Créer la fiche et continuer")


def open_action(page: Page, ctg: str, invented: Invented) -> None:
    open_room(page, ctg, "Plan d’actions")
    follow(page, f"1.1.1 – {invented.action}")


def complete_action(page: Page, ctg: str, invented: Invented) -> None:
    open_action(page, ctg, invented)
    follow(page, "Modifier la fiche")
    fill(page, themes=[labels(page, "themes")[0]])
    send(page, "Enregistrer et continuer")
    fill(page, description="Ce que l’on fera.")
    send(page, "Enregistrer et continuer")
    fill(page, lead=invented.epci_name, lead_user=invented.lead[0])
    send(page, "Enregistrer et continuer")
    fill(page, starts_on=invented.period[0], ends_on=invented.period[1])
    send(page, "Enregistrer et revenir à la fiche")
    send(page, "Proposer à l’étude")


def give_verdict(page: Page, ctg: str, invented: Invented) -> None:
    open_action(page, ctg, invented)
    follow(page, "Donner l’avis de faisabilité")
    fill(page, verdict="Retenue")
    send(page, "Enregistrer l’avis")


def write_cost(page: Page, ctg: str, invented: Invented) -> None:
    open_action(page, ctg, invented)
    follow(page, "Modifier le budget")
    line = {"year": str(invented.year), "nature": "running", "label": "Fonctionnement", "amount": invented.cost}
    fill(page, **{f"costs-0-{name}": answer for name, answer in line.items()})
    _finance(page, 0, "Caf des Pyrénées-Orientales", invented.caf_share, invented)
    send(page, "Enregistrer le budget")


def balance_budget(page: Page, ctg: str, invented: Invented) -> None:
    open_action(page, ctg, invented)
    follow(page, "Modifier le budget")
    _finance(page, 1, invented.epci_name, invented.own_share, invented)
    send(page, "Enregistrer le budget")


def _finance(page: Page, place: int, funder: str, planned: Decimal, invented: Invented) -> None:
    line = {"year": str(invented.year), "nature": "running", "funder": funder, "planned": planned}
    fill(page, **{f"financings-{place}-{name}": answer for name, answer in line.items()})


def write_target(page: Page, ctg: str, invented: Invented) -> None:
    open_action(page, ctg, invented)
    follow(page, "Ajouter un indicateur")
    fill(page, label="Familles venues", unit="familles", direction="higher", baseline=invented.baseline)
    fill(page, goal=invented.goal, source="Registre des entrées")
    send(page, "Enregistrer l’indicateur")


def write_method(page: Page, ctg: str) -> None:
    page.goto(f"{ctg}evaluation/methode/")
    follow(page, "Écrire la méthode")
    fill(page, questions="Qui vient ?", criteria="Les familles venues.", organisation="Le comité, chaque année.")
    send(page, "Enregistrer la méthode")


# --- The convention --------------------------------------------------------------------------------------------------


def prepare_agreement(page: Page, ctg: str) -> None:
    open_room(page, ctg, "Convention")
    send(page, "Préparer le texte de la convention")


def add_party(page: Page, ctg: str, signatory: str, quality: str, **organisation: str) -> None:
    open_room(page, ctg, "Convention")
    follow(page, "Ajouter une partie")
    fill(page, **organisation)
    send(page, "Ajouter la partie")
    fill(page, **{"signatories-0-full_name": signatory, "signatories-0-quality": quality})
    page.locator('[name="signatories-0-is_legal_head"]').check()
    send(page, "Enregistrer les signataires")


def write_deliberation(page: Page, ctg: str, party: str, **answers: str | date) -> None:
    open_room(page, ctg, "Convention")
    follow(page, f"Délibération de {party}")
    fill(page, **answers)
    send(page, "Enregistrer la délibération")


def sign(page: Page, ctg: str, party: str, on: date) -> str:
    """What the page says once it is recorded."""
    _fill_signature(page, ctg, party, on)
    send(page, "Enregistrer la signature")
    return words(page)


def sign_too_early(page: Page, ctg: str, party: str, on: date) -> list[str]:
    _fill_signature(page, ctg, party, on)
    return refused(page, "Enregistrer la signature")


def _fill_signature(page: Page, ctg: str, party: str, on: date) -> None:
    open_room(page, ctg, "Convention")
    follow(page, f"Enregistrer la signature de {party}")
    fill(page, on=on)


# --- The evaluation --------------------------------------------------------------------------------------------------


def open_evaluation(page: Page, ctg: str, invented: Invented) -> None:
    open_room(page, ctg, "Évaluation")
    row = page.get_by_role("row").filter(has_text=str(invented.year)).first
    leave_by(row.get_by_role("button", name="Ouvrir"))
    expect(page.get_by_role("heading", name=f"Évaluation {invented.year}", exact=True)).to_be_visible()


def write_evaluation(page: Page, ctg: str, invented: Invented) -> None:
    page.goto(f"{ctg}evaluation/{invented.year}/")
    follow(page, "Écrire le bilan de l’année")
    fill(page, summary=invented.review)
    send(page, "Enregistrer le bilan")
    follow(page, "Écrire le bilan de l’action")
    fill(page, progress="En cours", percent=invented.percent_done, comment="Ouvert en mars.", outlook="Poursuivre")
    fill(page, **{"measurements-0-value": invented.measure, "measurements-0-measured_on": date(invented.year, 12, 31)})
    send(page, "Enregistrer")


def press(page: Page, path: str, button: str) -> None:
    page.goto(path)
    send(page, button)
