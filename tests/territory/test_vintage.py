"""The official geography: dated, whole, and a new vintage shown before it is applied."""

from datetime import date

import pytest

from territory.models import Belonging, Succession, Territory
from territory.vintages import DEMONSTRATION, Vintage, apply_vintage, districts, preview_vintage, read_vintage
from tests.territory.factories import make_ctg

WHOLE = read_vintage()


def place(kind, code, name, parent=("", ""), start="1943-01-01", end=""):
    keys = ("kind", "code", "name", "nature", "aliases", "parent_kind", "parent_code", "valid_from", "valid_to")
    return dict(zip(keys, (kind, code, name, "", "", *parent, start, end), strict=True))


def belonging(commune, group, start="2020-01-01", end=""):
    return {"commune": commune, "group": group, "valid_from": start, "valid_to": end}


ABOVE = [
    place("france", "FR", "France entière"),
    place("france", "FM", "France métropolitaine", ("france", "FR")),
    place("region", "76", "Occitanie", ("france", "FM")),
    place("departement", "66", "Pyrénées-Orientales", ("region", "76")),
    place("epci", "200049211", "Conflent-Canigó", ("departement", "66")),
    place("epci", "246600399", "Pyrénées Cerdagne", ("departement", "66")),
]
IN_66 = ("departement", "66")
BEFORE = Vintage(
    [*ABOVE, *(place("commune", f"6600{i}", f"Commune {i}", IN_66) for i in range(1, 4))],
    [belonging("66001", "200049211"), belonging("66002", "200049211"), belonging("66003", "246600399")],
    [],
)
AFTER = Vintage(
    [
        *ABOVE,
        place("commune", "66001", "Commune 1", IN_66, end="2026-12-31"),
        place("commune", "66001", "Commune nouvelle", IN_66, start="2027-01-01"),
        place("commune", "66002", "Commune 2", IN_66, end="2026-12-31"),
        place("commune", "66003", "Commune Trois", IN_66),
    ],
    [
        belonging("66001", "200049211", end="2026-12-31"),
        belonging("66001", "200049211", start="2027-01-01"),
        belonging("66002", "200049211", end="2026-12-31"),
        belonging("66003", "246600399", end="2026-12-31"),
        belonging("66003", "200049211", start="2027-01-01"),
    ],
    [{"on": "2027-01-01", "kind": "merge", "before": "66002", "after": "66001"}],
)


# --- What is shipped ---


def test_the_whole_country_is_there():
    open_ones = [row for row in WHOLE.places if not row["valid_to"]]
    counts = {
        kind: sum(row["kind"] == kind for row in open_ones) for kind in ("commune", "epci", "departement", "region")
    }
    assert counts == {"commune": 34875, "epci": 1255, "departement": 101, "region": 18}
    assert set(districts().values()) == {"75056", "69123", "13055"}
    assert len(districts()) == 45


def test_codes_are_text_and_entities_are_dated():
    keys = [(row["kind"], row["code"], row["valid_from"]) for row in WHOLE.places]
    assert len(set(keys)) == len(keys)
    assert {"01004", "2A004", "97101"} <= {row["code"] for row in WHOLE.places}
    names = [row["name"] for row in WHOLE.places if row["code"] == "01015"]
    assert names == ["Arbignieu", "Arboys en Bugey"]


def test_an_epci_may_lie_in_several_departements():
    department = {row["code"]: row["parent_code"] for row in WHOLE.places if row["kind"] == "commune"}
    members = {row["commune"] for row in WHOLE.belongings if row["group"] == "200070365"}
    assert {department[code] for code in members} == {"66", "11"}


def test_a_scope_holds_its_departement_and_the_levels_above():
    narrow = read_vintage(DEMONSTRATION)
    current = [row for row in narrow.places if not row["valid_to"]]
    assert sum(row["kind"] == "commune" for row in current) == 266
    assert {row["code"] for row in current if row["kind"] in ("departement", "region", "france")} == {
        "66",
        "11",
        "76",
        "FR",
        "FM",
    }


# --- A new vintage ---


@pytest.fixture
def known(db):
    apply_vintage(BEFORE)


def test_a_vintage_is_shown_before_it_is_applied(known):
    preview = preview_vintage(AFTER)
    assert preview.appears == ["Commune nouvelle (66001)"]
    assert preview.disappears == ["Commune 1 (66001), le 31/12/2026", "Commune 2 (66002), le 31/12/2026"]
    assert preview.renamed == ["Commune 3 devient Commune Trois (66003)"]
    assert preview.moves == ["Commune Trois (66003) passe de Pyrénées Cerdagne à Conflent-Canigó"]
    assert Territory.objects.communes().count() == 3


def test_applied_it_has_nothing_more_to_say(known):
    apply_vintage(AFTER)
    assert preview_vintage(AFTER).is_empty
    conflent = Territory.objects.get(code="200049211")
    names = {
        day: set(conflent.communes_on(day).values_list("name", flat=True))
        for day in (date(2026, 6, 1), date(2027, 6, 1))
    }
    assert names == {
        date(2026, 6, 1): {"Commune 1", "Commune 2"},
        date(2027, 6, 1): {"Commune nouvelle", "Commune Trois"},
    }
    assert [str(row) for row in Succession.objects.all()] == ["Fusion : Commune 2 → Commune nouvelle, 01/01/2027"]


def test_the_levels_above_hold_the_communes_of_the_day(known):
    apply_vintage(AFTER)
    france = Territory.objects.get(code="FR")
    assert {france.communes_on(date(2026, 6, 1)).count(), france.communes_on(date(2027, 6, 1)).count()} == {3, 2}


def perimeter_of(*codes):
    ctg = make_ctg(
        communes=list(Territory.objects.filter(code__in=codes)),
        place=Territory.objects.get(code="66", kind="departement"),
    )
    return ctg.territory


def test_a_perimeter_follows_the_communes_that_merge_within_it(known):
    perimeter = perimeter_of("66001", "66002", "66003")
    apply_vintage(AFTER)
    assert set(perimeter.communes_on(date(2027, 6, 1)).values_list("name", flat=True)) == {
        "Commune nouvelle",
        "Commune Trois",
    }
    assert perimeter.communes_on(date(2026, 6, 1)).count() == 3


@pytest.mark.parametrize("codes", [("66002", "66003"), ("66001", "66003")])
def test_a_perimeter_that_holds_half_of_a_merger_is_listed_and_left(known, codes):
    perimeter = perimeter_of(*codes)
    assert preview_vintage(AFTER).perimeters == [f"{perimeter} : la commune 66001 n’en est qu’en partie"]
    apply_vintage(AFTER)
    assert set(perimeter.communes_on(date(2027, 6, 1)).values_list("name", flat=True)) == {"Commune Trois"}
    assert Belonging.objects.filter(group=perimeter, valid_to=None).count() == 1


@pytest.mark.parametrize("text", ["conflent canigo", "Conflent-Canigó", "CONFLENT", "200049", "st"])
def test_a_search_ignores_accents_hyphens_and_abbreviations(known, text):
    Territory.objects.filter(code="66003").update(search_text="saint esteve")
    assert Territory.objects.matching(text).exists()
