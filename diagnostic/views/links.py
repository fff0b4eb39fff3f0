"""The pages that the link of a partner opens, without account: say something, then see what became of it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from ctg_site.drafts.pages import with_draft
from ctg_site.lib.dates import today
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.http import saved
from diagnostic import services
from diagnostic.contribution_forms import LinkForm
from diagnostic.links import guest_from_token
from diagnostic.models import Contribution, Guest, Scoring, ThematicGroup
from diagnostic.outcomes import outcomes
from diagnostic.services.guests import why_link_closed


@never_cache
@login_not_required
def contribute_by_link(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    try:
        guest = guest_from_token(token, slug)
    except RuleBroken as refusal:
        return closed(request, str(refusal), status=404)
    if reason := why_link_closed(guest, today()):
        return closed(request, reason)
    services.mark_link_opened(guest)
    groups = list(guest.groups.order_by("position", "pk"))
    instance = Contribution(guest=guest, organisation=guest.organisation)
    form = LinkForm(request.POST or None, request.FILES or None, instance=instance, groups=groups)
    if request.method == "POST" and saved(form, lambda: _send(form, guest)):
        messages.success(request, "Merci : votre contribution est envoyée au groupe.")
        return redirect("diagnostic:contributions_by_link", slug, token)
    context = {
        "guest": guest,
        "ctg": guest.ctg,
        "token": token,
        "form": form,
        "draft": with_draft(request, form, link=f"guest:{guest.pk}", name="contribution"),
        "groups": [(group, group.why_closed_on(today())) for group in groups],
        "scorings": Scoring.objects.asking(groups, today()),
        "why_closed": _why_all_closed(groups),
    }
    return render(request, "diagnostic/contribute_by_link.html", context)


@never_cache
@login_not_required
def contributions_by_link(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """« Ce qu’est devenue ma contribution »: open long after the groups have closed."""
    try:
        guest = guest_from_token(token, slug)
    except RuleBroken as refusal:
        return closed(request, str(refusal), status=404)
    if reason := why_link_closed(guest, today()):
        return closed(request, reason)
    context = {"guest": guest, "ctg": guest.ctg, "token": token, "outcomes": outcomes(guest.contributions.all())}
    return render(request, "diagnostic/contributions_by_link.html", context)


def _send(form: LinkForm, guest: Guest) -> None:
    services.contribute(form.cleaned_data["group"], guest=guest, **form.spoken, on=today())


def _why_all_closed(groups: list[ThematicGroup]) -> str:
    """Empty as soon as one of the groups listens."""
    reasons = [group.why_closed_on(today()) for group in groups]
    return reasons[0] if all(reasons) else ""


def closed(request: HttpRequest, reason: str, status: int = 200) -> HttpResponse:
    """What was written on a page opened before is given back, to be copied."""
    context = {"reason": reason, "written": request.POST.get("text", "")}
    return render(request, "diagnostic/link_closed.html", context, status=status)
