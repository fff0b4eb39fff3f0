from typing import Any

from django.core.management.base import BaseCommand

from actions.services import remind_late_leads
from ctg_site.lib.dates import today


class Command(BaseCommand):
    help = "Écrit aux pilotes dont une étape est en retard, et à eux seuls ; à lancer chaque jour."

    def handle(self, *args: Any, **options: Any) -> None:
        count = remind_late_leads(by=None, on=today())
        self.stdout.write(f"Relances envoyées : {count}.")
