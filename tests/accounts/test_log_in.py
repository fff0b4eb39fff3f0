import pytest
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.urls import reverse

from ctg_site.accounts.models import User
from ctg_site.lib.dates import now
from ctg_site.lib.http import visitor_address
from ctg_site.middleware import MOST_SENT
from territory.models import Ctg, Role
from territory.services import grant_role
from tests.territory.factories import make_ctg

pytestmark = pytest.mark.django_db

PASSWORD = "un bon mot de passe"
LOGIN = reverse("accounts:login")


@pytest.fixture
def user():
    return User.objects.create_user("alix@essai.example", PASSWORD, full_name="Alix Essai")


@pytest.mark.parametrize("typed", ["alix@essai.example", " Alix@Essai.Example "])
def test_one_logs_in_with_the_address_however_typed(client, user, typed):
    response = client.post(LOGIN, {"username": typed, "password": PASSWORD})
    assert response.status_code == 302
    assert int(client.session["_auth_user_id"]) == user.pk


@pytest.mark.parametrize(
    ("username", "password"),
    [("alix@essai.example", "autre"), ("inconnu@essai.example", PASSWORD), ("pas une adresse", "mot-perdu")],
)
def test_a_wrong_answer_says_the_same_thing_and_keeps_the_address(client, user, username, password):
    response = client.post(LOGIN, {"username": username, "password": password})
    content = response.content.decode()
    assert response.status_code == 200
    assert "_auth_user_id" not in client.session
    assert username in content
    assert password not in content


