"""The five milestones of the seed: a range, two days, two months, in their order, with what is known of each (domain T5)."""

from datetime import date

import pytest

from ctg_site.lib.errors import RuleBroken
from governance import services
from governance.models import Meeting
from tests.governance.factories import COPIL, OPERATIONAL, PARTNER, make_ctg, plan_meeting

pytestmark = pytest.mark.django_db

MONTH = Meeting.Precision.MONTH
APRIL = {"starts_precision": MONTH, "ends_on": date(2021, 10, 15)}
SEED = [
    (OPERATIONAL, date(2021, 4, 1), APRIL, "d’avril au 15 octobre 2021"),
    (COPIL, date(2021, 10, 30), {}, "30 octobre 2021"),
    (PARTNER, date(2021, 11, 15), {}, "15 novembre 2021"),
    (COPIL, date(2021, 11, 9), {"starts_precision": MONTH}, "novembre 2021"),
    (COPIL, date(2021, 12, 1), {"starts_precision": MONTH}, "décembre 2021"),
]


def seed_calendar(rows=SEED):
    ctg = make_ctg()
    for kind, on, options, _ in rows:
        plan_meeting(ctg, kind=kind, on=on, **options)
    return ctg


def in_order(ctg):
    return list(Meeting.objects.filter(committee__ctg=ctg).for_calendar())


@pytest.mark.parametrize("rows", [SEED, SEED[::-1]], ids=["as planned", "planned backwards"])
def test_the_milestones_keep_their_order_and_their_precision(rows):
    meetings = in_order(seed_calendar(rows))
    assert [meeting.when for meeting in meetings] == [when for *_, when in SEED]
    assert [day for meeting in meetings for day in meeting.days_off] == [date(2021, 10, 30)]


def test_once_held_a_meeting_shows_its_day_in_its_place():
    ctg = seed_calendar()
    vague = in_order(ctg)[3]
    services.hold_meeting(vague, held_on=date(2021, 11, 8), by=None)
    assert [meeting.when for meeting in in_order(ctg)][2:4] == ["8 novembre 2021", "15 novembre 2021"]


def test_a_range_keeps_its_two_ends_once_held():
    ctg = seed_calendar()
    services.hold_meeting(in_order(ctg)[0], held_on=date(2021, 10, 15), by=None)
    assert in_order(ctg)[0].when == "d’avril au 15 octobre 2021"


def test_a_month_starts_on_its_first_day_and_ends_on_its_last():
    ctg = make_ctg()
    options = {"starts_precision": MONTH, "ends_on": date(2022, 2, 3), "ends_precision": MONTH}
    meeting = plan_meeting(ctg, on=date(2021, 11, 9), **options)
    assert (meeting.starts_on, meeting.ends_on) == (date(2021, 11, 1), date(2022, 2, 28))


def test_what_a_meeting_refuses():
    ctg = make_ctg()
    with pytest.raises(RuleBroken, match="La fin de la période précède son début"):
        plan_meeting(ctg, on=date(2021, 10, 30), ends_on=date(2021, 10, 29))
    with pytest.raises(RuleBroken, match="commence en projet ou prévue"):
        plan_meeting(ctg, status=Meeting.Status.HELD)
    meeting = services.cancel_meeting(plan_meeting(ctg), by=None)
    with pytest.raises(RuleBroken, match="est annulée"):
        services.hold_meeting(meeting, held_on=date(2021, 10, 30), by=None)
    held = services.hold_meeting(plan_meeting(ctg), held_on=date(2021, 10, 30), by=None)
    with pytest.raises(RuleBroken, match="ne s’annule plus"):
        services.cancel_meeting(held, by=None)
    with pytest.raises(RuleBroken, match="déjà tenue"):
        services.hold_meeting(held, held_on=date(2021, 10, 31), by=None)


def test_a_meeting_was_not_held_on_a_day_to_come(monkeypatch):
    meeting, day = plan_meeting(make_ctg()), date(2021, 10, 30)
    monkeypatch.setattr("ctg_site.lib.dates.today", lambda: date(2021, 10, 29))
    with pytest.raises(RuleBroken, match="tenue le : Ce jour n’est pas encore venu.: nous sommes le 29 octobre 2021"):
        services.hold_meeting(meeting, held_on=day, by=None)
    assert not Meeting.objects.get(pk=meeting.pk).is_held
    monkeypatch.setattr("ctg_site.lib.dates.today", lambda: day)
    assert services.hold_meeting(meeting, held_on=day, by=None).is_held


def test_committees_are_opened_once():
    ctg = make_ctg()
    assert list(ctg.committees.values_list("kind", flat=True)) == [COPIL, OPERATIONAL, PARTNER]
    with pytest.raises(RuleBroken, match="déjà créés"):
        services.open_governance(ctg, by=None)


def test_a_committee_that_decided_keeps_its_kind():
    ctg = make_ctg()
    meeting = services.hold_meeting(plan_meeting(ctg), held_on=date(2021, 10, 30), by=None)
    committee = meeting.committee
    committee.kind = OPERATIONAL
    services.take_decision(meeting, text="Décision", by=None, on=meeting.held_on)
    with pytest.raises(RuleBroken, match="sa nature ne change plus"):
        services.save_committee(committee, by=None)
    meeting.committee = ctg.committees.get(kind=PARTNER)
    with pytest.raises(RuleBroken, match="ne change plus de comité"):
        services.save_meeting(meeting, by=None)
