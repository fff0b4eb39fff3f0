"""What is validated is reopened as a new version, for a reason: the old one stays whole, with its figures of that day."""

from datetime import date

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from actions.models import Objective
from actions.services import open_plan, save_objective
from ctg_site.lib.errors import RuleBroken
from diagnostic import services
from diagnostic.documents import document_context
from diagnostic.models import Ballot, Diagnosis, Finding, Idea, Scoring
from diagnostic.rankings import read_notes
from territory.models import Role
from territory.services import add_comment
from tests.diagnostic.factories import (
    VALIDATED_ON,
    add_finding,
    add_idea,
    add_priority,
    everybody_marks,
    first_group,
    key_indicator,
    make_ready_diagnosis,
    make_user,
    make_validated_diagnosis,
    tell,
)
from tests.diagnostic.test_photograph_figures import release_anew

pytestmark = pytest.mark.django_db
LATER = date(2022, 3, 1)


def reopened(diagnosis, reason="Les chiffres 2020 sont arrivés."):
    return services.reopen_diagnosis(diagnosis, reason=reason, by=None, on=LATER)


@pytest.fixture
def written():
    """A diagnosis to validate, with all that a version carries."""
    diagnosis = make_ready_diagnosis()
    indicator = key_indicator()
    tell(indicator, diagnosis.ctg, 43)
    communes = list(diagnosis.ctg.communes.order_by("pk"))
    finding = add_finding(diagnosis, title="Un constat complet", communes=communes)
    services.photograph_figures(finding, indicators=[indicator], by=None, on=VALIDATED_ON)
    add_idea(diagnosis, group=first_group(diagnosis), finding=finding)
    diagnosis.indicator = indicator
    return diagnosis


def validated(diagnosis):
    return services.validate_diagnosis(diagnosis, decision="Copil n° 2021-1", by=None, on=VALIDATED_ON)


def contents(diagnosis):
    return {
        "findings": [
            (row.title, row.communes.count(), row.photographs.count()) for row in diagnosis.findings.order_by("pk")
        ],
        "ideas": [(row.text, row.finding and row.finding.title) for row in diagnosis.ideas.order_by("pk")],
        "priorities": [(row.title, row.findings.count()) for row in diagnosis.priorities.order_by("pk")],
        "summary": diagnosis.summary,
    }


def test_the_new_version_starts_as_the_old_one_was_validated(written):
    old = validated(written)
    new = reopened(old)
    assert (new.version, new.previous, new.is_validated, new.published_at) == (2, old, False, None)
    assert contents(new) == contents(old)
    assert {row.diagnosis_id for row in new.findings.all()} == {new.pk}
    assert all(
        idea.finding is None or idea.finding.diagnosis_id == new.pk for idea in Idea.objects.filter(diagnosis=new)
    )


def test_writing_the_new_one_leaves_the_old_one_as_it_was(written):
    old = validated(written)
    before, taken = contents(old), list(old.photographs.order_by("pk").values())
    new = reopened(old)
    release_anew(written.indicator, new.ctg)
    finding = new.findings.get(title="Un constat complet")
    finding.title = "Autrement dit"
    services.save_finding(finding, communes=[], by=None)
    services.retake_photograph(finding.photographs.get(), by=None, on=LATER)
    services.delete_priority(new.priorities.first(), by=None)
    old.refresh_from_db()
    assert (contents(old), list(old.photographs.order_by("pk").values())) == (before, taken)


def test_the_photographs_of_the_findings_come_along_unmoved(written):
    old = validated(written)
    release_anew(written.indicator, old.ctg)
    new = reopened(old)
    assert [row.text for row in new.photographs.all()] == ["43\u00a0%"]
    assert [row.finding.title for row in new.photographs.all()] == ["Un constat complet"]


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("draft", "sans être rouvert"),
        ("no reason", "Dites pourquoi"),
        ("twice", "plus récente"),
        ("too early", "avant"),
    ],
)
def test_it_is_reopened_once_and_for_a_reason(how, sentence):
    diagnosis = make_ready_diagnosis() if how == "draft" else make_validated_diagnosis()
    if how == "twice":
        reopened(diagnosis)
    reason, on = (" " if how == "no reason" else "Motif"), (date(2021, 1, 1) if how == "too early" else LATER)
    with pytest.raises(RuleBroken, match=sentence):
        services.reopen_diagnosis(diagnosis, reason=reason, by=None, on=on)
    assert Diagnosis.objects.filter(ctg=diagnosis.ctg).count() == (2 if how == "twice" else 1)


