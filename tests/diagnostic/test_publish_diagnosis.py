import pytest
from django.urls import reverse

from ctg_site.lib.errors import RuleBroken
from diagnostic import services
from tests.diagnostic.factories import make_published_diagnosis, make_ready_diagnosis, make_validated_diagnosis

pytestmark = pytest.mark.django_db

WHO = [
    ("caf_manager", 302),
    ("caf_adviser", 302),
    ("lead", 302),
    ("editor", 403),
    ("group_lead", 403),
    ("contributor", 403),
    ("caf_reader", 403),
    ("reader", 403),
    ("outsider", 404),
]


def test_a_draft_is_never_published():
    diagnosis = make_ready_diagnosis()
    with pytest.raises(RuleBroken, match="une fois validé"):
        services.publish_diagnosis(diagnosis, by=None)
    diagnosis.refresh_from_db()
    assert diagnosis.published_at is None


def test_it_is_published_once_then_withdrawn_once():
    diagnosis = make_published_diagnosis()
    with pytest.raises(RuleBroken, match="déjà publié"):
        services.publish_diagnosis(diagnosis, by=None)
    assert services.unpublish_diagnosis(diagnosis, by=None).published_at is None
    with pytest.raises(RuleBroken, match="n’est pas publié"):
        services.unpublish_diagnosis(diagnosis, by=None)


@pytest.mark.parametrize(("who", "code"), WHO)
def test_who_may_publish(as_someone, who, code):
    diagnosis = make_validated_diagnosis()
    answer = as_someone(who, diagnosis).post(reverse("diagnostic:diagnosis_publish", args=[diagnosis.ctg.slug]))
    diagnosis.refresh_from_db()
    assert (answer.status_code, diagnosis.published_at is not None) == (code, code == 302)


@pytest.mark.parametrize(("who", "code"), WHO)
def test_who_may_withdraw(as_someone, who, code):
    diagnosis = make_published_diagnosis()
    answer = as_someone(who, diagnosis).post(reverse("diagnostic:diagnosis_unpublish", args=[diagnosis.ctg.slug]))
    diagnosis.refresh_from_db()
    assert (answer.status_code, diagnosis.published_at is None) == (code, code == 302)


@pytest.mark.parametrize("page", ["diagnosis_publish", "diagnosis_unpublish"])
def test_a_get_publishes_nothing(as_someone, page):
    diagnosis = make_validated_diagnosis()
    assert (
        as_someone("lead", diagnosis).get(reverse(f"diagnostic:{page}", args=[diagnosis.ctg.slug])).status_code == 405
    )


def test_the_page_says_why_a_draft_is_not_published(as_someone):
    diagnosis = make_ready_diagnosis()
    client = as_someone("lead", diagnosis)
    page = client.post(reverse("diagnostic:diagnosis_publish", args=[diagnosis.ctg.slug]), follow=True)
    assert "une fois validé" in page.text
