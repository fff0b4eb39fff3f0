"""Finding a place by a name or a code, the nearest first; and a code that is not one is refused."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from territory.models import Territory
from tests.territory.factories import make_ctg, make_published

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("prades", ["Prades", "Prades-le-Lez", "Aprades"]),  # so called, then what begins so, then the rest
        ("66", ["Pyrénées-Orientales", "Prades-le-Lez"]),  # codes from their beginning, the shortest first
        ("a", ["Aprades"]),  # one letter begins a name
        ("1490", []),  # never the middle of a code
        ("|", []),
        ("%", []),
    ],
)
def test_what_is_called_so_comes_first(text, names):
    for kind, code, name in [
        ("commune", "11490", "Aprades"),
        ("commune", "66777", "Prades-le-Lez"),
        ("commune", "11149", "Prades"),
        ("departement", "66", "Pyrénées-Orientales"),
    ]:
        Territory.objects.create(kind=kind, code=code, name=name)
    assert list(Territory.objects.matching(text).values_list("name", flat=True)) == names


@pytest.mark.parametrize(("text", "is_found"), [("canigo", True), ("CONFLENT CANIGÓ", True), ("66", False)])
def test_a_ctg_is_found_without_its_accents(client, text, is_found):
    ctg = make_published(make_ctg())
    seen = client.get(reverse("search"), {"q": text}).content.decode()
    assert (reverse("ctg", args=[ctg.slug]) in seen) is is_found


@pytest.mark.parametrize(
    ("kind", "code", "is_right"),
    [
        ("commune", "01004", True),
        ("commune", "2A004", True),
        ("commune", "1004", False),
        ("commune", "2C004", False),
        ("epci", "200049211", True),
        ("epci", "200049212", False),
        ("epci", "20004921", False),
        ("departement", "2A", True),
        ("departement", "971", True),
        ("departement", "6", False),
        ("region", "76", True),
        ("region", "760", False),
    ],
)
def test_a_code_typed_in_the_back_office_is_checked(kind, code, is_right):
    place = Territory(kind=kind, code=code, name="Essai")
    if is_right:
        place.clean()
    else:
        with pytest.raises(ValidationError) as refused:
            place.clean()
        assert set(refused.value.message_dict) == {"code"}
