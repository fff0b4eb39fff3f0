from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from ctg_site.accounts.requests import Request
from ctg_site.lib.dates import today
from ctg_site.lib.http import attached, done
from ctg_site.lib.sheets import CONTENT_TYPE
from territory import perms, services
from territory.asked import ask_to_publish
from territory.exports import portrait_workbook
from territory.views.fetching import open_ctg, own_ctg

Gesture = Callable[..., object]


@require_POST
def portrait_publish(request: Request, slug: str) -> HttpResponse:
    """Judged by the worker: the page it was asked on says when it is done."""
    return _run(request, slug, ask_to_publish, "La publication du portrait est demandée.", page="ctg_follow")


@require_POST
def portrait_unpublish(request: Request, slug: str) -> HttpResponse:
    return _run(request, slug, services.unpublish_portrait, "Le portrait n’est plus public, le calendrier non plus.")


@require_POST
def calendar_publish(request: Request, slug: str) -> HttpResponse:
    return _run(request, slug, services.publish_calendar, "Le calendrier est publié.")


@require_POST
def calendar_unpublish(request: Request, slug: str) -> HttpResponse:
    return _run(request, slug, services.unpublish_calendar, "Le calendrier n’est plus public.")


@login_not_required
def portrait_xlsx(request: Request, slug: str) -> HttpResponse:
    ctg = open_ctg(request, slug)
    return attached(portrait_workbook(ctg, on=today()), CONTENT_TYPE, f"portrait-{ctg.slug}.xlsx")


def _run(request: Request, slug: str, gesture: Gesture, success: str, *, page: str = "ctg") -> HttpResponse:
    ctg, user = own_ctg(request, slug), request.user
    perms.require(perms.can_steer(user, ctg), "Publier revient à la Caf et à la personne chargée de coopération.")
    done(request, lambda: gesture(ctg, by=user), success)
    return redirect(page, slug)
