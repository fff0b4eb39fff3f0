import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from ctg_site.accounts.models import User
from ctg_site.lib.dates import now
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
    [("alix@essai.example", "autre"), ("inconnu@essai.example", PASSWORD), ("", ""), ("pas une adresse", "x")],
)
def test_a_wrong_answer_says_the_same_thing_and_keeps_the_address(client, user, username, password):
    response = client.post(LOGIN, {"username": username, "password": password})
    content = response.content.decode()
    assert response.status_code == 200
    assert "_auth_user_id" not in client.session
    assert username in content
    assert password not in content or not password or password == "x"


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
