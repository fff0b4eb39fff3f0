"""Gathering the contributions of a Ctg: the dates of its groups, who was asked, has read, has answered."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from ctg_site.accounts.requests import Request
from ctg_site.drafts.pages import with_draft
from ctg_site.lib.dates import today
from ctg_site.lib.http import done, saved
from diagnostic import services
from diagnostic.contribution_forms import GuestsForm, ScheduleForm
from diagnostic.models import Guest, ThematicGroup
from diagnostic.views.access import diagnosis_inside
from territory.models import Ctg
from territory.perms import can_steer, require
from territory.portraits import Stat

STEERERS_ONLY = "Le recueil des contributions est mené par la Caf et la personne chargée de coopération."


def campaign(request: Request, slug: str) -> HttpResponse:
    ctg, on = _ctg_to_steer(request, slug), today()
    guests = list(ctg.guests.select_related("organisation").prefetch_related("groups").order_by("full_name", "pk"))
    groups = list(ThematicGroup.objects.filter(ctg=ctg).with_counts())
    context = {
        "ctg": ctg,
        "groups": [(group, group.why_closed_on(on)) for group in groups],
        "guests": guests,
        "waited": sum(guest.is_waited_for for guest in guests),
        "silent": [group for group in groups if not group.listens_from(on)],
        "stats": _stats(guests),
    }
    return render(request, "diagnostic/campaign.html", context)


def campaign_dates(request: Request, slug: str) -> HttpResponse:
    ctg = _ctg_to_steer(request, slug)
    form = ScheduleForm(request.POST or None, ctg=ctg)
    if request.method == "POST" and saved(
        form, lambda: services.schedule_contributions(**form.cleaned_data, by=request.user)
    ):
        messages.success(request, "Les dates du recueil sont enregistrées.")
        return redirect("diagnostic:campaign", slug)
    return render(request, "diagnostic/campaign_dates.html", {"ctg": ctg, "form": form})


def guests_invite(request: Request, slug: str) -> HttpResponse:
    ctg = _ctg_to_steer(request, slug)
    form = GuestsForm(request.POST or None, ctg=ctg)
    if request.method == "POST" and saved(form, lambda: services.invite_guests(**form.cleaned_data, by=request.user)):
        count = len(form.cleaned_data["guests"])
        messages.success(request, "L’invitation part." if count == 1 else f"{count} invitations partent.")
        return redirect("diagnostic:campaign", slug)
    silent = [group for group in ctg.groups.order_by("position", "pk") if not group.listens_from(today())]
    context = {"ctg": ctg, "form": form, "draft": with_draft(request, form), "silent": silent}
    return render(request, "diagnostic/guests_invite.html", context)


@require_POST
def guests_remind(request: Request, slug: str) -> HttpResponse:
    """Everybody who has not answered, and nobody else."""
    ctg = _ctg_to_steer(request, slug)
    guests = ctg.guests.waited_for().order_by("pk")
    done(
        request,
        lambda: services.remind_guests(guests, by=request.user, on=today()),
        "Un rappel part pour chaque personne qui n’a pas répondu.",
    )
    return redirect("diagnostic:campaign", slug)


@require_POST
def guest_remind(request: Request, slug: str, pk: int) -> HttpResponse:
    guest = _guest(request, slug, pk)
    done(
        request,
        lambda: services.remind_guest(guest, by=request.user, on=today()),
        f"Un rappel part pour {guest.full_name}.",
    )
    return redirect("diagnostic:campaign", slug)


@require_POST
def guest_revoke(request: Request, slug: str, pk: int) -> HttpResponse:
    guest = _guest(request, slug, pk)
    done(
        request,
        lambda: services.revoke_guest(guest, by=request.user),
        f"Le lien de {guest.full_name} n’ouvre plus rien.",
    )
    return redirect("diagnostic:campaign", slug)


def _ctg_to_steer(request: Request, slug: str) -> Ctg:
    ctg = diagnosis_inside(request, slug).ctg
    require(can_steer(request.user, ctg), STEERERS_ONLY)
    return ctg


def _guest(request: Request, slug: str, pk: int) -> Guest:
    return get_object_or_404(Guest, pk=pk, ctg=_ctg_to_steer(request, slug))


def _stats(guests: list[Guest]) -> list[Stat]:
    asked = [guest for guest in guests if not guest.revoked_at]
    read = sum(1 for guest in asked if guest.opened_at or guest.answered_at)
    answered = sum(1 for guest in asked if guest.answered_at)
    return [
        Stat(str(len(asked)), "invités" if len(asked) > 1 else "invité"),
        Stat(str(read), "ont ouvert leur lien" if read > 1 else "a ouvert son lien"),
        Stat(str(answered), "ont répondu" if answered > 1 else "a répondu"),
    ]
