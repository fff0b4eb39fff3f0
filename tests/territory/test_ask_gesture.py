"""Gestures that settle what is masked: asked on a page, done by the worker whole or not at all, waited for meanwhile."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken
from territory import asked
from territory.models import AskedGesture, Rank, Release, Role, SecrecyRule, Source, Value, Withholding
from territory.services import add_secrecy_rule, withhold_value
from territory.tasks import settle_source
from tests.territory.factories import (
    IndicatorFactory,
    SourceFactory,
    add_value,
    communes_of,
    make_country,
    make_ctg,
    make_epci,
    make_publishable,
    make_superuser,
    make_user,
)

pytestmark = pytest.mark.django_db
State = AskedGesture.State


@pytest.fixture
def ctg():
    country = make_country()
    return make_ctg(country.caf, place=make_epci(country.department))


@pytest.fixture
def heads():
    return IndicatorFactory(label="Foyers au RSA", people=True, is_additive=True)


@pytest.fixture
def worker(settings):
    """What is asked waits, as where the product is installed; ``worker()`` does it."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

    def work():
        for pk in AskedGesture.objects.filter(state=State.WAITING).order_by("pk").values_list("pk", flat=True):
            asked.do_asked.func(pk)

    return work


def logged(ctg, name="Camille Martin"):
    client = Client()
    client.force_login(make_user(name, caf=ctg.caf, role=Role.CAF_ADVISER))
    return client


def page(client, name, *args):
    return client.get(reverse(name, args=args)).content.decode()


def typed(indicator, **changes):
    source = Source.objects.first() or SourceFactory()
    given = {"place": "here", "year": "2019", "quality": "exact", "document": "Essai", "number": "12"}
    return given | {"indicator": indicator.pk, "source": source.pk} | changes


def test_a_typed_figure_is_written_by_the_worker_and_the_page_waits(ctg, heads, worker):
    client, form = logged(ctg), reverse("territory:figure_type", args=[ctg.slug])
    assert client.post(form, typed(heads)).status_code == 302
    assert (Value.objects.count(), Release.objects.count()) == (0, 0)
    seen = page(client, "territory:figures", ctg.slug)
    assert "Enregistrement d’un chiffre, Foyers au RSA, Conflent-Canigó, 2019" in seen
    assert 'hx-trigger="every 1s"' in seen
    again = client.post(form, typed(heads)).content.decode()
    assert "déjà demandé" in again
    worker()
    assert Value.objects.get().number == 12
    assert not AskedGesture.objects.exists()
    assert 'hx-trigger="every 1s"' not in page(client, "territory:figures", ctg.slug)


def test_what_a_rule_refuses_by_itself_is_refused_at_once(ctg, heads, worker):
    client = logged(ctg)
    seen = client.post(reverse("territory:figure_type", args=[ctg.slug]), typed(heads, number="-3")).content.decode()
    assert "ne peut pas être négative" in seen
    assert not AskedGesture.objects.exists()


def test_a_figure_typed_and_removed_by_the_territory_waits_too(ctg, worker):
    local = Source.objects.filter(code="saisie-territoire").first() or SourceFactory(code="saisie-territoire")
    places = IndicatorFactory(source=local, label="Places")
    client, url = logged(ctg), reverse("territory:local_figures", args=[ctg.slug])
    sent = {"indicator": places.pk, "place": ctg.territory.pk, "year": 2024, "number": "30", "document": "Comptage"}
    client.post(url, sent)
    assert "Places, Conflent-Canigó, 2024" in page(client, "territory:local_figures", ctg.slug)
    worker()
    value = Value.objects.get()
    client.post(reverse("territory:local_figure_delete", args=[ctg.slug, value.pk]))
    assert Value.objects.get() == value
    worker()
    assert not Value.objects.exists()


def test_a_portrait_is_published_by_the_worker_once_nothing_is_given_away(ctg, heads, worker):
    make_publishable(ctg)
    client = logged(ctg)
    answer = client.post(reverse("territory:portrait_publish", args=[ctg.slug]), follow=True)
    ctg.refresh_from_db()
    assert ctg.portrait_published_at is None
    assert "Publication du portrait, Conflent-Canigó" in answer.content.decode()
    worker()
    ctg.refresh_from_db()
    assert ctg.portrait_published_at


def test_what_refuses_a_portrait_is_told_to_who_asked_until_it_is_asked_again(ctg, heads, worker):
    make_publishable(ctg)
    _give_away(ctg, heads)
    client, other = logged(ctg), logged(ctg, "Dominique Petit")
    client.post(reverse("territory:portrait_publish", args=[ctg.slug]))
    worker()
    ctg.refresh_from_db()
    assert ctg.portrait_published_at is None
    seen = page(client, "ctg_follow", ctg.slug)
    assert "Le portrait n’est pas publié" in seen
    assert "masquer aussi « Foyers au RSA »" in seen
    assert "Le portrait n’est pas publié" not in page(other, "ctg_follow", ctg.slug)
    client.post(reverse("territory:portrait_publish", args=[ctg.slug]))
    assert [one.state for one in AskedGesture.objects.all()] == [State.WAITING]


