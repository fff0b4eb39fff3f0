from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ctg_site.lib.errors import RuleBroken
from territory.imports.geography import read_archive
from territory.vintages import apply_vintage, narrowed, preview_vintage, read_vintage

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Charge la géographie officielle de toute la France, ou de quelques départements ; dit d’abord ce qui change."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, help="Un autre millésime que celui du logiciel : archive .zip")
        parser.add_argument("--scope", default="", help="Départements ou SIREN séparés par des virgules : 66,11")
        parser.add_argument("--preview", action="store_true", help="Dit ce qui changerait, sans rien écrire")

    def handle(self, *args: Any, **options: Any) -> None:
        scope = [code for code in options["scope"].split(",") if code]
        try:
            vintage = self._sent(options["file"], scope) if options["file"] else read_vintage(scope)
        except RuleBroken as refusal:
            raise CommandError(str(refusal)) from refusal
        for title, lines in preview_vintage(vintage).titled:
            self._say(title, lines)
        if options["preview"]:
            self.stdout.write("Rien n’a été écrit.")
            return
        apply_vintage(vintage)
        self.stdout.write("La géographie est à jour.")

    def _sent(self, path: Path, scope: list[str]) -> Any:
        if not path.is_file():
            raise CommandError(f"Le fichier {path} est introuvable.")
        vintage = read_archive(path)
        return narrowed(vintage, set(scope)) if scope else vintage

    def _say(self, title: str, lines: list[str]) -> None:
        self.stdout.write(f"{title} : {len(lines)}")
        for line in lines[:SHOWN]:
            self.stdout.write(f"  {line}")
        if len(lines) > SHOWN:
            self.stdout.write(f"  … et {len(lines) - SHOWN} autres")
