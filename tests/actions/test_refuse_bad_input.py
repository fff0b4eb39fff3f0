"""The bad input that the plan must refuse, tried by each door: the pages, the back office, the workbook. Nothing is half-written."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from actions.models import Action, Cost, Financing, PlanImport, Target
from ctg_site.accounts.models import User
from ctg_site.lib import typed_cells
from tests.actions.factories import add_financing, funder, make_complete_plan
from tests.actions.workbooks import edited, exported, put, read_here

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    return make_complete_plan()


@pytest.fixture
def operator(plan, as_someone):
    client = as_someone("superuser", plan)
    User.objects.filter(is_superuser=True).update(is_staff=True)
    return client


@pytest.fixture
def action(plan):
    return plan.actions.get()


def shown(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode().replace("&#x27;", "’").replace("\u00a0", " ")


def rows(prefix, count, initial, **fields):
    management = {"TOTAL_FORMS": count, "INITIAL_FORMS": initial, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    return {f"{prefix}-{name}": value for name, value in {**management, **fields}.items()}


def on_the_budget_page(client, action, *, cost=(), financing=()):
    data = rows("costs", 1 if cost else 0, 0, **{f"0-{name}": value for name, value in dict(cost).items()})
    data |= rows(
        "financings", 1 if financing else 0, 0, **{f"0-{name}": value for name, value in dict(financing).items()}
    )
    return shown(client.post(reverse("actions:budget", args=[action.plan.ctg.slug, action.pk]), data))


def in_the_back_office(client, row, **changes):
    """The whole row as its form holds it, with these changes."""
    url = reverse(f"admin:actions_{row._meta.model_name}_change", args=[row.pk])
    form = client.get(url).context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    data |= {name: "" for name, value in data.items() if value is None}
    for formset in client.get(url).context["inline_admin_formsets"]:
        data |= {
            f"{formset.formset.prefix}-{name}": count
            for name, count in (("TOTAL_FORMS", 0), ("INITIAL_FORMS", 0), ("MIN_NUM_FORMS", 0), ("MAX_NUM_FORMS", 0))
        }
    return shown(client.post(url, {**data, **changes}))


COST = {"year": "2024", "nature": "running", "label": "Poste"}
AMOUNTS = ["12.000,00", "12 000 euros environ", "douze mille", "1,234"]


@pytest.mark.parametrize("typed", AMOUNTS)
def test_an_amount_that_can_be_read_two_ways(operator, action, typed):
    page = on_the_budget_page(operator, action, cost={**COST, "amount": typed})
    assert "invalid-feedback" in page
    assert typed in page
    cost = Cost.objects.get()
    assert "errorlist" in in_the_back_office(operator, cost, amount=typed)
    cost.refresh_from_db()
    assert cost.amount == Decimal(12000)


@pytest.mark.parametrize("door", ["page", "back office"])
def test_a_date_outside_the_ctg(operator, action, door):
    if door == "page":
        url = reverse("actions:action_step", args=[action.plan.ctg.slug, action.pk, "calendrier"])
        page = shown(operator.post(url, {"starts_on": "2019-01-01", "ends_on": "2026-12-31", **rows("steps", 0, 0)}))
    else:
        page = in_the_back_office(operator, action, starts_on="2019-01-01")
    assert "période de la Ctg" in page
    assert "01/01/2023" in page
    assert Action.objects.get().starts_on == action.plan.ctg.starts_on


def test_an_action_on_a_branch(operator, action):
    url = reverse("actions:action_step", args=[action.plan.ctg.slug, action.pk, "essentiel"])
    axis = action.objective.parent
    page = shown(operator.post(url, {"objective": axis.pk, "code": action.code, "title": action.title}))
    assert "invalid-feedback" in page
    url = reverse("admin:actions_action_change", args=[action.pk])
    assert 'name="objective"' not in shown(operator.get(url))  # not even offered there
    assert Action.objects.get().objective == action.objective


@pytest.mark.parametrize("door", ["page", "back office"])
def test_a_funder_twice_in_a_year(operator, action, door):
    if door == "page":
        line = {"year": "2023", "nature": "running", "funder": funder(action.plan).pk, "planned": "10"}
        page = on_the_budget_page(operator, action, financing=line)
        assert "Ce financeur a déjà une ligne" in page
    else:
        other = add_financing(action, "10", year=2024)
        page = in_the_back_office(operator, other, year="2023")
        assert "Ce financeur a déjà une ligne" in page
    assert Financing.objects.filter(year=2023).count() == 1


@pytest.mark.parametrize("door", ["page", "back office"])
def test_a_target_equal_to_its_baseline(operator, action, door):
    target = action.targets.get()
    if door == "page":
        url = reverse("actions:target_edit", args=[action.plan.ctg.slug, target.pk])
        kept = {name: getattr(target, name) for name in ("label", "kind", "level", "frequency", "unit", "direction")}
        page = shown(operator.post(url, {**kept, "source": target.source, "baseline": "10", "goal": "10"}))
        assert "La cible est égale à la valeur de départ" in page
    else:
        page = in_the_back_office(operator, target, goal="10")
        assert "La cible doit s’écarter de la valeur de départ" in page
    assert Target.objects.get().goal == Decimal(40)


@pytest.mark.parametrize("door", ["page", "back office"])
@pytest.mark.parametrize("fault", ["an edited identifier", "another Ctg"])
def test_a_workbook_that_is_not_the_one_of_this_plan(operator, plan, door, fault, monkeypatch):
    monkeypatch.setattr(typed_cells, "read_book", read_here)
    if fault == "another Ctg":
        content, sentence = exported(make_complete_plan()), "Ce classeur vient d’un autre plan."
    else:
        content = edited(exported(plan), lambda book: put(book, "Actions", "Identifiant", "A1-000000"))
        sentence = "Cet identifiant a été modifié"
    file = SimpleUploadedFile("plan.xlsx", content)
    if door == "page":
        operator.post(reverse("actions:plan_workbook", args=[plan.ctg.slug]), {"file": file})
        page = shown(operator.get(reverse("actions:plan_import", args=[plan.ctg.slug, PlanImport.objects.get().pk])))
    else:
        operator.post(reverse("admin:actions_planimport_add"), {"plan": plan.pk, "file": file})
        received = PlanImport.objects.get()
        page = shown(operator.get(reverse("admin:actions_planimport_change", args=[received.pk])))
        chosen = {"action": "apply", "_selected_action": [received.pk]}
        answer = operator.post(reverse("admin:actions_planimport_changelist"), chosen, follow=True)
        assert "Corrigez d’abord les cellules refusées" in shown(answer)
    assert sentence in page
    assert PlanImport.objects.get().applied_at is None
