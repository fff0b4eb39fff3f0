"""The lines of a budget, what was paid, the rows of a fiche: two people who write them lose nothing of one another."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from actions.models import Cost, Financing
from territory.models import Role
from tests.actions.factories import add_action, add_cost, add_financing, make_adopted_plan, make_plan, make_user

pytestmark = pytest.mark.django_db
D = Decimal


class Someone:
    """In front of a page of lines: what it holds, and what they type in it."""

    def __init__(self, name, action, page="budget", *args):
        self.client = Client()
        ctg = action.plan.ctg
        self.client.force_login(make_user(name, ctg=ctg, role=Role.LEAD))
        self.url = reverse(f"actions:{page}", args=[ctg.slug, action.pk, *args])
        self.shows(self.client.get(self.url))

    def shows(self, response):
        context = response.context
        self.page = response.text
        self.held = {}
        for formset in self.formsets(context):
            forms = [formset.management_form, *formset.forms]
            self.held |= {form.add_prefix(name): form[name].value() for form in forms for name in form.fields}
        if "form" in context:
            self.held |= {name: context["form"][name].value() for name in context["form"].fields}
        return response

    @staticmethod
    def formsets(context):
        forms = context.get("forms")
        if forms is None:
            return []
        return [formset for _, formset in forms.sets] if hasattr(forms, "sets") else [forms.costs, forms.financings]

    def saves(self, **typed):
        """True when it is saved; refused, the page that comes back is the one to go on from."""
        data = self.held | {name.replace("__", "-"): value for name, value in typed.items()}
        response = self.client.post(self.url, {name: value for name, value in data.items() if value is not None})
        if response.status_code == 200:
            self.shows(response)
        return response.status_code == 302


@pytest.fixture
def action():
    action = add_action(make_plan())
    add_cost(action, "100", year=2023)
    add_cost(action, "200", year=2024)
    add_financing(action, "100", year=2023)
    return action


@pytest.fixture
def two(action):
    return Someone("Anne Martin", action), Someone("Bruno Petit", action)


def costs(action):
    return list(action.costs.order_by("year").values_list("amount", flat=True))


def test_what_only_the_other_changed_in_a_budget_is_kept(action, two):
    anne, bruno = two
    assert anne.saves(costs__0__amount="150,50")
    assert bruno.saves(costs__1__amount="250")
    assert costs(action) == [D("150.50"), D("250")]


def test_an_amount_that_both_wrote_is_shown_twice_and_asked(action, two):
    anne, bruno = two
    assert anne.saves(costs__0__amount="150,50", costs__0__label="Loyer")
    assert not bruno.saves(costs__0__amount="1 300", costs__1__amount="210")
    assert "Anne Martin a enregistré ce texte" in bruno.page
    assert all(word in bruno.page for word in ("Votre version", "150,50", "1\u202f300,00", "Loyer"))
    assert costs(action) == [D("150.50"), D("200")]
    assert bruno.saves(**{"costs-0-keep_amount": "mine"})
    assert costs(action) == [D("1300"), D("210")]
    assert action.costs.get(year=2023).label == "Loyer"


def test_a_line_that_the_other_removed_stays_so_for_who_did_not_touch_it(action, two):
    anne, bruno = two
    assert anne.saves(costs__0__DELETE="on")
    assert bruno.saves(costs__1__amount="250")
    assert costs(action) == [D("250")]


def test_a_line_that_the_other_removed_is_told_to_who_was_writing_it(action, two):
    anne, bruno = two
    assert anne.saves(costs__0__DELETE="on")
    assert not bruno.saves(costs__0__amount="1300")
    assert "a supprimé cette ligne pendant que vous la modifiiez" in bruno.page
    assert "1300" in bruno.page
    assert not bruno.saves()
    assert bruno.saves(
        costs__0__DELETE="on",
        costs__2__year="2023",
        costs__2__nature="running",
        costs__2__label="Loyer",
        costs__2__amount="1300",
    )
    assert costs(action) == [D("1300"), D("200")]


def test_who_removes_a_line_is_told_what_the_other_wrote_there(action, two):
    anne, bruno = two
    assert anne.saves(costs__0__amount="150,50")
    assert not bruno.saves(costs__0__DELETE="on")
    assert "C’est une ligne que vous supprimez" in bruno.page
    assert "150,50" in bruno.page
    assert costs(action) == [D("150.50"), D("200")]
    assert bruno.saves(costs__0__DELETE="on")
    assert costs(action) == [D("200")]


def test_the_steps_of_a_fiche_are_shared_too():
    action = add_action(make_plan())
    step = action.steps.create(title="Réunir", due_on="2023-05-01")
    anne, bruno = (Someone(name, action, "action_step", "calendrier") for name in ("Anne Martin", "Bruno Petit"))
    for someone in (anne, bruno):
        form = someone.client.get(someone.url).context["forms"].form
        someone.held |= {name: form[name].value() for name in form.fields}
    assert anne.saves(steps__0__title="Réunir les familles")
    assert bruno.saves(steps__0__due_on="2023-06-01")
    step.refresh_from_db()
    assert (step.title, str(step.due_on)) == ("Réunir les familles", "2023-06-01")


def test_what_was_paid_is_not_overwritten():
    action = make_adopted_plan().actions.first()
    financing: Financing = action.financings.order_by("pk").first()
    cost: Cost = action.costs.order_by("pk").first()
    anne, bruno = (Someone(name, action, "payments") for name in ("Anne Martin", "Bruno Petit"))
    paid, committed, spent = f"paid_{financing.pk}", f"committed_{financing.pk}", f"spent_{cost.pk}"
    assert anne.saves(**{paid: "10,50", committed: "20"})
    assert not bruno.saves(**{paid: "1 300", spent: "5"})
    assert "ce montant est maintenant de 10,50" in bruno.page
    assert "1 300" in bruno.page
    financing.refresh_from_db()
    assert (financing.paid, financing.committed) == (D("10.50"), D("20"))
    assert bruno.saves()
    financing.refresh_from_db()
    cost.refresh_from_db()
    assert (financing.paid, financing.committed, cost.spent) == (D("1300"), D("20"), D("5"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["contenu", "calendrier"])
def test_a_step_is_checked_in_the_transaction_that_saves_it(step):
    """Outside a test's own transaction, where PostgreSQL refuses to lock."""
    action = add_action(make_plan())
    someone = Someone("Anne Martin", action, "action_step", step)
    form = someone.client.get(someone.url).context["forms"].form
    someone.held |= {name: form[name].value() for name in form.fields}
    assert someone.saves()


@pytest.mark.django_db(transaction=True)
def test_a_budget_is_checked_in_the_transaction_that_saves_it(action):
    assert Someone("Anne Martin", action).saves(costs__0__amount="12")
