"""Each bad input of a contribution by each of its doors (the page, the link, the service) and the words around it.

A French sentence where one typed, nothing lost, nothing run. The back office writes no contribution (test_admin_diagnosis).
"""

import re
from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ctg_site.lib.dates import PARIS
from ctg_site.lib.errors import RuleBroken
from diagnostic import services
from diagnostic.links import guest_url
from diagnostic.models import Contribution, Guest, Scoring
from territory.links import signed_token
from territory.models import Comment, Role
from tests.diagnostic.factories import add_finding, first_group, make_diagnosis, make_user, open_group
from tests.diagnostic.test_hostile_texts import LONG, PASTED

pytestmark = pytest.mark.django_db

JUNE, TOO_LATE = date(2021, 6, 9), date(2021, 12, 1)
TEXT = "Au-delà du col, plus aucune place en crèche."
DOORS = ["page", "link", "service"]
LIES = {
    "a program": ("rapport.pdf", b"MZ\x90 programme", "n’est pas un vrai fichier PDF"),
    "a page": ("rapport.png", b"<script>alert(1)</script>", "n’est pas un vrai fichier PNG"),
    "an archive": ("rapport.xlsx", b"PK\x03\x04 tronqu", "n’est pas un vrai fichier XLSX"),
    "a name turned over": ("rapport\u202efdp.exe", b"%PDF-1.7", "Ce genre de fichier n’est pas accepté"),
}


@pytest.fixture
def group():
    return open_group(first_group(make_diagnosis()))


@pytest.fixture
def author(group):
    return make_user("Partenaire", role=Role.CONTRIBUTOR, ctg=group.ctg)


@pytest.fixture
def guest(group):
    return make_guest(group)


def make_guest(group, email="mireille@essai.example") -> Guest:
    guest = Guest(ctg=group.ctg, email=email, full_name="Mireille Essai")
    guest.created_at = datetime(2021, 6, 1, 9, tzinfo=PARIS)
    return services.invite_guest(guest, groups=[group], by=None)


@pytest.fixture
def say(client, group, author, guest, monkeypatch):
    """Through a door, on a day: what is refused is returned as one reads it, nothing when it is sent."""

    def say(door: str, *, text: str = TEXT, on: date = JUNE, attachment=None, where=group) -> str:
        for module in ("links", "contributions", "groups", "scoring"):
            monkeypatch.setattr(f"diagnostic.views.{module}.today", lambda: on)
        if door == "service":
            try:
                services.contribute(where, author=author, kind="missing", text=text, attachment=attachment, on=on)
            except RuleBroken as refusal:
                return str(refusal)
            return ""
        sent = {"kind": "missing", "text": text} | ({"attachment": attachment} if attachment else {})
        if door == "page":
            client.force_login(author)
            answer = client.post(reverse("diagnostic:contribute", args=[where.ctg.slug, where.pk]), sent)
        else:
            answer = client.post(guest_url(guest), sent | {"group": where.pk})
        return "" if answer.status_code == 302 else answer.text

    return say


def digits(text: str) -> str:
    return re.sub("[\u202f\u00a0]|&#8239;", "", text)


@pytest.mark.parametrize("pasted", PASTED)
@pytest.mark.parametrize("door", DOORS)
def test_what_is_pasted_is_kept_as_text(say, client, group, author, door, pasted):
    typed, kept = PASTED[pasted]
    assert say(door, text=typed) == ""
    assert Contribution.objects.get().text == kept
    client.force_login(author)
    page = client.get(reverse("diagnostic:group", args=[group.ctg.slug, group.pk])).text
    assert "<script>alert" not in page
    assert ("&lt;script&gt;alert(1)" in page) == (pasted == "word")


@pytest.mark.parametrize("door", DOORS)
def test_a_hundred_thousand_characters(say, door):
    refusal = say(door, text=LONG)
    assert "100000" in digits(refusal)
    assert "5000" in digits(refusal)
    assert door == "service" or LONG in refusal
    assert not Contribution.objects.exists()


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("door", DOORS)
def test_a_file_that_is_not_what_it_says(say, door, lie):
    name, content, sentence = LIES[lie]
    refusal = say(door, attachment=SimpleUploadedFile(name, content))
    assert sentence in refusal
    assert door == "service" or TEXT in refusal
    assert not Contribution.objects.exists()


