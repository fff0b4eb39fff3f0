"""Step 4: out of the draft, before the technical committee, and what it says."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from actions import perms, services
from actions.forms import VerdictForm
from actions.levers import lever_lines
from actions.models import Action
from actions.views.access import action_inside, action_to_edit, action_to_write, refuse_frozen
from ctg_site.accounts.requests import Request
from ctg_site.drafts.pages import with_draft
from ctg_site.lib.dates import today
from ctg_site.lib.http import done, saved

STEERERS_ONLY = "L’avis de faisabilité est saisi par la Caf ou par la personne chargée de la coopération."


def action_support(request: Request, slug: str, pk: int) -> HttpResponse:
    """What stands behind the fiche, for those inside: the opinions, what is given in kind, what the Caf could bring."""
    action = action_inside(request, slug, pk)
    context = {
        "ctg": action.plan.ctg,
        "action": action,
        "marks": action.marks.select_related("criterion"),
        "opinions": action.opinions.order_by("-given_on", "-pk"),
        "in_kind": action.in_kind.select_related("giver"),
        "levers": lever_lines(action, action.levers.select_related("scheme")),
    }
    return render(request, "actions/action_support.html", context)


@require_POST
def action_submit(request: Request, slug: str, pk: int) -> HttpResponse:
    action = action_to_write(request, slug, pk)
    done(request, lambda: services.submit_action(action, by=request.user), "La fiche est proposée à l’étude.")
    return redirect("actions:action", slug, pk)


@require_POST
def action_return(request: Request, slug: str, pk: int) -> HttpResponse:
    action = action_to_edit(request, slug, pk)
    done(request, lambda: services.return_to_draft(action, by=request.user), "La fiche est de nouveau un brouillon.")
    return redirect("actions:action", slug, pk)


def action_verdict(request: Request, slug: str, pk: int) -> HttpResponse:
    action = action_inside(request, slug, pk)
    perms.require(perms.can_give_verdict(request.user, action.plan.ctg), STEERERS_ONLY)
    refuse_frozen(action.plan)
    form = VerdictForm(request.POST or None, action=action, initial={"given_on": today()})
    if request.method == "POST" and saved(form, lambda: _give_verdict(action, form, request)):
        messages.success(request, "L’avis est enregistré.")
        return redirect("actions:action", slug, pk)
    context = {"ctg": action.plan.ctg, "action": action, "form": form, "draft": with_draft(request, form)}
    return render(request, "actions/action_verdict.html", context)


def _give_verdict(action: Action, form: VerdictForm, request: Request) -> None:
    data = form.cleaned_data
    services.give_verdict(
        action,
        verdict=data["verdict"],
        reason=data["verdict_reason"],
        text=data["text"],
        committee=data["committee"],
        marks=form.answered(),
        by=request.user,
        on=data["given_on"],
    )