def test_the_plan_being_written_answers_the_new_version(written):
    plan = open_plan(written, by=None)
    priority = written.priorities.get()
    objective = save_objective(Objective(plan=plan, code="1", title="Axe"), priorities=[priority], by=None)
    new = reopened(validated(written))
    plan.refresh_from_db()
    assert plan.diagnosis == new
    assert [row.diagnosis_id for row in objective.priorities.all()] == [new.pk]


def test_the_public_reads_the_published_version_until_the_new_one_is(client, written):
    old = services.publish_diagnosis(validated(written), by=None)
    new = reopened(old)
    new.summary = "Texte en préparation"
    services.describe_diagnosis(new, by=None)
    slug = new.ctg.slug
    public = client.get(reverse("diagnostic:diagnosis", args=[slug])).content.decode()
    assert old.summary in public
    assert "Texte en préparation" not in public
    assert client.get(reverse("diagnostic:diagnosis_version", args=[slug, 1])).status_code == 200
    assert client.get(reverse("diagnostic:diagnosis_version", args=[slug, 2])).status_code == 404
    client.force_login(make_user("Lecture", role=Role.READER, ctg=new.ctg))
    inside = client.get(reverse("diagnostic:diagnosis", args=[slug])).content.decode()
    assert "Texte en préparation" in inside
    versions = client.get(reverse("diagnostic:diagnosis_versions", args=[slug])).content.decode()
    assert "Les chiffres 2020 sont arrivés." in versions
    assert old.summary in client.get(reverse("diagnostic:diagnosis_version", args=[slug, 1])).content.decode()


def test_it_is_reopened_on_its_page(client, written):
    old = validated(written)
    client.force_login(make_user("Coopération", role=Role.LEAD, ctg=old.ctg))
    url = reverse("diagnostic:diagnosis_reopen", args=[old.ctg.slug])
    assert client.post(url, {"reason": ""}).status_code == 200
    client.post(url, {"reason": "Un motif"})
    assert Diagnosis.objects.current().get(ctg=old.ctg).reopening_reason == "Un motif"
    again = client.post(url, {"reason": "Encore"}).content.decode()
    assert "sans être rouvert" in again


def test_what_was_said_of_a_finding_or_a_priority_is_read_in_the_next_version(written, as_someone):
    client = as_someone("lead", written)
    old = validated(written)
    person = make_user("Claude", role=Role.LEAD, ctg=old.ctg)
    subjects = {"findings": "Et la crèche ?", "priorities": "Est-ce la première ?"}
    for kind, words in subjects.items():
        add_comment(getattr(old, kind).earliest("pk"), text=words, by=person)
    add_comment(old, text="La synthèse est longue.", by=person)
    new = reopened(old)
    for kind, words in subjects.items():
        before, after = getattr(old, kind).earliest("pk"), getattr(new, kind).earliest("pk")
        add_comment(after, text=f"Réponse : {words}", by=person)
        for row in (before, after):
            page = client.get(row.get_absolute_url()).text
            assert words in page
            assert f"Réponse : {words}" in page
    page = client.get(reverse("territory:discussion", args=[old.ctg.slug, "diagnostic", new.pk])).text
    assert "La synthèse est longue." in page


def test_what_is_said_elsewhere_of_a_copy_does_not_come_here(written, as_someone):
    """Control: the same key in another Ctg, as a database restored by hand could hold, is another finding."""
    finding, other = written.findings.earliest("pk"), make_ready_diagnosis().findings.earliest("pk")
    Finding.objects.filter(pk=other.pk).update(key=finding.key)
    other.refresh_from_db()
    add_comment(other, text="Ailleurs", by=make_user("Claude", role=Role.LEAD, ctg=other.diagnosis.ctg))
    assert "Ailleurs" not in as_someone("lead", written).get(finding.get_absolute_url()).text


def ranked(diagnosis, *, importance, on, close=True):
    """The ballots of the first group on the finding of ``written``, as few as a result may show."""
    scoring = services.open_scoring(Scoring(diagnosis=diagnosis, group=first_group(diagnosis)), by=None, on=on)
    finding = diagnosis.findings.get(title="Un constat complet")
    everybody_marks(scoring, {finding: (importance, 5)}, on=on)
    return services.close_scoring(scoring, by=None, on=on) if close else scoring


def note_of(diagnosis):
    noted = read_notes(diagnosis).get(diagnosis.findings.get(title="Un constat complet").key)
    return noted and (noted.note, noted.version)


