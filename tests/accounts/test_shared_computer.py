"""What a signed-in person was shown is kept by no browser: on a shared computer, the next person goes back a page."""

import pytest
from django.urls import reverse

from territory.models import Role
from tests.territory.factories import make_ctg, make_user

pytestmark = pytest.mark.django_db


def directives(response):
    return {part.strip() for part in response.headers.get("Cache-Control", "").split(",")}


def addresses(ctg):
    return [reverse("my_day"), reverse("ctg", args=[ctg.slug]), reverse("home"), "/nulle-part/", "/administration/"]


def test_nothing_is_kept_of_what_a_person_was_shown(client):
    ctg = make_ctg()
    client.force_login(make_user("Alix", ctg=ctg, role=Role.LEAD))
    for address in addresses(ctg):
        assert {"no-store", "private"} <= directives(client.get(address)), address


def test_a_public_page_may_be_kept_by_who_has_no_account(client):
    for address in (reverse("home"), reverse("territories"), reverse("method")):
        assert not {"no-store", "private"} & directives(client.get(address)), address


def test_after_logging_out_a_page_may_be_kept_again(client):
    client.force_login(make_user("Alix", ctg=make_ctg(), role=Role.LEAD))
    client.post(reverse("accounts:logout"))
    assert "no-store" not in directives(client.get(reverse("home")))


def test_a_refused_form_may_be_come_back_to(client):
    """A browser says « document expiré » of one that it kept not, and what was typed is lost."""
    ctg = make_ctg()
    client.force_login(make_user("Alix", ctg=ctg, role=Role.LEAD))
    refused = client.post(reverse("governance:meeting_new", args=[ctg.slug]), {})
    assert "no-store" not in directives(refused)
