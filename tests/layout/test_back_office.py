"""The home of the back office: rooms by gesture, no list lost, none shown that the person may not open; lists that hold on a page."""

import re
from collections import Counter
from datetime import date
from html import unescape

import pytest
from django.contrib import admin
from django.urls import reverse

from ctg_site.back_office import ROOMS
from territory.models import Role
from tests.territory import money
from tests.territory.factories import CafFactory, make_ctg, make_superuser, make_user

pytestmark = pytest.mark.django_db
HOME = "/administration/"


def text_of(response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


@pytest.fixture
def ctg():
    return make_ctg(CafFactory(name="Caf du Roussillon"))


@pytest.fixture
def adviser(client, ctg):
    client.force_login(make_user("Alix Conseil", caf=ctg.caf, role=Role.CAF_ADVISER))
    return client


def test_each_list_is_in_one_room_and_says_what_it_is_for():
    placed = Counter(name.lower() for room in ROOMS for name in room.lists)
    assert set(placed) == {model._meta.label.lower() for model in admin.site._registry}
    assert set(placed.values()) == {1}
    assert all(purpose.endswith((".", "?")) for room in ROOMS for purpose in [room.purpose, *room.lists.values()])


def test_the_home_follows_the_gestures_of_an_adviser(adviser):
    page = adviser.get(HOME).content.decode()
    names = re.findall(r'<h2 id="[a-z]+-name">([^<]+)</h2>', page)
    watch = "technique"  # the superuser's
    assert names == [room.name for room in ROOMS if room.slug != watch]
    assert "Crèches, accueils de loisirs, relais… et ce qui les finance." in page
    assert "Donner un rôle ou le retirer, sur une Ctg ou sur la Caf." in page


def test_the_home_offers_only_what_the_person_may_open(adviser, client):
    assert reverse("admin:accounts_user_changelist") not in adviser.get(HOME).content.decode()
    client.force_login(make_superuser())
    page = client.get(HOME).content.decode()
    assert reverse("admin:accounts_user_changelist") in page
    assert "La surveillance du site" in page


def test_a_list_that_no_room_names_is_shown_all_the_same(client, monkeypatch):
    monkeypatch.setattr("ctg_site.back_office.ROOMS", ROOMS[:1])
    client.force_login(make_superuser())
    page = client.get(HOME).content.decode()
    assert "Autres listes" in page
    assert reverse("admin:territory_fundingline_changelist") in page


def test_a_list_says_its_name_its_room_and_what_it_is_for(adviser):
    page = adviser.get(reverse("admin:territory_fundingline_changelist"))
    words = text_of(page)
    assert "Accueil › Les équipements et l’argent › Lignes de financement" in words
    assert "Ce que la Caf finance : un équipement, un dispositif, une année." in words
    assert "Sélectionnez" not in words
    assert "Supprimer les lignes cochées" in words  # « les lignes de financement sélectionnés », says Django
    assert f'{HOME}#equipements"' in page.content.decode()


def test_the_address_of_an_application_leads_home(adviser):
    assert adviser.get(reverse("admin:app_list", args=["territory"])).headers["Location"] == HOME


def test_a_form_says_what_it_writes_in_french(adviser):
    words = text_of(adviser.get(reverse("admin:territory_facility_add")))
    assert "Équipement ou service : nouvelle fiche" in words
    assert "Ajout de équipement" not in words


def test_a_list_is_short_enough_for_its_page(adviser, client, ctg):
    """Days in short, no column that says the same on every row, what can be chosen closed above the rows."""
    facility = money.a_facility(ctg, "Crèche des Lutins")
    facility.opened_on = date(2005, 9, 1)
    facility.save()
    address = reverse("admin:territory_facility_changelist")
    page = adviser.get(address).content.decode()
    assert "1er\u00a0sept.\u00a02005" in page
    assert "column-caf" not in page
    assert "column-is_demo" not in adviser.get(reverse("admin:diagnostic_finding_changelist")).content.decode()
    assert page.index('id="changelist-filter"') < page.index('id="result_list"')
    assert 'data-filter-title="unité">' in page
    assert 'data-filter-title="unité" open>' in adviser.get(f"{address}?capacity_unit__exact=places").content.decode()
    client.force_login(make_superuser())
    assert "column-caf" in client.get(address).content.decode()
