from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from actions.imports import apply_import, explain_heading, known_fields, read_again, receive_import, report_lines
from actions.models import ActionPlan
from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.text import search_key


class Command(BaseCommand):
    help = "Lit le classeur d’un plan, dit ce qu’il changerait, et l’applique avec --apply."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ctg", help="Adresse courte de la Ctg, par exemple conflent-canigo-2021-2025")
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="LEUR INTITULÉ=NOTRE COLONNE",
            help="Dit ce que signifie une colonne d’un autre classeur, et le retient pour la Caf : "
            "« Quoi=Intitulé », ou « Dépenses/Montant=Coût » pour une autre feuille que « Actions »",
        )
        parser.add_argument("--apply", action="store_true", help="Applique ce que l’aperçu annonce")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = ActionPlan.objects.current().for_page().filter(diagnosis__ctg__slug=options["ctg"]).first()
        if plan is None:
            raise CommandError(f"Aucun plan n’est ouvert pour la Ctg « {options['ctg']} ».")
        if not options["file"].is_file():
            raise CommandError(f"Le fichier {options['file']} est introuvable.")
        try:
            sent = receive_import(plan, name=options["file"].name, content=options["file"].read_bytes(), by=None)
            for said in options["column"]:
                self._explain(plan, said)
            for line in report_lines(read_again(sent).report):
                self.stdout.write(line)
            if options["apply"]:
                apply_import(sent, by=None, at=now())
                self.stdout.write("Le classeur est appliqué.")
            else:
                self.stdout.write("Rien n’a été écrit. Ajoutez --apply pour appliquer.")
        except RuleBroken as refusal:
            raise CommandError(" ".join([str(refusal), *refusal.missing])) from refusal

    def _explain(self, plan: ActionPlan, said: str) -> None:
        theirs, _, ours = said.partition("=")
        sheet, _, heading = theirs.rpartition("/")
        columns = {search_key(name): field for field, name in known_fields().get(sheet or "Actions", {}).items()}
        if search_key(ours) not in columns:
            raise CommandError(f"« {ours} » n’est pas une colonne de la feuille « {sheet or 'Actions'} ».")
        explain_heading(
            plan.ctg.caf, sheet=sheet or "Actions", heading=heading, field=columns[search_key(ours)], by=None
        )
