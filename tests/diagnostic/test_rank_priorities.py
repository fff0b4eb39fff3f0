import re

import pytest
from django.urls import reverse

from ctg_site.lib.errors import RuleBroken
from diagnostic import services
from diagnostic.models import Priority
from tests.diagnostic.factories import add_finding, add_priority, make_diagnosis, make_validated_diagnosis

pytestmark = pytest.mark.django_db

WHO = [
    ("caf_adviser", 302),
    ("lead", 302),
    ("editor", 302),
    ("group_lead", 403),
    ("contributor", 403),
    ("reader", 403),
    ("outsider", 404),
]


@pytest.fixture
def diagnosis():
    diagnosis = make_diagnosis()
    for title in ("Une", "Deux", "Trois"):
        add_priority(diagnosis, title=title, findings=[])
    return diagnosis


def titles(diagnosis) -> list[str]:
    return list(diagnosis.priorities.order_by("position").values_list("title", flat=True))


def named(diagnosis, title) -> Priority:
    return diagnosis.priorities.get(title=title)


def test_a_priority_goes_up_and_down_one_rank(diagnosis):
    services.move_priority(named(diagnosis, "Trois"), ranks=-1, by=None)
    assert titles(diagnosis) == ["Une", "Trois", "Deux"]
    services.move_priority(named(diagnosis, "Une"), ranks=1, by=None)
    assert titles(diagnosis) == ["Trois", "Une", "Deux"]


def test_a_priority_dragged_lands_where_it_is_dropped(as_someone, diagnosis):
    address = reverse("diagnostic:priority_move", args=[diagnosis.ctg.slug, named(diagnosis, "Une").pk])
    client = as_someone("editor", diagnosis)
    before = titles(diagnosis)
    client.post(address, {"ranks": "2"})
    assert titles(diagnosis) == [before[1], before[2], before[0]]
    for wrong in ("", "--1", "1e3", "999999999", "²"):
        client.post(address, {"ranks": wrong})
    assert titles(diagnosis) == [before[1], before[2], before[0]]


def test_two_people_reorder_at_once_and_the_second_is_told(as_someone, diagnosis):
    """Their page showed « Trois » last: up one rank from where it is by now is not what they asked."""
    client = as_someone("editor", diagnosis)
    page = client.get(diagnosis.get_absolute_url()).text
    assert [rank for rank in "123" if f'name="seen_at" value="{rank}"' in page] == ["1", "2", "3"]
    services.move_priority(named(diagnosis, "Trois"), ranks=-1, by=None)
    address = reverse("diagnostic:priority_move", args=[diagnosis.ctg.slug, named(diagnosis, "Trois").pk])
    refused = client.post(address, {"ranks": "-1", "seen_at": "3"}, follow=True)
    assert "Quelqu’un d’autre a changé l’ordre" in refused.text
    assert titles(diagnosis) == ["Une", "Trois", "Deux"]
    assert client.post(address, {"ranks": "-1", "seen_at": "2"})["Location"].endswith("#priorities")
    assert titles(diagnosis) == ["Trois", "Une", "Deux"]


@pytest.mark.parametrize(("title", "ranks"), [("Une", -1), ("Trois", 1), ("Une", 3), ("Deux", 0)])
def test_the_ends_of_the_list_stop_it(diagnosis, title, ranks):
    with pytest.raises(RuleBroken, match="au bout de la liste"):
        services.move_priority(named(diagnosis, title), ranks=ranks, by=None)
    assert titles(diagnosis) == ["Une", "Deux", "Trois"]


def test_what_somebody_removed_meanwhile_does_not_move(diagnosis):
    seen = named(diagnosis, "Deux")
    services.delete_priority(named(diagnosis, "Deux"), by=None)
    with pytest.raises(RuleBroken, match="l’a supprimé pendant ce temps"):
        services.move_priority(seen, ranks=1, by=None)
    assert titles(diagnosis) == ["Une", "Trois"]


def test_ranks_stay_without_a_hole(diagnosis):
    services.delete_priority(named(diagnosis, "Une"), by=None)
    assert list(diagnosis.priorities.values_list("title", "position")) == [("Deux", 1), ("Trois", 2)]
    assert add_priority(diagnosis, title="Quatre", findings=[]).position == 3


def test_a_priority_rests_on_findings_of_its_diagnosis(diagnosis):
    finding = add_finding(diagnosis)
    assert list(add_priority(diagnosis, findings=[finding]).findings.all()) == [finding]
    with pytest.raises(RuleBroken, match="autre diagnostic"):
        add_priority(diagnosis, findings=[add_finding(make_diagnosis())])


@pytest.mark.parametrize(("who", "code"), WHO)
def test_who_may_move(as_someone, diagnosis, who, code):
    priority = named(diagnosis, "Deux")
    client = as_someone(who, diagnosis)
    answer = client.post(reverse("diagnostic:priority_move", args=[diagnosis.ctg.slug, priority.pk]), {"ranks": "-1"})
    assert answer.status_code == code
    assert titles(diagnosis)[0] == ("Deux" if code == 302 else "Une")


@pytest.mark.parametrize(("who", "code"), WHO)
def test_who_may_write(as_someone, diagnosis, who, code):
    finding = add_finding(diagnosis)
    client = as_someone(who, diagnosis)
    answer = client.post(
        reverse("diagnostic:priority_new", args=[diagnosis.ctg.slug]), {"title": "Quatre", "findings": [finding.pk]}
    )
    assert answer.status_code == code
    assert ("Quatre" in titles(diagnosis)) == (code == 302)
    if code == 302:
        assert list(named(diagnosis, "Quatre").findings.all()) == [finding]


@pytest.mark.parametrize(("who", "code"), WHO)
def test_who_may_delete(as_someone, diagnosis, who, code):
    priority = named(diagnosis, "Deux")
    client = as_someone(who, diagnosis)
    answer = client.post(reverse("diagnostic:priority_delete", args=[diagnosis.ctg.slug, priority.pk]))
    assert answer.status_code == code
    assert ("Deux" in titles(diagnosis)) == (code != 302)


def test_the_buttons_at_the_ends_are_not_drawn(as_someone, diagnosis):
    page = as_someone("editor", diagnosis).get(reverse("diagnostic:diagnosis", args=[diagnosis.ctg.slug])).text
    assert [len(re.findall(rf'name="ranks"\s+value="{ranks}"', page)) for ranks in (-1, 1)] == [2, 2]


def test_a_refused_form_keeps_what_was_typed(as_someone, diagnosis):
    client = as_someone("editor", diagnosis)
    stranger = add_finding(make_diagnosis())
    page = client.post(
        reverse("diagnostic:priority_new", args=[diagnosis.ctg.slug]),
        {"title": "Gardée", "text": "Pourquoi gardé", "findings": [stranger.pk]},
    )
    assert page.status_code == 200
    assert "Gardée" in page.text
    assert "Pourquoi gardé" in page.text
    assert "Gardée" not in titles(diagnosis)


def test_a_validated_ranking_is_closed_with_the_reason(as_someone):
    diagnosis = make_validated_diagnosis()
    priority = diagnosis.priorities.get()
    client = as_someone("lead", diagnosis)
    for page in ("priority_edit", "priority_move", "priority_delete"):
        answer = client.post(reverse(f"diagnostic:{page}", args=[diagnosis.ctg.slug, priority.pk]))
        assert answer.status_code == 403
        assert "validé" in answer.text
