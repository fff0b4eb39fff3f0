"""The account of whoever is signed in, with the roles that every page asks for."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from ctg_site.accounts.models import User
from ctg_site.lib.database import each_of, with_each
from territory.models import Membership
from territory.perms import know_roles

BACKEND = "territory.accounts.AccountBackend"


class AccountBackend(ModelBackend):
    def get_user(self, user_id: Any) -> User | None:
        """One query for the account and its roles."""
        rows: list[User] = list(with_each(User.objects.filter(pk=user_id), "memberships", Membership))
        if not rows or not self.user_can_authenticate(rows[0]):
            return None
        know_roles(rows[0], each_of(rows, Membership))
        return rows[0]
