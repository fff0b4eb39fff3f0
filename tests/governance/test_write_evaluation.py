"""The year of each action, the value of each indicator: what counts, what is left out, what is never clamped."""

import re
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from ctg_site.lib.errors import RuleBroken
from governance import services
from governance.models import ActionReview, Measurement
from governance.progress import progress_by_axis
from governance.results import results_of
from territory.models import Role
from tests.actions.factories import add_money
from tests.governance.factories import make_ctg, make_evaluation, make_ready_plan, make_user, make_validated_evaluation

pytestmark = pytest.mark.django_db

Progress = ActionReview.Progress


def review(evaluation, number, progress, percent=None, comment=""):
    found = evaluation.reviews.order_by("action__code")[number]
    found.progress, found.percent, found.comment = progress, percent, comment
    return services.save_review(found, by=None)


def axis_of(evaluation):
    (axis,) = progress_by_axis(evaluation.reviews.for_year())
    return axis


def test_the_progress_of_an_axis_is_weighted_by_cost_and_leaves_abandoned_actions_apart():
    ctg = make_ctg()
    plan = make_ready_plan(ctg, actions=4)
    first = plan.actions.order_by("code").first()
    add_money(first, "36000.00", year=2024)  # 48 000 € in all, the others cost 12 000 € each
    evaluation = make_evaluation(ctg, plan=plan)
    review(evaluation, 0, Progress.ONGOING, 50)
    review(evaluation, 1, Progress.DONE)
    review(evaluation, 2, Progress.DROPPED, 90, "Le local est vendu.")
    review(evaluation, 3, Progress.ONGOING)
    axis = axis_of(evaluation)
    assert [row.weight for row in axis.rows] == [Decimal(80), Decimal(20), None, None]
    assert axis.percent == Decimal(60)
    assert (axis.dropped, axis.unknown) == (1, 1)
    assert axis.left_out == "1 abandonnée, 1 sans pourcentage"


def test_an_action_not_started_counts_for_zero_and_an_axis_without_figure_has_none():
    evaluation = make_evaluation()
    assert axis_of(evaluation).percent is None
    review(evaluation, 0, Progress.NOT_STARTED)
    assert axis_of(evaluation).percent == 0
    review(evaluation, 1, Progress.ONGOING, 40)
    assert axis_of(evaluation).percent == 20


def test_weights_are_equal_when_nothing_costs_anything():
    ctg = make_ctg()
    plan = make_ready_plan(ctg)
    for action in plan.actions.all():
        action.costs.update(amount=0)
        action.financings.update(planned=0)
    evaluation = make_evaluation(ctg, plan=plan)
    review(evaluation, 0, Progress.DONE)
    review(evaluation, 1, Progress.NOT_STARTED)
    assert [row.weight for row in axis_of(evaluation).rows] == [Decimal(50), Decimal(50)]
    assert axis_of(evaluation).percent == 50


@pytest.mark.parametrize(
    ("value", "attainment", "bar"), [("10", 0, 0), ("25", 50, 50), ("70", 200, 100), ("4", -20, 0), (None, None, None)]
)
def test_the_attainment_is_not_clamped_only_its_bar_is(value, attainment, bar):
    """From 10 to 40 families."""
    evaluation = make_evaluation(actions=1)
    measurement = evaluation.measurements.get()
    measurement.value = None if value is None else Decimal(value)
    services.save_measurement(measurement, by=None)
    (result,) = results_of(evaluation)
    assert (result.attainment, result.bar) == (attainment, bar)


def test_a_value_or_the_reason_of_its_absence_and_a_day_in_the_year_or_after():
    evaluation = make_evaluation(year=2022, actions=1)
    measurement = evaluation.measurements.get()
    measurement.value, measurement.missing_reason = Decimal(3), "Enquête reportée"
    with pytest.raises(RuleBroken, match="pas les deux"):
        services.save_measurement(measurement, by=None)
    measurement.missing_reason, measurement.measured_on = "", date(2021, 12, 31)
    with pytest.raises(RuleBroken, match="dans l’année ou après"):
        services.save_measurement(measurement, by=None)
    measurement.measured_on = date(2099, 1, 15)
    with pytest.raises(RuleBroken, match="mesurée le : Ce jour n’est pas encore venu"):
        services.save_measurement(measurement, by=None)
    measurement.measured_on = date(2023, 1, 15)
    services.save_measurement(measurement, by=None)


