from typing import Any

from django.core.management.base import BaseCommand

from territory.loading import load_outlines, load_population, load_reference
from territory.vintages import load_geography


class Command(BaseCommand):
    help = "Charge ou met à jour les données de référence : géographie, populations, contours, catalogues."

    def handle(self, *args: Any, **options: Any) -> None:
        load_reference()
        load_geography()
        load_population()
        load_outlines()
        self.stdout.write("Données de référence à jour.")
