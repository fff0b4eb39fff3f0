"""« Nouvelle Ctg » proposes what most Ctgs are: from the next first of January, for five years."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from ctg_site.accounts.models import User
from territory.models import Role

TODAY = date(2026, 11, 30)


@pytest.fixture
def form(demonstration, monkeypatch):
    monkeypatch.setattr("ctg_site.views.today", lambda: TODAY)
    caf = demonstration.signed.caf
    client = Client()
    client.force_login(User.objects.get(memberships__role=Role.CAF_ADVISER, memberships__caf=caf))
    epci = demonstration.signed.territory
    return client.get(reverse("new_ctg"), {"caf": caf.pk, "epci": epci.pk}).context["form"]


def test_the_period_is_proposed(form):
    assert form["starts_on"].value() == date(2027, 1, 1)
    assert form["ends_on"].value() == date(2031, 12, 31)


def test_every_field_is_under_one_question(form):
    shown = [field.name for fields in form.parts().values() for field in fields]
    assert sorted(shown) == sorted(form.fields)
    assert all(not field.field.required for fields in list(form.parts().values())[1:] for field in fields)
