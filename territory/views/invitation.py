"""The page that the link of an invitation opens: no account is needed to read it."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from ctg_site.accounts.models import User
from ctg_site.accounts.requests import Request
from ctg_site.lib.dates import today
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.http import done, saved
from territory import services
from territory.accounts import BACKEND
from territory.forms import AcceptForm
from territory.models import Invitation
from territory.services.invitations import why_closed


@never_cache
@login_not_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    try:
        found = services.invitation_from_token(token)
    except RuleBroken as refusal:
        return render(request, "territory/invitation_closed.html", {"reason": str(refusal)}, status=404)
    if reason := why_closed(found, today()):
        return render(request, "territory/invitation_closed.html", {"reason": reason})
    if request.user.is_authenticated:
        return _with_account(request, found)
    return _without_account(request, found, token)


def _with_account(request: Request, found: Invitation) -> HttpResponse:
    user = request.user
    if user.email != found.email:
        return _page(request, found, is_other=True)
    services.mark_opened(found)
    if request.method == "POST":
        accepted = done(request, lambda: services.accept_invitation(found, user=user, on=today()), _welcome(found))
        return redirect("ctg", found.ctg.slug) if accepted else redirect(request.path)
    return _page(request, found)


def _without_account(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    services.mark_opened(found)
    if User.objects.filter(email=found.email).exists():
        return _page(request, found, has_account=True, here=request.path)
    form = AcceptForm(request.POST or None, initial={"full_name": found.full_name})
    answer = {}

    def accept() -> None:
        answer["user"] = services.accept_invitation(found, **form.cleaned_data, on=today())

    if request.method == "POST" and saved(form, accept):
        login(request, answer["user"], backend=BACKEND)
        messages.success(request, _welcome(found))
        return redirect("ctg", found.ctg.slug)
    return _page(request, found, form=form)


def _page(request: HttpRequest, found: Invitation, **more: object) -> HttpResponse:
    context = {"invitation": found, "ctg": found.ctg, "late": found.state_on(today()) == "en retard", **more}
    return render(request, "territory/invitation.html", context)


def _welcome(found: Invitation) -> str:
    return f"Bienvenue dans la Ctg {found.ctg} : votre réponse est enregistrée."
