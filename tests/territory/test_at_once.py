"""Two people at the same moment: the rule that looks at what the other does holds for the second."""

import time
from collections.abc import Callable
from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import connection

from ctg_site.lib.errors import RuleBroken
from territory import services
from territory.models import CtgFact, Membership, Role
from territory.services import ctgs, people
from tests.territory.factories import make_ctg, make_user

pytestmark = pytest.mark.django_db(transaction=True)

LONG_ENOUGH = 0.4  # seconds between a check and its write, for the other to come in between


def at_once(*gestures: Callable[[], object]) -> list[str]:
    """The refusals of gestures that begin together, each in a thread and a transaction of its own."""
    together, refusals = Barrier(len(gestures)), []

    def play(gesture: Callable[[], object]) -> None:
        together.wait()
        try:
            gesture()
        except RuleBroken as refusal:
            refusals.append(str(refusal))
        finally:
            connection.close()

    threads = [Thread(target=play, args=[gesture]) for gesture in gestures]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refusals


def slowly(check: Callable[..., None]) -> Callable[..., None]:
    def checked(*args: object) -> None:
        check(*args)
        time.sleep(LONG_ENOUGH)

    return checked


def test_two_ctgs_of_the_same_commune_are_not_signed_at_once(monkeypatch):
    monkeypatch.setattr(ctgs, "_refuse_overlap", slowly(ctgs._refuse_overlap))
    first = make_ctg()
    second = make_ctg(first.caf, place=first.territory, name="La même, une autre fois")
    day = date(2022, 1, 1)
    refusals = at_once(
        *(
            lambda one=one: services.state_fact(one, kind=CtgFact.Kind.SIGNED, on=day, by=None)
            for one in (first, second)
        )
    )
    assert ["couvre déjà" in refusal for refusal in refusals] == [True]
    assert CtgFact.objects.filter(kind=CtgFact.Kind.SIGNED).count() == 1


def test_the_last_two_managers_do_not_leave_at_once(monkeypatch):
    monkeypatch.setattr(people, "_keep_one_manager", slowly(people._keep_one_manager))
    caf = make_ctg().caf
    managers = [make_user(f"responsable{n}", caf=caf, role=Role.CAF_MANAGER) for n in (1, 2)]
    roles = [Membership.objects.get(user=manager) for manager in managers]
    refusals = at_once(*(lambda role=role: services.withdraw_role(role, by=None) for role in roles))
    assert ["garde au moins une personne responsable" in refusal for refusal in refusals] == [True]
    assert Membership.objects.filter(caf=caf, role=Role.CAF_MANAGER).count() == 1
