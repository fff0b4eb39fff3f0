import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from ctg_site.accounts.models import User

pytestmark = pytest.mark.django_db

PASSWORD, NEW = "un bon mot de passe", "une autre phrase longue"
ASK = reverse("accounts:password_reset")


@pytest.fixture
def user():
    cache.clear()  # that a mail has just left is kept there
    return User.objects.create_user("alix@essai.example", PASSWORD, full_name="Alix Essai")


def link_of(message) -> str:
    return re.search(r"https?://[^/]+(/compte/\S+)", message.body)[1]


def test_a_forgotten_password_is_changed_by_a_link_that_serves_once(client, user):
    assert client.post(ASK, {"email": "Alix@essai.example"})["Location"] == reverse("accounts:password_reset_done")
    (message,) = mail.outbox
    assert message.to == [user.email]
    address = link_of(message)
    page = client.get(address, follow=True)
    response = client.post(page.redirect_chain[0][0], {"new_password1": NEW, "new_password2": NEW})
    assert response["Location"] == reverse("accounts:password_reset_complete")
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert "n’est plus valable" in client.get(address, follow=True).content.decode()


def test_the_link_names_the_site_of_the_settings_and_not_the_host_of_the_request(client, user, settings):
    settings.ALLOWED_HOSTS = ["*"]
    client.post(ASK, {"email": user.email}, HTTP_HOST="pirate.example")
    assert settings.SITE_URL in mail.outbox[0].body
    assert "pirate" not in mail.outbox[0].body


def test_nobody_fills_the_box_of_another_with_mails(client, user):
    for _ in range(3):
        assert client.post(ASK, {"email": user.email})["Location"] == reverse("accounts:password_reset_done")
    assert len(mail.outbox) == 1
    cache.delete(f"password_reset:{user.pk}")  # some minutes later
    client.post(ASK, {"email": user.email})
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("email", ["inconnu@essai.example", "ferme@essai.example"])
def test_an_unknown_address_gets_the_same_page_and_no_mail(client, user, email):
    User.objects.create_user("ferme@essai.example", PASSWORD, full_name="Fermé", is_active=False)
    response = client.post(ASK, {"email": email})
    assert response["Location"] == reverse("accounts:password_reset_done")
    assert mail.outbox == []


@pytest.mark.parametrize("path", ["MQ/faux-jeton", "pas-un-nombre/x", "OTk5OTk5/abc-def"])
def test_a_forged_link_is_told_kindly(client, user, path):
    response = client.get(reverse("accounts:password_reset_confirm", args=path.split("/")))
    assert response.status_code == 200
    assert "n’est plus valable" in response.content.decode()


def test_a_weak_password_is_refused(client, user):
    client.post(ASK, {"email": user.email})
    page = client.get(link_of(mail.outbox[0]), follow=True)
    response = client.post(page.redirect_chain[0][0], {"new_password1": "court", "new_password2": "court"})
    assert response.status_code == 200
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_one_changes_a_password_one_knows(client, user):
    change = reverse("accounts:password_change")
    assert "/compte/connexion/" in client.get(change)["Location"]
    client.force_login(user)
    for old, changed in (("faux", False), (PASSWORD, True)):
        client.post(change, {"old_password": old, "new_password1": NEW, "new_password2": NEW})
        user.refresh_from_db()
        assert user.check_password(NEW) is changed
    assert client.get(reverse("accounts:password_change_done")).status_code == 200
