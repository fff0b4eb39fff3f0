"""A partner without account: asked by e-mail, contributes by a signed link, sees what it became; what a bad link says."""

import io
import zipfile
from datetime import date, datetime

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ctg_site.audit.models import Entry
from ctg_site.drafts.models import Draft
from ctg_site.lib.dates import PARIS
from ctg_site.lib.errors import RuleBroken
from diagnostic import services
from diagnostic.models import Contribution, Finding, Guest, Scoring
from diagnostic.tasks import send_contribution_request
from territory.links import signed_token
from territory.models import Role
from tests.diagnostic.factories import (
    CafFactory,
    OrganisationFactory,
    add_finding,
    add_priority,
    first_group,
    make_diagnosis,
    make_user,
    open_group,
)

pytestmark = pytest.mark.django_db

JUNE = date(2021, 6, 9)
TEXT = "Au-delà du col, plus aucune place en crèche."
WORD = "<p class=MsoNormal><o:p>&nbsp;</o:p><b>Texte</b><script>alert(1)</script></p>"


@pytest.fixture
def diagnosis():
    return make_diagnosis()


@pytest.fixture
def group(diagnosis):
    return open_group(first_group(diagnosis))


@pytest.fixture
def guest(group):
    return make_guest(group)


@pytest.fixture(autouse=True)
def in_june(monkeypatch):
    set_day(monkeypatch, JUNE)


def set_day(monkeypatch, day) -> None:
    for module in ("links", "campaigns", "contributions", "groups"):
        monkeypatch.setattr(f"diagnostic.views.{module}.today", lambda: day)


def make_guest(group, email="mireille@essai.example", **fields) -> Guest:
    created_at = datetime(2021, 6, 1, 9, tzinfo=PARIS)
    guest = Guest(ctg=group.ctg, email=email, full_name="Mireille Essai", created_at=created_at, **fields)
    return services.invite_guest(guest, groups=[group], by=None)


def url(guest, page="contribute_by_link", slug="") -> str:
    return reverse(f"diagnostic:{page}", args=[slug or guest.ctg.slug, signed_token(guest)])


def sent(group, **fields) -> dict[str, object]:
    return {"group": group.pk, "kind": "missing", "text": TEXT} | fields


def office(name="rapport.docx", part="word/document.xml", *, size=1, pieces=0, **parts: str) -> SimpleUploadedFile:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in ("[Content_Types].xml", *parts.values(), *(f"word/{number}.xml" for number in range(pieces))):
            archive.writestr(path, "x")
        archive.writestr(part, b"0" * size)
    return SimpleUploadedFile(name, raw.getvalue())


# --- Asking ---


def test_a_partner_is_asked_by_a_mail_with_a_personal_link(group, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        guest = make_guest(group, email="  Mireille@Essai.Example", message="Dites-nous tout.")
    (message,) = mail.outbox
    assert message.to == ["mireille@essai.example"]
    assert url(guest) in message.body
    assert "Dites-nous tout." in message.body
    assert "15 octobre 2021" in message.body
    guest.refresh_from_db()
    assert guest.state == "envoyée"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [({"email": "pas une adresse"}, "adresse"), ({"full_name": " "}, "nom et prénom")],
)
def test_what_cannot_be_asked_is_refused(group, fields, sentence):
    guest = Guest(**{"ctg": group.ctg, "email": "a@essai.example", "full_name": "A"} | fields)
    with pytest.raises(RuleBroken, match=sentence):
        services.invite_guest(guest, groups=[group], by=None)


def test_nobody_is_asked_for_another_ctg_nor_twice(group, guest):
    elsewhere = first_group(make_diagnosis())
    with pytest.raises(RuleBroken, match="autre Ctg"):
        services.invite_guest(Guest(ctg=group.ctg, email="b@essai.example", full_name="B"), groups=[elsewhere], by=None)
    with pytest.raises(RuleBroken, match="autre Caf"):
        make_guest(group, email="c@essai.example", organisation=OrganisationFactory(caf=CafFactory()))
    with pytest.raises(RuleBroken, match="déjà invitée"):
        make_guest(group)
    services.revoke_guest(guest, by=None)
    assert make_guest(group).pk


