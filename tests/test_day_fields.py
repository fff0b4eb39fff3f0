"""A day that a person types has a year of our time: « 21 » in the calendar of a browser makes the year 21."""

from datetime import date

import pytest
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import DateField
from django.utils.translation import override

from ctg_site.forms import NewCtgForm
from ctg_site.lib.fields import DayField
from governance.models import Meeting
from territory.models import Territory
from tests.territory.factories import make_superuser
from tests.test_text_fields import PACKAGES, forms_of_the_pages


@pytest.mark.parametrize("text", ["2027-10-15", "15/10/2027", "15/10/27"])
def test_a_day_is_read_as_it_is_written_here(text):
    assert DayField().clean(text) == date(2027, 10, 15)


@pytest.mark.parametrize("text", ["0027-10-15", "9027-10-15"])
def test_a_year_out_of_time_is_refused_with_what_to_do(text):
    with pytest.raises(ValidationError, match="écrivez l’année en quatre chiffres"):
        DayField().clean(text)


def other_days(form: type[forms.BaseForm]) -> list[str]:
    fields = form.base_fields.items()  # type: ignore[attr-defined]
    return [name for name, field in fields if isinstance(field, forms.DateField) and not isinstance(field, DayField)]


@pytest.mark.parametrize("form", forms_of_the_pages(), ids=lambda form: f"{form.__module__}.{form.__qualname__}")
def test_every_day_of_a_form_is_read_so(form):
    assert other_days(form) == []


@pytest.mark.django_db
def test_every_day_of_the_back_office_is_read_so(rf):
    request, seen, raw = rf.get("/"), 0, {}
    request.user = make_superuser()
    for model, page in admin.site._registry.items():
        is_written = page.has_add_permission(request) or page.has_change_permission(request)
        if model.__module__.split(".")[0] in PACKAGES and is_written:
            seen += any(type(field) is DateField for field in model._meta.fields)
            if found := other_days(page.get_form(request)):
                raw[model.__name__] = found
    assert seen > 5
    assert raw == {}


@pytest.mark.parametrize(
    ("typed", "when"),
    [
        ("15/10/2027", (date(2027, 10, 15), Meeting.Precision.DAY)),
        ("15/10/27", (date(2027, 10, 15), Meeting.Precision.DAY)),
        ("10/2027", (date(2027, 10, 1), Meeting.Precision.MONTH)),
        ("10/27", (date(2027, 10, 1), Meeting.Precision.MONTH)),
    ],
)
def test_a_milestone_is_a_day_or_a_month(typed, when):
    form = milestone(typed)
    assert form.cleaned_data["milestone_0"] == when


@pytest.mark.parametrize("typed", ["15/10/0027", "13/2027", "31/02/2027", "octobre", "²/10/2027"])
def test_what_is_neither_is_said(typed):
    form = milestone(typed)
    assert form.errors["milestone_0"] == [f"« {typed} » n’est ni un jour (15/10/2027) ni un mois (10/2027)."]


def milestone(typed: str) -> NewCtgForm:
    with override("fr"):
        form = NewCtgForm({"milestone_0": typed}, communes=Territory.objects.none())
        form.full_clean()
    return form
