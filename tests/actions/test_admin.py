"""The back office: every model within one's own Caf, saved by the services, read-only once adopted."""

from decimal import Decimal

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import Action, ActionPlan, Cost, Financing, Objective, Target
from ctg_site.audit.models import Entry
from territory.models import Role
from tests.actions.factories import CafFactory, add_action, make_adopted_plan, make_complete_plan, make_ctg, make_user

pytestmark = pytest.mark.django_db

MODELS = [ActionPlan, Objective, Action, Cost, Financing, Target]


def log_in(client, caf, role=Role.CAF_ADVISER):
    user = make_user("conseil", caf=caf, role=role)
    user.is_staff = True
    user.save()
    client.force_login(user)
    return user


def list_url(model):
    return reverse(f"admin:actions_{model._meta.model_name}_changelist")


def change_url(row):
    return reverse(f"admin:actions_{row._meta.model_name}_change", args=[row.pk])


def rows(plan):
    action = plan.actions.first()
    return [
        plan,
        plan.objectives.first(),
        action,
        action.costs.first(),
        action.financings.first(),
        action.targets.first(),
    ]


@pytest.mark.parametrize("model", MODELS)
def test_every_model_can_be_searched_and_filtered(model):
    options = admin.site._registry[model]
    assert options.search_fields
    assert options.list_filter
    assert options.list_select_related


def test_a_row_of_ones_own_caf_opens_and_another_does_not(client):
    mine, other = make_complete_plan(), make_complete_plan()
    log_in(client, mine.ctg.caf)
    for row, stranger in zip(rows(mine), rows(other), strict=True):
        assert client.get(change_url(row)).status_code == 200, row
        assert client.get(change_url(stranger)).status_code == 302, stranger
        assert client.get(reverse(f"admin:actions_{row._meta.model_name}_history", args=[row.pk])).status_code == 200, (
            row
        )


@pytest.mark.once
def test_a_list_takes_as_many_queries_whatever_its_length(client):
    plan = make_complete_plan()
    log_in(client, plan.ctg.caf)
    counts = []
    for _ in range(2):
        for _ in range(5):
            add_action(plan, complete=True)
        make_complete_plan(ctg=make_ctg(plan.ctg.caf))
        counts.append({model.__name__: queries_of(client, model) for model in MODELS})
    assert counts[0] == counts[1]


def queries_of(client, model) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(list_url(model), {"q": "a"}).status_code == 200
    return len(captured)


def form_data(response):
    """What the page would send back, untouched."""
    form = response.context["adminform"].form
    data = {form.add_prefix(name): field.value() or "" for name, field in ((name, form[name]) for name in form.fields)}
    for wrapper in response.context["inline_admin_formsets"]:
        formset = wrapper.formset
        if not wrapper.has_change_permission:
            data |= {f"{formset.prefix}-TOTAL_FORMS": 0, f"{formset.prefix}-INITIAL_FORMS": 0}
            continue
        data |= {
            f"{formset.prefix}-TOTAL_FORMS": formset.total_form_count(),
            f"{formset.prefix}-INITIAL_FORMS": formset.initial_form_count(),
        }
        for inline in formset.forms:
            data |= {
                inline.add_prefix(name): "" if inline[name].value() is None else inline[name].value()
                for name in inline.fields
            }
    return data


def test_an_action_and_its_lines_are_saved_by_the_services(client):
    plan = make_complete_plan()
    action = plan.actions.get()
    user = log_in(client, plan.ctg.caf)
    data = form_data(client.get(change_url(action))) | {"title": "Mieux dit", "costs-0-amount": "13000.00"}
    assert client.post(change_url(action), data).status_code == 302
    action.refresh_from_db()
    assert (action.title, action.costs.get().amount) == ("Mieux dit", Decimal("13000.00"))
    assert set(Entry.objects.filter(actor=user).values_list("verb", flat=True)) == {"action.changed", "action.cost"}


def test_a_refusal_of_the_services_comes_back_in_the_form(client):
    plan = make_complete_plan()
    action = plan.actions.get()
    log_in(client, plan.ctg.caf)
    data = form_data(client.get(change_url(action))) | {"title": "Mieux dit", "costs-0-year": "2031"}
    response = client.post(change_url(action), data)
    assert response.status_code == 200
    page = response.content.decode()
    assert "L’année doit être dans la période de la Ctg" in page
    assert "Mieux dit" in page
    action.refresh_from_db()
    assert action.title == "Outil de suivi de l’offre et de la demande"


def test_a_row_leaves_by_the_services(client):
    plan = make_complete_plan()
    target = plan.actions.get().targets.get()
    log_in(client, plan.ctg.caf)
    client.post(reverse("admin:actions_target_delete", args=[target.pk]), {"post": "yes"})
    assert not Target.objects.filter(pk=target.pk).exists()
    assert Entry.objects.filter(verb="target.deleted").exists()


def test_an_adopted_plan_is_read_only(client):
    plan = make_adopted_plan()
    log_in(client, plan.ctg.caf)
    for row in rows(plan):
        page = client.get(change_url(row))
        assert page.status_code == 200
        assert not page.context["adminform"].form.fields, row
        if row != plan:
            assert client.post(change_url(row), {"title": "Volé"}).status_code == 403, row
            assert (
                client.post(
                    reverse(f"admin:actions_{row._meta.model_name}_delete", args=[row.pk]), {"post": "yes"}
                ).status_code
                == 403
            )


def test_a_reader_of_the_caf_reads(client):
    plan = make_complete_plan()
    log_in(client, plan.ctg.caf, Role.CAF_READER)
    for row in rows(plan):
        assert client.get(change_url(row)).status_code == 200, row
        assert client.post(change_url(row), {"title": "Volé"}).status_code == 403, row


def run(client, model, action, row):
    return client.post(list_url(model), {"action": action, "_selected_action": [row.pk]}, follow=True)


def test_a_plan_is_published_from_the_list_once_adopted(client):
    draft, adopted = make_complete_plan(), None
    adopted = make_adopted_plan(ctg=make_ctg(draft.ctg.caf))
    log_in(client, draft.ctg.caf)
    assert "une fois adopté" in run(client, ActionPlan, "publish", draft).content.decode()
    run(client, ActionPlan, "publish", adopted)
    adopted.refresh_from_db()
    assert adopted.published_at
    run(client, ActionPlan, "unpublish", adopted)
    adopted.refresh_from_db()
    assert adopted.published_at is None


def test_an_action_is_retained_from_the_list(client):
    plan = make_complete_plan()
    action = add_action(plan, verdict="pending")
    log_in(client, plan.ctg.caf)
    run(client, Action, "retain", action)
    action.refresh_from_db()
    assert action.is_retained


def test_another_caf_sees_an_empty_list(client):
    make_complete_plan()
    log_in(client, CafFactory(), Role.CAF_MANAGER)
    for model in MODELS:
        assert client.get(list_url(model)).context["cl"].result_count == 0
