"""From the invitation to the role: who is asked, who has read, who answers, what a bad link says."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.core.signing import Signer
from django.urls import reverse

from ctg_site.accounts.models import User
from ctg_site.lib.dates import PARIS
from ctg_site.lib.errors import RuleBroken
from territory import services
from territory.models import Invitation, Membership, Role
from territory.tasks import send_invitation
from tests.territory.factories import TODAY, OrganisationFactory, make_ctg, make_invitation, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "un bon mot de passe"


@pytest.fixture
def ctg():
    return make_ctg()


def accept(invitation, **answer):
    return services.accept_invitation(
        invitation, on=TODAY, **(answer or {"full_name": "Camille Essai", "password": PASSWORD})
    )


# --- Inviting ---


def test_the_mail_leaves_once_the_gesture_is_committed(ctg, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        invitation = make_invitation(ctg, email="  Camille@Essai.Example ", due_on=TODAY, message="Venez nombreux.")
        assert mail.outbox == []
    (sent,) = mail.outbox
    assert sent.to == ["camille@essai.example"]
    assert services.invitation_token(invitation) in sent.body
    assert "Venez nombreux." in sent.body
    assert "9 juin 2021" in sent.body
    assert "&" not in sent.body
    assert sent.alternatives[0].mimetype == "text/html"
    invitation.refresh_from_db()
    assert invitation.sent_at
    assert invitation.state_on(TODAY) == "envoyée"


def test_a_mail_never_carries_a_second_heading(ctg, django_capture_on_commit_callbacks):
    ctg.name = "Conflent"
    ctg.save()
    with django_capture_on_commit_callbacks(execute=True):
        make_invitation(ctg, full_name="Camille\nBcc: autre@essai.example")
    assert mail.outbox[0].to == mail.outbox[0].recipients()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"due_on": TODAY - timedelta(days=1)}, "déjà passée"),
        ({"email": "pas une adresse"}, "adresse"),
        ({"role": Role.CAF_MANAGER}, "rôle proposé"),
        ({"role": "roi"}, "rôle proposé"),
        ({"full_name": " "}, "nom et prénom"),
    ],
)
def test_what_cannot_be_an_invitation_is_refused(ctg, fields, sentence):
    with pytest.raises(RuleBroken, match=sentence):
        make_invitation(ctg, **fields)
    assert not Invitation.objects.exists()


def test_an_organisation_of_another_caf_is_refused(ctg):
    with pytest.raises(RuleBroken, match="autre Caf"):
        make_invitation(ctg, organisation=OrganisationFactory())
    make_invitation(ctg, organisation=OrganisationFactory(caf=ctg.caf))


def test_the_same_person_is_invited_once_for_a_role(ctg):
    invitation = make_invitation(ctg)
    with pytest.raises(RuleBroken, match="déjà invitée"):
        make_invitation(ctg, email=invitation.email)
    make_invitation(ctg, email=invitation.email, role=Role.EDITOR)
    make_invitation(make_ctg(), email=invitation.email)
    services.revoke(invitation, by=None)
    make_invitation(ctg, email=invitation.email)


def test_who_has_the_role_is_not_invited(ctg):
    user = make_user(ctg=ctg, role=Role.CONTRIBUTOR)
    with pytest.raises(RuleBroken, match="déjà ce rôle"):
        make_invitation(ctg, email=user.email)


# --- Following ---


def test_each_state_has_its_word(ctg):
    day = date(2021, 7, 1)
    invitation = make_invitation(ctg, due_on=day)
    assert invitation.state_on(day) == "à envoyer"
    send_invitation.call(invitation.pk)
    invitation.refresh_from_db()
    assert invitation.state_on(day) == "envoyée"
    services.mark_opened(invitation)
    invitation.refresh_from_db()
    assert invitation.state_on(day) == "lue"
    assert invitation.state_on(day + timedelta(days=1)) == "en retard"
    withdrawn = services.revoke(make_invitation(ctg, due_on=day), by=None)
    assert withdrawn.state_on(day + timedelta(days=1)) == "annulée"
    accept(invitation)
    invitation.refresh_from_db()
    assert invitation.state_on(day + timedelta(days=1)) == "acceptée"


def test_it_is_read_once_for_all(ctg):
    invitation = make_invitation(ctg)
    services.mark_opened(invitation)
    first = Invitation.objects.get().opened_at
    services.mark_opened(invitation)
    assert Invitation.objects.get().opened_at == first


def test_a_reminder_goes_to_those_who_have_not_answered(ctg, django_capture_on_commit_callbacks):
    waiting, answered, revoked = make_invitation(ctg), make_invitation(ctg), make_invitation(ctg)
    accept(answered)
    services.revoke(revoked, by=None)
    with django_capture_on_commit_callbacks(execute=True):
        services.remind(waiting, by=None, on=TODAY)
        for invitation in (answered, revoked):
            with pytest.raises(RuleBroken):
                services.remind(invitation, by=None, on=TODAY)
        with pytest.raises(RuleBroken, match="déjà été relancé·e aujourd’hui"):
            services.remind(waiting, by=None, on=TODAY)
    assert [(m.to, m.subject.startswith("Rappel")) for m in mail.outbox] == [([waiting.email], True)]


def test_nothing_is_sent_to_someone_who_answered_meanwhile(ctg):
    invitation = make_invitation(ctg)
    accept(invitation)
    send_invitation.call(invitation.pk, reminder=True)
    assert mail.outbox == []


def test_an_accepted_invitation_is_not_revoked(ctg):
    invitation = make_invitation(ctg)
    accept(invitation)
    with pytest.raises(RuleBroken, match="retirez plutôt le rôle"):
        services.revoke(invitation, by=None)
    membership = Membership.objects.get(ctg=ctg)
    services.withdraw_role(membership, by=None)
    make_invitation(ctg, email=invitation.email)


def test_it_is_revoked_once(ctg):
    invitation = make_invitation(ctg)
    services.revoke(invitation, by=None)
    with pytest.raises(RuleBroken, match="déjà annulée"):
        services.revoke(invitation, by=None)


# --- Answering ---


def test_a_new_person_gets_an_account_and_the_role(ctg):
    organisation = OrganisationFactory(caf=ctg.caf)
    invitation = make_invitation(ctg, organisation=organisation)
    user = accept(invitation)
    assert user.email == invitation.email
    assert user.check_password(PASSWORD)
    membership = Membership.objects.get(user=user)
    assert (membership.ctg, membership.role, membership.organisation) == (ctg, Role.CONTRIBUTOR, organisation)
    assert not user.is_staff


def test_someone_with_an_account_accepts_with_it(ctg):
    user = make_user()
    invitation = make_invitation(ctg, email=user.email)
    with pytest.raises(RuleBroken, match="compte existe déjà"):
        accept(invitation)
    assert accept(invitation, user=user) == user
    assert Membership.objects.get(user=user).ctg == ctg


def test_the_link_of_another_person_gives_nothing(ctg):
    invitation, other = make_invitation(ctg), make_user()
    with pytest.raises(RuleBroken, match="autre adresse"):
        accept(invitation, user=other)
    assert not Membership.objects.exists()


@pytest.mark.parametrize("password", ["", None, "court", "123456789012", "password12345", "camille essai"])
def test_a_weak_password_is_refused_and_nothing_is_written(ctg, password):
    with pytest.raises(RuleBroken):
        accept(make_invitation(ctg), full_name="Camille Essai", password=password)
    assert not User.objects.exists()


@pytest.mark.parametrize("what", ["accepted", "revoked", "expired"])
def test_a_closed_invitation_is_not_accepted(ctg, what):
    invitation = make_invitation(ctg)
    Invitation.objects.filter(pk=invitation.pk).update(created_at=datetime(2021, 6, 1, tzinfo=PARIS))
    on = TODAY
    if what == "accepted":
        accept(invitation)
    elif what == "revoked":
        services.revoke(invitation, by=None)
    else:
        on = date(2021, 8, 1)
    before = Membership.objects.count()
    with pytest.raises(RuleBroken):
        services.accept_invitation(invitation, on=on, full_name="Autre", password=PASSWORD)
    assert Membership.objects.count() == before


def test_the_link_is_valid_sixty_days(ctg):
    invitation = make_invitation(ctg)
    invitation.created_at = datetime(2021, 6, 1, 12, tzinfo=PARIS)
    invitation.save()
    services.remind(invitation, by=None, on=date(2021, 7, 31))
    with pytest.raises(RuleBroken, match="31 juillet 2021"):
        services.remind(invitation, by=None, on=date(2021, 8, 1))


# --- The page ---


def url(token: str) -> str:
    return reverse("invitations:invitation", args=[token])


def test_the_page_says_who_asks_what_and_marks_the_invitation_read(ctg, client):
    invitation = make_invitation(ctg, message="Venez nombreux.")
    page = client.get(url(services.invitation_token(invitation))).content.decode()
    for text in (ctg.name, ctg.caf.name, "Contributeur·rice", "Venez nombreux.", "Camille Essai"):
        assert text in page
    assert Invitation.objects.get().opened_at


def test_a_new_person_answers_and_arrives_on_the_ctg(ctg, client):
    invitation = make_invitation(ctg)
    page = url(services.invitation_token(invitation))
    refused = client.post(page, {"full_name": "Camille Essai", "password": "court"})
    assert "Camille Essai" in refused.content.decode()
    assert not User.objects.exists()
    accepted = client.post(page, {"full_name": "Camille Essai", "password": PASSWORD})
    assert accepted["Location"] == reverse("ctg", args=[ctg.slug])
    assert int(client.session["_auth_user_id"]) == User.objects.get().pk
    assert "déjà acceptée" in client.get(page).content.decode()


def test_someone_with_an_account_logs_in_first(ctg, client):
    user = make_user()
    page = url(services.invitation_token(make_invitation(ctg, email=user.email)))
    assert f"?next={page}".replace(":", "%3A") in client.get(page).content.decode()
    client.force_login(user)
    assert client.get(page).status_code == 200
    assert client.post(page).status_code == 302
    assert Membership.objects.get().user == user


def test_a_second_click_on_the_answer_is_told_kindly(ctg, client, monkeypatch):
    """The first one is answered while the page of the second is being looked at."""
    user = make_user()
    invitation = make_invitation(ctg, email=user.email)
    accept(invitation, user=user)
    client.force_login(user)
    monkeypatch.setattr("territory.views.invitation.why_closed", lambda found, on: "")
    page = url(services.invitation_token(invitation))
    assert client.post(page)["Location"] == page
    assert Membership.objects.count() == 1


def test_another_account_reads_a_sentence_and_gets_no_role(ctg, client):
    page = url(services.invitation_token(make_invitation(ctg)))
    client.force_login(make_user())
    assert "autre adresse" in client.get(page).content.decode()
    assert client.post(page).status_code == 200
    assert not Membership.objects.exists()
    assert not Invitation.objects.get().opened_at


@pytest.mark.parametrize("token", ["1", "1:faux", "abc", "..", "%00", "1:" + "a" * 43, "é", "1" * 500])
def test_a_forged_link_is_told_kindly(ctg, client, token):
    make_invitation(ctg)
    response = client.get(url(token))
    assert response.status_code == 404
    assert "pas reconnu" in response.content.decode()


@pytest.mark.parametrize("content", ["pas un nombre", "999999", "-1", ""])
def test_a_signed_link_that_names_nobody_is_told_kindly(content, client):
    token = Signer(salt="territory.invitation").sign(content)
    assert client.get(url(token)).status_code == 404


def test_a_link_signed_for_something_else_opens_nothing(ctg, client):
    invitation = make_invitation(ctg)
    for signer in (Signer(), Signer(salt="autre"), Signer(key="autre", salt="territory.invitation")):
        assert client.get(url(signer.sign(str(invitation.pk)))).status_code == 404


@pytest.mark.parametrize("what", ["revoked", "accepted", "expired", "late"])
def test_each_closed_link_has_its_sentence(ctg, client, what):
    invitation = make_invitation(ctg, due_on=TODAY)
    if what == "revoked":
        services.revoke(invitation, by=None)
    elif what == "accepted":
        accept(invitation)
    elif what == "expired":
        Invitation.objects.update(created_at=datetime(2021, 1, 1, tzinfo=PARIS))
    sentence = {
        "revoked": "a été annulée",
        "accepted": "déjà acceptée",
        "expired": "était valable jusqu’au 2 mars 2021",
        "late": "Vous pouvez encore répondre",
    }[what]
    response = client.get(url(services.invitation_token(invitation)))
    assert response.status_code == 200
    assert sentence in response.content.decode()
