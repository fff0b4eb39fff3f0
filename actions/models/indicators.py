import uuid
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from actions.models.action import Action
from actions.models.plan import ActionPart
from ctg_site.lib.conditions import Check
from territory.models import Ctg


class TargetQuerySet(models.QuerySet["Target"]):
    def visible_to(self, user) -> Self:
        return self.filter(action__plan__diagnosis__ctg__in=Ctg.objects.visible_to(user))


class Target(ActionPart):
    """An evaluation indicator of an action: where we start from, where we want to go."""

    class Direction(models.TextChoices):
        HIGHER = "higher", "augmenter"
        LOWER = "lower", "baisser"

    class Kind(models.TextChoices):
        QUANTITATIVE = "quantitative", "Quantitatif"
        QUALITATIVE = "qualitative", "Qualitatif"

    class Level(models.TextChoices):
        MEANS = "means", "Moyens"
        PROCESS = "process", "Processus"
        OUTPUT = "output", "Réalisation"
        RESULT = "result", "Résultat"
        IMPACT = "impact", "Impact"

    class Frequency(models.TextChoices):
        YEARLY = "yearly", "Chaque année"
        HALF_YEARLY = "half_yearly", "Deux fois par an"
        QUARTERLY = "quarterly", "Chaque trimestre"
        ONCE = "once", "Une fois, à la fin"

    action = models.ForeignKey(Action, verbose_name="action", on_delete=models.CASCADE, related_name="targets")
    key = models.UUIDField("identifiant", default=uuid.uuid4, editable=False)
    label = models.CharField("indicateur", max_length=200)
    kind = models.CharField("nature", max_length=12, choices=Kind, default=Kind.QUANTITATIVE)
    scale = models.CharField("échelle", max_length=300, blank=True)
    level = models.CharField("ce qu’il mesure", max_length=8, choices=Level, default=Level.RESULT)
    frequency = models.CharField("fréquence", max_length=12, choices=Frequency, default=Frequency.YEARLY)
    unit = models.CharField("unité", max_length=40)
    direction = models.CharField("sens voulu", max_length=6, choices=Direction, default=Direction.HIGHER)
    baseline = models.DecimalField("valeur de départ", max_digits=12, decimal_places=2, null=True, blank=True)
    baseline_reason = models.CharField("pourquoi pas de valeur de départ", max_length=200, blank=True)
    goal = models.DecimalField("cible", max_digits=12, decimal_places=2)
    source = models.CharField("source", max_length=150)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = TargetQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "indicateur d’évaluation"
        verbose_name_plural = "indicateurs d’évaluation"
        ordering = ["action__code", "pk"]
        constraints = [
            Check(
                name="target_baseline_or_reason",
                condition=Q(baseline__isnull=False) | ~Q(baseline_reason=""),
                violation_error_message="Donnez la valeur de départ, ou dites pourquoi elle n’est pas disponible.",
            ),
            Check(
                name="target_goal_follows_direction",
                condition=Q(baseline=None)
                | Q(direction="higher", goal__gt=F("baseline"))
                | Q(direction="lower", goal__lt=F("baseline")),
                violation_error_message="La cible doit s’écarter de la valeur de départ, dans le sens voulu.",
            ),
            Check(
                name="target_qualitative_has_a_scale",
                condition=~Q(kind="qualitative") | ~Q(scale=""),
                violation_error_message="Dites ce que veut dire chaque niveau de l’échelle, par exemple « 1 absent, 2 en projet, 3 installé ».",
            ),
            models.UniqueConstraint(fields=["action", "key"], name="target_unique_key"),
        ]

    def __str__(self) -> str:
        return self.label

    def attainment(self, value: Decimal | None) -> Decimal | None:
        """Share of the way done, in %, not clamped; None without baseline or when the target is the baseline (R64)."""
        if value is None or self.baseline is None or self.goal == self.baseline:
            return None
        return (value - self.baseline) / (self.goal - self.baseline) * 100
