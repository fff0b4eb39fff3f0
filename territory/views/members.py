"""The team of a Ctg: who has which role, who was invited, read, answered, is late."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from ctg_site.drafts.pages import with_draft
from ctg_site.lib.dates import today
from ctg_site.lib.http import done, saved
from territory import perms, services
from territory.forms import InviteForm
from territory.models import Ctg, Invitation, Membership
from territory.views.fetching import own_ctg

# The word of a state, and the colour of its badge.
STATES = {
    "annulée": "cancelled",
    "acceptée": "done",
    "en retard": "late",
    "lue": "ongoing",
    "envoyée": "planned",
    "à envoyer": "draft",
}


@dataclass(frozen=True)
class Guest:
    invitation: Invitation
    state: str

    @property
    def kind(self) -> str:
        return STATES[self.state]

    @property
    def is_pending(self) -> bool:
        return not (self.invitation.accepted_at or self.invitation.revoked_at)


def members(request: HttpRequest, slug: str) -> HttpResponse:
    ctg, on = _ctg_to_manage(request, slug), today()
    roles = Membership.objects.filter(ctg=ctg) | Membership.objects.filter(caf=ctg.caf)
    invitations = Invitation.objects.filter(ctg=ctg).select_related("organisation").order_by("full_name", "pk")
    context = {
        "ctg": ctg,
        "members": roles.select_related("user", "organisation").order_by("user__full_name", "role", "pk"),
        "guests": [Guest(invitation, invitation.state_on(on)) for invitation in invitations],
    }
    return render(request, "territory/members.html", context)


def invite(request: HttpRequest, slug: str) -> HttpResponse:
    ctg = _ctg_to_manage(request, slug)
    form = InviteForm(request.POST or None, ctg=ctg)
    if request.method == "POST" and saved(form, lambda: form.save_as(request.user, on=today())):
        return redirect("territory:members", slug)
    return render(request, "territory/invite.html", {"ctg": ctg, "form": form, "draft": with_draft(request, form)})


@require_POST
def invitation_remind(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg, invitation = _invitation(request, slug, pk)
    done(
        request,
        lambda: services.remind(invitation, by=request.user, on=today()),
        f"Un rappel part pour {invitation.full_name}.",
    )
    return redirect("territory:members", ctg.slug)


@require_POST
def invitation_revoke(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg, invitation = _invitation(request, slug, pk)
    done(
        request,
        lambda: services.revoke(invitation, by=request.user),
        f"L’invitation de {invitation.full_name} est annulée.",
    )
    return redirect("territory:members", ctg.slug)


@require_POST
def member_withdraw(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Roles given on the Ctg; those of the Caf are withdrawn in the back office."""
    ctg = _ctg_to_manage(request, slug)
    membership = get_object_or_404(Membership.objects.select_related("user", "ctg__caf"), pk=pk, ctg=ctg)
    done(request, lambda: services.withdraw_role(membership, by=request.user), f"{membership.user} n’a plus ce rôle.")
    return redirect("territory:members", slug)


def _ctg_to_manage(request: HttpRequest, slug: str) -> Ctg:
    ctg = own_ctg(request, slug)
    perms.require(
        perms.can_manage_members(request.user, ctg),
        "L’équipe est tenue par la Caf et la personne chargée de coopération.",
    )
    return ctg


def _invitation(request: HttpRequest, slug: str, pk: int) -> tuple[Ctg, Invitation]:
    ctg = _ctg_to_manage(request, slug)
    return ctg, get_object_or_404(Invitation, pk=pk, ctg=ctg)
