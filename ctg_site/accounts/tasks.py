from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from ctg_site.accounts.models import User
from ctg_site.lib.letters import letter, send_letter


@letter
def send_password_reset(user_id: int) -> None:
    """The address of the site comes from the settings, never from the request that asked for the mail."""
    user = User.objects.get(pk=user_id)
    uid, token = urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)
    url = settings.SITE_URL + reverse("accounts:password_reset_confirm", args=[uid, token])
    context = {"user": user, "url": url, "days": settings.PASSWORD_RESET_TIMEOUT // 86400}
    send_letter(user.email, "Votre mot de passe", "accounts/emails/password_reset", context)
