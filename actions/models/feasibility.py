"""Step 4: what an action is judged on, and what the technical committee says of it, opinion after opinion."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from actions.models.action import Action
from actions.models.plan import ActionPart
from ctg_site.lib.conditions import Check


class Criterion(models.Model):
    """Reference data: a question that the technical committee asks of every action."""

    code = models.SlugField("code", max_length=30, unique=True)
    label = models.CharField("critère", max_length=80)
    question = models.CharField("question", max_length=200)
    position = models.PositiveSmallIntegerField("ordre", default=0)

    class Meta:
        verbose_name = "critère de faisabilité"
        verbose_name_plural = "critères de faisabilité"
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.label


class Mark(ActionPart):
    """How an action answers a criterion."""

    class Level(models.TextChoices):
        GOOD = "good", "Oui"
        PARTIAL = "partial", "En partie"
        POOR = "poor", "Non"

    action = models.ForeignKey(Action, verbose_name="action", on_delete=models.CASCADE, related_name="marks")
    criterion = models.ForeignKey(Criterion, verbose_name="critère", on_delete=models.PROTECT, related_name="+")
    level = models.CharField("réponse", max_length=7, choices=Level)
    note = models.CharField("remarque", max_length=300, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "réponse à un critère"
        verbose_name_plural = "réponses aux critères"
        ordering = ["criterion__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "criterion"],
                name="mark_unique",
                violation_error_message="Ce critère a déjà sa réponse.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.criterion} : {self.get_level_display()}"


class Opinion(ActionPart):
    """What the technical committee said one day; the last one gives the action its verdict."""

    action = models.ForeignKey(Action, verbose_name="action", on_delete=models.CASCADE, related_name="opinions")
    given_on = models.DateField("rendu le")
    committee = models.CharField("par", max_length=120, blank=True)
    verdict = models.CharField("verdict", max_length=10, choices=Action.Verdict)
    reason = models.TextField("motif", blank=True, max_length=2000)
    text = models.TextField("avis du comité technique", blank=True, max_length=5000)

    class Meta:
        verbose_name = "avis du comité technique"
        verbose_name_plural = "avis du comité technique"
        ordering = ["given_on", "pk"]
        constraints = [
            Check(
                name="opinion_refusal_has_a_reason",
                condition=Q(verdict__in=["pending", "retained"]) | ~Q(reason=""),
                violation_error_message="Dites pourquoi l’action est écartée, reportée ou à retravailler.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} – {self.given_on:%d/%m/%Y}"
