from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from ctg_site.accounts.requests import Request
from ctg_site.drafts.pages import with_draft
from ctg_site.lib.dates import today
from ctg_site.lib.http import saved
from diagnostic import perms, services
from diagnostic.forms import ContributionForm
from diagnostic.models import Contribution, ThematicGroup
from diagnostic.views.access import CONTRIBUTORS_ONLY, group_inside
from territory.perms import require


def contribute(request: Request, slug: str, pk: int) -> HttpResponse:
    """A text sent too late is refused, and stays on the page to be copied."""
    group = group_inside(request, slug, pk)
    require(perms.can_contribute(request.user, group), CONTRIBUTORS_ONLY)
    form = ContributionForm(request.POST or None, instance=Contribution(group=group, author=request.user))
    if request.method == "POST" and saved(form, lambda: _send(group, form, request)):
        messages.success(request, "Merci : votre contribution est envoyée au groupe.")
        return redirect("diagnostic:group", slug, pk)
    draft = with_draft(request, form)
    context = {
        "ctg": group.ctg,
        "group": group,
        "form": form,
        "draft": draft,
        "why_closed": group.why_closed_on(today()),
    }
    return render(request, "diagnostic/contribute.html", context)


def _send(group: ThematicGroup, form: ContributionForm, request: Request) -> None:
    data = form.cleaned_data
    services.contribute(
        group,
        author=request.user,
        organisation=data.get("organisation"),
        kind=data["kind"],
        text=data["text"],
        on=today(),
    )
