"""Beside what a committee has to decide: when it meets, or the way to convene it."""

from datetime import date

import pytest
from django.urls import reverse

from diagnostic.services import open_diagnosis
from governance.models import Meeting
from territory.models import Role
from tests.governance.factories import OPERATIONAL, make_ctg, make_user, plan_meeting

pytestmark = pytest.mark.django_db
TODAY = date(2021, 9, 1)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("ctg_site.templatetags.journey.today", lambda: TODAY)


def ctg_with_a_diagnosis():
    return open_diagnosis(make_ctg(), by=None).ctg


def brief(client, ctg, role):
    client.force_login(make_user("Quelqu’un", ctg=ctg, role=role))
    page = client.get(reverse("diagnostic:diagnosis_brief", args=[ctg.slug])).text
    return page.partition('id="decisions"')[2].partition("</section>")[0]


def test_a_mayor_reads_when_the_copil_meets_next(client):
    ctg = ctg_with_a_diagnosis()
    plan_meeting(ctg, on=date(2021, 8, 1))
    plan_meeting(ctg, on=date(2021, 9, 10), status=Meeting.Status.DRAFT)
    plan_meeting(ctg, kind=OPERATIONAL, on=date(2021, 9, 15))
    next_one = plan_meeting(ctg, on=date(2021, 10, 30))
    plan_meeting(ctg, on=date(2021, 12, 1))
    address = reverse("governance:meeting", args=[ctg.slug, next_one.pk])
    assert f'<a href="{address}">30 octobre 2021</a>' in brief(client, ctg, Role.SIGNATORY)


@pytest.mark.parametrize(("role", "is_shown"), [(Role.LEAD, True), (Role.SIGNATORY, False)])
def test_who_may_convene_it_is_led_to_the_calendar(client, role, is_shown):
    ctg = ctg_with_a_diagnosis()
    assert (reverse("governance:calendar", args=[ctg.slug]) in brief(client, ctg, role)) is is_shown
