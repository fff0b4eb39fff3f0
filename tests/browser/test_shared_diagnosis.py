"""The shared diagnosis from the invitation of partners to the axes fixed by the copil.

Three partners asked by e-mail; contributions by link from other browser profiles; a long text outlives its session; what
they said becomes a finding; needs are ranked by college; the committee validates and fixes the axes. The mail goes
through a real server on this machine.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from urllib.parse import unquote_plus

import pytest
from playwright.sync_api import Browser, Page, expect

from ctg_site.demonstration.cast import PASSWORD
from tests.browser.forms import fill, refused, send
from tests.browser.mailbox import Mailbox, mail_server
from tests.browser.site import Site, twin_site
from tests.browser.visitors import browsing, leave_by, log_in_as, watched_page, words
from tests.browser.walk import convene_copil, decide, decide_too_early

pytestmark = pytest.mark.browser

CTG, SLUG = "/ctg/montagne-noire-2026-2030/", "montagne-noire-2026-2030"
OFFICER, MEMBER = "cooperation.montagnenoire@demo.example", "responsable.caf11@demo.example"
GUESTS = [f"partenaire{number}@essai.example" for number in (1, 2, 3)]
GROUP = "Petite enfance"
VALIDATE, FIX = "validate_diagnosis", "fix_axes"
LONG = "Au nord du territoire, aucune place en accueil collectif. " * 30


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def site(demo_site: Site, mailbox: Mailbox, tmp_path) -> Iterator[Site]:  # type: ignore[no-untyped-def]
    with twin_site(demo_site, tmp_path, EMAIL_URL=f"smtp://127.0.0.1:{mailbox.port}") as site:
        yield site


@pytest.fixture
def somebody(chromium: Browser, site: Site):  # type: ignore[no-untyped-def]
    """Each in a browser profile of their own."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(watched_page(stack.enter_context(browsing(chromium, site.address))))


def test_from_an_invitation_by_mail_to_the_axes_fixed_by_the_copil(somebody, mailbox, site):
    officer = log_in_as(somebody(), OFFICER)
    _keep_open(officer)
    _invite_three(officer)
    links = [mailbox.link(address) for address in GUESTS]
    partner = somebody()
    _begin_close_and_find_again(partner, links[0])
    _send(partner)
    _only_the_silent_are_reminded(officer, mailbox)
    _lose_the_session_in_the_middle_of_a_text(log_in_as(somebody(), MEMBER))
    _merge(officer)
    _follow(partner, links[0])
    _score_by_college(officer, partner, links[0])
    _decide(officer, site)
    _a_revoked_link_says_so(officer, somebody(), links[2])


def _keep_open(page: Page) -> None:
    """The demonstration gathers contributions until a day that comes to pass."""
    page.goto(f"{CTG}diagnostic/")
    leave_by(page.locator("main").get_by_role("link", name=GROUP, exact=True))
    leave_by(page.get_by_role("link", name="Modifier le groupe"))
    fill(page, contributions_close_on=date(date.today().year + 1, 12, 31))
    send(page, "Enregistrer")


def _invite_three(page: Page) -> None:
    page.goto(f"{CTG}diagnostic/")
    leave_by(page.get_by_role("link", name="Recueil des contributions"))
    leave_by(page.get_by_role("link", name="Inviter des partenaires"))
    fill(page, groups=[GROUP], message="Votre regard nous manque.")
    fill(page, guests="\n".join(f"Partenaire {row[10]} <{row}>" for row in GUESTS) + "\nune ligne fausse")
    assert any("une ligne fausse" in sentence for sentence in refused(page, "Envoyer les invitations"))
    fill(page, guests="\n".join(f"Partenaire {row[10]} <{row}>" for row in GUESTS))
    send(page, "Envoyer les invitations")
    expect(page.locator("main")).to_contain_text("3 invitations partent.")


def _begin_close_and_find_again(page: Page, link: str) -> None:
    page.goto(link)
    fill(page, kind="Ce qui manque")
    with page.expect_response(lambda answer: "Un début" in unquote_plus(answer.request.post_data or "")):
        page.locator('main [name="text"]').press_sequentially("Un début", delay=10)
    expect(page.locator(".draft-state")).to_contain_text("Brouillon enregistré")
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator('main [name="text"]')).to_have_value("Un début")
    expect(page.locator("main")).to_contain_text("Voici votre brouillon")


def _send(page: Page) -> None:
    fill(page, text=LONG)
    page.locator('main [name="attachment"]').set_input_files(
        {"name": "faux.pdf", "mimeType": "application/pdf", "buffer": b"MZ un programme"}
    )
    assert any("n’est pas un vrai fichier PDF" in sentence for sentence in refused(page, "Envoyer ma contribution"))
    expect(page.locator('main [name="text"]')).to_have_value(re.compile("^Au nord du territoire"))
    send(page, "Envoyer ma contribution")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce qu’est devenue ma contribution")
    expect(page.locator("main")).to_contain_text("Le groupe ne l’a pas encore travaillée")


