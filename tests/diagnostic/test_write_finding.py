import pytest
from django.urls import reverse

from ctg_site.lib.errors import RuleBroken
from diagnostic import services
from diagnostic.models import Contribution, Finding, Idea
from territory.models import Role
from tests.diagnostic.factories import (
    TerritoryFactory,
    add_contribution,
    add_finding,
    add_idea,
    first_group,
    make_diagnosis,
    make_ready_diagnosis,
    make_user,
    make_validated_diagnosis,
    open_group,
)

pytestmark = pytest.mark.django_db

WRITERS = [
    ("caf_adviser", True),
    ("lead", True),
    ("editor", True),
    ("group_lead", True),
    ("lead_of_another_group", False),
    ("contributor", False),
    ("action_lead", False),
    ("signatory", False),
    ("reader", False),
    ("caf_reader", False),
]


@pytest.fixture
def diagnosis():
    return make_diagnosis()


def sent(group, **fields) -> dict[str, object]:
    return {"group": group.pk, "kind": "need", "title": "Des accueils fermés en août"} | fields


def new_url(diagnosis) -> str:
    return reverse("diagnostic:finding_new", args=[diagnosis.ctg.slug])


def test_a_finding_takes_the_next_place_in_its_group(diagnosis):
    assert [add_finding(diagnosis).position for _ in range(3)] == [1, 2, 3]
    last = diagnosis.ctg.groups.order_by("position").last()
    assert add_finding(diagnosis, group=last).position == 1


def test_the_group_and_the_communes_are_those_of_the_ctg(diagnosis):
    commune = diagnosis.ctg.communes.order_by("pk").first()
    assert list(add_finding(diagnosis, communes=[commune]).communes.all()) == [commune]
    with pytest.raises(RuleBroken, match="autre Ctg"):
        add_finding(diagnosis, group=first_group(make_diagnosis()))
    with pytest.raises(RuleBroken, match="Hors du périmètre de la Ctg : Perpignan"):
        add_finding(diagnosis, communes=[TerritoryFactory(name="Perpignan")])
    assert Finding.objects.count() == 1


def test_a_finding_rests_on_the_contributions_of_its_group(diagnosis):
    group, other = diagnosis.ctg.groups.order_by("position")
    author = make_user("Partenaire", role=Role.CONTRIBUTOR, ctg=diagnosis.ctg)
    mine, theirs = add_contribution(open_group(group), author), add_contribution(open_group(other), author)
    finding = add_finding(diagnosis, contributions=[mine])
    assert list(finding.contributions.all()) == [mine]
    with pytest.raises(RuleBroken, match="autre groupe"):
        services.save_finding(finding, contributions=[theirs], by=None)


def test_an_idea_comes_from_a_finding_of_its_group(diagnosis):
    finding = add_finding(diagnosis)
    assert add_idea(diagnosis, finding=finding).position == 1
    with pytest.raises(RuleBroken, match="autre groupe"):
        add_idea(diagnosis, finding=finding, group=diagnosis.ctg.groups.order_by("position").last())
    with pytest.raises(RuleBroken, match="autre Ctg"):
        add_idea(diagnosis, group=first_group(make_diagnosis()))


def test_a_deleted_finding_leaves_its_ideas_and_its_history(diagnosis):
    finding = add_finding(diagnosis)
    idea = add_idea(diagnosis, finding=finding)
    pk = finding.pk
    services.delete_finding(finding, by=None)
    idea.refresh_from_db()
    assert idea.finding is None
    assert Finding.history.filter(id=pk).count() == 2


@pytest.mark.parametrize(("who", "may"), WRITERS)
def test_who_may_write_in_the_name_of_a_group(as_someone, diagnosis, who, may):
    client = as_someone(who, diagnosis)
    client.post(new_url(diagnosis), sent(first_group(diagnosis)))
    assert Finding.objects.exists() == may


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("editor", 302),
        ("group_lead", 302),
        ("lead_of_another_group", 200),
        ("contributor", 403),
        ("reader", 403),
        ("outsider", 404),
    ],
)
def test_the_answer_to_each(as_someone, diagnosis, who, code):
    """The lead of another group gets the form again: this group is not among those they may choose."""
    assert as_someone(who, diagnosis).post(new_url(diagnosis), sent(first_group(diagnosis))).status_code == code


@pytest.mark.parametrize("page", ["finding_edit", "finding_delete"])
@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("caf_adviser", 302),
        ("editor", 302),
        ("group_lead", 302),
        ("lead_of_another_group", 403),
        ("contributor", 403),
        ("reader", 403),
        ("outsider", 404),
    ],
)
def test_who_may_change_or_delete_a_finding(as_someone, diagnosis, page, who, code):
    finding = add_finding(diagnosis)
    client = as_someone(who, diagnosis)
    answer = client.post(
        reverse(f"diagnostic:{page}", args=[diagnosis.ctg.slug, finding.pk]), sent(finding.group, title="Changé")
    )
    assert answer.status_code == code
    changed = not Finding.objects.filter(pk=finding.pk, title=finding.title).exists()
    assert changed == (code == 302)


