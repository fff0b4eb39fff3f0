"""What the territory counts itself: typed by those who write in the Ctg, on its own ground, about its own indicators."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from ctg_site.audit.models import Entry
from ctg_site.lib.errors import RuleBroken
from territory.loading import load_reference
from territory.models import Indicator, Role, Value
from territory.services import local_figures_of, remove_local_figure, type_local_figure
from tests.territory.factories import communes_of, make_ctg, make_epci, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ctg():
    load_reference()
    return make_ctg()


def typed(ctg, code="places-accueil-loisirs", place=None, number=240, year=2024):
    return type_local_figure(
        ctg,
        indicator=Indicator.objects.get(code=code),
        place=place or ctg.territory,
        year=year,
        number=Decimal(number),
        document="Comptage du service enfance",
        by=None,
        on=date(2025, 1, 31),
    )


def test_it_belongs_to_the_caf_with_the_territory_as_its_source(ctg):
    value = typed(ctg)
    assert (value.number, value.release.caf, value.release.source.code) == (240, ctg.caf, "saisie-territoire")
    assert list(local_figures_of(ctg)) == [value]


def test_a_commune_of_the_ctg_has_its_own(ctg):
    typed(ctg, place=communes_of(ctg.territory)[0])
    assert local_figures_of(ctg).count() == 1


def test_neither_elsewhere_nor_what_a_producer_publishes(ctg):
    with pytest.raises(RuleBroken, match="n’est pas dans le territoire"):
        typed(ctg, place=make_epci())
    with pytest.raises(RuleBroken, match="producteur statistique"):
        typed(ctg, code="foyers-rsa")
    with pytest.raises(RuleBroken, match="producteur statistique"):
        typed(ctg, code="frequentation-accueil-loisirs")  # a ratio: its terms are typed
    assert not Value.objects.exists()


def test_typed_again_it_is_corrected_and_removed_it_leaves_a_trace(ctg):
    typed(ctg)
    value = typed(ctg, number=250)
    assert [row.number for row in local_figures_of(ctg)] == [250]
    remove_local_figure(ctg, value, by=None)
    assert not local_figures_of(ctg).exists()
    assert Entry.objects.filter(verb="figure.removed").count() == 1


def test_another_ctg_keeps_its_own(ctg):
    other = make_ctg()
    value = typed(other)
    assert not local_figures_of(ctg).exists()
    with pytest.raises(RuleBroken):
        remove_local_figure(ctg, value, by=None)


def test_the_page_takes_and_refuses(ctg):
    client = Client()
    client.force_login(make_user(ctg=ctg, role=Role.LEAD))
    url = reverse("territory:local_figures", args=[ctg.slug])
    data = {
        "indicator": Indicator.objects.get(code="places-accueil-loisirs").pk,
        "place": ctg.territory.pk,
        "year": 2024,
        "number": "1 240",
        "document": "Comptage",
    }
    refused = client.post(url, data | {"place": make_epci().pk, "number": "beaucoup"})
    assert refused.status_code == 200
    assert not Value.objects.exists()
    assert client.post(url, data).status_code == 302
    page = client.get(url).content.decode()
    assert "1\u202f240" in page
    value = local_figures_of(ctg).get()
    client.post(reverse("territory:local_figure_delete", args=[ctg.slug, value.pk]))
    assert not Value.objects.exists()
    client.force_login(make_user(ctg=ctg, role=Role.READER))
    assert client.get(url).status_code == 403
