import pytest

from actions import services
from territory.models import Role
from tests.actions.factories import CafFactory, make_user

WRITERS = ["superuser", "caf_manager", "caf_adviser", "lead", "editor"]
STEERERS = ["superuser", "caf_manager", "caf_adviser", "lead"]
READERS = ["caf_reader", "group_lead", "action_lead", "other_action_lead", "contributor", "signatory", "reader"]
INSIDE = WRITERS + READERS
ON_THE_CAF = ("caf_manager", "caf_adviser", "caf_reader")


@pytest.fixture
def as_someone(client):
    """Log in as one of the people around a plan; ``action_lead`` leads its first action while it is a draft."""

    def log_in(name, plan):
        person = _person(name, plan)
        if person:
            client.force_login(person)
        return client

    return log_in


def _person(name, plan):
    ctg = plan.ctg
    if name == "anonymous":
        return None
    if name == "outsider":
        return make_user("ailleurs", caf=CafFactory(), role=Role.CAF_MANAGER)
    if name == "superuser":
        person = make_user("superuser")
        person.is_superuser = True
        person.save()
        return person
    if name in ON_THE_CAF:
        return make_user(name, caf=ctg.caf, role=Role(name))
    person = make_user(name, ctg=ctg, role=Role(name.removeprefix("other_")))
    if name == "action_lead":
        _lead_the_first(person, plan)
    return person


def _lead_the_first(person, plan):
    action = plan.actions.order_by("code").first()
    if plan.is_adopted:
        plan.actions.filter(pk=action.pk).update(lead_user=person)
    else:
        action.lead_user = person
        services.save_action(action, by=None)
