"""Who may do what: every page of the URLconf × every actor, as docs/roles.md promises."""

import copy

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from actions.models import Action
from ctg_site.accounts.models import User
from diagnostic.models import ThematicGroup
from territory.models import Caf, Ctg, Role
from territory.services import grant_role
from tests.pages import example, our_pages
from tests.roles import HIDDEN, LOGIN, NO, YES, Gesture, gestures

OUTSIDER, ANONYMOUS = "Autre Caf", "Sans compte"


@pytest.fixture(scope="module")
def actors(loaded_demonstration, shared_rows):
    """One person per column of the table, on both Ctgs of the demonstration, and what their browser keeps once logged in."""
    with shared_rows():
        people = make_people(loaded_demonstration)
        yield {name: _cookies_of(user) for name, user in people.items()}


def make_people(demonstration):
    people = {}
    caf, other = Caf.objects.get(code=demonstration.caf_code), Caf.objects.exclude(code=demonstration.caf_code).get()
    for role in Role:
        people[role.label] = user = User.objects.create_user(f"{role.value}@essai.example", full_name=role.label)
        if role.value.startswith("caf_"):
            grant_role(user=user, role=role, caf=caf, by=None)
        else:
            for ctg in demonstration.ctgs:
                grant_role(user=user, role=role, ctg=ctg, by=None)
    for ctg in demonstration.ctgs:
        ThematicGroup.objects.filter(ctg=ctg).update(lead=people[Role.GROUP_LEAD.label])
        Action.objects.filter(plan__diagnosis__ctg=ctg).update(lead_user=people[Role.ACTION_LEAD.label])
    people[OUTSIDER] = outsider = User.objects.create_user("ailleurs@essai.example", full_name=OUTSIDER)
    grant_role(user=outsider, role=Role.CAF_MANAGER, caf=other, by=None)
    people[ANONYMOUS] = None
    return people


def _cookies_of(user):
    client = Client()
    if user:
        client.force_login(user)
    return client.cookies


def test_the_table_lists_every_page_and_nothing_else():
    listed = {gesture.page for gesture in gestures()}
    existing = {page.name for page in our_pages()}
    assert listed - existing == set(), "docs/roles.md nomme des pages qui n’existent pas"
    assert existing - listed == set(), "des pages ne sont pas dans docs/roles.md"


@pytest.mark.parametrize("gesture", gestures(), ids=str)
def test_who_may(gesture: Gesture, actors, demonstration, no_ink):
    ctg = demonstration.signed if gesture.ctg == "signée" else demonstration.in_preparation
    url = _url(gesture, ctg)
    got = {}
    for actor in gesture.cells:
        client = Client(raise_request_exception=False)
        client.cookies = copy.deepcopy(actors[actor])
        with transaction.atomic():
            got[actor] = _outcome(
                client.generic(gesture.method, url) if gesture.method == "GET" else client.post(url, {})
            )
            transaction.set_rollback(True)
    assert got == gesture.cells


def _url(gesture: Gesture, ctg: Ctg) -> str:
    page = next(page for page in our_pages() if page.name == gesture.page)
    return reverse(page.name, kwargs={name: example(page.name, name, ctg) for name in page.parameters})


def _outcome(response) -> str:
    if response.status_code == 302 and "/compte/connexion/" in response["Location"]:
        return LOGIN
    return {404: HIDDEN, 403: NO, 200: YES, 302: YES}.get(response.status_code, f"code {response.status_code}")
