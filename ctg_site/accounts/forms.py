from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.forms import PasswordResetForm as DjangoPasswordResetForm
from django.core.cache import cache
from django.forms import EmailInput

from ctg_site.accounts.tasks import send_password_reset

AGAIN_AFTER = 300  # seconds


class LoginForm(AuthenticationForm):
    """The address may be typed with capitals or spaces around."""

    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": "Cette adresse et ce mot de passe ne vont pas ensemble. Vérifiez les majuscules du mot de passe.",
        "inactive": "Ce compte est désactivé.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Adresse électronique"
        self.fields["username"].widget = EmailInput(attrs={"autocomplete": "username", "autofocus": True})

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()


class PasswordResetForm(DjangoPasswordResetForm):
    """The mail leaves from the worker: the answer takes as long whether the address is known or not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "Adresse électronique"

    def save(self, *args: Any, **options: Any) -> None:
        """Not twice within some minutes: anyone may ask, and the mail goes to somebody else."""
        for user in self.get_users(self.cleaned_data["email"]):
            if cache.add(f"password_reset:{user.pk}", True, AGAIN_AFTER):
                send_password_reset.enqueue(user.pk)
