"""What surrounds every page: the ways in and out, and what the site says when something fails."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from django.urls import reverse
from django.views import defaults

from ctg_site.accounts.models import User
from territory.models import Role
from tests.territory.factories import make_ctg, make_user

PAGES = ["method", "accessibility", "privacy", "legal"]


@pytest.fixture
def person(db):
    return User.objects.create_user("camille.serra@exemple.test", "un-mot-de-passe-long", full_name="Camille Serra")


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_anyone_reads_the_pages_that_explain(client, name):
    response = client.get(reverse(name))
    assert response.status_code == 200
    page = response.content.decode()
    assert page.count("<h1") == 1
    assert 'href="#main"' in page
    assert '<html lang="fr">' in page
    assert all(reverse(link) in page for link in [*PAGES, "home", "territories", "search", "accounts:login"])


@pytest.mark.django_db
def test_a_visitor_is_offered_to_log_in_and_nothing_more(client):
    page = client.get(reverse("method")).content.decode()
    assert "Se connecter" in page
    assert "Ce qui m’attend" not in page
    assert "csrftoken" not in client.cookies  # a public page sets no cookie, so that it can be cached


def test_a_person_finds_what_awaits_them_and_the_way_out(client, person):
    client.force_login(person)
    page = client.get(reverse("method")).content.decode()
    assert reverse("my_day") in page
    assert f'<form method="post" action="{reverse("accounts:logout")}"' in page
    assert "Administration" not in page


def test_the_administration_is_shown_to_those_who_have_it(client, person):
    person.is_staff = True
    person.save()
    client.force_login(person)
    assert "Administration" in client.get(reverse("method")).content.decode()


@pytest.mark.django_db
def test_the_page_one_is_on_is_marked(client):
    page = client.get(reverse("method")).content.decode()
    assert f'<a href="{reverse("method")}" aria-current="page">' in page
    assert f'<a href="{reverse("territories")}">' in page


@pytest.mark.django_db
def test_a_page_that_does_not_exist_shows_a_way_out(client):
    response = client.get("/cette-page-n-existe-pas/")
    assert response.status_code == 404
    assert "introuvable" in response.content.decode()
    assert "Aller à l’accueil" in response.content.decode()


def test_a_refusal_says_its_reason_and_escapes_it(person):
    request = RequestFactory().get("/")
    request.user = person
    page = defaults.permission_denied(request, PermissionDenied("Seule la Caf crée une Ctg <ici>.")).content.decode()
    assert "Seule la Caf crée une Ctg &lt;ici&gt;." in page
    assert "Aller à l’accueil" in page


@pytest.mark.parametrize(
    ("view", "status", "words"),
    [(defaults.server_error, 500, "Le site a rencontré une erreur"), (defaults.bad_request, 400, "n’a pas compris")],
)
def test_the_pages_of_last_resort_need_nothing(view, status, words):
    request = RequestFactory().get("/")
    response = view(request) if status == 500 else view(request, ValueError())
    assert response.status_code == status
    assert words in response.content.decode()


@pytest.mark.django_db
def test_a_form_from_elsewhere_is_refused_in_french():
    from django.test import Client

    response = Client(enforce_csrf_checks=True).post(reverse("accounts:login"), {})
    assert response.status_code == 403
    assert "Ce formulaire a expiré" in response.content.decode()


def test_a_middle_dot_holds_to_the_link_it_announces():
    """Between two links that wrap, it stood alone on a line."""
    templates = Path(settings.BASE_DIR, "templates").rglob("*.html")
    assert not [path.name for path in templates if re.search(r"^ *· <a", path.read_text(), re.M)]


@pytest.mark.django_db
def test_a_long_form_is_laid_two_by_two(client):
    """The line of a financing asks nineteen things: one under the other, it was three screens long."""
    ctg = make_ctg()
    client.force_login(make_user("Alix Conseil", caf=ctg.caf, role=Role.CAF_ADVISER))
    assert 'class="form-page paired"' in client.get(reverse("territory:funding_new", args=[ctg.slug])).text
    assert "paired" not in client.get(reverse("territory:total_new", args=[ctg.slug])).text
