from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from actions import perms, services
from actions.budgets import balances
from actions.forms import BudgetForms, PaymentsForm, stages_for
from actions.models import Action
from actions.views.access import action_inside, action_to_write
from ctg_site.accounts.requests import Request
from ctg_site.drafts.pages import with_draft
from ctg_site.lib.http import saved

PAYERS_ONLY = "Les montants réalisés sont saisis par le pilote de l’action et par les personnes qui rédigent cette Ctg."


def budget(request: Request, slug: str, pk: int) -> HttpResponse:
    """The costs and the funders of an action on one page; « ajouter des lignes » saves and stays."""
    action = action_to_write(request, slug, pk)
    forms = BudgetForms(action, request.POST or None)
    if request.method == "POST" and saved(forms, lambda: _save_budget(action, forms, request)):
        messages.success(request, "Le budget de l’action est enregistré.")
        stay = "more" in request.POST
        return redirect("actions:budget" if stay else "actions:action", slug, pk)
    context = {
        "ctg": action.plan.ctg,
        "action": action,
        "forms": forms,
        "refusals": forms.refusals,
        "stages": stages_for(is_writer=perms.can_edit_plan(request.user, action.plan.ctg)),
        "draft": with_draft(request, *forms.parts()),
        "balances": balances(Action.objects.with_money().get(pk=action.pk)),
    }
    return render(request, "actions/budget.html", context)


def payments(request: Request, slug: str, pk: int) -> HttpResponse:
    """What was really paid, beside what was planned."""
    action = action_inside(request, slug, pk)
    perms.require(perms.can_record_payment(request.user, action), PAYERS_ONLY)
    form = PaymentsForm(
        request.POST or None,
        costs=list(action.costs.all()),
        financings=list(action.financings.select_related("funder")),
    )
    if request.method == "POST" and saved(
        form, lambda: services.record_amounts(action, changes=form.changes(), by=request.user)
    ):
        messages.success(request, "Les montants réalisés sont enregistrés.")
        return redirect("actions:action", slug, pk)
    context = {"ctg": action.plan.ctg, "action": action, "form": form, "draft": with_draft(request, form)}
    return render(request, "actions/payments.html", context)


def _save_budget(action: Action, forms: BudgetForms, request: Request) -> None:
    services.save_budget(action, rows=forms.rows_to_save(), deleted=forms.rows_to_delete(), by=request.user)
