"""A fiche begins from a priority, an idea, a model or the action of another Ctg, and the link stays."""

from datetime import date

import pytest
from django.urls import reverse

from actions import services
from actions.loading import load_reference
from actions.models import Action, Criterion, ModelAction, Step
from actions.services import sources
from diagnostic.models import Idea
from territory.models import Role
from territory.services import grant_role
from tests.actions.factories import add_action, add_target, leaf, make_complete_plan, make_plan, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    return make_plan()


@pytest.fixture
def officer(as_someone, plan):
    return as_someone("lead", plan)


def begin(client, plan, query, **fields):
    """Open the page of a new fiche, then send what it proposes."""
    url = reverse("actions:action_new", args=[plan.ctg.slug]) + f"?{query}"
    form = client.get(url).context["form"]
    data = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in data.items() if value not in (None, "")}
    response = client.post(url, data | {"objective": leaf(plan).pk} | fields)
    assert response.status_code == 302, response.context["form"].errors
    return Action.objects.filter(plan=plan).latest("pk")


def test_from_a_priority(officer, plan):
    priority = plan.diagnosis.priorities.get()
    action = begin(officer, plan, f"priorite={priority.pk}")
    assert (action.priority, action.title) == (priority, priority.title)
    assert set(action.findings.all()) == set(priority.findings.all())
    assert action.themes.exists()


def test_from_an_idea(as_someone):
    plan = make_plan(validated=False)
    officer = as_someone("lead", plan)
    idea = Idea.objects.create(diagnosis=plan.diagnosis, group=plan.ctg.groups.first(), text="Un bus des familles")
    action = begin(officer, plan, f"piste={idea.pk}")
    assert (action.idea, action.title, list(action.themes.all())) == (idea, "Un bus des familles", [idea.group])


def test_from_a_model(officer, plan):
    load_reference()
    model = ModelAction.objects.get(code="observatoire-petite-enfance")
    action = begin(officer, plan, f"modele={model.pk}")
    assert (action.model, action.description) == (model, model.description)
    assert action.steps.count() == len(model.steps)
    assert {target.baseline_reason for target in action.targets.all()} == {"À relever sur ce territoire"}
    assert all(plan.ctg.starts_on <= step.due_on <= plan.ctg.ends_on for step in action.steps.all())


def test_the_steps_of_a_model_begin_with_the_action(plan):
    """A model counts its months from the beginning of the action, when it has one."""
    load_reference()
    model = ModelAction.objects.get(code="observatoire-petite-enfance")
    action = Action(plan=plan, objective=leaf(plan), code="1.1.1", title="Outil", starts_on=date(2025, 3, 1))
    services.create_action(action, source=sources.Source("model", model), by=None)
    assert min(step.due_on for step in action.steps.all()) >= date(2025, 3, 1)


def test_from_an_action_of_another_ctg_of_the_same_person(client, plan):
    other = make_complete_plan()
    source = other.actions.get()
    services.save_part(Step(action=source, title="Réunir", due_on=other.ctg.starts_on), by=None)
    add_target(source, label="Autre indicateur")
    person = make_user("deux Ctg", ctg=plan.ctg, role=Role.LEAD)
    grant_role(user=person, role=Role.READER, ctg=other.ctg, by=None)
    client.force_login(person)
    action = begin(client, plan, f"action={source.pk}")
    assert (action.copied_from, action.description, action.lead) == (source, source.description, None)
    assert (action.steps.get().title, action.targets.count()) == ("Réunir", 2)
    assert not action.costs.exists()


def test_what_the_person_may_not_read_is_not_copied(officer, plan):
    stranger = make_complete_plan().actions.get()
    action = begin(officer, plan, f"action={stranger.pk}", title="Vide")
    assert (action.copied_from, action.description) == (None, "")


@pytest.mark.parametrize("query", ["", "priorite=abc", "piste=-1", "modele=999999999999999999999", "action=0"])
def test_a_source_that_does_not_exist_is_a_blank_fiche(officer, plan, query):
    assert begin(officer, plan, query, title="Blanche").title == "Blanche"


def test_the_page_lists_where_to_begin(officer, plan):
    load_reference()
    page = officer.get(reverse("actions:action_begin", args=[plan.ctg.slug])).content.decode()
    assert plan.diagnosis.priorities.get().title in page
    assert "Tenir un outil partagé" in page


def test_the_reference_loads_twice_without_change():
    load_reference()
    first = list(ModelAction.objects.values()), list(Criterion.objects.values())
    load_reference()
    assert (list(ModelAction.objects.values()), list(Criterion.objects.values())) == first
    assert ModelAction.objects.count() >= 15


def test_an_action_of_another_ctg_is_found_by_its_words(officer, plan):
    add_action(plan, title="Carte des besoins")
    page = officer.get(reverse("actions:action_begin", args=[plan.ctg.slug]) + "?q=carte").content.decode()
    assert "Aucune action ouverte" in page  # those of this Ctg are not « another »
