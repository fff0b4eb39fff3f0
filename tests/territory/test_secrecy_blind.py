"""What is masked may be three or four: no byte, no header, no width of a column, no order of rows, no bar, rank or sentence of
any public response is other than it was. Whatever the channel, known to us or not."""

import re
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from territory import secrecy, withholding
from territory.models import Indicator, Release, Value
from territory.ranking import refresh_ranks
from tests.territory.factories import (
    IndicatorFactory,
    SourceFactory,
    add_outline,
    communes_of,
    make_country,
    make_ctg,
    make_epci,
    make_published,
    population_indicator,
)
from tests.whole.test_every_byte import texts_of

pytestmark = pytest.mark.django_db
FILES, DRAWINGS = ("csv", "xlsx", "json"), ("comparaison", "courbe", "barres", "carte")
OF_THE_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\dT[\d:.]+Z?|nonce=\"[^\"]*\"|csrfmiddlewaretoken\" value=\"[^\"]*\"|D:\d{14}\S*"
)
NEW_EACH_TIME = {"Content-Security-Policy", "Date", "X-Request-ID", "X-Correlation-ID"}


@pytest.fixture
def world():
    country = make_country()
    epcis = [
        make_epci(country.department, name=name)
        for name in ("Aspres", "Conflent", "Fenouillèdes", "Vallespir", "Cerdagne")
    ]
    for i, place in enumerate(communes_of(epcis[0])):
        add_outline(place, 2.0 + i / 10)
    heads, below = (
        IndicatorFactory(people=True, is_additive=True, code=code, label=code) for code in ("foyers", "tous")
    )
    amount = IndicatorFactory(unit="euro", is_additive=True, tied_to=heads, is_key=False, code="montant")
    share = IndicatorFactory(numerator=heads, denominator=below, code="part", decimals=1)
    change = IndicatorFactory(tied_to=heads, evolution=True, code="evolution")
    income = IndicatorFactory(code="niveau-vie-median", unit="euro", is_key=True)
    ctgs = [make_published(make_ctg(country.caf, place=place)) for place in epcis]
    return {
        "country": country,
        "epcis": epcis,
        "ctgs": ctgs,
        "indicators": [heads, below, amount, share, change],
        "people": [population_indicator(), income],
        "source": SourceFactory(threshold=5),
    }


def figures(world, few, one):
    """The communes of the first EPCI, the EPCI, their département; ``few`` and ``one`` are masked, and what is masked beside."""
    heads, below, amount, share, change = world["indicators"]
    first, *others = world["epcis"]
    counts = dict(zip(communes_of(first), (12, few, 11 - few), strict=True))
    counts |= dict(zip([first, *others], (23, one, 14 - one, 70, 90), strict=True))
    counts[world["country"].department] = 23 + 14 + 160
    for place, count in counts.items():
        whole = 100 if place.kind == "commune" else 1000
        yield from ((heads, place, 2019, 2019, count), (below, place, 2019, 2019, whole))
        yield (amount, place, 2019, 2019, count * 500)
        yield (share, place, 2019, 2019, Decimal(count) * 100 / whole)
        yield (change, place, 2019, 2014, count * 3)
        yield (heads, place, 2016, 2016, 30)
    for i, place in enumerate(world["epcis"]):
        for indicator, number in zip(world["people"], (3000 + i, 20000 + 10 * i), strict=True):
            yield (indicator, place, 2019, 2019, number)


def told(world, *masked, is_open=False):
    """All that a stranger gets of these figures."""
    caf = None if is_open else world["country"].caf
    with transaction.atomic():
        release = Release.objects.create(source=world["source"], name="Comptage", caf=caf)
        Value.objects.bulk_create(
            Value(
                indicator=indicator,
                territory=place,
                year=year,
                start_year=start,
                release=release,
                number=number,
                is_withheld=False,
            )
            for indicator, place, year, start, number in figures(world, *masked)
        )
        withholding.settle(caf, *withholding.span_of(release))
        refresh_ranks([one.pk for one in Indicator.objects.all()])
        client, found = Client(), {}
        for address in addresses(world):
            response = client.get(address)
            headers = {name: value for name, value in response.headers.items() if name not in NEW_EACH_TIME}
            text = OF_THE_MOMENT.sub("", texts_of(response))
            if response.status_code == 200:
                found[address] = (headers, text)
        transaction.set_rollback(True)
    return found


def addresses(world):
    first, second, *_ = world["epcis"]
    for place in (first, second, communes_of(first)[1], world["country"].department):
        here = {"kind": place.kind, "code": place.code}
        yield reverse("places:portrait", kwargs=here)
        yield f"{reverse('places:portrait', kwargs=here)}?avec=semblables"
        yield f"{reverse('places:portrait', kwargs=here)}?avec=epci-{world['epcis'][2].code}"
        yield reverse("places:compare", kwargs=here)
        yield from (reverse("places:data", kwargs=here | {"extension": one}) for one in FILES)
        for indicator in world["indicators"]:
            one = here | {"indicator": indicator.code}
            yield reverse("places:indicator", kwargs=one)
            yield from (reverse("places:indicator_data", kwargs=one | {"extension": file}) for file in FILES)
            for drawing in DRAWINGS:
                yield reverse("places:indicator_drawing", kwargs=one | {"drawing": drawing, "image": "svg"})
    yield reverse("places:portrait_pdf", kwargs={"kind": "epci", "code": second.code})


@pytest.mark.parametrize("is_open", [False, True], ids=["of a Caf", "open"])
def test_three_or_four_masked_households_leave_the_same_bytes(world, is_open):
    three, four = told(world, 3, 3, is_open=is_open), told(world, 4, 4, is_open=is_open)
    assert three.keys() == four.keys()
    assert len(three) > 60
    assert [address for address in three if three[address] != four[address]] == []


def test_with_the_gate_open_they_do_not(world, monkeypatch):
    """The control, in each kind of response."""
    monkeypatch.setattr(
        secrecy, "state_of", lambda value: secrecy.State.SHOWN if value.number is not None else secrecy.State.MISSING
    )
    three, four = told(world, 3, 3), told(world, 4, 4)
    other = [address for address in three if three[address] != four.get(address)]
    for end in (".csv", ".xlsx", ".json", ".svg", ".pdf", "/", "semblables"):
        assert any(address.endswith(end) for address in other), end
