"""« Ce qui m’attend », where one comes in: the step each Ctg is at, the meetings of which nobody said that they were held."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ctg_site.accounts.models import User
from ctg_site.my_day import day_of
from governance.models import Gate
from territory.models import Role
from tests.governance.factories import decide_up_to, held_meeting, make_ctg, make_ready_plan, make_user, plan_meeting

pytestmark = pytest.mark.django_db
TODAY = date(2021, 11, 20)


def test_one_comes_in_where_the_work_waits(client):
    User.objects.create_user("alix@essai.example", "un bon mot de passe", full_name="Alix Essai")
    answer = client.post(
        reverse("accounts:login"), {"username": "alix@essai.example", "password": "un bon mot de passe"}
    )
    assert answer.url == reverse("my_day")
    assert client.post(reverse("accounts:logout")).url == reverse("home")


def test_each_ctg_says_the_step_it_is_at():
    first = make_ctg()
    user = make_user("Camille", ctg=first, role=Role.CAF_ADVISER)
    second = make_ready_plan(make_ctg(caf=first.caf)).ctg
    decide_up_to(second, Gate.FIX_AXES)
    day_of(user, on=TODAY)
    with CaptureQueriesContext(connection) as two:
        found = {mine.ctg.pk: mine.step.number for mine in day_of(user, on=TODAY).ctgs}
    assert found == {first.pk: 1, second.pk: 3}
    make_ready_plan(make_ctg(caf=first.caf))
    with CaptureQueriesContext(connection) as three:
        day_of(user, on=TODAY)
    assert len(three) <= len(two)


def test_the_page_leads_to_the_step(client):
    ctg = make_ready_plan(make_ctg()).ctg
    client.force_login(make_user("Camille", ctg=ctg, role=Role.LEAD))
    page = client.get(reverse("my_day")).text
    assert f'href="{reverse("ctg_follow", args=[ctg.slug])}">Étape 1 en cours : Diagnostic partagé' in page


@pytest.mark.parametrize(("role", "is_asked"), [(Role.LEAD, True), (Role.CAF_ADVISER, True), (Role.READER, False)])
def test_who_steers_says_whether_a_past_meeting_was_held(role, is_asked):
    ctg = make_ctg()
    late = plan_meeting(ctg, on=date(2021, 11, 2))
    held_meeting(ctg, on=date(2021, 11, 3))
    month = plan_meeting(ctg, on=date(2021, 11, 1), starts_precision="month")  # it may still meet
    coming = plan_meeting(ctg, on=date(2021, 12, 1))
    day = day_of(make_user("Quelqu’un", ctg=ctg, role=role), on=TODAY)
    urls = [task.url for task in day.tasks if "s’est-elle tenue" in task.title]
    assert urls == ([reverse("governance:meeting", args=[ctg.slug, late.pk])] if is_asked else [])
    assert [meeting.pk for meeting in day.meetings] == [month.pk, coming.pk]
