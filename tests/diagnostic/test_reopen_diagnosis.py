"""What is validated is reopened as a new version, for a reason: the old one stays whole, with its figures of that day."""

from datetime import date

import pytest
from django.urls import reverse

from actions.models import Objective
from actions.services import open_plan, save_objective
from ctg_site.lib.errors import RuleBroken
from diagnostic import services
from diagnostic.models import Diagnosis, Idea
from territory.models import Role
from tests.diagnostic.factories import (
    VALIDATED_ON,
    add_finding,
    add_idea,
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
