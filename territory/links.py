"""The link of somebody invited: signed, never stored; what it opens is decided by the invitation, on the day it is used."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from ctg_site.lib.errors import RuleBroken
from territory.models import Invitation, PersonalLink

UNKNOWN = "Ce lien n’est pas reconnu. Copiez-le en entier depuis le message reçu, ou demandez une nouvelle invitation."


def _signer(model: type[PersonalLink]) -> Signer:
    """The link of one kind of invitation is never read as another's."""
    return Signer(salt=model._meta.label_lower)


def signed_token(link: PersonalLink) -> str:
    return _signer(type(link)).sign(str(link.pk))


def read_token(model: type[PersonalLink], token: str) -> int:
    """The number of the invitation that this link names; a forged or truncated one is refused with a sentence."""
    try:
        return int(_signer(model).unsign(token))
    except (BadSignature, ValueError) as error:
        raise RuleBroken(UNKNOWN) from error


def invitation_token(invitation: Invitation) -> str:
    return signed_token(invitation)


def invitation_url(invitation: Invitation) -> str:
    return settings.SITE_URL + reverse("invitations:invitation", args=[invitation_token(invitation)])


def invitation_from_token(token: str) -> Invitation:
    rows = Invitation.objects.select_related("ctg__caf", "organisation", "invited_by", "user")
    found = rows.filter(pk=read_token(Invitation, token)).first()
    if found is None:
        raise RuleBroken(UNKNOWN)
    return found