def test_only_those_who_have_not_answered_are_reminded_and_once_a_day(group, django_capture_on_commit_callbacks):
    silent, answered, revoked = (make_guest(group, email=f"{name}@essai.example") for name in "abc")
    services.contribute(group, guest=answered, kind="idea", text=TEXT, on=JUNE)
    services.revoke_guest(revoked, by=None)
    with django_capture_on_commit_callbacks(execute=True):
        assert services.remind_guests(group.ctg.guests.order_by("pk"), by=None, on=JUNE) == 1
    assert [message.to for message in mail.outbox] == [[silent.email]]
    assert mail.outbox[0].subject.startswith("Rappel")
    with pytest.raises(RuleBroken, match="Personne n’est à relancer"):
        services.remind_guests(group.ctg.guests.order_by("pk"), by=None, on=JUNE)
    with pytest.raises(RuleBroken, match="a déjà répondu"):
        services.remind_guest(answered, by=None, on=JUNE)


@pytest.mark.parametrize("how", ["contribution", "ballot"])
def test_who_answered_with_an_account_is_not_reminded(diagnosis, group, how):
    """They were asked by mail, and came in by the account they already had."""
    guest, author = make_guest(group), make_user("Mireille", role=Role.CONTRIBUTOR, ctg=group.ctg)
    author.email = guest.email
    author.save()
    if how == "contribution":
        services.contribute(group, author=author, kind="idea", text=TEXT, on=JUNE)
    else:
        finding = add_finding(diagnosis, group=group)
        scoring = services.open_scoring(Scoring(diagnosis=diagnosis, group=group, method="votes"), by=None, on=JUNE)
        services.cast_ballot(scoring, college="elected", votes=[finding], user=author, on=JUNE)
    with pytest.raises(RuleBroken, match="Personne n’est à relancer"):
        services.remind_guests(group.ctg.guests.all(), by=None, on=JUNE)
    guest.refresh_from_db()
    assert guest.state == "a répondu"


def test_nobody_is_reminded_once_the_groups_are_closed(group, guest):
    with pytest.raises(RuleBroken, match="ne reçoit plus"):
        services.remind_guest(guest, by=None, on=date(2021, 12, 1))


def test_no_mail_leaves_for_who_answered_while_it_waited(group, guest):
    services.contribute(group, guest=guest, kind="idea", text=TEXT, on=JUNE)
    send_contribution_request.enqueue(guest.pk)
    assert mail.outbox == []


def test_the_same_dates_are_given_to_several_groups(diagnosis):
    groups = list(diagnosis.ctg.groups.order_by("pk"))
    services.schedule_contributions(groups, opens_on=date(2021, 5, 1), closes_on=date(2021, 5, 31), by=None)
    assert all(group.takes_contributions_on(date(2021, 5, 31)) for group in diagnosis.ctg.groups.order_by("pk"))
    with pytest.raises(RuleBroken, match="précède leur ouverture"):
        services.schedule_contributions(groups, opens_on=date(2021, 5, 2), closes_on=date(2021, 5, 1), by=None)


# --- Contributing ---


def test_one_contributes_without_account(client, group, guest):
    page = client.get(url(guest))
    assert "Mireille Essai" in page.text
    assert "no-store" in page["Cache-Control"]
    answer = client.post(url(guest), sent(group, kind="figure", text="12 familles", source="Registre"), follow=True)
    assert "Merci : votre contribution est envoyée" in answer.text
    said = Contribution.objects.get()
    assert (said.guest, said.author, said.text, said.source) == (guest, None, "12 familles", "Registre")
    guest.refresh_from_db()
    assert guest.state == "a répondu"
    assert guest.opened_at
    assert Entry.objects.get(verb="contribution.sent").actor_label == "Mireille Essai"


def test_a_link_that_is_no_more_says_so_kindly(client, group, guest, monkeypatch):
    services.revoke_guest(guest, by=None)
    assert "Ce lien a été annulé" in client.get(url(guest)).text
    refused = client.post(url(guest), sent(group)).text
    assert "Ce lien a été annulé" in refused
    assert f"readonly>{TEXT}</textarea>" in refused  # written before the link was cancelled: given back
    Guest.objects.filter(pk=guest.pk).update(revoked_at=None)
    set_day(monkeypatch, date(2024, 1, 1))
    assert "était valable jusqu’au 1er juin 2023" in client.get(url(guest)).text
    assert not Contribution.objects.exists()


