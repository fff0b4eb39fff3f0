"""One evaluation for each civil year of a signed convention, not before the year begins."""

from datetime import date

import pytest
from django.urls import reverse

from ctg_site.lib.errors import RuleBroken
from governance import services
from governance.models import Evaluation
from governance.years import YearState, years_of
from tests.governance.factories import (
    SIGNED_ON,
    make_evaluation,
    make_frozen_agreement,
    make_signed_agreement,
    make_validated_evaluation,
)

pytestmark = pytest.mark.django_db


def states(agreement, on, **stamps):
    evaluations = Evaluation.objects.filter(agreement=agreement)
    return [year.state for year in years_of(agreement.ctg, evaluations, signed_on=agreement.signed_on, on=on)]


@pytest.mark.parametrize(
    ("year", "on", "refusal"),
    [
        (2021, date(2022, 2, 1), None),
        (2022, date(2022, 1, 1), None),
        (2022, date(2021, 12, 31), "n’est pas commencée"),
        (2025, date(2026, 6, 1), None),
        (2026, date(2027, 2, 1), "de 2021 à 2025"),
        (2020, date(2021, 12, 31), "de 2021 à 2025"),
        (2021, date(2021, 12, 5), "une fois la convention signée"),
        (2021, SIGNED_ON, None),
    ],
)
def test_when_a_year_may_be_opened(year, on, refusal):
    agreement = make_signed_agreement()
    if refusal:
        with pytest.raises(RuleBroken, match=refusal):
            services.open_evaluation(agreement, year=year, by=None, on=on)
        assert not agreement.evaluations.exists()
    else:
        assert services.open_evaluation(agreement, year=year, by=None, on=on).opened_on == on


def test_not_before_every_party_has_signed():
    agreement = make_frozen_agreement()
    with pytest.raises(RuleBroken, match="une fois la convention signée"):
        services.open_evaluation(agreement, year=2022, by=None, on=date(2023, 2, 1))


def test_a_year_is_opened_once():
    evaluation = make_evaluation(year=2022)
    with pytest.raises(RuleBroken, match="déjà son évaluation"):
        services.open_evaluation(evaluation.agreement, year=2022, by=None, on=date(2023, 3, 1))


def test_it_is_prepared_with_every_action_and_every_indicator():
    evaluation = make_evaluation(actions=3)
    assert evaluation.reviews.count() == evaluation.measurements.count() == 3
    assert len(evaluation.missing_before_validation()) == 1 + 3 + 3


def test_where_each_year_stands():
    evaluation = make_validated_evaluation(year=2022)
    agreement = evaluation.agreement
    services.open_evaluation(agreement, year=2023, by=None, on=date(2023, 6, 1))
    S = YearState
    assert states(agreement, date(2021, 12, 5)) == [S.UPCOMING] * 5
    assert states(agreement, date(2022, 6, 30)) == [S.TO_OPEN, S.TO_OPEN, *[S.UPCOMING] * 3]
    assert states(agreement, date(2023, 5, 11)) == [S.LATE, S.OPEN, S.TO_OPEN, S.UPCOMING, S.UPCOMING]
    assert states(agreement, date(2024, 6, 30)) == [S.LATE, S.VALIDATED, S.OPEN, S.TO_OPEN, S.UPCOMING]
    assert states(agreement, date(2024, 7, 1)) == [S.LATE, S.VALIDATED, S.LATE, S.TO_OPEN, S.UPCOMING]
    services.publish_evaluation(evaluation, by=None)
    assert states(agreement, date(2024, 6, 30))[1] == S.PUBLISHED


@pytest.mark.parametrize(
    ("who", "code"),
    [("anonymous", 302), ("outsider", 404), ("reader", 403), ("action_lead", 403), ("editor", 302), ("lead", 302)],
)
def test_who_opens_a_year(who, code, as_someone):
    agreement = make_signed_agreement()
    url = reverse("governance:evaluation_open", args=[agreement.ctg.slug, 2022])
    client = as_someone(who, agreement.ctg)
    assert client.get(url).status_code == {"anonymous": 302, "outsider": 404}.get(who, 405)
    assert client.post(url).status_code == code
    assert agreement.evaluations.exists() is (who in ("editor", "lead"))
