from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ctg_site.drafts.services import purge_drafts
from ctg_site.lib.dates import now

KEPT_DAYS = 180


class Command(BaseCommand):
    help = "Efface les brouillons que personne n’a repris depuis longtemps ; à lancer chaque nuit."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=KEPT_DAYS, help="jours gardés (180)")

    def handle(self, *args: Any, days: int, **options: Any) -> None:
        if days < 1:
            raise CommandError("Gardez au moins un jour : les brouillons d’aujourd’hui sont en train de s’écrire.")
        count = purge_drafts(before=now() - timedelta(days=days))
        self.stdout.write(f"Brouillons effacés : {count}.")
