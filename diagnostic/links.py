"""The address by which a partner contributes without an account."""

from django.conf import settings
from django.urls import reverse

from ctg_site.lib.errors import RuleBroken
from diagnostic.models import Guest, ThematicGroup
from territory.links import UNKNOWN, read_token, signed_token

ELSEWHERE = "Ce lien est celui d’une autre Ctg. Copiez-le en entier depuis le message reçu."


def guest_url(guest: Guest) -> str:
    path = reverse("diagnostic:contribute_by_link", args=[guest.ctg.slug, signed_token(guest)])
    return settings.SITE_URL + path


def ballot_url(guest: Guest, group: ThematicGroup) -> str:
    path = reverse("diagnostic:ballot_by_link", args=[guest.ctg.slug, signed_token(guest), group.pk])
    return settings.SITE_URL + path


def guest_from_token(token: str, slug: str) -> Guest:
    """Who this link names, for this Ctg only."""
    rows = Guest.objects.select_related("ctg__caf", "organisation", "invited_by")
    guest = rows.filter(pk=read_token(Guest, token)).first()
    if guest is None:
        raise RuleBroken(UNKNOWN)
    if guest.ctg.slug != slug:
        raise RuleBroken(ELSEWHERE)
    return guest
