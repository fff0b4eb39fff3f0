from typing import Self

from django.db import models
from simple_history.models import HistoricalRecords

from diagnostic.models.diagnosis import Diagnosis, DiagnosisPart
from diagnostic.models.findings import Finding
from territory.models import Ctg


class PriorityQuerySet(models.QuerySet["Priority"]):
    def visible_to(self, user) -> Self:
        return self.filter(diagnosis__ctg__in=Ctg.objects.visible_to(user))


class Priority(DiagnosisPart):
    """A priority (enjeu) that the territory draws from its findings."""

    diagnosis = models.ForeignKey(
        Diagnosis, verbose_name="diagnostic", on_delete=models.CASCADE, related_name="priorities"
    )
    title = models.CharField("priorité", max_length=200)
    text = models.TextField("pourquoi", blank=True, max_length=5000)
    findings = models.ManyToManyField(Finding, verbose_name="constats", blank=True, related_name="priorities")
    position = models.PositiveSmallIntegerField("rang", default=0)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = PriorityQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "priorité"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title
