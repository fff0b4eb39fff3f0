from typing import Any

from django.core.management.base import BaseCommand

from ctg_site.demonstration.loading import load_demonstration


class Command(BaseCommand):
    help = "Charge les données de référence et la démonstration ; ne change rien si elle est déjà là."

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = load_demonstration()
        self.stdout.write("La démonstration est chargée." if loaded else "La démonstration est déjà là.")