def test_a_whole_caf_is_checked_by_the_worker_and_again_after_a_mask(ctg, heads, worker):
    _give_away(ctg, heads)
    client = logged(ctg)
    client.post(reverse("caf:check_secrecy", args=[ctg.caf.code]))
    assert "Vérification du secret" in page(client, "caf:unmasked", ctg.caf.code)
    worker()
    third = communes_of(ctg.territory)[2]
    assert f"« Foyers au RSA », {third.name}, 2019" in page(client, "caf:unmasked", ctg.caf.code)
    figure = {"indicator": heads.pk, "territory": third.pk, "year": 2019}
    client.post(reverse("caf:withhold", args=[ctg.caf.code]), figure)
    assert not Withholding.objects.exists()
    worker()
    worker()
    assert Withholding.objects.get().territory == third
    assert "Aucun effectif ne se retrouve" in page(client, "caf:unmasked", ctg.caf.code)
    client.post(reverse("caf:show_again", args=[ctg.caf.code, Withholding.objects.get().pk]))
    assert Withholding.objects.exists()
    worker()
    assert not Withholding.objects.exists()


def test_what_left_meanwhile_is_said(ctg, heads, worker):
    add_value(heads, ctg.territory, 12, caf=ctg.caf)
    row = withhold_value(caf=ctg.caf, indicator=heads, territory=ctg.territory, year=2019, by=None)
    client = logged(ctg)
    client.post(reverse("caf:show_again", args=[ctg.caf.code, row.pk]))
    row.delete()
    worker()
    assert asked.GONE in page(client, "caf:unmasked", ctg.caf.code)


def test_what_fails_changes_nothing_and_is_said(ctg, heads, worker, monkeypatch):
    client = logged(ctg)
    client.post(reverse("territory:figure_type", args=[ctg.slug]), typed(heads))
    monkeypatch.setattr("territory.services.figures.settle", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        worker()
    assert not Value.objects.exists()
    assert asked.FAILED in page(client, "territory:figures", ctg.slug)


def test_what_a_stopped_worker_left_is_asked_again(ctg, heads, worker):
    user = make_superuser()
    asked.ask_to_check(ctg.caf, by=user)
    with pytest.raises(RuleBroken, match="déjà demandé"):
        asked.ask_to_check(ctg.caf, by=user)
    AskedGesture.objects.update(asked_at=now() - asked.LOST - timedelta(minutes=1))
    asked.ask_to_check(ctg.caf, by=user)
    worker()
    assert [one.state for one in AskedGesture.objects.all()] == [State.DONE]


def test_a_new_rule_masks_small_counts_at_once_and_the_worker_judges_the_rest(ctg, heads, worker):
    source = SourceFactory()
    for place, number in zip([*communes_of(ctg.territory), ctg.territory], (12, 8, 30, 50), strict=True):
        add_value(heads, place, number, caf=ctg.caf, source=source)
    add_secrecy_rule(SecrecyRule(source=source, threshold=11), by=None)
    hidden = Value.objects.filter(is_withheld=True).order_by("number")
    assert [value.number for value in hidden] == [8]
    assert [task.task_path for task in DBTaskResult.objects.all()] == ["territory.tasks.settle_source"]
    settle_source.func(source.pk, 1900)
    assert [value.number for value in hidden.all()] == [8, 12]


def test_what_a_new_rule_masked_at_once_is_ranked_no_more(ctg, heads, worker):
    source, households = SourceFactory(), IndicatorFactory(people=True, is_additive=True)
    share = IndicatorFactory(numerator=heads, denominator=households)
    others = [make_epci(ctg.territory.parent, name=name) for name in ("Aspres", "Vallespir")]
    for place, number in zip([ctg.territory, *others], (50, 9, 20), strict=True):
        add_value(heads, place, number, caf=ctg.caf, source=source)
        add_value(households, place, 100, caf=ctg.caf, source=source)
    ranks = Rank.objects.filter(indicator=share).order_by("in_department")
    assert [rank.territory.name for rank in ranks] == ["Conflent-Canigó", "Vallespir", "Aspres"]
    add_secrecy_rule(SecrecyRule(source=source, threshold=11), by=None)
    settle_source.func(source.pk, 1900)
    assert [rank.territory.name for rank in ranks.all()] == ["Conflent-Canigó", "Vallespir"]


def test_what_its_producer_protects_is_not_masked_at_once(ctg, heads, worker):
    source = SourceFactory()
    open_data = add_value(heads, ctg.territory, 8, source=source)
    ours = add_value(heads, ctg.territory, 9, caf=ctg.caf, source=source)
    add_secrecy_rule(SecrecyRule(source=source, method="producer", threshold=11), by=None)
    assert [Value.objects.get(pk=one.pk).is_withheld for one in (open_data, ours)] == [False, True]


def test_the_back_office_says_that_a_rule_is_judged_in_the_background(worker):
    client = Client()
    client.force_login(make_superuser())
    sent = {
        "source": SourceFactory().pk,
        "first_year": 1900,
        "method": "ours",
        "threshold": 11,
        "base": 1,
        "reference": "",
    }
    answer = client.post(reverse("admin:territory_secrecyrule_add"), sent, follow=True)
    assert SecrecyRule.objects.filter(threshold=11).exists()
    assert "jugés de nouveau en tâche de fond" in answer.content.decode()


def _give_away(ctg, heads):
    """A small count between two shown ones and their total: what hides it was forgotten."""
    for place, number in zip([*communes_of(ctg.territory), ctg.territory], (12, 3, 8, 23), strict=True):
        add_value(heads, place, number, caf=ctg.caf)
    Value.objects.filter(indicator=heads, number=8).update(is_withheld=False)
