"""The link of an invitation: signed, never stored; what it opens is decided by the invitation, on the day it is used."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from ctg_site.lib.errors import RuleBroken
from territory.models import Invitation

UNKNOWN = "Ce lien n’est pas reconnu. Copiez-le en entier depuis le message reçu, ou demandez une nouvelle invitation."


def _signer() -> Signer:
    return Signer(salt="territory.invitation")


def invitation_token(invitation: Invitation) -> str:
    return _signer().sign(str(invitation.pk))


def invitation_url(invitation: Invitation) -> str:
    return settings.SITE_URL + reverse("invitations:invitation", args=[invitation_token(invitation)])


def invitation_from_token(token: str) -> Invitation:
    """The invitation that this link names; a forged or truncated one is refused with a sentence."""
    try:
        pk = int(_signer().unsign(token))
    except (BadSignature, ValueError) as error:
        raise RuleBroken(UNKNOWN) from error
    found = Invitation.objects.select_related("ctg__caf", "organisation", "invited_by", "user").filter(pk=pk).first()
    if found is None:
        raise RuleBroken(UNKNOWN)
    return found
