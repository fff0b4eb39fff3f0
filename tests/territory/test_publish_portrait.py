import pytest

from ctg_site.audit.models import Entry
from ctg_site.lib.errors import RuleBroken
from territory import services
from territory.models import Ctg, Value
from tests.territory.factories import (
    IndicatorFactory,
    add_value,
    make_ctg,
    make_publishable,
    make_published,
    make_user,
    population_indicator,
)

pytestmark = pytest.mark.django_db


def test_it_is_published_with_a_population_and_one_key_indicator():
    ctg, user = make_publishable(make_ctg()), make_user()
    services.publish_portrait(ctg, by=user)
    assert Ctg.objects.published().get() == ctg
    assert Entry.objects.get(verb="portrait.published").actor == user


def test_the_refusal_lists_what_is_missing():
    ctg = make_ctg()
    with pytest.raises(RuleBroken) as refusal:
        services.publish_portrait(ctg, by=None)
    assert len(refusal.value.missing) == 2
    add_value(population_indicator(), ctg.territory, 20391, caf=ctg.caf)
    with pytest.raises(RuleBroken) as refusal:
        services.publish_portrait(ctg, by=None)
    assert refusal.value.missing == ["Saisir au moins un indicateur clé du territoire."]
    assert not Ctg.objects.published().exists()


def test_a_figure_of_the_department_alone_is_not_enough():
    ctg = make_ctg()
    add_value(population_indicator(), ctg.territory, 20391, caf=ctg.caf)
    add_value(IndicatorFactory(), ctg.caf.territory, 40, caf=ctg.caf)
    with pytest.raises(RuleBroken):
        services.publish_portrait(ctg, by=None)


def test_a_missing_figure_is_not_a_figure():
    ctg = make_ctg()
    add_value(population_indicator(), ctg.territory, 20391, caf=ctg.caf)
    add_value(IndicatorFactory(), ctg.territory, None, caf=ctg.caf, quality=Value.Quality.MISSING)
    with pytest.raises(RuleBroken):
        services.publish_portrait(ctg, by=None)


def test_figures_of_another_caf_do_not_count():
    ctg, other = make_ctg(), make_ctg()
    add_value(population_indicator(), ctg.territory, 20391, caf=other.caf)
    add_value(IndicatorFactory(), ctg.territory, 43, caf=other.caf)
    with pytest.raises(RuleBroken) as refusal:
        services.publish_portrait(ctg, by=None)
    assert len(refusal.value.missing) == 2


def test_it_is_published_once_and_withdrawn_once():
    ctg = make_published(make_ctg())
    with pytest.raises(RuleBroken, match="déjà publié"):
        services.publish_portrait(ctg, by=None)
    services.unpublish_portrait(ctg, by=None)
    with pytest.raises(RuleBroken, match="n’est pas publié"):
        services.unpublish_portrait(ctg, by=None)


def test_the_calendar_follows_the_portrait():
    ctg = make_publishable(make_ctg())
    with pytest.raises(RuleBroken) as refusal:
        services.publish_calendar(ctg, by=None)
    assert refusal.value.missing == ["Publier d’abord le portrait du territoire."]
    services.publish_portrait(ctg, by=None)
    services.publish_calendar(ctg, by=None)
    with pytest.raises(RuleBroken, match="déjà publié"):
        services.publish_calendar(ctg, by=None)
    services.unpublish_portrait(ctg, by=None)
    ctg.refresh_from_db()
    assert (ctg.portrait_published_at, ctg.calendar_published_at) == (None, None)
    with pytest.raises(RuleBroken, match="n’est pas publié"):
        services.unpublish_calendar(ctg, by=None)
