from typing import Any

from django.core.management.base import BaseCommand

from ctg_site.demonstration.loading import load_reference_data


class Command(BaseCommand):
    help = (
        "Charge ou met à jour les données de référence : géographie, populations, catalogues, actions types, articles."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        load_reference_data()
        self.stdout.write("Données de référence à jour.")
