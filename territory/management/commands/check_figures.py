from typing import Any

from django.core.management.base import BaseCommand, CommandError

from territory.imports.staging import orphans


class Command(BaseCommand):
    help = "Vérifie que chaque chiffre a son territoire, son indicateur et sa livraison : la base ne le promet pas (docs/decisions.md)."

    def handle(self, *args: Any, **options: Any) -> None:
        if lost := orphans():
            raise CommandError(
                f"{lost} territoires, indicateurs ou livraisons manquent à des chiffres : restaurez-les, ou retirez ces chiffres."
            )
        self.stdout.write("Chaque chiffre a son territoire, son indicateur et sa livraison.")
