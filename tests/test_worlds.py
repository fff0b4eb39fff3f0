"""A world that comes back is the one that the services built; whatever a test does first, it never gets another one."""

from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from actions import services
from governance.models import Agreement
from territory.models import Ctg
from tests import worlds
from tests.actions.factories import make_complete_plan
from tests.governance.factories import make_frozen_agreement
from tests.worlds import remembered

pytestmark = pytest.mark.django_db
DECIDED_ON = date(2022, 7, 1)


class Builds:
    """A factory of this test alone, and how many times it built."""

    def __init__(self):
        self.count = 0
        self.plan, self.closed = remembered(self._plan), remembered(self._closed)

    def _plan(self):
        self.count += 1
        return make_complete_plan()

    def _closed(self, plan):
        self.count += 1
        services.fix_axes(plan, decision="Copil", by=None, on=DECIDED_ON)
        plan.introduction = "Changé en mémoire"
        return plan.diagnosis


@pytest.fixture
def builds():
    return Builds()


def undone(make):
    """What a call gives, and every row there is after it; the base is left as it was."""
    with transaction.atomic():
        given = make()
        rows = {model: worlds._read(model) for model in worlds._models()}
        transaction.set_rollback(True)
    return given, rows


def test_from_the_third_call_the_same_rows_come_back_without_a_build(builds):
    undone(builds.plan)
    (second, rows), (third, again) = undone(builds.plan), undone(builds.plan)
    assert builds.count == 2
    assert again == rows
    assert sum(map(len, rows.values())) > 50
    assert (third, third.introduction, third.diagnosis.ctg) == (second, second.introduction, second.diagnosis.ctg)


def test_it_is_left_to_the_services_what_is_built_next(builds):
    for _ in range(3):
        plan, _ = undone(lambda: services.fix_axes(builds.plan(), decision="Copil", by=None, on=DECIDED_ON))
        assert plan.axes_fixed_on == DECIDED_ON


def test_a_row_that_is_given_changes_as_if_it_were_built(builds):
    def close():
        plan = builds.plan()
        diagnosis = builds.closed(plan)
        assert diagnosis is plan.diagnosis
        return plan, type(plan).objects.get(pk=plan.pk)

    for _ in range(4):
        undone(close)
    before = builds.count
    (plan, kept), _ = undone(close)
    assert builds.count == before
    assert plan.introduction == "Changé en mémoire"
    assert kept.axes_fixed_on == DECIDED_ON


def test_another_argument_is_another_world():
    def named(name):
        ctg = make_complete_plan().ctg
        ctg.name = name
        ctg.save()
        return ctg

    make = remembered(named)
    for name in ("Ici", "Là") * 3:
        (made, kept), _ = undone(lambda name=name: (make(name), Ctg.objects.get()))
        assert made.name == kept.name == name


def test_what_a_test_wrote_is_in_no_world(builds):
    def written_between():
        plan = builds.plan()
        type(plan).objects.update(introduction="Écrit par ce test")
        return builds.plan()

    for _ in range(4):
        undone(written_between)
    plans = builds.plan(), builds.plan()
    assert builds.count == 7, "le second plan se construit chaque fois"
    assert "Écrit par ce test" not in type(plans[0]).objects.values_list("introduction", flat=True)


def test_rows_that_are_undone_are_not_taken_for_there(builds):
    """The second plan of a test is not the second one of another, where the first is still there."""
    for _ in range(3):
        undone(lambda: (builds.plan(), builds.plan()))
    undone(builds.plan)
    plan = builds.plan()
    assert type(plan).objects.get() == plan


def test_who_patches_builds_their_own(builds, monkeypatch):
    monkeypatch.setattr(services, "open_plan", services.open_plan)
    for _ in range(3):
        undone(builds.plan)
    assert builds.count == 3


def test_who_changes_a_setting_builds_their_own(builds, settings):
    for _ in range(3):
        undone(builds.plan)
    assert builds.count == 3


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_is_built(builds):
    for _ in range(3):
        builds.plan()
    assert builds.count == 3


def test_a_file_comes_back_as_it_was():
    make = remembered(lambda: make_frozen_agreement())
    undone(make)
    agreement, _ = undone(make)
    name = agreement.document.name
    with default_storage.open(name) as file:
        content = file.read()
    default_storage.delete(name)
    default_storage.save(name, ContentFile(b"autre chose"))
    make()
    with default_storage.open(Agreement.objects.get().document.name) as file:
        assert file.read() == content
