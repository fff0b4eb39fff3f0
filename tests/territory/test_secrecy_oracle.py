"""Random territories, published, then read by a stranger who only has the pages, the CSV and the workbooks.

The stranger knows what the catalogue says (a whole is the sum of its communes, a count the sum of its parts, a percentage the
ratio of its terms rounded), and that a zero is written 0, so that what is said to be secret is one at least. A linear program of
its own solves it all: nothing here imports territory.disclosure.
"""

import itertools
import math
import random

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from ctg_site.lib.errors import RuleBroken
from territory import withholding
from territory.models import ConsistencyRule, Release, SecrecyRule, Territory, Value
from territory.services import publication, publish_portrait, withhold_value
from tests.territory.factories import (
    IndicatorFactory,
    SourceFactory,
    TerritoryFactory,
    add_value,
    communes_of,
    make_country,
    make_ctg,
    make_epci,
    make_publishable,
)
from tests.territory.stranger import bound, is_given_away, left_of, of_book, of_csv, of_page

pytestmark = pytest.mark.django_db
THRESHOLD, YEAR = 5, 2019
WHOLE, YOUNG, OLD, SHARE = "foyers", "jeunes", "anciens", "part-jeunes"
COUNTS = (WHOLE, YOUNG, OLD)


@pytest.fixture
def world():
    """A catalogue with parts and a ratio, and a publishable Ctg of each size."""
    country = make_country()
    whole, young, old = (IndicatorFactory(people=True, is_additive=True, code=code, label=code) for code in COUNTS)
    share = IndicatorFactory(code=SHARE, label=SHARE, numerator=young, denominator=whole, is_key=False)
    ConsistencyRule.objects.create(
        code="ages", indicator=whole, relation="sum", first=young, second=old, sentence="Jeunes et anciens."
    )
    release = Release.objects.create(source=SourceFactory(threshold=THRESHOLD), name="Comptage", caf=country.caf)
    ctgs = {
        size: make_ctg(country.caf, place=make_epci(country.department, communes=size, name=f"Pays de {size}"))
        for size in (2, 3, 5)
    }
    for ctg in ctgs.values():
        make_publishable(ctg)
    return {
        "country": country,
        "ctgs": ctgs,
        "release": release,
        "indicators": {one.code: one for one in (whole, young, old, share)},
    }


SMALL = st.one_of(st.integers(0, 9), st.integers(0, 60))
TERRITORIES = st.sampled_from((2, 3, 5)).flatmap(
    lambda size: st.tuples(
        st.lists(st.tuples(SMALL, SMALL), min_size=size, max_size=size),
        st.sets(st.tuples(st.sampled_from(COUNTS), st.integers(0, size))),  # what nobody counted
        st.booleans(),  # are percentages published?
        st.one_of(
            st.none(), st.tuples(st.tuples(SMALL, SMALL), st.tuples(SMALL, SMALL))
        ),  # the other EPCI, with their département
    )
)


