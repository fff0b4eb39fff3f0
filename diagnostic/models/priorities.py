import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from diagnostic.models.diagnosis import Diagnosis, DiagnosisPart
from diagnostic.models.findings import Finding
from territory.models import Ctg


class PriorityQuerySet(models.QuerySet["Priority"]):
    def visible_to(self, user) -> Self:
        return self.filter(diagnosis__ctg__in=Ctg.objects.visible_to(user))

    def open_to(self, user) -> Self:
        """Their own Ctgs'; for everyone else, what a published diagnosis says."""
        mine = Q(diagnosis__ctg__in=Ctg.objects.visible_to(user))
        return self.filter(mine | Q(diagnosis__published_at__isnull=False))

    def for_page(self) -> Self:
        """With what the header of every page of a Ctg reads."""
        pages = ["diagnosis__ctg__caf__territory", "diagnosis__ctg__territory__parent"]
        return self.select_related(*pages, "diagnosis__next").prefetch_related("diagnosis__ctg__facts")


class Priority(DiagnosisPart):
    """A priority (enjeu) that the territory draws from its findings."""

    diagnosis = models.ForeignKey(
        Diagnosis, verbose_name="diagnostic", on_delete=models.CASCADE, related_name="priorities"
    )
    key = models.UUIDField("identifiant", default=uuid.uuid4, editable=False)
    title = models.CharField("priorité", max_length=200)
    text = models.TextField("pourquoi", blank=True, max_length=5000)
    reason = models.TextField(
        "mot du comité",
        blank=True,
        max_length=2000,
        help_text="Pourquoi le comité la retient à ce rang, surtout s’il s’écarte de la notation des groupes.",
    )
    findings = models.ManyToManyField(Finding, verbose_name="constats", blank=True, related_name="priorities")
    position = models.PositiveSmallIntegerField("rang", default=0)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = PriorityQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[findings])

    class Meta:
        verbose_name = "priorité"
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["diagnosis", "key"], name="priority_unique_key")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("diagnostic:priority", args=[self.diagnosis.ctg.slug, self.pk])