def test_a_closed_account_does_not_log_in(client, user):
    user.is_active = False
    user.save()
    client.post(LOGIN, {"username": user.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_one_comes_back_where_one_was_going_and_nowhere_else(client, user):
    answer = {"username": user.email, "password": PASSWORD}
    assert client.post(f"{LOGIN}?next=/methode/", answer | {"next": "/methode/"})["Location"] == "/methode/"
    client.logout()
    for elsewhere in ("https://ailleurs.example/", "//ailleurs.example/", "javascript:alert(1)"):
        assert client.post(LOGIN, answer | {"next": elsewhere})["Location"] == reverse("my_day")
        client.logout()


def test_one_logs_out_by_a_button(client, user):
    client.force_login(user)
    logout = reverse("accounts:logout")
    assert client.get(logout).status_code == 405
    assert client.post(logout).status_code == 302
    assert "_auth_user_id" not in client.session


def test_too_many_wrong_passwords_close_the_door_for_a_while(client, user, settings):
    settings.AXES_ENABLED = True
    for _ in range(settings.AXES_FAILURE_LIMIT):
        client.post(LOGIN, {"username": user.email, "password": "faux"})
    assert client.post(LOGIN, {"username": user.email, "password": PASSWORD}).status_code == 429


def log_in(client, user, **headers) -> int:
    return client.post(LOGIN, {"username": user.email, "password": PASSWORD}, **headers).status_code


def test_behind_a_proxy_a_stranger_does_not_close_the_door_of_others(client, user, settings):
    """All come from the address of the proxy: it tells whose request it passes on."""
    settings.AXES_ENABLED = settings.BEHIND_PROXY = True
    for _ in range(settings.AXES_FAILURE_LIMIT):
        client.post(LOGIN, {"username": user.email, "password": "faux"}, HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert log_in(client, user, HTTP_X_FORWARDED_FOR="203.0.113.9") == 429
    assert log_in(client, user, HTTP_X_FORWARDED_FOR="198.51.100.4") == 302


def test_a_stranger_does_not_change_address_at_each_try(client, user, settings):
    """What they claim stands before what the proxy writes."""
    settings.AXES_ENABLED = settings.BEHIND_PROXY = True
    for number in range(settings.AXES_FAILURE_LIMIT):
        claimed = f"198.51.100.{number}, 203.0.113.9"
        client.post(LOGIN, {"username": user.email, "password": "faux"}, HTTP_X_FORWARDED_FOR=claimed)
    assert log_in(client, user, HTTP_X_FORWARDED_FOR="198.51.100.77, 203.0.113.9") == 429


def test_without_a_proxy_nobody_is_believed(client, user, settings):
    settings.AXES_ENABLED = True
    for number in range(settings.AXES_FAILURE_LIMIT):
        client.post(LOGIN, {"username": user.email, "password": "faux"}, HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
    assert log_in(client, user, HTTP_X_FORWARDED_FOR="198.51.100.77") == 429


@pytest.mark.parametrize("claimed", ["", "inconnu", "203.0.113.9:4711"])
def test_what_is_no_address_leaves_that_of_the_proxy(rf, settings, claimed):
    settings.BEHIND_PROXY = True
    assert visitor_address(rf.get("/", HTTP_X_FORWARDED_FOR=claimed)) == "127.0.0.1"


@pytest.mark.parametrize("length", [str(MOST_SENT + 1), "9" * 30, "beaucoup"])
def test_what_is_too_heavy_is_refused_before_it_is_read(client, length):
    answer = client.post(LOGIN, {"username": "a"}, CONTENT_LENGTH=length)
    assert answer.status_code == 413
    assert "110 Mo au plus" in answer.text


def test_a_large_form_passes(client):
    assert client.post(LOGIN, {f"new_{number}": "1" for number in range(3000)}).status_code == 200


def test_an_address_is_one_account_whatever_its_capitals(user):
    assert User.objects.get_by_natural_key(" ALIX@essai.example ") == user
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(email="Alix@essai.example")


# --- A session that ends while one works: buttons (texts have tests/drafts) -------------------------------------------

BUTTON, ITS_PAGE = "/ctg/une-ctg/diagnostic/publier/", "/ctg/une-ctg/diagnostic/?vue=tout"
HERE = "http://testserver"


def pressed(client, *, came_from, **typed):
    return client.post(BUTTON, typed, headers={"Referer": came_from} if came_from else {})["Location"]


def test_a_button_pressed_too_late_leads_back_to_its_page_and_says_that_nothing_is_done(client, user):
    login = pressed(client, came_from=HERE + ITS_PAGE)
    page = client.get(login).text
    assert "Votre session est terminée, rien n’est changé." in page
    answer = client.post(login, {"username": user.email, "password": PASSWORD})
    assert answer["Location"] == ITS_PAGE


@pytest.mark.parametrize(
    ("came_from", "typed"),
    [
        ("", {}),
        ("https://ailleurs.example/piege/", {}),
        (HERE + BUTTON, {}),
        (HERE + ITS_PAGE, {"draft": "une clé"}),
    ],
    ids=["nothing told", "another site", "a form sent to its own page", "a form that keeps its draft"],
)
def test_anything_else_leads_back_to_its_own_address(client, user, came_from, typed):
    login = pressed(client, came_from=came_from, **typed)
    assert login.startswith(f"{LOGIN}?next={BUTTON}")
    assert "geste" not in login


def test_the_address_of_a_button_opened_as_a_page_speaks_french(client, user):
    ctg = make_ctg()
    grant_role(user=user, role=Role.LEAD, ctg=ctg, by=None)
    client.force_login(user)
    answer = client.get(BUTTON.replace("une-ctg", ctg.slug))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "Cette adresse est celle d’un bouton" in answer.text


def test_to_who_has_no_part_in_a_ctg_the_address_of_its_buttons_is_none(client, user):
    client.force_login(user)
    published = make_ctg()
    Ctg.objects.filter(pk=published.pk).update(portrait_published_at=now())
    for slug in (published.slug, "nulle-part"):
        assert client.get(BUTTON.replace("une-ctg", slug)).status_code == 404


def test_a_request_that_comes_from_nowhere_is_still_a_request():
    """The list of pages that the browser tests walk lets somebody in without a page."""
    assert visitor_address(HttpRequest()) is None