@pytest.mark.parametrize("page", ["contribute_by_link", "contributions_by_link"])
def test_a_link_of_another_ctg_opens_nothing_here(client, guest, page):
    other = make_guest(open_group(first_group(make_diagnosis())), email="autre@essai.example")
    answer = client.get(url(other, page, slug=guest.ctg.slug))
    assert answer.status_code == 404
    assert "Ce lien est celui d’une autre Ctg" in answer.text
    forged = reverse(f"diagnostic:{page}", args=[guest.ctg.slug, "1:faux"])
    assert client.get(forged).status_code == 404
    assert "n’est pas reconnu" in client.get(forged).text


def test_a_group_of_another_ctg_is_refused_beside_its_field(client, guest):
    elsewhere = open_group(first_group(make_diagnosis()))
    answer = client.post(url(guest), sent(elsewhere))
    assert "ne vous invite pas à contribuer à ce groupe" in answer.text
    assert TEXT in answer.text
    with pytest.raises(RuleBroken, match="autre Ctg"):
        services.contribute(elsewhere, guest=guest, kind="idea", text=TEXT, on=JUNE)
    neighbour = open_group(guest.ctg.groups.order_by("position").last())
    with pytest.raises(RuleBroken, match="ne vous invite pas"):
        services.contribute(neighbour, guest=guest, kind="idea", text=TEXT, on=JUNE)


def test_after_the_closing_the_text_stays_and_the_follow_up_opens(client, group, guest, monkeypatch):
    set_day(monkeypatch, date(2021, 12, 1))
    answer = client.post(url(guest), sent(group))
    assert "closes depuis le 15 octobre 2021" in answer.text
    assert TEXT in answer.text
    assert not Contribution.objects.exists()
    assert "<textarea" not in client.get(url(guest)).text
    assert client.get(url(guest, "contributions_by_link")).status_code == 200


@pytest.mark.parametrize(
    ("text", "kept"),
    [(WORD, WORD), ("a\x00b\u202ec", "abc"), ("é" * 5000, "é" * 5000)],
    ids=["Word", "invisible", "long"],
)
def test_what_is_pasted_is_kept_as_text(client, group, guest, text, kept):
    client.post(url(guest), sent(group, text=text))
    assert Contribution.objects.get().text == kept
    assert "<script>alert" not in client.get(url(guest, "contributions_by_link")).text


def test_100_000_characters_are_refused_beside_the_field_and_stay(client, group, guest):
    answer = client.post(url(guest), sent(group, text="z" * 100_000))
    assert "5000" in answer.text.replace("\u202f", "")
    assert "z" * 100_000 in answer.text
    assert not Contribution.objects.exists()


def test_a_draft_of_a_link_comes_back_by_the_link_only(client, group, guest):
    key = client.get(url(guest)).text.split('name="draft" value="')[1].split('"')[0]
    client.post(reverse("drafts:save"), sent(group, draft=key))
    assert Draft.objects.get().link == f"guest:{guest.pk}"
    assert TEXT in client.get(url(guest)).text
    other = make_guest(group, email="autre@essai.example")
    assert TEXT not in client.get(url(other)).text
    client.post(url(guest), sent(group, draft=key))
    assert not Draft.objects.exists()