@pytest.mark.parametrize("door", DOORS)
def test_after_the_closing(say, door):
    refusal = say(door, on=TOO_LATE)
    assert "closes depuis le 15 octobre 2021" in refusal
    assert door == "service" or TEXT in refusal
    assert not Contribution.objects.exists()


def test_a_group_of_another_ctg(say, client, author):
    elsewhere = open_group(first_group(make_diagnosis()))
    assert "ne vous invite pas à contribuer à ce groupe" in say("link", where=elsewhere)
    client.force_login(author)
    address = reverse("diagnostic:contribute", args=[elsewhere.ctg.slug, elsewhere.pk])
    assert client.post(address, {"kind": "missing", "text": TEXT}).status_code == 404
    assert not Contribution.objects.exists()


@pytest.mark.parametrize("kind", ["contribute_by_link", "contributions_by_link", "ballot_by_link"])
def test_a_link_of_another_ctg_or_made_up(client, group, guest, kind):
    other = make_guest(open_group(first_group(make_diagnosis())), email="autre@essai.example")
    rest = [group.pk] if kind == "ballot_by_link" else []
    for token, sentence in (
        (signed_token(other), "Ce lien est celui d’une autre Ctg"),
        ("1:faux", "n’est pas reconnu"),
    ):
        for answer in (
            client.get(reverse(f"diagnostic:{kind}", args=[group.ctg.slug, token, *rest])),
            client.post(reverse(f"diagnostic:{kind}", args=[group.ctg.slug, token, *rest]), {"text": TEXT}),
        ):
            assert (answer.status_code, sentence in answer.text) == (404, True)
    assert not Contribution.objects.exists()


@pytest.mark.parametrize("pasted", PASTED)
def test_a_comment_and_an_answer_are_cleaned_as_well(client, say, group, pasted):
    typed, kept = PASTED[pasted]
    diagnosis = group.ctg.diagnoses.get()
    finding = add_finding(diagnosis)
    say("service")
    client.force_login(make_user("Coopération", role=Role.LEAD, ctg=group.ctg))
    client.post(reverse("territory:discussion", args=[group.ctg.slug, "constat", finding.pk]), {"text": typed})
    said = Contribution.objects.get()
    client.post(reverse("diagnostic:contribution_answer", args=[group.ctg.slug, said.pk]), {"answer": typed})
    said.refresh_from_db()
    assert (Comment.objects.get().text, said.answer) == (kept, kept)
    assert "<script>alert" not in client.get(finding.get_absolute_url()).text


def test_the_names_of_those_one_invites_are_cleaned(client, group):
    client.force_login(make_user("Coopération", role=Role.LEAD, ctg=group.ctg))
    address = reverse("diagnostic:guests_invite", args=[group.ctg.slug])
    line = "Claire\x00 \u202eEssai <claire@essai.example>"
    assert client.post(address, {"groups": [group.pk], "guests": line}).status_code == 302
    assert Guest.objects.get(email="claire@essai.example").full_name == "Claire Essai"


@pytest.mark.parametrize("door", ["page", "link"])
def test_a_ballot_after_the_closing_keeps_what_was_ticked(client, group, author, guest, monkeypatch, door):
    diagnosis = group.ctg.diagnoses.get()
    finding = add_finding(diagnosis)
    scoring = Scoring(diagnosis=diagnosis, group=group, method="votes", closes_on=JUNE)
    services.open_scoring(scoring, by=None, on=JUNE)
    monkeypatch.setattr("diagnostic.views.scoring.today", lambda: TOO_LATE)
    address = f"{guest_url(guest)}notation/{group.pk}/"
    if door == "page":
        client.force_login(author)
        address = reverse("diagnostic:ballot", args=[group.ctg.slug, group.pk])
    answer = client.post(address, {"college": "residents", "votes": [finding.pk]})
    assert "La notation s’est terminée le 9 juin 2021" in answer.text
    assert answer.text.count(" checked") == 2
    assert not scoring.ballots.exists()
