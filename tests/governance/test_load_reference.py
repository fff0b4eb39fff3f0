"""Which committee may close which step, and the model articles: loading twice changes nothing."""

import pytest

from governance.loading import load_reference
from governance.models import Clause, CommitteeKind, Gate, GateRule

pytestmark = pytest.mark.django_db


def rows():
    rules = GateRule.objects.order_by("pk").values_list("pk", "gate", "committee_kind")
    return list(rules), list(Clause.objects.order_by("pk").values_list("pk", "position", "title", "body"))


def test_every_step_has_its_committee_as_in_the_seed():
    load_reference()
    able = {gate: set(GateRule.objects.filter(gate=gate).values_list("committee_kind", flat=True)) for gate in Gate}
    assert all(able.values())
    for gate in (Gate.VALIDATE_DIAGNOSIS, Gate.FIX_AXES, Gate.ADOPT_PLAN, Gate.VALIDATE_METHOD, Gate.APPROVE_SIGNATURE):
        assert able[gate] == {CommitteeKind.COPIL}
    assert able[Gate.FORMALISE_PLAN] == {CommitteeKind.OPERATIONAL_PARTNER}
    assert Clause.objects.get(position=0).is_preamble


def test_loading_twice_changes_nothing_and_takes_back_what_was_altered():
    load_reference()
    before = rows()
    load_reference()
    assert rows() == before
    GateRule.objects.create(gate=Gate.ADOPT_PLAN, committee_kind=CommitteeKind.GROUP)
    Clause.objects.filter(position=1).update(title="Autre")
    load_reference()
    assert rows() == before
