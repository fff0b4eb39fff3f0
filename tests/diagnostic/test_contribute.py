from datetime import date

import pytest
from django.urls import reverse

from ctg_site.audit.models import Entry
from ctg_site.lib.errors import RuleBroken
from diagnostic import services
from diagnostic.models import Contribution, GroupMember
from territory.models import Role
from tests.diagnostic.factories import (
    CafFactory,
    OrganisationFactory,
    first_group,
    make_diagnosis,
    make_user,
    open_group,
)

pytestmark = pytest.mark.django_db

TEXT = "Les parents attendent six mois une place en crèche."


@pytest.fixture
def group():
    return open_group(first_group(make_diagnosis()))


@pytest.fixture
def author(group):
    return make_user("Partenaire", role=Role.CONTRIBUTOR, ctg=group.ctg)


@pytest.fixture
def in_june(monkeypatch):
    monkeypatch.setattr("diagnostic.views.contributions.today", lambda: date(2021, 6, 9))
    monkeypatch.setattr("diagnostic.views.groups.today", lambda: date(2021, 6, 9))


def send(group, author, on=date(2021, 6, 9), **fields) -> Contribution:
    values = {"kind": Contribution.Kind.MISSING, "text": TEXT} | fields
    return services.contribute(group, author=author, on=on, **values)


@pytest.mark.parametrize("on", [date(2021, 4, 1), date(2021, 10, 15)], ids=["first day", "last day"])
def test_a_partner_contributes_while_the_group_listens(group, author, on):
    sent = send(group, author, on)
    assert (sent.author, sent.text) == (author, TEXT)
    assert Entry.objects.get(verb="contribution.sent").actor == author


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        (date(2021, 3, 31), "Les contributions ouvriront le 1er avril 2021"),
        (date(2021, 10, 16), "Les contributions sont closes depuis le 15 octobre 2021"),
    ],
)
def test_too_early_or_too_late_is_said_kindly(group, author, on, sentence):
    with pytest.raises(RuleBroken, match=sentence):
        send(group, author, on)
    assert not group.contributions.exists()


def test_a_group_without_dates_is_not_open_and_one_without_end_stays_open(author, group):
    open_group(group, opens=None, closes=None)
    with pytest.raises(RuleBroken, match="pas encore ouvertes"):
        send(group, author)
    open_group(group, closes=None)
    assert send(group, author, date(2040, 1, 1)).pk


def test_the_organisation_is_one_of_the_same_directory(group, author):
    assert send(group, author, organisation=OrganisationFactory(caf=group.ctg.caf)).organisation
    with pytest.raises(RuleBroken, match="autre Caf"):
        send(group, author, organisation=OrganisationFactory(caf=CafFactory()))


def test_what_cannot_be_seen_is_removed(group, author):
    sent = send(group, author, text="Un\x00 texte\u202e retourné\r\nsur deux lignes\x07\u2066 \ufeff")
    assert sent.text == "Un texte retourné\nsur deux lignes"


@pytest.mark.parametrize("text", ["", " \n ", "\x00\u202e"])
def test_an_empty_text_is_refused(group, author, text):
    with pytest.raises(RuleBroken, match="texte"):
        send(group, author, text=text)


def test_too_long_a_text_is_refused_with_its_length(group, author):
    assert send(group, author, text="a" * 5000).pk
    with pytest.raises(RuleBroken, match="100\u202f000 caractères, pour 5\u202f000 au plus"):
        send(group, author, text="a" * 100_000)


def url(group) -> str:
    return reverse("diagnostic:contribute", args=[group.ctg.slug, group.pk])


WHO = [
    ("caf_adviser", 302),
    ("lead", 302),
    ("editor", 302),
    ("group_lead", 302),
    ("action_lead", 302),
    ("contributor", 302),
    ("signatory", 403),
    ("reader", 403),
    ("caf_reader", 403),
    ("outsider", 404),
]


@pytest.mark.parametrize(("who", "code"), WHO)
def test_who_may_contribute(as_someone, in_june, group, who, code):
    client = as_someone(who, group.ctg.diagnoses.get())
    answer = client.post(url(group), {"kind": "missing", "text": TEXT})
    assert answer.status_code == code
    assert group.contributions.count() == (1 if code == 302 else 0)


def test_without_account_one_is_asked_to_log_in(client, group):
    answer = client.post(url(group), {"kind": "missing", "text": TEXT})
    assert answer.status_code == 302
    assert reverse("accounts:login") in answer["Location"]


def test_the_form_keeps_what_was_typed_when_it_is_late(as_someone, group, monkeypatch):
    monkeypatch.setattr("diagnostic.views.contributions.today", lambda: date(2022, 1, 1))
    client = as_someone("contributor", group.ctg.diagnoses.get())
    page = client.post(url(group), {"kind": "missing", "text": TEXT})
    assert page.status_code == 200
    assert "closes depuis le 15 octobre 2021" in page.text
    assert TEXT in page.text


def test_a_text_begun_before_the_closing_is_found_again_after_it(as_someone, in_june, group, monkeypatch):
    client = as_someone("contributor", group.ctg.diagnoses.get())
    draft = client.get(url(group)).context["draft"].key
    client.post(reverse("drafts:save"), {"draft": draft, "text": TEXT})
    monkeypatch.setattr("diagnostic.views.contributions.today", lambda: date(2022, 1, 1))
    assert TEXT in client.get(url(group)).text
    discarded = client.post(reverse("drafts:discard"), {"draft": draft}, follow=True)
    assert "closes depuis le 15 octobre 2021" in discarded.text
    assert "<textarea" not in discarded.text


def test_the_form_keeps_a_text_that_is_too_long(as_someone, in_june, group):
    client = as_someone("contributor", group.ctg.diagnoses.get())
    page = client.post(url(group), {"kind": "missing", "text": "z" * 6000})
    assert "z" * 6000 in page.text
    assert "Ce texte fait 6\u202f000 caractères, pour 5\u202f000 au plus" in page.text


def test_pasted_markup_and_null_bytes_are_shown_as_text(as_someone, in_june, group):
    client = as_someone("contributor", group.ctg.diagnoses.get())
    client.post(url(group), {"kind": "missing", "text": "<script>alert(1)</script>\x00 <b>gras</b>"})
    assert group.contributions.get().text == "<script>alert(1)</script> <b>gras</b>"
    page = client.get(reverse("diagnostic:group", args=[group.ctg.slug, group.pk])).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt;gras&lt;/b&gt;" in page
    assert "<script>alert" not in page


def test_one_speaks_for_the_organisation_one_represents(as_someone, in_june, group, client, author):
    seat = GroupMember.objects.create(group=group, organisation=OrganisationFactory(caf=group.ctg.caf), user=author)
    client.force_login(author)
    assert seat.organisation.name in client.get(url(group)).text
    stranger = OrganisationFactory(caf=group.ctg.caf)
    refused = client.post(url(group), {"kind": "idea", "text": TEXT, "organisation": stranger.pk})
    assert refused.status_code == 200
    client.post(url(group), {"kind": "idea", "text": TEXT, "organisation": seat.organisation_id})
    assert group.contributions.get().organisation == seat.organisation
