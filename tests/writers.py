"""A browser on the form of a text that others may write too."""

from typing import Any

from django.test import Client
from django.urls import reverse

from territory.models import Ctg, Role
from tests.territory.factories import make_user


class Writer:
    """``args`` are what follows the Ctg in the address of the page."""

    def __init__(self, name: str, ctg: Ctg, page: str, *args: Any, role: Role = Role.EDITOR) -> None:
        self.client = Client()
        self.client.force_login(make_user(name, role=role, ctg=ctg))
        self.url = reverse(page, args=[ctg.slug, *args])
        self.form = self.client.get(self.url).context["form"]

    def save(self, **typed: Any) -> Any:
        """What the page holds, with what is typed in it; refused, the page that comes back is the one to go on from."""
        values = {name: self.form[name].value() for name in self.form.fields} | typed
        response = self.client.post(self.url, {name: value for name, value in values.items() if value is not None})
        if response.status_code == 200:
            self.form = response.context["form"]
        return response