@pytest.mark.parametrize("page", ["idea_edit", "idea_delete"])
@pytest.mark.parametrize(
    ("who", "code"),
    [("editor", 302), ("group_lead", 302), ("lead_of_another_group", 403), ("reader", 403), ("outsider", 404)],
)
def test_who_may_change_or_delete_an_idea(as_someone, diagnosis, page, who, code):
    idea = add_idea(diagnosis)
    client = as_someone(who, diagnosis)
    answer = client.post(
        reverse(f"diagnostic:{page}", args=[diagnosis.ctg.slug, idea.pk]), {"group": idea.group_id, "text": "Changée"}
    )
    assert answer.status_code == code
    assert (not Idea.objects.filter(pk=idea.pk, text=idea.text).exists()) == (code == 302)


def test_the_lead_of_a_group_who_lost_their_role_writes_no_more(as_someone, diagnosis):
    client = as_someone("group_lead", diagnosis)
    lead = first_group(diagnosis).lead
    lead.memberships.update(role=Role.READER)
    assert client.post(new_url(diagnosis), sent(first_group(diagnosis))).status_code == 403


def test_a_finding_of_another_ctg_is_not_found(as_someone, diagnosis):
    stranger = add_finding(make_diagnosis())
    client = as_someone("lead", diagnosis)
    assert client.get(reverse("diagnostic:finding_edit", args=[diagnosis.ctg.slug, stranger.pk])).status_code == 404


def test_a_refused_form_keeps_what_was_typed(as_someone, diagnosis):
    client = as_someone("editor", diagnosis)
    commune = diagnosis.ctg.communes.order_by("pk").first()
    page = client.post(
        new_url(diagnosis),
        sent(first_group(diagnosis), title="x" * 201, text="Long texte gardé", communes=[commune.pk]),
    )
    assert page.status_code == 200
    for words in ["x" * 201, "Long texte gardé", "201"]:
        assert words in page.text
    form = page.context["form"]
    assert form["communes"].value() == [str(commune.pk)]


def test_the_form_offers_the_communes_and_contributions_of_this_ctg_only(as_someone, diagnosis):
    elsewhere = make_diagnosis()
    client = as_someone("editor", diagnosis)
    strangers = {"communes": [elsewhere.ctg.communes.order_by("pk").first().pk], "group": first_group(elsewhere).pk}
    page = client.post(new_url(diagnosis), sent(first_group(diagnosis)) | strangers)
    assert set(page.context["form"].errors) == {"communes", "group"}
    assert not Finding.objects.exists()


def test_a_finding_is_written_with_its_sources_from_the_page(as_someone, diagnosis):
    group = open_group(first_group(diagnosis))
    author = make_user("Partenaire", role=Role.CONTRIBUTOR, ctg=diagnosis.ctg)
    source = add_contribution(group, author, text="Le relais ferme l’été.")
    client = as_someone("editor", diagnosis)
    assert "Le relais ferme l’été." in client.get(f"{new_url(diagnosis)}?groupe={group.pk}").text
    client.post(new_url(diagnosis), sent(group, contributions=[source.pk], text="<b>Word</b>\x00"))
    finding = Finding.objects.get()
    assert list(finding.contributions.all()) == [source]
    assert finding.text == "<b>Word</b>"
    page = client.get(reverse("diagnostic:group", args=[diagnosis.ctg.slug, group.pk])).text
    assert "S’appuie sur 1 contribution." in page
    assert Contribution.objects.get().text == "Le relais ferme l’été."


@pytest.mark.parametrize("page", ["finding_new", "idea_new"])
def test_nothing_is_added_to_a_validated_diagnosis(as_someone, page):
    diagnosis = make_validated_diagnosis()
    client = as_someone("group_lead", diagnosis)
    answer = client.post(
        reverse(f"diagnostic:{page}", args=[diagnosis.ctg.slug]), sent(first_group(diagnosis), text="Trop tard")
    )
    assert answer.status_code == 403
    assert "validé" in answer.text


def test_deleting_asks_first_and_says_what_rests_on_it(as_someone):
    diagnosis = make_ready_diagnosis()
    finding = first_group(diagnosis).findings.get()
    client = as_someone("editor", diagnosis)
    page = client.get(reverse("diagnostic:finding_delete", args=[diagnosis.ctg.slug, finding.pk]))
    assert "Accueillir tous les enfants" in page.text
    assert Finding.objects.filter(pk=finding.pk).exists()
