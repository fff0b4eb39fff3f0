from datetime import date

import pytest
from django.db import IntegrityError

from ctg_site.audit.models import Entry
from ctg_site.lib.errors import RuleBroken
from diagnostic import services
from diagnostic.models import FROZEN, Diagnosis, Finding, Idea, Priority, Scoring
from territory.models import Indicator, Value
from tests.diagnostic.factories import (
    VALIDATED_ON,
    CafFactory,
    add_finding,
    add_idea,
    add_priority,
    everybody_marks,
    first_group,
    key_indicator,
    make_ctg,
    make_diagnosis,
    make_ready_diagnosis,
    make_validated_diagnosis,
    tell,
)

pytestmark = pytest.mark.django_db


def validate(diagnosis: Diagnosis) -> Diagnosis:
    return services.validate_diagnosis(diagnosis, decision="Copil n° 2021-1", by=None, on=VALIDATED_ON)


def test_a_decision_validates_a_complete_diagnosis():
    diagnosis = validate(make_ready_diagnosis())
    assert diagnosis.missing_before_validation() == []
    assert (diagnosis.validated_on, diagnosis.validated_by_decision) == (date(2021, 10, 30), "Copil n° 2021-1")
    assert Entry.objects.get(verb="diagnosis.validated").data == {"on": "2021-10-30", "decision": "Copil n° 2021-1"}


def test_an_empty_diagnosis_lists_everything_it_lacks():
    key_indicator("Allocataires à bas revenus")
    diagnosis = make_diagnosis()
    expected = [
        "Chiffre clé à renseigner : Allocataires à bas revenus",
        "Groupe Petite enfance : aucun constat",
        "Groupe Parentalité : aucun constat",
        "La synthèse n’est pas encore rédigée",
        "Aucune priorité n’est dégagée",
    ]
    assert diagnosis.missing_before_validation() == expected
    with pytest.raises(RuleBroken, match="ne peut pas encore être validé") as refusal:
        validate(diagnosis)
    assert refusal.value.missing == expected
    assert Diagnosis.objects.get(pk=diagnosis.pk).validated_on is None


def without_summary(diagnosis: Diagnosis) -> str:
    diagnosis.summary = " "
    services.describe_diagnosis(diagnosis, by=None)
    return "La synthèse n’est pas encore rédigée"


def without_finding_in_a_group(diagnosis: Diagnosis) -> str:
    services.delete_finding(first_group(diagnosis).findings.get(), by=None)
    return "Groupe Petite enfance : aucun constat"


def without_priority(diagnosis: Diagnosis) -> str:
    services.delete_priority(diagnosis.priorities.get(), by=None)
    return "Aucune priorité n’est dégagée"


def with_a_priority_that_rests_on_nothing(diagnosis: Diagnosis) -> str:
    add_priority(diagnosis, findings=[], title="Loger les jeunes")
    return "Priorité « Loger les jeunes » : elle ne s’appuie sur aucun constat"


def without_a_key_figure(diagnosis: Diagnosis) -> str:
    key_indicator("Familles monoparentales")
    return "Chiffre clé à renseigner : Familles monoparentales"


def without_the_word_of_the_committee(diagnosis: Diagnosis) -> str:
    """The first priority passes before one that the group noted higher."""
    needs = [diagnosis.priorities.get().findings.first(), add_finding(diagnosis, title="Peu de places")]
    add_priority(diagnosis, findings=[needs[1]], title="Ouvrir des places")
    scoring = Scoring(diagnosis=diagnosis, group=first_group(diagnosis))
    services.open_scoring(scoring, by=None, on=VALIDATED_ON)
    marks = {needs[0]: (1, 1), needs[1]: (5, 5)}
    everybody_marks(scoring, marks, on=VALIDATED_ON)
    services.close_scoring(scoring, by=None, on=VALIDATED_ON)
    title = "Accueillir tous les enfants"
    return f"Priorité « {title} » : le comité la place avant une autre mieux notée, il dit pourquoi"


@pytest.mark.parametrize(
    "take_away",
    [
        without_summary,
        without_finding_in_a_group,
        without_priority,
        with_a_priority_that_rests_on_nothing,
        without_a_key_figure,
        without_the_word_of_the_committee,
    ],
)
def test_each_missing_item_is_named_alone(take_away):
    diagnosis = make_ready_diagnosis()
    sentence = take_away(diagnosis)
    assert diagnosis.missing_before_validation() == [sentence]
    with pytest.raises(RuleBroken) as refusal:
        validate(diagnosis)
    assert refusal.value.missing == [sentence]


def test_a_diagnosis_without_group_says_so():
    diagnosis = make_diagnosis(groups=())
    assert "Aucun groupe thématique n’est créé" in diagnosis.missing_before_validation()