# A commune of 15 and 2 of which only the whole and the share are told: the part that nobody counted gave the other away.
@pytest.mark.once
@example(
    (
        [(15, 2), (3, 48), (0, 5)],
        {(OLD, 3), (OLD, 0), (WHOLE, 2), (YOUNG, 0), (YOUNG, 3), (OLD, 1), (YOUNG, 2)},
        True,
        None,
    )
)
# Ten, one, one and their total: a secret is one at least, so that two of them that make two are known.
@example(([(10, 0), (1, 0), (1, 0)], set(), False, None))
# Three EPCI and their département: what is masked here was the total less the two others.
@example(([(0, 3), (0, 0)], set(), False, ((20, 30), (10, 40))))
@settings(
    max_examples=settings().max_examples // 10,  # each draws a département and publishes it
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(TERRITORIES)
def test_no_stranger_bounds_a_masked_count_below_the_threshold(world, drawn):
    with transaction.atomic():
        ctg = tell(world, drawn)
        for one in world["ctgs"].values() if drawn[3] else [ctg]:
            published(one)
        assert leaks(world, ctg) == []
        transaction.set_rollback(True)


def test_primary_masking_alone_is_caught_leaking(world, monkeypatch):
    """The control: the same stranger, with neither complementary masking nor audit."""
    monkeypatch.setattr(withholding, "protect", lambda table, depend: [])
    monkeypatch.setattr(publication, "exposures", lambda caf, places: [])
    chance, found = random.Random(1), 0
    for _ in range(6):
        with transaction.atomic():
            people = [(chance.randrange(12), chance.randrange(40)) for _ in range(3)]
            ctg = tell(world, (people, set(), True, None))
            published(ctg)
            found += bool(leaks(world, ctg))
            transaction.set_rollback(True)
    assert found >= 3


def tell(world, drawn):
    """The figures arrive in one delivery, as a file brings them."""
    people, unknown, with_shares, others = drawn
    ctg = world["ctgs"][len(people)]
    for one in world["ctgs"].values():
        one.refresh_from_db()  # the one before was rolled back
    places = [*communes_of(ctg.territory), ctg.territory]
    people = [*people, tuple(map(sum, zip(*people, strict=True)))]
    if others:
        places += [*neighbours(world, ctg), world["country"].department]
        people += [*others, tuple(map(sum, zip(people[-1], *others, strict=True)))]
    rows = []
    for i, (place, (young, old)) in enumerate(zip(places, people, strict=True)):
        counts = {WHOLE: young + old, YOUNG: young, OLD: old}
        figures = {code: number for code, number in counts.items() if (code, i) not in unknown}
        if with_shares and young + old:
            figures[SHARE] = round(100 * young / (young + old))
        rows += [
            Value(
                indicator=world["indicators"][code],
                territory=place,
                year=YEAR,
                start_year=YEAR,
                release=world["release"],
                number=number,
                is_withheld=False,
            )
            for code, number in figures.items()
        ]
    Value.objects.bulk_create(rows)
    withholding.settle(ctg.caf, *withholding.span_of(world["release"]))
    return ctg


def neighbours(world, ctg) -> list[Territory]:
    return [one.territory for one in world["ctgs"].values() if one != ctg]


def published(ctg) -> None:
    """A refused Caf masks what the refusal names, as its page « Chiffres non masqués » proposes."""
    for _ in range(10):
        try:
            publish_portrait(ctg, by=None)
        except RuleBroken:
            for one in withholding.exposures(ctg.caf, [ctg.territory, *ctg.communes.all()]):
                assert one.mask, "rien n’est publié ailleurs : il y a toujours un chiffre à masquer"
                withhold_value(
                    caf=ctg.caf, indicator=one.mask.indicator, territory=one.mask.territory, year=YEAR, by=None
                )
                break
        else:
            return
    pytest.fail("dix masquages ne suffisent pas")


# --- What the stranger reads ---


def leaks(world, ctg) -> list[str]:
    places = [place.name for place in [*communes_of(ctg.territory), ctg.territory]]
    around = [place.name for place in [*neighbours(world, ctg), world["country"].department]]
    published_ones = [one for one in world["ctgs"].values() if one.portrait_published_at]
    shown = read_everything(published_ones, [*places, *around])
    secrets = read_secrets(published_ones, [*places, *around])
    masked = [key for key in itertools.product(COUNTS, [*places, *around]) if key not in shown]
    rows = equations(places, around, shown)
    found = []
    for key in masked:
        low, high = bound(key, masked, rows, secrets)
        if is_given_away(low, high, THRESHOLD):
            found.append(f"{key} : {low:g} à {high:g}")
    return found


def read_everything(ctgs, places) -> dict[tuple[str, str], float]:
    """Every number found anywhere, by indicator and place; two readings that differ are an error of their own."""
    client, found = Client(), {}
    for ctg, code in itertools.product(ctgs, (*COUNTS, SHARE)):
        address = {"kind": Territory.Kind.EPCI, "code": ctg.territory.code, "indicator": code}
        page = client.get(reverse("places:indicator", kwargs=address)).content.decode()
        table = client.get(reverse("places:indicator_data", kwargs=address | {"extension": "csv"})).content
        book = client.get(reverse("places:indicator_data", kwargs=address | {"extension": "xlsx"})).content
        files = [(row.place, row.number) for row in [*of_csv(table), *of_book(book)] if row.year == YEAR]
        for place, number in [*of_page(page), *files]:
            if place in places and number is not None:
                assert math.isclose(
                    found.setdefault((code, place), number), number, abs_tol=0.51 if code == SHARE else 1e-6
                )
    return found


def read_secrets(ctgs, places) -> set[tuple[str, str]]:
    """What the files say is secret, apart from what nobody counted."""
    found = set()
    for ctg, code in itertools.product(ctgs, COUNTS):
        address = {"kind": Territory.Kind.EPCI, "code": ctg.territory.code, "indicator": code, "extension": "csv"}
        rows = of_csv(Client().get(reverse("places:indicator_data", kwargs=address)).content)
        found |= {(code, row.place) for row in rows if row.number is None and row.year == YEAR}
    return {key for key in found if key[1] in places}


# --- What the stranger deduces ---


def equations(places, around, shown):
    """Rows (factors, least, most) of what is known, the unknowns on the left."""
    rows = []

    def add(factors, least, most):
        rows.append(left_of(factors, shown, least, most))

    for code in COUNTS:
        add({(code, place): 1 for place in places[:-1]} | {(code, places[-1]): -1}, 0, 0)
        add({(code, place): 1 for place in [places[-1], *around[:-1]]} | {(code, around[-1]): -1}, 0, 0)
    for place in [*places, *around]:
        add({(YOUNG, place): 1, (OLD, place): 1, (WHOLE, place): -1}, 0, 0)
        if (SHARE, place) in shown:
            rate = shown[SHARE, place]
            add({(YOUNG, place): 100, (WHOLE, place): -(rate - 0.5)}, 0, math.inf)
            add({(YOUNG, place): 100, (WHOLE, place): -(rate + 0.5)}, -math.inf, 0)
    return rows


# --- A region that somebody else published ---


@pytest.mark.parametrize("level", ["communes", "epci"])
def test_the_region_less_what_is_published_of_another_departement_tells_nothing(world, level):
    """Nobody counted the départements. Of the other one, the public reads the EPCI, or its communes one by one."""
    country, ctg, whole = world["country"], world["ctgs"][3], world["indicators"][WHOLE]
    region = country.department.parent
    other = TerritoryFactory(kind=Territory.Kind.DEPARTEMENT, code="11", name="Aude", parent=region)
    beyond = make_epci(other, communes=2, name="Pays d’Aude")
    theirs = communes_of(beyond) if level == "communes" else [beyond]
    ours = [*communes_of(ctg.territory), *(one for place in neighbours(world, ctg) for one in communes_of(place))]
    numbers = dict(zip([*ours, *theirs], [3, *range(20, 60)], strict=False))
    publisher = SourceFactory()
    SecrecyRule.objects.create(source=publisher, threshold=THRESHOLD, method="producer")
    for place, number in [*((one, numbers[one]) for one in theirs), (region, sum(numbers.values()))]:
        add_value(whole, place, number, year=YEAR, source=publisher, quality="exact")
    for place in ours:
        add_value(whole, place, numbers[place], year=YEAR, caf=country.caf)
    for one in world["ctgs"].values():
        published(one)
    shown = read_everything(world["ctgs"].values(), {place.name for place in ours})
    shown |= {(WHOLE, place.name): read_place(place) for place in [region, *theirs]}
    assert shown[WHOLE, region.name] == sum(numbers.values())
    masked = [(WHOLE, place.name) for place in ours if (WHOLE, place.name) not in shown]
    assert (WHOLE, ours[0].name) in masked
    known = shown[WHOLE, region.name] - sum(number for key, number in shown.items() if key[1] != region.name)
    low, high = bound(masked[0], masked, [(dict.fromkeys(masked, 1), known, known)])
    assert low < 1
    assert high >= THRESHOLD


def read_place(place) -> float:
    address = {"kind": place.kind, "code": place.code, "indicator": WHOLE, "extension": "csv"}
    rows = of_csv(Client().get(reverse("places:indicator_data", kwargs=address)).content)
    return next(row.number for row in rows if row.place == place.name and row.number is not None)
