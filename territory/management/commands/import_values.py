from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken
from territory.imports.filing import answer_questions, apply_file, discard_file, read_file, receive_file, what_blocks
from territory.imports.report import lines_of
from territory.models import Caf, FigureFile, Source


class Command(BaseCommand):
    help = "Lit un fichier de chiffres, dit ce qu’il changerait, et l’applique avec --apply."
    requires_system_checks = ()  # they load every page of the site: as much memory as the import itself

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--caf", help="Code de la Caf à qui sont ces chiffres ; sans lui, données ouvertes")
        parser.add_argument("--source", help="Code de la source, quand le fichier ne la dit pas")
        parser.add_argument("--year", type=int, help="Année, quand le fichier ne la dit pas")
        parser.add_argument(
            "--answer", action="append", default=[], metavar="CLÉ=RÉPONSE", help="Répond à une question de l’aperçu"
        )
        parser.add_argument("--apply", action="store_true", help="Applique ce que l’aperçu annonce")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            file = self._received(options)
            read_file(file)
            self._answer(file, options["answer"])
            self._say(file)
            if options["apply"]:
                apply_file(file, by=None, at=now())
                self.stdout.write(f"Appliqué : {file.report['values']} chiffres.")
            else:
                discard_file(file, by=None)
                self.stdout.write("Rien n’a été écrit. Ajoutez --apply pour appliquer.")
        except RuleBroken as refusal:
            raise CommandError(" ".join([str(refusal), *refusal.missing])) from refusal

    def _answer(self, file: FigureFile, given: list[str]) -> None:
        """An answer may raise other questions, cell by cell: what is not asked yet waits for the next reading."""
        if file.state == FigureFile.State.REFUSED:
            return
        answers = dict(text.rpartition("=")[::2] for text in given)
        while answers:
            asked = {question["key"] for question in file.report.get("questions", [])} & answers.keys()
            if not asked:
                raise RuleBroken(f"Aucune question n’a la clé « {next(iter(answers))} ».")
            read_file(answer_questions(file, {key: answers.pop(key) for key in asked}, by=None))

    def _received(self, options: dict[str, Any]) -> FigureFile:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"Le fichier {path} est introuvable.")
        caf = self._known(Caf, options["caf"], "Caf")
        source = self._known(Source, options["source"], "source")
        with path.open("rb") as content:
            chunks = iter(lambda: content.read(1 << 20), b"")
            return receive_file(path.name, chunks, caf=caf, by=None, year=options["year"], source=source)

    def _known(self, model: Any, code: str | None, name: str) -> Any:
        found = model.objects.filter(code=code).first() if code else None
        if code and found is None:
            raise CommandError(f"Aucune {name} n’a le code « {code} ».")
        return found

    def _say(self, file: FigureFile) -> None:
        if file.state == FigureFile.State.REFUSED:
            raise CommandError(file.refusal)
        for line in lines_of(file):
            self.stdout.write(line)
        for reason in what_blocks(file):
            self.stdout.write(f"À régler : {reason}")
