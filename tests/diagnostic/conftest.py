import pytest

from diagnostic import services
from territory.models import Role
from tests.diagnostic.factories import CafFactory, first_group, make_ctg, make_user

INSIDE = {
    "caf_manager": Role.CAF_MANAGER,
    "caf_adviser": Role.CAF_ADVISER,
    "caf_reader": Role.CAF_READER,
    "lead": Role.LEAD,
    "editor": Role.EDITOR,
    "group_lead": Role.GROUP_LEAD,
    "lead_of_another_group": Role.GROUP_LEAD,
    "action_lead": Role.ACTION_LEAD,
    "contributor": Role.CONTRIBUTOR,
    "signatory": Role.SIGNATORY,
    "reader": Role.READER,
}


class People:
    """One person per role around a diagnosis; ``group_lead`` leads its first group, the outsider works for another Caf."""

    def __init__(self, diagnosis) -> None:
        self.diagnosis = diagnosis

    def get(self, name):
        ctg = self.diagnosis.ctg
        if name == "anonymous":
            return None
        if name == "outsider":
            return make_user("Ailleurs", role=Role.CAF_MANAGER, ctg=make_ctg(CafFactory()))
        person = make_user(name, role=INSIDE[name], ctg=ctg)
        groups = {
            "group_lead": first_group(self.diagnosis),
            "lead_of_another_group": ctg.groups.order_by("position").last(),
        }
        if name in groups:
            groups[name].lead = person
            services.save_group(groups[name], by=None)
        return person


@pytest.fixture
def as_someone(client):
    """Log in as one of the roles around this diagnosis."""

    def log_in(name, diagnosis):
        person = People(diagnosis).get(name)
        if person:
            client.force_login(person)
        return client

    return log_in
