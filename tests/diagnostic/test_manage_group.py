from datetime import date

import pytest
from django.urls import reverse

from ctg_site.lib.errors import RuleBroken
from diagnostic import services
from diagnostic.models import ThematicGroup
from territory.models import Role
from tests.diagnostic.factories import (
    CafFactory,
    OrganisationFactory,
    add_finding,
    add_idea,
    first_group,
    key_indicator,
    make_ctg,
    make_diagnosis,
    make_user,
    open_group,
)

pytestmark = pytest.mark.django_db

WRITERS = [
    ("caf_adviser", 302),
    ("lead", 302),
    ("editor", 302),
    ("group_lead", 403),
    ("contributor", 403),
    ("reader", 403),
    ("outsider", 404),
]
GROUP_WRITERS = [
    ("caf_adviser", 302),
    ("editor", 302),
    ("group_lead", 302),
    ("lead_of_another_group", 403),
    ("contributor", 403),
    ("reader", 403),
    ("outsider", 404),
]


@pytest.fixture
def diagnosis():
    return make_diagnosis()


@pytest.fixture
def group(diagnosis):
    return first_group(diagnosis)


def url(page, group) -> str:
    return reverse(f"diagnostic:{page}", args=[group.ctg.slug, group.pk])


def sent(**fields) -> dict[str, object]:
    return {"name": "Handicap", "colour": "droits"} | fields


def test_a_group_comes_last_and_its_name_is_its_own(diagnosis, group):
    added = services.save_group(ThematicGroup(ctg=diagnosis.ctg, name="Handicap"), by=None)
    assert added.position == 3
    with pytest.raises(RuleBroken, match="existe déjà"):
        services.save_group(ThematicGroup(ctg=diagnosis.ctg, name="Handicap"), by=None)
    assert services.save_group(ThematicGroup(ctg=make_ctg(), name="Handicap"), by=None).pk


def test_contributions_close_after_they_open(group):
    with pytest.raises(RuleBroken, match="précède leur ouverture"):
        open_group(group, opens=date(2021, 10, 15), closes=date(2021, 4, 1))
    assert open_group(group, opens=date(2021, 4, 1), closes=date(2021, 4, 1)).pk


def test_the_lead_has_a_role_in_the_ctg(group):
    group.lead = make_user("Dedans", role=Role.GROUP_LEAD, ctg=group.ctg)
    assert services.save_group(group, by=None).lead
    group.lead = make_user("Dehors", role=Role.LEAD, ctg=make_ctg())
    with pytest.raises(RuleBroken, match="Dehors n’a pas de rôle"):
        services.save_group(group, by=None)


def test_an_organisation_sits_once_and_comes_from_the_same_directory(group):
    organisation = OrganisationFactory(caf=group.ctg.caf)
    services.add_member(group, organisation=organisation, by=None)
    with pytest.raises(RuleBroken, match="déjà dans ce groupe"):
        services.add_member(group, organisation=organisation, by=None)
    with pytest.raises(RuleBroken, match="autre Caf"):
        services.add_member(group, organisation=OrganisationFactory(caf=CafFactory()), by=None)
    outsider = make_user("Dehors", role=Role.LEAD, ctg=make_ctg())
    with pytest.raises(RuleBroken, match="pas de rôle"):
        services.add_member(group, organisation=OrganisationFactory(caf=group.ctg.caf), user=outsider, by=None)
    assert group.members.count() == 1


def with_finding(group):
    add_finding(group.ctg.diagnoses.get(), group=group)


def with_idea(group):
    add_idea(group.ctg.diagnoses.get(), group=group)


def with_contribution(group):
    author = make_user("Partenaire", role=Role.CONTRIBUTOR, ctg=group.ctg)
    services.contribute(open_group(group), author=author, kind="idea", text="Une idée", on=date(2021, 6, 9))


@pytest.mark.parametrize("fill", [with_finding, with_idea, with_contribution])
def test_a_group_that_said_something_is_not_deleted(group, fill):
    fill(group)
    with pytest.raises(RuleBroken, match="ne se supprime plus"):
        services.delete_group(group, by=None)


def test_an_empty_group_is_deleted(group):
    services.delete_group(group, by=None)
    assert not ThematicGroup.objects.filter(name=group.name).exists()