# --- Attachments ---


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (lambda: SimpleUploadedFile("rapport.pdf", b"MZ\x90 programme"), "n’est pas un vrai fichier PDF"),
        (lambda: SimpleUploadedFile("rapport.exe", b"MZ"), "Ce genre de fichier n’est pas accepté"),
        (lambda: SimpleUploadedFile("page.html", b"<script>"), "Ce genre de fichier n’est pas accepté"),
        (lambda: SimpleUploadedFile("rapport.docx", b"PK\x03\x04 tronqu"), "n’est pas un vrai fichier DOCX"),
        (lambda: office("feuille.xlsx"), "n’est pas un vrai fichier XLSX"),
        (lambda: office(macro="word/vbaProject.bin"), "n’est pas un vrai fichier DOCX"),
        (lambda: office(size=151 * 1024 * 1024), "immense une fois ouvert"),
        (lambda: office(pieces=5000), "immense une fois ouvert"),
        (lambda: SimpleUploadedFile("vide.pdf", b""), "est vide"),
        (lambda: SimpleUploadedFile("gros.pdf", b"%PDF-" + b"0" * 10 * 1024 * 1024), "dépasse 10 Mo"),
        (lambda: None, "Joignez le document"),
    ],
    ids=["program", "exe", "html", "broken", "other kind", "macro", "bomb", "many parts", "empty", "heavy", "none"],
)
def test_an_attachment_that_is_not_what_it_says_is_refused_beside_its_field(client, group, guest, file, sentence):
    fields = {"attachment": attached} if (attached := file()) else {}
    answer = client.post(url(guest), sent(group, kind="document", **fields))
    assert sentence in answer.text
    assert TEXT in answer.text
    assert not Contribution.objects.exists()


def test_an_attachment_is_only_ever_downloaded_by_those_inside(client, group, guest, as_someone, diagnosis):
    client.post(url(guest), sent(group, kind="document", attachment=office("Rapport d’été.docx")))
    said = Contribution.objects.get()
    assert "Rapport" not in said.attachment.name
    address = reverse("diagnostic:contribution_attachment", args=[group.ctg.slug, said.pk])
    assert "connexion" in client.get(address)["Location"]
    answer = as_someone("reader", diagnosis).get(address)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert as_someone("outsider", diagnosis).get(address).status_code == 404


# --- Becoming a finding ---


def test_an_anonymous_partner_has_a_name_for_those_who_write_only(client, group, guest, as_someone, diagnosis):
    client.post(url(guest), sent(group, is_anonymous="on"))
    page = reverse("diagnostic:group", args=[group.ctg.slug, group.pk])
    assert "Mireille" not in as_someone("contributor", diagnosis).get(page).text
    assert "Mireille Essai" in as_someone("group_lead", diagnosis).get(page).text
    client.logout()
    assert TEXT not in client.get(page).content.decode()


def test_the_group_merges_contributions_and_their_sources_stay(client, group, guest, as_someone, diagnosis):
    for text in ("Un mot.", "Un autre."):
        services.contribute(group, guest=guest, kind="missing", text=text, on=JUNE)
    said = list(group.contributions.order_by("pk"))
    lead = as_someone("group_lead", diagnosis)
    query = "&".join(f"contribution={row.pk}" for row in said)
    address = f"{reverse('diagnostic:finding_new', args=[group.ctg.slug])}?groupe={group.pk}&{query}"
    page = lead.get(address).text
    assert "Un mot.\n\nUn autre." in page
    assert page.count('name="contributions"') == page.count("checked") - 1  # and the nature they share
    body = {
        "group": group.pk,
        "kind": "need",
        "title": "Il manque des places",
        "contributions": [row.pk for row in said],
    }
    assert lead.post(address, body).status_code == 302
    finding = Finding.objects.get()
    assert list(finding.contributions.order_by("pk")) == said
    services.delete_finding(finding, by=None)
    assert group.contributions.count() == 2


def test_each_contributor_sees_what_it_became(client, group, guest, diagnosis):
    kept, aside, waiting = (services.contribute(group, guest=guest, kind="idea", text=t, on=JUNE) for t in "abc")
    finding = add_finding(diagnosis, group=group, title="Des places manquent", contributions=[kept])
    add_priority(diagnosis, findings=[finding], title="Accueillir partout")
    services.answer_contribution(aside, answer="Cela relève de la Région.", is_set_aside=True, by=None)
    text = client.get(url(guest, "contributions_by_link")).text
    for words in ("Reprise dans un constat", "Des places manquent", "Accueillir partout", "Lue, et pas reprise"):
        assert words in text
    assert "Cela relève de la Région." in text
    assert "Le groupe ne l’a pas encore travaillée" in text
    account = make_user("Mireille", role=Role.CONTRIBUTOR, ctg=group.ctg)
    account.email = guest.email
    account.save()
    client.force_login(account)
    mine = client.get(reverse("diagnostic:my_contributions", args=[group.ctg.slug])).text
    assert "Des places manquent" in mine


