"""Who is late is known, reminded once a week, and nobody else is; what is done is said and no longer asked."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from actions import services
from actions.models import Action, Step
from ctg_site.lib.errors import RuleBroken
from ctg_site.my_day import day_of
from territory.models import Membership, Role
from tests.actions.factories import add_action, close_up_to, funder, make_complete_plan, make_user

pytestmark = pytest.mark.django_db
TODAY = date(2023, 9, 1)


@pytest.fixture
def plan():
    return make_complete_plan()


@pytest.fixture
def late(plan):
    """A step due in June, led by somebody; the plan is adopted."""
    action = plan.actions.get()
    action.lead_user = make_user("Camille Pilote", ctg=plan.ctg, role=Role.ACTION_LEAD)
    services.save_action(action, by=None)
    step = services.save_part(Step(action=action, title="Réunir les gestionnaires", due_on=date(2023, 6, 1)), by=None)
    other = add_action(plan, complete=True, lead_user=make_user("À l’heure", ctg=plan.ctg, role=Role.ACTION_LEAD))
    services.save_part(Step(action=other, title="Plus tard", due_on=date(2023, 12, 1)), by=None)
    close_up_to(plan, "adopted")
    return step


def remind(on=TODAY, **options):
    return services.remind_late_leads(by=None, on=on, **options)


def test_a_word_goes_to_who_is_late_and_to_nobody_else(late, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert remind() == 1
    assert [message.to for message in mail.outbox] == [[late.action.lead_user.email]]
    assert "Réunir les gestionnaires" in mail.outbox[0].body
    assert "Plus tard" not in mail.outbox[0].body


def test_the_same_step_is_not_asked_twice_in_a_week(late):
    assert remind() == 1
    assert remind(TODAY + timedelta(days=6)) == 0
    assert remind(TODAY + timedelta(days=7)) == 1


def done(step):
    services.record_step(step, done_on=date(2023, 8, 1), by=None, on=TODAY)


@pytest.mark.parametrize(
    "because",
    [
        done,
        lambda step: Action.objects.filter(pk=step.action_id).update(verdict="dropped", verdict_reason="Trop cher"),
        lambda step: Action.objects.filter(pk=step.action_id).update(lead_user=None),
        lambda step: Membership.objects.filter(user=step.action.lead_user).delete(),
    ],
)
def test_who_has_nothing_late_is_left_alone(late, because):
    because(late)
    assert remind() == 0


def test_a_plan_being_written_reminds_nobody(plan):
    action = plan.actions.get()
    action.lead_user = make_user("Camille Pilote", ctg=plan.ctg, role=Role.ACTION_LEAD)
    services.save_action(action, by=None)
    services.save_part(Step(action=action, title="Réunir", due_on=date(2023, 6, 1)), by=None)
    assert remind() == 0


def test_a_step_done_meanwhile_leaves_the_mail(late, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        remind()
        done(late)
    assert mail.outbox == []


def test_a_step_is_not_done_tomorrow(late):
    with pytest.raises(RuleBroken, match="un jour à venir"):
        services.record_step(late, done_on=TODAY + timedelta(days=1), by=None, on=TODAY)


def test_the_lead_says_it_is_done_on_its_page(late, client):
    client.force_login(late.action.lead_user)
    url = reverse("actions:steps_done", args=[late.action.plan.ctg.slug, late.action_id])
    assert client.post(url, {f"done_{late.pk}": "2023-06-02"}).status_code == 302
    late.refresh_from_db()
    assert late.done_on == date(2023, 6, 2)


def test_what_awaits_a_lead_shows_what_is_due_and_late_and_theirs_only(late):
    tasks = day_of(late.action.lead_user, on=TODAY).steps
    assert [(task.title, task.is_late, task.due_on) for task in tasks] == [
        ("Réunir les gestionnaires", True, date(2023, 6, 1))
    ]
    done(late)
    assert day_of(late.action.lead_user, on=TODAY).steps == []


def test_a_mayor_sees_what_concerns_their_commune(plan):
    here, elsewhere = plan.ctg.communes.order_by("pk")[:2]
    town_hall = funder(plan, "Mairie")
    town_hall.territory = here
    town_hall.save()
    mayor = make_user("Maire", ctg=plan.ctg, role=Role.SIGNATORY)
    Membership.objects.filter(user=mayor).update(organisation=town_hall)
    named, other = (add_action(plan, complete=True, title=title) for title in ("Ici", "Ailleurs"))
    services.save_action(named, communes=[here], by=None)
    services.save_action(other, communes=[elsewhere], by=None)
    add_action(plan, title="Un brouillon")
    titles = [action.title for action in day_of(mayor, on=TODAY).communes[0].actions]
    assert titles == ["Outil de suivi de l’offre et de la demande", "Ici"]
