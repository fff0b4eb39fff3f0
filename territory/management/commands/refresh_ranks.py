from typing import Any

from django.core.management.base import BaseCommand

from territory.models import Indicator, Rank
from territory.ranking import refresh_ranks


class Command(BaseCommand):
    help = "Recalcule les rangs des intercommunalités et des départements à partir des chiffres présents."

    def handle(self, *args: Any, **options: Any) -> None:
        refresh_ranks(Indicator.objects.values_list("pk", flat=True))
        self.stdout.write(f"{Rank.objects.count()} rangs calculés.")
