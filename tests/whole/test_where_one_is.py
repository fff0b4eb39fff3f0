"""Each page of a Ctg says in which of its rooms it stands: one tab is marked, the page itself or the room it belongs to."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from actions.models import Action
from ctg_site.accounts.models import User
from territory.models import Role
from tests.pages import our_pages

ROOMS = re.compile(r'<nav class="rooms" aria-label="Pages de la Ctg">.*?</nav>', re.DOTALL)
MARKED = re.compile(r'aria-current="(page|true)">([^<]+)<')

pytestmark = [pytest.mark.usefixtures("no_ink"), pytest.mark.once]


@pytest.fixture
def adviser(demonstration):
    client = Client()
    role = {"memberships__role": Role.CAF_ADVISER, "memberships__caf": demonstration.signed.caf}
    client.force_login(User.objects.get(**role))
    return client


def test_each_page_of_a_ctg_shows_in_which_room_it_stands(adviser, demonstration):
    shown, lost = set(), []
    for page in our_pages():
        url = page.url(demonstration.in_preparation)
        marks = _marks(adviser, url) if url else None
        if marks is None:
            continue
        shown |= set(marks)
        if len(marks) != 1:
            lost.append((page.name, marks))
    assert lost == []
    rooms = ["Portrait", "Plan d’actions", "Diagnostic", "Financements", "Calendrier", "Convention", "Chiffres"]
    assert {room for mark, room in shown if mark == "page"} >= {*rooms, "Suivi", "Évaluation", "Équipe"}
    assert {room for mark, room in shown if mark == "true"} >= set(rooms[1:])


def test_a_discussion_stands_in_the_room_of_its_subject(adviser, demonstration):
    slug = demonstration.in_preparation.slug
    action = Action.objects.filter(plan__diagnosis__ctg=demonstration.in_preparation).first()
    assert _marks(adviser, reverse("territory:story", args=[slug, "action", action.pk])) == [("true", "Plan d’actions")]


def test_the_seven_steps_are_whole_on_the_page_of_the_ctg_and_in_one_line_below_it_on_a_phone(adviser, demonstration):
    slug = demonstration.in_preparation.slug
    steppers = {
        name: adviser.get(reverse(name, args=[slug])).text.partition('<ol class="')[2].partition('"')[0]
        for name in ("ctg", "ctg_follow", "diagnostic:diagnosis", "governance:calendar")
    }
    assert steppers == {
        "ctg": "stepper",
        "ctg_follow": "stepper",
        "diagnostic:diagnosis": "stepper compact",
        "governance:calendar": "stepper compact",
    }


def _marks(client: Client, url: str) -> list[tuple[str, str]] | None:
    """What is marked among the rooms of the page; None where the page shows no rooms."""
    answer = client.get(url)
    nav = None if answer.streaming else ROOMS.search(answer.content.decode(errors="replace"))
    return MARKED.findall(nav[0]) if nav else None
