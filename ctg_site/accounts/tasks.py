from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django_tasks import task

from ctg_site.accounts.models import User


@task()
def send_password_reset(user_id: int) -> None:
    """The address of the site comes from the settings, never from the request that asked for the mail."""
    user = User.objects.get(pk=user_id)
    uid, token = urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)
    url = settings.SITE_URL + reverse("accounts:password_reset_confirm", args=[uid, token])
    context = {"user": user, "url": url, "days": settings.PASSWORD_RESET_TIMEOUT // 86400}
    mail = EmailMultiAlternatives(
        "Votre mot de passe", render_to_string("accounts/emails/password_reset.txt", context), to=[user.email]
    )
    mail.attach_alternative(render_to_string("accounts/emails/password_reset.html", context), "text/html")
    mail.send()