def test_the_ranking_of_a_group_counts_in_the_next_version_until_it_ranks_again(written):
    ranked(written, importance=4, on=VALIDATED_ON)
    ballots = Ballot.objects.count()
    second = reopened(validated(written))
    assert Ballot.objects.count() == ballots
    assert note_of(second) == (80, 1)
    again = ranked(second, importance=2, on=LATER, close=False)
    assert note_of(second) == (80, 1)
    services.close_scoring(again, by=None, on=LATER)
    assert note_of(second) == (40, 2)
    services.validate_diagnosis(second, decision="Copil n° 2022-1", by=None, on=LATER)
    third = reopened(second)
    assert note_of(third) == (40, 2)
    assert note_of(written) == (80, 1)


def test_the_notes_of_another_ctg_never_count(written):
    elsewhere = make_ready_diagnosis()
    add_finding(elsewhere, title="Un constat complet")
    ranked(elsewhere, importance=4, on=VALIDATED_ON)
    keys = elsewhere.findings.filter(title="Un constat complet").values("key")[:1]
    Finding.objects.filter(diagnosis=written, title="Un constat complet").update(key=keys)
    assert note_of(written) is None


def test_the_pages_say_on_which_version_the_group_ranked(written, as_someone):
    ranked(written, importance=4, on=VALIDATED_ON)
    second = reopened(validated(written))
    url = reverse("diagnostic:group_scoring", args=[second.ctg.slug, first_group(second).pk])
    page = as_someone("lead", second).get(url).text
    assert "Le groupe a noté la version 1 du diagnostic, notation close le 30 octobre 2021." in page
    assert "arrive en tête avec 80 sur 100" in page
    assert "Noter de nouveau" in page
    context = document_context(Diagnosis.objects.for_page().get(pk=second.pk), on=LATER)
    assert "Notes données sur la version 1" in render_to_string("diagnostic/pdf/diagnosis.html", context)
    ranked(second, importance=2, on=LATER, close=False)
    page = as_someone("reader", second).get(url).text
    assert "Le groupe a noté la version 1" in page
    assert "sur 100" not in page
    services.close_scoring(second.scorings.get(), by=None, on=LATER)
    page = as_someone("reader", second).get(url).text
    assert "arrive en tête avec 40 sur 100" in page
    assert "a noté la version" not in page


def test_a_departure_from_former_notes_still_asks_for_a_reason(written):
    other = add_finding(written, title="Peu de places")
    add_priority(written, findings=[other], title="Ouvrir des places")
    first, last = written.priorities.order_by("position")
    first.findings.set([written.findings.get(title="Un constat complet")])
    first.reason = "C’est la demande des familles."
    services.save_priority(first, by=None)
    scoring = services.open_scoring(Scoring(diagnosis=written, group=first_group(written)), by=None, on=VALIDATED_ON)
    marks = {written.findings.get(title="Un constat complet"): (1, 1), other: (5, 5)}
    everybody_marks(scoring, marks, on=VALIDATED_ON)
    services.close_scoring(scoring, by=None, on=VALIDATED_ON)
    second = reopened(validated(written))
    assert second.missing_before_validation() == []
    first = second.priorities.earliest("position")
    first.reason = ""
    services.save_priority(first, by=None)
    assert "il dit pourquoi" in second.missing_before_validation()[0]


def test_a_group_that_ranks_again_says_all_it_says_in_its_last_ranking(written):
    """What it left out the second time has no note any more: two rankings are never mixed."""
    ranked(written, importance=4, on=VALIDATED_ON)
    second = reopened(validated(written))
    other = add_finding(second, title="Peu de places")
    scoring = services.open_scoring(Scoring(diagnosis=second, group=first_group(second)), by=None, on=LATER)
    everybody_marks(scoring, {other: (5, 5)}, on=LATER)
    services.close_scoring(scoring, by=None, on=LATER)
    assert note_of(second) is None
    assert read_notes(second)[other.key].note == 100


def test_what_belongs_to_a_former_version_says_so_and_a_draft_stays_unknown_outside(client, written, as_someone):
    old = services.publish_diagnosis(validated(written), by=None)
    new = reopened(old)
    pages = [reverse("diagnostic:diagnosis_version", args=[old.ctg.slug, 1])]
    pages += [row.get_absolute_url() for row in (old.findings.earliest("pk"), old.priorities.earliest("pk"))]
    said = "Vous lisez la version 1 du diagnostic"
    assert [said in client.get(page).text for page in pages] == [False] * 3
    as_someone("reader", old)
    assert [said in client.get(page).text for page in pages] == [True] * 3
    for page in (new.get_absolute_url(), new.findings.earliest("pk").get_absolute_url()):
        assert "Vous lisez la version" not in client.get(page).text
    client.logout()
    Diagnosis.objects.filter(pk=new.pk).update(published_at=old.published_at)
    assert [said in client.get(page).text for page in pages] == [True] * 3
