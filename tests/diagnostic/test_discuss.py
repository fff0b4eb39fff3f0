"""Comment a finding, settle the comment, look back on who changed what."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from ctg_site.accounts.models import User
from ctg_site.audit.models import Entry
from ctg_site.lib.dates import PARIS
from ctg_site.lib.errors import RuleBroken
from diagnostic import services
from diagnostic.models import Finding
from territory.models import Comment, Role
from territory.services import add_comment, reopen_comment, settle_comment
from territory.stories import read_story
from tests.diagnostic.factories import add_finding, make_diagnosis, make_user, make_validated_diagnosis

pytestmark = pytest.mark.django_db


@pytest.fixture
def diagnosis():
    return make_diagnosis()


@pytest.fixture
def finding(diagnosis):
    return add_finding(diagnosis)


@pytest.fixture
def editor(diagnosis):
    return make_user("Julie Rédactrice", role=Role.EDITOR, ctg=diagnosis.ctg)


def test_a_comment_is_written_then_settled(finding, editor):
    comment = add_comment(finding, text="À  préciser\x00 ", by=editor)
    assert (comment.ctg, comment.subject_kind, comment.text) == (finding.diagnosis.ctg, "constat", "À  préciser")
    settled = settle_comment(comment, by=editor)
    assert (settled.is_settled, settled.settled_by) == (True, editor)
    assert [entry.verb for entry in Entry.objects.order_by("pk")][-2:] == ["comment.written", "comment.settled"]
    assert not reopen_comment(settled, by=editor).is_settled


def test_a_comment_is_not_settled_twice(finding, editor):
    comment = settle_comment(add_comment(finding, text="Fait", by=editor), by=editor)
    with pytest.raises(RuleBroken, match="déjà marqué"):
        settle_comment(comment, by=editor)
    reopen_comment(comment, by=editor)
    with pytest.raises(RuleBroken, match="déjà ouvert"):
        reopen_comment(comment, by=editor)


def test_an_empty_or_endless_comment_is_refused(finding, editor):
    for text, sentence in (("  ", "champ"), ("x" * 5001, "5\u202f001 caractères")):
        with pytest.raises(RuleBroken, match=sentence):
            add_comment(finding, text=text, by=editor)
    assert not Comment.objects.exists()


def test_a_frozen_finding_may_still_be_discussed(editor):
    finding = make_validated_diagnosis().findings.first()
    assert add_comment(finding, text="Pour la prochaine version", by=editor).pk


def test_the_page_of_a_finding_takes_comments(finding, as_someone):
    client = as_someone("contributor", finding.diagnosis)
    url = reverse("territory:discussion", args=[finding.diagnosis.ctg.slug, "constat", finding.pk])
    page = client.post(url, {"text": "<b>À revoir</b>"}, follow=True)
    assert "&lt;b&gt;À revoir" in page.content.decode()
    refused = client.post(url, {"text": "y" * 6000})
    assert "Ce texte fait 6\u202f000 caractères, pour 5\u202f000 au plus" in refused.content.decode()
    assert "y" * 6000 in refused.content.decode()


@pytest.mark.parametrize(("role", "status"), [("reader", 403), ("caf_reader", 403), ("outsider", 404)])
def test_who_does_not_take_part_does_not_comment(role, status, finding, as_someone):
    client = as_someone(role, finding.diagnosis)
    url = reverse("territory:discussion", args=[finding.diagnosis.ctg.slug, "constat", finding.pk])
    assert client.post(url, {"text": "Bonjour"}).status_code == status
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    ("kind", "other_ctg"), [("rien", False), ("action", False), ("priorite", False), ("constat", True)]
)
def test_a_subject_of_elsewhere_is_not_found(kind, other_ctg, finding, as_someone):
    client = as_someone("editor", finding.diagnosis)
    slug = make_diagnosis().ctg.slug if other_ctg else finding.diagnosis.ctg.slug
    for name in ("discussion", "story"):
        assert client.get(reverse(f"territory:{name}", args=[slug, kind, finding.pk])).status_code == 404


def test_the_author_settles_their_own_comment_and_not_those_of_others(finding, editor, as_someone):
    theirs = add_comment(finding, text="Un avis", by=editor)
    client = as_someone("contributor", finding.diagnosis)
    mine = add_comment(finding, text="Le mien", by=_person(client))
    slug = finding.diagnosis.ctg.slug
    assert client.post(reverse("territory:comment_settle", args=[slug, theirs.pk])).status_code == 403
    assert client.post(reverse("territory:comment_settle", args=[slug, mine.pk])).status_code == 302
    assert list(Comment.objects.unsettled()) == [theirs]


def _person(client):
    return User.objects.get(pk=client.session["_auth_user_id"])


def test_the_public_reads_a_published_finding_without_its_comments(editor, client):
    diagnosis = services.publish_diagnosis(make_validated_diagnosis(), by=None)
    finding = diagnosis.findings.order_by("pk").first()
    add_comment(finding, text="Entre nous", by=editor)
    page = client.get(finding.get_absolute_url()).content.decode()
    assert finding.title in page
    assert "Entre nous" not in page


def test_a_draft_finding_is_hidden_from_the_public(finding, client):
    assert client.get(finding.get_absolute_url()).status_code == 404


def test_the_story_says_who_changed_what_from_what_to_what(finding, editor):
    commune = finding.diagnosis.ctg.communes.order_by("pk").first()
    finding.kind, finding.title = Finding.Kind.STRENGTH, "Des accueils ouverts en août"
    services.save_finding(finding, by=editor, communes=[commune])
    newest, first = read_story(finding)
    assert (newest.who, first.is_first) == ("Julie Rédactrice", True)
    assert {change.label: (change.before, change.after) for change in newest.changes} == {
        "nature": ("Besoin", "Force"),
        "constat": ("Des accueils fermés en août", "Des accueils ouverts en août"),
        "communes concernées": ("rien", str(commune)),
    }


def test_the_story_names_what_a_row_leads_to(finding, editor):
    before, after = finding.group, finding.diagnosis.ctg.groups.exclude(pk=finding.group_id).first()
    finding.group = after
    services.save_finding(finding, by=editor)
    (change,) = read_story(finding)[0].changes
    assert (change.label, change.before, change.after) == ("groupe", str(before), str(after))


def test_the_story_shows_the_words_that_changed(finding, editor, as_someone):
    for text in ("Quinze jours en août", "Dix jours en août"):
        finding.text = text
        services.save_finding(finding, by=editor)
    _spread(finding)
    change = read_story(finding)[0].changes[0]
    assert [(piece.kind, piece.text) for piece in change.pieces] == [
        ("removed", "Quinze "),
        ("added", "Dix "),
        ("same", "jours en août"),
    ]
    client = as_someone("reader", finding.diagnosis)
    page = client.get(reverse("territory:story", args=[finding.diagnosis.ctg.slug, "constat", finding.pk]))
    assert "Julie Rédactrice" in page.content.decode()


def test_the_story_costs_as_much_with_ten_more_versions(finding, editor, django_assert_max_num_queries):
    communes = list(finding.diagnosis.ctg.communes.order_by("pk"))

    def write(count):
        for index in range(count):
            finding.text = f"Texte {index}"
            services.save_finding(finding, by=editor, communes=communes[: index % 3])
        _spread(finding)

    write(10)
    with django_assert_max_num_queries(5):
        few = len(read_story(finding))
    write(10)
    with django_assert_max_num_queries(5):
        assert len(read_story(finding)) > few


def _spread(finding):
    """Each save at its own hour: what is saved within two seconds by one person is one gesture."""
    for hours, record in enumerate(Finding.history.filter(id=finding.pk).order_by("history_id")):
        Finding.history.filter(pk=record.pk).update(
            history_date=datetime(2021, 6, 1, tzinfo=PARIS) + timedelta(hours=hours)
        )