@pytest.mark.parametrize("progress", [Progress.POSTPONED, Progress.SUSPENDED, Progress.DROPPED])
def test_a_stopped_action_says_why(progress):
    evaluation = make_evaluation()
    with pytest.raises(RuleBroken, match="Dites pourquoi"):
        review(evaluation, 0, progress)
    review(evaluation, 0, progress, comment="Le financeur s’est retiré.")


def test_a_validated_evaluation_changes_no_more_whatever_the_door():
    evaluation = make_validated_evaluation()
    found, measurement = evaluation.reviews.first(), evaluation.measurements.first()
    gestures = [
        lambda: services.save_review(found, by=None),
        lambda: services.save_measurement(measurement, by=None),
        lambda: services.describe_evaluation(evaluation, by=None),
        found.save,
        found.delete,
        measurement.save,
        measurement.delete,
        evaluation.save,
        evaluation.delete,
    ]
    for gesture in gestures:
        with pytest.raises(RuleBroken, match="validée"):
            gesture()


def test_the_lead_of_an_action_reviews_their_own_and_no_other(client):
    ctg = make_ctg()
    plan = make_ready_plan(ctg)
    person = make_user("Pilote", ctg=ctg, role=Role.ACTION_LEAD)
    mine, other = plan.actions.order_by("code")
    mine.lead_user = person
    mine.save()
    evaluation = make_evaluation(ctg, plan=plan, year=2022)
    client.force_login(person)

    def url(action):
        return reverse("governance:review_edit", args=[ctg.slug, 2022, evaluation.reviews.get(action=action).pk])

    assert client.get(url(other)).status_code == 403
    measurement = evaluation.measurements.get(target__action=mine)
    data = {
        "progress": "ongoing",
        "percent": "35",
        "comment": "Un premier outil.",
        "outlook": "continue",
        "measurements-TOTAL_FORMS": "1",
        "measurements-INITIAL_FORMS": "1",
        "measurements-0-id": measurement.pk,
        "measurements-0-value": "17,5",
        "measurements-0-measured_on": "2022-12-15",
    }
    assert client.post(url(mine), data).status_code == 302
    assert evaluation.reviews.get(action=mine).percent == 35
    assert Measurement.objects.get(pk=measurement.pk).value == Decimal("17.50")


def test_a_review_begun_is_kept_as_a_draft_with_its_measurements(lead_of):
    evaluation = make_evaluation(year=2022)
    found = evaluation.reviews.first()
    url = reverse("governance:review_edit", args=[evaluation.ctg.slug, 2022, found.pk])
    lead = lead_of(evaluation.ctg)
    key = re.search(r'name="draft" value="([^"]+)"', lead.get(url).text).group(1)
    typed = {"comment": "Les ateliers ont commencé.", "measurements-0-value": "dix-sept"}
    lead.post(reverse("drafts:save"), {"draft": key, **typed})
    page = lead.get(url).text
    assert "Voici votre brouillon" in page
    assert "Les ateliers ont commencé." in page
    assert 'value="dix-sept"' in page


def test_a_refused_review_keeps_what_was_typed(lead_of):
    evaluation = make_evaluation(year=2022)
    found = evaluation.reviews.first()
    measurement = evaluation.measurements.get(target__action=found.action)
    url = reverse("governance:review_edit", args=[evaluation.ctg.slug, 2022, found.pk])
    data = {
        "progress": "dropped",
        "percent": "35",
        "measurements-TOTAL_FORMS": "1",
        "measurements-INITIAL_FORMS": "1",
        "measurements-0-id": measurement.pk,
        "measurements-0-value": "beaucoup",
    }
    page = lead_of(evaluation.ctg).post(url, data)
    text = page.content.decode()
    assert page.status_code == 200
    assert "Dites pourquoi l’action" in text
    assert 'value="beaucoup"' in text
    assert 'value="35"' in text


def test_the_workbook_is_typed(lead_of):
    evaluation = make_validated_evaluation(year=2022)
    response = lead_of(evaluation.ctg).get(reverse("governance:evaluation_xlsx", args=[evaluation.ctg.slug, 2022]))
    book = load_workbook(BytesIO(response.content))
    actions, indicators = book["Actions"], book["Indicateurs"]
    head = {cell.value: cell.column for cell in actions[1]}
    assert actions.cell(2, head["Réalisé"]).value == 0.4
    assert actions.cell(2, head["Coût sur la période"]).value == 12000
    assert actions.cell(2, head["Réalisé dans l’année"]).value is None
    head = {cell.value: cell.column for cell in indicators[1]}
    assert indicators.cell(2, head["Valeur"]).value == 40
    assert indicators.cell(2, head["Chemin parcouru"]).value == 1
