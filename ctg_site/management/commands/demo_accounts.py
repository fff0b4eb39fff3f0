from typing import Any

from django.core.management.base import BaseCommand

from ctg_site.demonstration.cast import PASSWORD
from ctg_site.demonstration.loading import read_journeys
from territory.models import Role


class Command(BaseCommand):
    help = "Affiche un compte de démonstration par rôle."

    def handle(self, *args: Any, **options: Any) -> None:
        data = read_journeys()
        shown: dict[str, str] = {}
        for account in data["accounts"]:
            for role in account["roles"]:
                shown.setdefault(role["role"], account["email"])
        width = max(len(Role(role).label) for role in shown)
        self.stdout.write(f"Mot de passe de tous les comptes : {PASSWORD}")
        for role, email in shown.items():
            self.stdout.write(f"  {Role(role).label:<{width}}  {email}")
