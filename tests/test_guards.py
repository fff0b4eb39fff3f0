"""The guards themselves: each must bite, and only where it should."""

import random
import socket
import urllib.request
import warnings
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Engine, Template
from django.template.base import Origin

from ctg_site.accounts.models import User
from tests import guards


def ours(source: str, **context: object) -> str:
    return _render(source, Path(settings.BASE_DIR) / "templates" / "essai.html", context)


def theirs(source: str, **context: object) -> str:
    return _render(source, Path(settings.BASE_DIR) / ".venv" / "lib" / "essai.html", context)


def _render(source: str, path: Path, context: dict[str, object]) -> str:
    return Template(source, origin=Origin(str(path)), engine=Engine.get_default()).render(Context(context))


@pytest.mark.parametrize(
    "source",
    [
        "{{ absent }}",
        "{{ here.absent }}",
        "{% for row in absent %}{% endfor %}",
        "{% if here.absent %}{% endif %}",
        "{% if here %}{{ absent }}{% endif %}",
    ],
)
def test_an_unknown_variable_fails_in_our_templates_only(source):
    with pytest.raises(guards.UnknownVariable, match=r"essai\.html, ligne 1"):
        ours(source, here=1)
    assert theirs(source, here=1) == ""


def test_an_optional_parameter_may_be_asked_for():
    assert ours("{% if note %}{{ note }}{% endif %}{% if nobody.name %}x{% endif %}", nobody=None) == ""


@pytest.mark.django_db
def test_unordered_rows_change_places_and_ordered_ones_do_not():
    people = [User.objects.create_user(f"personne{n}@example.org", full_name=f"Personne {n}") for n in range(2)]
    assert list(User.objects.order_by("pk")) == people
    assert list(User.objects.order_by()) == people[::-1]


def test_another_machine_cannot_be_reached():
    with pytest.raises(guards.NetworkForbidden):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(guards.NetworkForbidden):
        urllib.request.urlopen("http://example.org/")


def test_a_warning_is_an_error():
    with pytest.raises(DeprecationWarning):
        warnings.warn("vieux", DeprecationWarning, stacklevel=1)


def test_the_shuffle_always_moves_something():
    class Rows:
        ordered = False
        _result_cache: list[int] | None = None

    def fetch(rows: Rows) -> None:
        rows._result_cache = [1, 2]

    for seed in range(20):
        rows = Rows()
        guards.shuffled_fetch(fetch, random.Random(seed))(rows)
        assert rows._result_cache == [2, 1]
