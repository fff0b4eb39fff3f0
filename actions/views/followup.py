"""The steps of an action, done or late, and the word sent to those who are late."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from actions import perms, services
from actions.forms import StepsDoneForm
from actions.views.access import LEADS_ONLY, action_inside, plan_inside
from ctg_site.accounts.requests import Request
from ctg_site.lib.dates import today
from ctg_site.lib.http import saved

STEERERS_ONLY = "Les relances partent de la Caf ou de la personne chargée de la coopération."


def steps_done(request: Request, slug: str, pk: int) -> HttpResponse:
    action = action_inside(request, slug, pk)
    perms.require(perms.can_write_action(request.user, action), LEADS_ONLY)
    form = StepsDoneForm(request.POST or None, steps=list(action.steps.all()))
    if request.method == "POST" and saved(
        form, lambda: services.record_steps(action, done=form.changes(), by=request.user, on=today())
    ):
        messages.success(request, "Les étapes faites sont enregistrées.")
        return redirect("actions:action", slug, pk)
    return render(request, "actions/steps_done.html", {"ctg": action.plan.ctg, "action": action, "form": form})


@require_POST
def plan_remind(request: Request, slug: str) -> HttpResponse:
    plan = plan_inside(request, slug)
    perms.require(perms.can_publish_plan(request.user, plan.ctg), STEERERS_ONLY)
    count = services.remind_late_leads(by=request.user, on=today(), ctg=plan.ctg)
    if count:
        messages.success(request, f"Relances envoyées : {count}.")
    else:
        messages.info(request, "Personne à relancer : aucun retard, ou la relance a moins d’une semaine.")
    return redirect("actions:plan", slug)
