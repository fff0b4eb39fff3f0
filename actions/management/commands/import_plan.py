from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from actions.imports import apply_import, receive_import
from actions.imports.comparing import report_lines
from actions.models import ActionPlan
from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken


class Command(BaseCommand):
    help = "Lit le classeur d’un plan, dit ce qu’il changerait, et l’applique avec --apply."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ctg", help="Adresse courte de la Ctg, par exemple conflent-canigo-2021-2025")
        parser.add_argument("file", type=Path)
        parser.add_argument("--apply", action="store_true", help="Applique ce que l’aperçu annonce")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = ActionPlan.objects.current().for_page().filter(diagnosis__ctg__slug=options["ctg"]).first()
        if plan is None:
            raise CommandError(f"Aucun plan n’est ouvert pour la Ctg « {options['ctg']} ».")
        if not options["file"].is_file():
            raise CommandError(f"Le fichier {options['file']} est introuvable.")
        try:
            sent = receive_import(plan, name=options["file"].name, content=options["file"].read_bytes(), by=None)
            for line in report_lines(sent.report):
                self.stdout.write(line)
            if options["apply"]:
                apply_import(sent, by=None, at=now())
                self.stdout.write("Le classeur est appliqué.")
            else:
                self.stdout.write("Rien n’a été écrit. Ajoutez --apply pour appliquer.")
        except RuleBroken as refusal:
            raise CommandError(" ".join([str(refusal), *refusal.missing])) from refusal
