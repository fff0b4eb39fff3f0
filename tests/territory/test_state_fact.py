from datetime import date

import pytest

from ctg_site.lib.errors import RuleBroken
from territory import services
from territory.models import Ctg
from tests.territory.factories import CafFactory, communes_of, make_ctg, make_epci

pytestmark = pytest.mark.django_db

SIGNED_ON = date(2021, 12, 15)


def sign(ctg: Ctg, on: date = SIGNED_ON) -> Ctg:
    services.state_fact(ctg, kind="signed", on=on, by=None)
    services.state_fact(ctg, kind="in_force", on=on, by=None)
    return ctg


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2021, 6, 9), Ctg.State.PREPARING),  # the period has begun, the signature not yet (R3)
        (date(2021, 12, 14), Ctg.State.PREPARING),
        (date(2021, 12, 15), Ctg.State.IN_FORCE),
        (date(2025, 12, 31), Ctg.State.IN_FORCE),
        (date(2026, 1, 1), Ctg.State.EXPIRED),  # never renewed tacitly (R4)
    ],
)
def test_the_state_follows_the_day(on, state):
    assert sign(make_ctg()).state_on(on) == state


def test_a_terminated_ctg_is_so_from_its_day():
    ctg = sign(make_ctg())
    services.state_fact(ctg, kind="terminated", on=date(2023, 3, 1), by=None)
    assert ctg.state_on(date(2023, 2, 28)) == Ctg.State.IN_FORCE
    assert ctg.state_on(date(2023, 3, 1)) == Ctg.State.TERMINATED


def test_it_may_be_signed_long_after_its_start():
    """Perpignan 2024-2028, signed on 27 February 2025 (T7)."""
    ctg = make_ctg(starts_on=date(2024, 1, 1), ends_on=date(2028, 12, 31))
    sign(ctg, date(2025, 2, 27))
    assert ctg.state_on(date(2025, 2, 27)) == Ctg.State.IN_FORCE
    assert 2024 in ctg.years


def test_a_fact_is_stated_once():
    ctg = sign(make_ctg())
    with pytest.raises(RuleBroken, match="déjà enregistré"):
        services.state_fact(ctg, kind="signed", on=SIGNED_ON, by=None)


@pytest.mark.parametrize(
    ("period", "accepted"),
    [
        ((date(2025, 1, 1), date(2029, 12, 31)), False),
        ((date(2026, 1, 1), date(2030, 12, 31)), True),
        ((date(2016, 1, 1), date(2020, 12, 31)), True),
    ],
)
def test_two_signed_ctgs_never_cover_a_commune_at_the_same_time(period, accepted):
    """Rule R5: one common commune and one common day are enough."""
    caf, epci = CafFactory(), make_epci()
    sign(make_ctg(caf, place=epci))
    other = make_ctg(caf, place=epci, communes=communes_of(epci)[:1], starts_on=period[0], ends_on=period[1])
    if accepted:
        sign(other)
    else:
        with pytest.raises(RuleBroken, match="couvre déjà"):
            sign(other)


def test_a_terminated_ctg_leaves_room_for_the_next():
    caf, epci = CafFactory(), make_epci()
    first = sign(make_ctg(caf, place=epci))
    services.state_fact(first, kind="terminated", on=date(2023, 12, 31), by=None)
    sign(make_ctg(caf, place=epci, starts_on=date(2024, 1, 1), ends_on=date(2028, 12, 31)), date(2024, 2, 1))
