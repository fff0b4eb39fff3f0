"""Validated by the copil, then published by somebody: only then does everyone read it."""

from datetime import date

import pytest
from django.urls import reverse

from ctg_site.lib.errors import RuleBroken
from governance import services
from governance.models import Decision, Evaluation, Gate
from tests.governance.factories import COPIL, decide, held_meeting, make_evaluation, make_validated_evaluation

pytestmark = pytest.mark.django_db


def test_the_copil_validates_what_lacks_nothing():
    evaluation = make_evaluation(year=2022, filled=True)
    decision = decide(evaluation.ctg, Gate.VALIDATE_EVALUATION, on=date(2023, 5, 12), year=2022)
    evaluation.refresh_from_db()
    assert evaluation.validated_on == date(2023, 5, 12)
    assert evaluation.validated_by_decision == str(decision)


@pytest.mark.parametrize("hole", ["summary", "progress", "value"])
def test_it_is_refused_with_its_list(hole):
    evaluation = make_evaluation(year=2022, filled=True)
    if hole == "summary":
        Evaluation.objects.update(summary=" ")
    elif hole == "progress":
        evaluation.reviews.filter(pk=evaluation.reviews.first().pk).update(progress="")
    else:
        evaluation.measurements.filter(pk=evaluation.measurements.first().pk).update(value=None)
    evaluation.refresh_from_db()
    with pytest.raises(RuleBroken) as refusal:
        decide(evaluation.ctg, Gate.VALIDATE_EVALUATION, on=date(2023, 5, 12), year=2022)
    assert refusal.value.missing == evaluation.missing_before_validation()
    assert len(refusal.value.missing) == 1
    assert not Decision.objects.filter(gate=Gate.VALIDATE_EVALUATION).exists()


def test_a_reason_stands_for_a_value_that_is_missing():
    evaluation = make_evaluation(year=2022, filled=True)
    measurement = evaluation.measurements.first()
    measurement.value, measurement.missing_reason = None, "Le relais n’a pas répondu"
    services.save_measurement(measurement, by=None)
    assert evaluation.missing_before_validation() == []


def test_not_before_the_year_begins():
    evaluation = make_evaluation(year=2022, filled=True)
    held_meeting(evaluation.ctg, kind=COPIL, on=date(2021, 12, 31))
    with pytest.raises(RuleBroken, match="n’est pas commencée"):
        decide(evaluation.ctg, Gate.VALIDATE_EVALUATION, on=date(2021, 12, 31), year=2022)


def test_an_evaluation_is_published_once_validated_and_may_be_withdrawn():
    with pytest.raises(RuleBroken, match="une fois validée"):
        services.publish_evaluation(make_evaluation(year=2022), by=None)
    evaluation = services.publish_evaluation(make_validated_evaluation(), by=None)
    with pytest.raises(RuleBroken, match="déjà publiée"):
        services.publish_evaluation(evaluation, by=None)
    assert services.unpublish_evaluation(evaluation, by=None).published_at is None
    with pytest.raises(RuleBroken, match="n’est pas publiée"):
        services.unpublish_evaluation(evaluation, by=None)


@pytest.mark.parametrize(
    ("who", "code"), [("anonymous", 302), ("outsider", 404), ("reader", 403), ("editor", 403), ("lead", 302)]
)
def test_who_publishes(who, code, as_someone):
    evaluation = make_validated_evaluation(year=2022)
    client = as_someone(who, evaluation.ctg)
    assert client.post(_url("evaluation_publish", evaluation)).status_code == code
    evaluation.refresh_from_db()
    assert bool(evaluation.published_at) is (who == "lead")


@pytest.mark.parametrize("who", ["anonymous", "outsider"])
def test_others_read_what_is_published_only(who, as_someone):
    evaluation = make_validated_evaluation(year=2022)
    services.open_evaluation(evaluation.agreement, year=2023, by=None, on=date(2024, 1, 5))
    client = as_someone(who, evaluation.ctg)
    pages = [_url(name, evaluation) for name in ("evaluation", "evaluation_xlsx")]
    listing = reverse("governance:evaluations", args=[evaluation.ctg.slug])
    assert [client.get(page).status_code for page in [*pages, listing]] == [404, 404, 404]
    services.publish_evaluation(evaluation, by=None)
    assert [client.get(page).status_code for page in [*pages, listing]] == [200, 200, 200]
    assert [year.year for year in client.get(listing).context["years"]] == [2022]
    assert client.get(reverse("governance:evaluation", args=[evaluation.ctg.slug, 2023])).status_code == 404


def _url(name, evaluation):
    return reverse(f"governance:{name}", args=[evaluation.ctg.slug, evaluation.year])