@pytest.mark.parametrize(
    ("number", "quality"), [(43, Value.Quality.EXACT), (None, Value.Quality.MASKED), (None, Value.Quality.MISSING)]
)
def test_a_figure_that_was_looked_for_no_longer_lacks(number, quality):
    diagnosis, indicator = make_ready_diagnosis(), key_indicator()
    tell(indicator, diagnosis.ctg, number, quality=quality)
    assert diagnosis.missing_before_validation() == []


def test_a_ratio_needs_its_two_terms():
    diagnosis = make_ready_diagnosis()
    above, below = (
        key_indicator(name, is_key=False, unit=Indicator.Unit.COUNT) for name in ("Personnes", "Population")
    )
    key_indicator("Taux de couverture", numerator=above, denominator=below)
    tell(above, diagnosis.ctg, 8629)
    assert diagnosis.missing_before_validation() == ["Chiffre clé à renseigner : Taux de couverture"]
    tell(below, diagnosis.ctg, 20391)
    assert diagnosis.missing_before_validation() == []


def test_the_figure_of_another_caf_does_not_count():
    diagnosis, indicator = make_ready_diagnosis(), key_indicator()
    elsewhere = make_ctg(CafFactory())
    elsewhere.territory = diagnosis.ctg.territory
    Value.objects.create(
        indicator=indicator,
        territory=diagnosis.ctg.territory,
        year=2019,
        start_year=2019,
        number=43,
        release=tell(key_indicator("Autre", is_key=False), make_ctg(CafFactory())).release,
    )
    assert diagnosis.missing_before_validation() == ["Chiffre clé à renseigner : Allocataires à bas revenus"]


def test_only_a_decision_validates_and_only_once():
    diagnosis = make_ready_diagnosis()
    with pytest.raises(RuleBroken, match="Seule la décision d’un comité"):
        services.validate_diagnosis(diagnosis, decision=" ", by=None, on=VALIDATED_ON)
    validate(diagnosis)
    with pytest.raises(RuleBroken, match="déjà validé"):
        validate(diagnosis)


def test_the_database_refuses_a_validation_without_decision():
    diagnosis = make_ready_diagnosis()
    with pytest.raises(IntegrityError):
        Diagnosis.objects.filter(pk=diagnosis.pk).update(validated_on=VALIDATED_ON)


def change_summary(diagnosis, **_):
    diagnosis.summary = "Autre chose"
    services.describe_diagnosis(diagnosis, by=None)


def change_summary_from_an_old_copy(diagnosis, **_):
    diagnosis.validated_on, diagnosis.validated_by_decision = None, ""
    services.describe_diagnosis(diagnosis, by=None)


GESTURES = {
    "summary": change_summary,
    "summary from an old copy": change_summary_from_an_old_copy,
    "new finding": lambda diagnosis, **_: add_finding(diagnosis),
    "changed finding": lambda finding, **_: services.save_finding(finding, by=None),
    "deleted finding": lambda finding, **_: services.delete_finding(finding, by=None),
    "new idea": lambda diagnosis, **_: add_idea(diagnosis),
    "deleted idea": lambda idea, **_: services.delete_idea(idea, by=None),
    "new priority": lambda diagnosis, **_: add_priority(diagnosis, findings=[]),
    "changed priority": lambda priority, **_: services.save_priority(priority, findings=[], by=None),
    "moved priority": lambda priority, **_: services.move_priority(priority, ranks=1, by=None),
    "deleted priority": lambda priority, **_: services.delete_priority(priority, by=None),
}


@pytest.mark.parametrize("gesture", GESTURES.values(), ids=GESTURES)
@pytest.mark.parametrize("is_validated", [False, True], ids=["draft", "validated"])
def test_a_validated_diagnosis_is_frozen(gesture, is_validated):
    diagnosis = make_ready_diagnosis()
    rows = {
        "diagnosis": diagnosis,
        "finding": first_group(diagnosis).findings.get(),
        "idea": add_idea(diagnosis),
        "priority": diagnosis.priorities.get(),
    }
    add_priority(diagnosis, findings=[rows["finding"]], title="Deuxième")
    before = list(diagnosis.priorities.values_list("title", "position"))
    if not is_validated:
        gesture(**rows)
        return
    validate(diagnosis)
    with pytest.raises(RuleBroken, match=FROZEN):
        gesture(**rows)
    assert list(diagnosis.priorities.values_list("title", "position")) == before


@pytest.mark.parametrize("model", [Finding, Idea, Priority])
def test_what_is_frozen_is_so_below_the_services_too(model):
    diagnosis = make_ready_diagnosis()
    add_idea(diagnosis)
    row = model.objects.filter(diagnosis=diagnosis).first()
    row.save()
    validate(diagnosis)
    with pytest.raises(RuleBroken, match=FROZEN):
        row.save()
    with pytest.raises(RuleBroken, match=FROZEN):
        row.delete()
    assert model.objects.filter(pk=row.pk).exists()


def test_groups_stay_alive_after_the_validation():
    group = first_group(make_validated_diagnosis())
    group.name = "Petite enfance et parents"
    services.save_group(group, by=None)
    assert group.history.count() == 2
