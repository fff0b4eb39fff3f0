"""The pages of a Ctg drawn commune by commune open in 15 queries at most, as those of an intercommunalité do."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from diagnostic.models import Diagnosis
from territory.models import Ctg, Indicator
from tests.diagnostic.large_diagnosis import tell_by_place
from tests.diagnostic.test_read_large_diagnosis import counted, pages_of, prepared
from tests.territory.factories import (
    Country,
    add_outline,
    communes_of,
    make_country,
    make_ctg,
    make_epci,
    population_indicator,
)

pytestmark = pytest.mark.django_db
THEME = Indicator.Theme.RIGHTS


def whole_epci(country: Country, communes: int) -> Ctg:
    return make_ctg(country.caf, place=make_epci(country.department, communes=communes))


def part_of_an_epci(country: Country, communes: int) -> Ctg:
    epci = make_epci(country.department, communes=communes + 1)
    return make_ctg(country.caf, place=epci, communes=communes_of(epci)[:communes])


def across_two_epcis(country: Country, communes: int) -> Ctg:
    one, other = (make_epci(country.department, communes=communes) for _ in range(2))
    chosen = communes_of(one)[: communes // 2] + communes_of(other)[communes // 2 :]
    return make_ctg(country.caf, place=one, communes=chosen)


def twin_of_an_epci(country: Country, communes: int) -> Ctg:
    """The commune that was not of the Ctg has left the EPCI since."""
    ctg = part_of_an_epci(country, communes)
    inside = ctg.communes.values("pk")
    ctg.territory.members.through.objects.filter(group__kind="epci").exclude(commune__in=inside).delete()
    return ctg


SETS: dict[str, Callable[[Country, int], Ctg]] = {
    "epci": whole_epci,
    "part": part_of_an_epci,
    "across": across_two_epcis,
    "twin": twin_of_an_epci,
}


@pytest.fixture
def country():
    return make_country()


def make_set(kind: str, country: Country, communes: int) -> Ctg:
    """With who lives in each commune, and its outline."""
    ctg = SETS[kind](country, communes)
    for number, commune in enumerate(ctg.communes.all()):
        add_outline(commune, 2 + number / 100)
    tell_by_place([population_indicator()], ctg)
    return ctg


def addresses(diagnosis: Diagnosis) -> dict[str, str]:
    slug, place = diagnosis.ctg.slug, [diagnosis.ctg.territory.kind, diagnosis.ctg.territory.code]
    places = {"portrait": [], "theme": [THEME], "indicator": ["population"]}
    pages = {name: reverse(f"places:{name}", args=[*place, *more]) for name, more in places.items()}
    return pages_of(diagnosis) | pages | {name: reverse(name, args=[slug]) for name in ("ctg", "ctg_follow")}


def measured(as_someone, ctg: Ctg, size: int) -> dict[str, int]:
    diagnosis, client = prepared(as_someone, "reopened", ctg=ctg, findings=size, contributions=size, figures=size)
    Indicator.objects.filter(label__endswith="1").update(theme=THEME)
    return counted(addresses(diagnosis), client)


@pytest.mark.once
@pytest.mark.parametrize("kind", SETS)
def test_six_communes_then_sixty(kind, as_someone, country):
    before = measured(as_someone, make_set(kind, country, 6), 10)
    after = measured(as_someone, make_set(kind, country, 60), 20)
    assert after == before
    assert max(after.values()) <= 15, after
