"""A diagnosis of 60 findings, 200 contributions and 40 figures opens in 15 queries at most, as many as a small one."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import ActionPlan
from ctg_site.accounts.models import User
from diagnostic import services
from diagnostic.models import Diagnosis
from governance.models import Agreement, Evaluation
from territory.models import Indicator
from territory.services import add_comment
from tests.diagnostic.factories import first_group
from tests.diagnostic.large_diagnosis import make_large_diagnosis, tell_by_place

pytestmark = pytest.mark.django_db
PAGES = ("diagnosis", "diagnosis_brief", "diagnosis_version", "group", "group_scoring", "finding", "priority")
WRITTEN = ("finding_new", "finding_edit", "finding_figures", "priority_edit")
SIGNED_ON, REOPENED_ON = date(2021, 12, 15), date(2022, 3, 1)


def signed(diagnosis: Diagnosis) -> Diagnosis:
    """With all that the header then reads: a plan adopted, a text, a year to evaluate. Its rules have their own tests."""
    Diagnosis.objects.filter(pk=diagnosis.pk).update(validated_on=date(2021, 10, 30), validated_by_decision="Copil")
    closed = {f"{closure}_on": SIGNED_ON for closure in ActionPlan.CLOSURES}
    decided = {f"{closure}_decision": "Copil" for closure in ActionPlan.CLOSURES}
    ActionPlan.objects.filter(diagnosis=diagnosis).update(**closed, **decided)
    agreement = Agreement.objects.create(number=f"Ctg {diagnosis.pk}", plan=ActionPlan.objects.get(diagnosis=diagnosis))
    Evaluation.objects.create(agreement=agreement, year=2021, opened_on=SIGNED_ON)
    return Diagnosis.objects.for_page().get(pk=diagnosis.pk)


def reopened(diagnosis: Diagnosis) -> Diagnosis:
    new = services.reopen_diagnosis(signed(diagnosis), reason="Un motif", by=None, on=REOPENED_ON)
    return Diagnosis.objects.for_page().get(pk=new.pk)


STATES = {"draft": lambda diagnosis: diagnosis, "signed": signed, "reopened": reopened}


def pages_of(diagnosis: Diagnosis) -> dict[str, str]:
    group, found = first_group(diagnosis).pk, diagnosis.findings.earliest("pk").pk
    keys = {"group": group, "group_scoring": group, "finding": found, "finding_edit": found, "finding_figures": found}
    keys |= {"priority": (first := diagnosis.priorities.earliest("pk").pk), "priority_edit": first}
    keys["diagnosis_version"] = diagnosis.version
    names = PAGES if diagnosis.is_validated else PAGES + WRITTEN
    chosen = {name: [keys[name]] if name in keys else [] for name in names}
    return {name: reverse(f"diagnostic:{name}", args=[diagnosis.ctg.slug, *args]) for name, args in chosen.items()}


def counted(pages: dict[str, str], client) -> dict[str, int]:
    found = {}
    for name, address in pages.items():
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        found[name] = len(captured)
    return found


def talk(diagnosis: Diagnosis, person) -> None:
    """Every group follows every figure, and everything is discussed."""
    for group in diagnosis.ctg.groups.all():
        group.indicators.set(Indicator.objects.all())
    for row in [*diagnosis.findings.all(), *diagnosis.priorities.all()]:
        add_comment(row, text="Et la navette ?", by=person)


def prepared(as_someone, state: str, **sizes: Any) -> tuple[Diagnosis, Client]:
    known = list(Indicator.objects.all())
    diagnosis = make_large_diagnosis(**sizes)
    tell_by_place(known, diagnosis.ctg)  # those of the Ctg measured before
    client = as_someone("lead", diagnosis)
    talk(diagnosis, User.objects.get(pk=client.session["_auth_user_id"]))
    return STATES[state](diagnosis), client


def measured(as_someone, state: str, **sizes: Any) -> dict[str, int]:
    diagnosis, client = prepared(as_someone, state, **sizes)
    return counted(pages_of(diagnosis), client)


@pytest.mark.once
@pytest.mark.parametrize("state", STATES)
def test_ten_then_ten_more(as_someone, state):
    before = measured(as_someone, state, findings=10, contributions=10, figures=10)
    assert measured(as_someone, state, findings=20, contributions=20, figures=20) == before
    assert max(before.values()) <= 15, before


@pytest.mark.once
def test_everything_at_once(as_someone):
    found = measured(as_someone, "reopened", findings=60, contributions=200, figures=40)
    assert max(found.values()) <= 15, found