def _only_the_silent_are_reminded(page: Page, mailbox: Mailbox) -> None:
    page.goto(f"{CTG}contributions/")
    expect(page.locator("tr").filter(has_text=GUESTS[0])).to_contain_text("a répondu")
    leave_by(page.get_by_role("button", name="Relancer ceux qui n’ont pas répondu"))
    expect(page.locator("main")).to_contain_text("Un rappel part")
    for address in GUESTS[1:]:
        mailbox.link(address, letters=2)
    assert len(mailbox.letters[GUESTS[0]]) == 1


def _lose_the_session_in_the_middle_of_a_text(page: Page) -> None:
    page.goto(f"{CTG}diagnostic/")
    leave_by(page.locator("main").get_by_role("link", name=GROUP, exact=True))
    leave_by(page.get_by_role("link", name="Contribuer", exact=True))
    fill(page, kind="Ce qui manque", text=LONG)
    expect(page.locator(".draft-state")).to_contain_text("Brouillon enregistré")
    page.context.clear_cookies(name="sessionid")
    page.locator('main [name="text"]').press("End")
    with page.expect_response(lambda answer: "Fin du texte." in unquote_plus(answer.request.post_data or "")):
        page.locator('main [name="text"]').press_sequentially("Fin du texte.", delay=10)
    expect(page.locator(".draft-state")).to_contain_text("Votre session est terminée")
    leave_by(page.get_by_role("link", name="Se reconnecter"))
    expect(page.locator("main")).to_contain_text("votre texte est gardé")
    fill(page, username=MEMBER, password=PASSWORD)
    leave_by(page.get_by_role("button", name="Se connecter"))
    expect(page.locator('main [name="text"]')).to_have_value(re.compile("Fin du texte"))
    send(page, "Envoyer ma contribution")


def _merge(page: Page) -> None:
    page.goto(f"{CTG}diagnostic/")
    leave_by(page.locator("main").get_by_role("link", name=GROUP, exact=True))
    boxes = page.locator('[name="contribution"]')
    expect(boxes).to_have_count(2)
    for place in range(2):
        boxes.nth(place).check()
    leave_by(page.get_by_role("button", name="En faire un constat"))
    expect(page.locator('[name="contributions"]:checked')).to_have_count(2)
    expect(page.locator('main [name="text"]')).to_have_value(re.compile("Fin du texte"))
    fill(page, title="Le nord du territoire n’a aucune place", text="Deux partenaires le disent.")
    send(page, "Enregistrer le constat")


def _follow(page: Page, link: str) -> None:
    page.goto(link)
    leave_by(page.get_by_role("link", name="Ce qu’est devenue ma contribution"))
    expect(page.locator("main")).to_contain_text("Reprise dans un constat")
    expect(page.locator("main")).to_contain_text("Le nord du territoire n’a aucune place")


def _score_by_college(officer: Page, partner: Page, link: str) -> None:
    """A partner by link, the officer by account; the result is read once closed."""
    partner.goto(link)
    leave_by(partner.get_by_role("link", name="Noter ce qu’a trouvé le groupe"))
    fill(partner, college="Habitants", votes=["Le nord du territoire n’a aucune place"])
    send(partner, "Enregistrer mon bulletin")
    officer.goto(f"{CTG}diagnostic/")
    leave_by(officer.locator("main").get_by_role("link", name=GROUP, exact=True))
    leave_by(officer.get_by_role("link", name="Notation du groupe"))
    leave_by(officer.get_by_role("link", name="Donner ou changer mon avis"))
    fill(officer, college="Élus", votes=["Le nord du territoire n’a aucune place"])
    send(officer, "Enregistrer mon bulletin")
    leave_by(officer.get_by_role("button", name="Clore la notation"))
    expect(officer.locator("main")).to_contain_text("d’après 8 bulletins")
    row = officer.locator("tr").filter(has_text="Le nord du territoire n’a aucune place")
    expect(row).to_contain_text("25 %")  # one of the four residents
    partner.reload()
    expect(partner.locator("main")).to_contain_text("La notation est close")


def _decide(officer: Page, site: Site) -> None:
    """Too early, then once everything is there: validated, and the axes fixed."""
    convene_copil(officer, CTG, "Diagnostic et axes", date.today())
    assert any("La synthèse" in sentence for sentence in decide_too_early(officer, CTG, "Diagnostic et axes", VALIDATE))
    site.run("-m", "tests.browser.finish_diagnosis", SLUG)
    decide(officer, CTG, "Diagnostic et axes", VALIDATE)
    decide(officer, CTG, "Diagnostic et axes", FIX)
    officer.goto(f"{CTG}diagnostic/")
    assert "Validé" in words(officer)
    officer.goto(f"{CTG}plan/")
    assert "Axes fixés" in words(officer)


def _a_revoked_link_says_so(officer: Page, stranger: Page, link: str) -> None:
    officer.goto(f"{CTG}contributions/")
    leave_by(officer.locator("tr").filter(has_text=GUESTS[2]).get_by_role("button", name="Annuler le lien"))
    expect(officer.locator("tr").filter(has_text=GUESTS[2])).to_contain_text("annulée")
    stranger.goto(link)
    expect(stranger.locator("main")).to_contain_text("Ce lien a été annulé")
    stranger.expected_statuses.add(404)
    stranger.goto(link.replace(SLUG, "pyrenees-cerdagne-2026-2030"))
    expect(stranger.locator("main")).to_contain_text("Ce lien est celui d’une autre Ctg")
