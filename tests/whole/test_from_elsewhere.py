"""A partner of another territory, with an account or by link: no URL of this Ctg exists for them, to read or to write."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from ctg_site.accounts.models import User
from diagnostic.models import Guest
from diagnostic.services import invite_guest
from territory.links import signed_token
from territory.models import Role
from territory.services import grant_role
from tests.pages import example, our_pages

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ROLES = (Role.CONTRIBUTOR, Role.GROUP_LEAD, Role.LEAD)
METHODS = ("get", "head", "post", "put", "patch", "delete")
EMAIL = "partenaire.ailleurs@essai.example"


@pytest.fixture
def token(demonstration):
    """Their own link, to their own territory."""
    guest = Guest(ctg=demonstration.elsewhere, full_name="Camille Ailleurs", email=EMAIL)
    return signed_token(invite_guest(guest, groups=demonstration.elsewhere.groups.order_by("pk")[:1], by=None))


def partner(demonstration, role: Role) -> Client:
    user = User.objects.create_user(EMAIL, full_name="Camille Ailleurs")
    grant_role(user=user, role=role, ctg=demonstration.elsewhere, by=None)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def urls(ctg, token: str) -> dict[str, str]:
    """Every URL of this Ctg; where a link is asked, the one of the partner."""
    found = {}
    for page in our_pages():
        if "slug" in page.parameters:
            values = {name: token if name == "token" else example(page.name, name, ctg) for name in page.parameters}
            if None not in values.values():
                found[page.name] = reverse(page.name, kwargs=values)
    return found


@pytest.mark.parametrize("role", ROLES)
def test_every_url_of_another_territory_is_not_found(demonstration, token, role):
    client, answers = partner(demonstration, role), {}
    for name, url in urls(demonstration.in_preparation, token).items():
        with transaction.atomic():
            found = [getattr(client, method)(url).status_code for method in METHODS]
            transaction.set_rollback(True)
        if set(found) != {404}:
            answers[name] = found
    assert answers == {}


def test_the_walk_is_long(demonstration, token):
    """Control of the test above, which would say nothing of a short list; at home, the same partner reads."""
    assert len(urls(demonstration.in_preparation, token)) > 120
    home = reverse("diagnostic:diagnosis", args=[demonstration.elsewhere.slug])
    assert partner(demonstration, Role.CONTRIBUTOR).get(home).status_code == 200


def test_a_link_of_elsewhere_says_so_and_opens_nothing(demonstration, token):
    for name in ("contribute_by_link", "contributions_by_link"):
        answer = Client().get(reverse(f"diagnostic:{name}", args=[demonstration.in_preparation.slug, token]))
        assert answer.status_code == 404
        assert "Ce lien est celui d’une autre Ctg" in answer.text
