from django.core.handlers.wsgi import WSGIRequest

from ctg_site.accounts.models import User


class Request(WSGIRequest):
    """A request whose ``user`` has an account: the login middleware lets nobody else in, and on a public page
    every question about a visitor's rights starts with ``is_authenticated``."""

    user: User
