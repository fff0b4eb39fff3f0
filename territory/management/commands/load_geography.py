from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from territory.vintages import apply_vintage, preview_vintage, read_vintage

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Charge la géographie officielle de toute la France, ou de quelques départements ; dit d’abord ce qui change."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scope", default="", help="Départements ou SIREN séparés par des virgules : 66,11")
        parser.add_argument("--preview", action="store_true", help="Dit ce qui changerait, sans rien écrire")

    def handle(self, *args: Any, **options: Any) -> None:
        vintage = read_vintage([code for code in options["scope"].split(",") if code])
        preview = preview_vintage(vintage)
        for title, lines in [
            ("Apparaissent", preview.appears),
            ("Disparaissent", preview.disappears),
            ("Changent de nom", preview.renamed),
            ("Changent d’intercommunalité", preview.moves),
            ("Périmètres à revoir", preview.perimeters),
        ]:
            self._say(title, lines)
        if options["preview"]:
            self.stdout.write("Rien n’a été écrit.")
            return
        apply_vintage(vintage)
        self.stdout.write("La géographie est à jour.")

    def _say(self, title: str, lines: list[str]) -> None:
        self.stdout.write(f"{title} : {len(lines)}")
        for line in lines[:SHOWN]:
            self.stdout.write(f"  {line}")
        if len(lines) > SHOWN:
            self.stdout.write(f"  … et {len(lines) - SHOWN} autres")