def test_setting_aside_asks_for_a_reason_and_spares_what_is_taken_up(group, guest, diagnosis):
    said = services.contribute(group, guest=guest, kind="idea", text=TEXT, on=JUNE)
    with pytest.raises(RuleBroken, match="pourquoi"):
        services.answer_contribution(said, answer=" ", is_set_aside=True, by=None)
    add_finding(diagnosis, group=group, contributions=[said])
    with pytest.raises(RuleBroken, match="n’est pas écartée"):
        services.answer_contribution(said, answer="Non.", is_set_aside=True, by=None)


# --- Following ---


def test_the_officer_sees_who_has_read_and_answered(client, group, as_someone, diagnosis):
    for name in ("sent", "read", "spoke"):
        make_guest(group, email=f"{name}@essai.example")
    guests = {guest.email.split("@")[0]: guest for guest in group.ctg.guests.order_by("pk")}
    client.get(url(guests["read"]))
    client.post(url(guests["spoke"]), sent(group))
    page = as_someone("lead", diagnosis).get(reverse("diagnostic:campaign", args=[group.ctg.slug])).text
    assert "ont ouvert leur lien" in page
    assert "a répondu" in page
    assert page.count("Annuler le lien") == 3
    assert page.count(">\n    Relancer\n") == 2


def test_the_officer_invites_several_partners_by_their_lines(as_someone, group, diagnosis):
    lead = as_someone("lead", diagnosis)
    association = OrganisationFactory(caf=group.ctg.caf, name="Les Isards")
    address = reverse("diagnostic:guests_invite", args=[group.ctg.slug])
    lines = "Ana Essai <ana@essai.example>, les isards\n\nBo Essai <bo@essai.example>"
    assert lead.post(address, {"groups": [group.pk], "guests": lines}).status_code == 302
    rows = group.ctg.guests.order_by("email")
    assert [(row.full_name, row.organisation) for row in rows] == [("Ana Essai", association), ("Bo Essai", None)]
    again = lead.post(address, {"groups": [group.pk], "guests": "Cy <cy@essai.example>\nBo Essai <bo@essai.example>"})
    assert "Bo Essai : Cette personne est déjà invitée" in again.text
    assert "cy@essai.example" in again.text
    assert group.ctg.guests.count() == 2
    for line in ("sans adresse", "X <x@essai.example>, Inconnue"):
        assert lead.post(address, {"groups": [group.pk], "guests": line}).status_code == 200
    assert group.ctg.guests.count() == 2


@pytest.mark.parametrize(
    ("who", "is_offered"), [("lead", True), ("caf_adviser", True), ("editor", False), ("reader", False)]
)
def test_the_page_of_a_draft_leads_those_who_gather_to_the_contributions(as_someone, diagnosis, who, is_offered):
    page = as_someone(who, diagnosis).get(diagnosis.get_absolute_url()).text
    assert (reverse("diagnostic:campaign", args=[diagnosis.ctg.slug]) in page) == is_offered


def test_a_dead_link_is_refused_by_the_service_too(group, guest):
    with pytest.raises(RuleBroken, match="était valable jusqu’au"):
        services.contribute(group, guest=guest, kind="idea", text=TEXT, on=date(2024, 1, 1))
    guest = services.revoke_guest(guest, by=None)
    with pytest.raises(RuleBroken, match="a été annulé"):
        services.contribute(group, guest=guest, kind="idea", text=TEXT, on=JUNE)
    with pytest.raises(RuleBroken, match="déjà annulé"):
        services.revoke_guest(guest, by=None)
    assert not Contribution.objects.exists()


def test_somebody_is_asked_to_contribute_to_some_group(group):
    with pytest.raises(RuleBroken, match="au moins un groupe"):
        services.invite_guest(Guest(ctg=group.ctg, email="a@essai.example", full_name="A"), groups=[], by=None)
    assert not Guest.objects.exists()