@pytest.mark.parametrize(("who", "code"), WRITERS)
def test_who_may_add_a_group(as_someone, diagnosis, who, code):
    client = as_someone(who, diagnosis)
    assert client.post(reverse("diagnostic:group_new", args=[diagnosis.ctg.slug]), sent()).status_code == code
    assert diagnosis.ctg.groups.filter(name="Handicap").exists() == (code == 302)


@pytest.mark.parametrize(("who", "code"), WRITERS)
def test_who_may_change_or_delete_a_group(as_someone, diagnosis, group, who, code):
    client = as_someone(who, diagnosis)
    assert client.post(url("group_edit", group), sent()).status_code == code
    assert client.post(url("group_delete", group)).status_code == code
    assert ThematicGroup.objects.filter(pk=group.pk).exists() == (code != 302)


@pytest.mark.parametrize(("who", "code"), GROUP_WRITERS)
def test_who_may_seat_a_member(as_someone, diagnosis, group, who, code):
    client = as_someone(who, diagnosis)
    organisation = OrganisationFactory(caf=diagnosis.ctg.caf)
    assert client.post(url("group_members", group), {"organisation": organisation.pk}).status_code == code
    assert group.members.exists() == (code == 302)


@pytest.mark.parametrize(("who", "code"), GROUP_WRITERS)
def test_who_may_remove_a_member(as_someone, diagnosis, group, who, code):
    client = as_someone(who, diagnosis)
    member = services.add_member(group, organisation=OrganisationFactory(caf=diagnosis.ctg.caf), by=None)
    assert client.post(url("group_member_remove", group), {"member": member.pk}).status_code == code
    assert group.members.seated().exists() == (code != 302)


@pytest.mark.parametrize("typed", ["", "abc", "999999"])
def test_a_member_who_is_not_there_is_said(as_someone, diagnosis, group, typed):
    other = diagnosis.ctg.groups.order_by("position").last()
    services.add_member(other, organisation=OrganisationFactory(caf=diagnosis.ctg.caf), by=None)
    page = as_someone("lead", diagnosis).post(url("group_member_remove", group), {"member": typed}, follow=True)
    assert "n’est plus dans le groupe" in page.text
    assert other.members.exists()


def test_a_refused_form_keeps_what_was_typed(as_someone, diagnosis, group):
    client = as_someone("editor", diagnosis)
    page = client.post(
        url("group_edit", group),
        sent(name="Parentalité", contributions_open_on="2021-10-15", contributions_close_on="2021-10-16"),
    )
    assert "Ce groupe existe déjà dans cette Ctg." in page.text
    for words in ["Parentalité", "2021-10-15", "2021-10-16"]:
        assert words in page.text
    assert "Modifier le groupe Petite enfance" in page.text


def test_the_lead_is_chosen_among_those_who_may_contribute(as_someone, diagnosis, group):
    client = as_someone("editor", diagnosis)
    names = {
        role: make_user(f"Personne {role.value}", role=role, ctg=diagnosis.ctg)
        for role in (Role.GROUP_LEAD, Role.READER)
    }
    page = client.get(url("group_edit", group)).text
    assert names[Role.GROUP_LEAD].full_name in page
    assert names[Role.READER].full_name not in page


def test_the_page_of_a_group_of_another_ctg_is_not_found(as_someone, diagnosis):
    stranger = first_group(make_diagnosis())
    client = as_someone("lead", diagnosis)
    assert client.get(reverse("diagnostic:group", args=[diagnosis.ctg.slug, stranger.pk])).status_code == 404


def test_a_seat_has_its_dates_and_is_remembered(group):
    organisation = OrganisationFactory(caf=group.ctg.caf)
    member = services.add_member(group, organisation=organisation, joined_on=date(2021, 4, 1), by=None)
    with pytest.raises(RuleBroken, match="avant d’y être entré"):
        services.remove_member(member, by=None, on=date(2021, 3, 31))
    member.refresh_from_db()
    services.remove_member(member, by=None, on=date(2021, 9, 1))
    with pytest.raises(RuleBroken, match="ne siège plus"):
        services.remove_member(member, by=None, on=date(2021, 9, 2))
    again = services.add_member(group, organisation=organisation, joined_on=date(2022, 1, 1), by=None)
    assert list(group.members.seated()) == [again]
    assert group.members.count() == 2


def test_a_group_follows_its_indicators(group):
    followed, _ = key_indicator("Places d’accueil"), key_indicator("Autre")
    services.save_group(group, indicators=[followed], by=None)
    assert list(group.indicators.order_by("pk")) == [followed]
    services.save_group(group, by=None)
    assert group.indicators.count() == 1
