import pytest

from actions import services
from actions.models import ActionPlan
from ctg_site.lib.errors import RuleBroken
from tests.actions.factories import close_up_to, make_complete_plan, make_plan
from tests.writers import Writer

pytestmark = pytest.mark.django_db


def test_it_opens_once():
    plan = make_plan()
    assert plan.version == 1
    with pytest.raises(RuleBroken, match="déjà ouvert"):
        services.open_plan(plan.diagnosis, by=None)


def test_the_current_plan_is_the_last_version():
    plan = make_plan()
    assert ActionPlan.objects.current().filter(diagnosis__ctg=plan.ctg).get() == plan


def test_it_writes_the_territory_project_and_names_its_levels():
    plan = services.describe_plan(
        make_plan(), introduction="Vivre ici.", level_names=["Thème", " Enjeu ", "Objectif", ""], by=None
    )
    plan.refresh_from_db()
    assert plan.introduction == "Vivre ici."
    assert [plan.level_name(level) for level in range(3)] == ["Thème", "Enjeu", "Objectif"]


def test_levels_have_names_without_asking():
    plan = services.describe_plan(make_plan(), introduction="", level_names=[], by=None)
    assert [plan.level_name(level) for level in range(3)] == ["Axe", "Objectif", "Objectif"]


@pytest.mark.parametrize("names", [["Axe"], ["A", "B", "C", "D"]])
def test_there_are_two_or_three_levels(names):
    with pytest.raises(RuleBroken, match="deux ou trois niveaux"):
        services.describe_plan(make_plan(), introduction="", level_names=names, by=None)


def test_it_is_no_longer_written_once_the_axes_are_fixed():
    plan = close_up_to(make_complete_plan(), "axes_fixed")
    with pytest.raises(RuleBroken, match="axes sont fixés"):
        services.describe_plan(plan, introduction="Autre chose", level_names=[], by=None)


def test_two_people_name_the_levels_and_neither_name_is_lost():
    plan = make_plan()
    anne, bruno = (Writer(name, plan.ctg, "actions:plan_edit") for name in ("Anne Martin", "Bruno Petit"))
    assert anne.save(level_names="Axe, Cible").status_code == 302
    refused = bruno.save(level_names="Thème, But")
    assert refused.status_code == 200
    assert "Axe, Cible" in refused.text
    assert "Thème, But" in refused.text
    plan.refresh_from_db()
    assert plan.level_names == ["Axe", "Cible"]
    assert bruno.save(keep_level_names="mine").status_code == 302
    plan.refresh_from_db()
    assert plan.level_names == ["Thème", "But"]


def test_who_writes_the_text_keeps_the_names_given_meanwhile():
    plan = make_plan()
    anne, bruno = (Writer(name, plan.ctg, "actions:plan_edit") for name in ("Anne Martin", "Bruno Petit"))
    assert anne.save(level_names="Axe, Cible").status_code == 302
    assert bruno.save(introduction="Vivre ici.").status_code == 302
    plan.refresh_from_db()
    assert (plan.introduction, plan.level_names) == ("Vivre ici.", ["Axe", "Cible"])
