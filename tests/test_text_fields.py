"""Every text that a person types is cleaned of what nobody can see, whatever the form: pages and back office alike."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib import admin

from ctg_site.accounts.models import User
from tests.territory.factories import make_superuser

PACKAGES = ("ctg_site", "territory", "diagnostic", "actions", "governance")
NOT_TYPED = (forms.HiddenInput, forms.PasswordInput)  # what the page carries, and what must stay as it was typed


def forms_of_the_pages() -> list[type[forms.BaseForm]]:
    """Those of the back office are made by its pages, below."""
    found = set()
    for package in map(importlib.import_module, PACKAGES):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(".wsgi"):
                members = vars(importlib.import_module(module.name)).values()
                found |= {one for one in members if inspect.isclass(one) and issubclass(one, forms.BaseForm)}
    ours = [one for one in found if one.__module__.split(".")[0] in PACKAGES and ".admin" not in one.__module__]
    return sorted(ours, key=lambda one: f"{one.__module__}.{one.__qualname__}")


def raw_texts(form: type[forms.BaseForm]) -> list[str]:
    """The fields of text that keep what is hidden; addresses, codes with a pattern and choices refuse it by themselves."""
    fields = form.base_fields.items()  # type: ignore[attr-defined]
    return [name for name, field in fields if type(field) is forms.CharField and type(field.widget) not in NOT_TYPED]


@pytest.mark.parametrize("form", forms_of_the_pages(), ids=lambda form: f"{form.__module__}.{form.__qualname__}")
def test_every_text_of_a_form_is_prose(form):
    assert raw_texts(form) == []


def calls() -> Iterator[str]:
    """Where a field is made by hand, those that a form adds to itself included."""
    for package in PACKAGES:
        for path in sorted((Path(settings.BASE_DIR) / package).rglob("*.py")):
            yield from [str(path.relative_to(settings.BASE_DIR))] * path.read_text("utf-8").count("forms.CharField(")


def test_a_field_made_by_hand_is_prose_too():
    assert list(calls()) == [
        "ctg_site/lib/shared_forms.py",  # the version that the page carries
        "territory/forms/pages.py",  # a password
        "diagnostic/forms.py",  # numbers, which the page carries
    ]


@pytest.mark.django_db
def test_every_text_of_the_back_office_is_prose(rf):
    request = rf.get("/")
    request.user = make_superuser()
    raw = {}
    for model, page in admin.site._registry.items():
        is_written = page.has_add_permission(request) or page.has_change_permission(request)
        if model.__module__.split(".")[0] not in PACKAGES or not is_written:
            continue
        for obj in [None, User()] if model is User else [None]:  # an account is opened with another form
            found = {*raw_texts(page.get_form(request, obj))}
            for inline in page.get_inline_instances(request, obj):
                found |= {
                    f"{inline.model.__name__}.{name}" for name in raw_texts(inline.get_formset(request, obj).form)
                }
            if found:
                raw[model.__name__] = found
    assert raw == {}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/chercher/?q=a%00", "/territoires/?avec=epci-%00", "/ctg/a%00/", "/%00"])
def test_an_address_with_a_null_byte_has_no_page(client, address):
    """Forms clean it; an address is looked for in the database as it is, and PostgreSQL takes none."""
    answer = client.get(address)
    assert answer.status_code == 404
    assert "Se connecter" in answer.text
