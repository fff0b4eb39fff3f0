import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from diagnostic.models.contributions import Contribution
from diagnostic.models.diagnosis import Diagnosis, DiagnosisPart
from diagnostic.models.groups import ThematicGroup
from territory.models import Ctg, Facility, Territory


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user) -> Self:
        return self.filter(diagnosis__ctg__in=Ctg.objects.visible_to(user))

    def open_to(self, user) -> Self:
        """Their own Ctgs'; for everyone else, what a published diagnosis says."""
        mine = Q(diagnosis__ctg__in=Ctg.objects.visible_to(user))
        return self.filter(mine | Q(diagnosis__published_at__isnull=False))

    def for_page(self) -> Self:
        """With what the header of every page of a Ctg and the comparison with the levels above read."""
        pages = ["diagnosis__ctg__caf__territory", "diagnosis__ctg__territory__parent__parent__parent__parent"]
        return self.select_related(*pages, "diagnosis__next").prefetch_related("diagnosis__ctg__facts")

    def to_rank(self) -> Self:
        """What calls for something to be done: a strength is not ranked."""
        return self.exclude(kind=Finding.Kind.STRENGTH)


class Finding(DiagnosisPart):
    """A finding (constat) of a group: strength, weakness, need or opportunity, with the ideas it brings."""

    class Kind(models.TextChoices):
        STRENGTH = "strength", "Force"
        WEAKNESS = "weakness", "Faiblesse"
        NEED = "need", "Besoin"
        OPPORTUNITY = "opportunity", "Opportunité"

    diagnosis = models.ForeignKey(
        Diagnosis, verbose_name="diagnostic", on_delete=models.CASCADE, related_name="findings"
    )
    key = models.UUIDField("identifiant", default=uuid.uuid4, editable=False)
    group = models.ForeignKey(ThematicGroup, verbose_name="groupe", on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField("nature", max_length=11, choices=Kind)
    title = models.CharField("constat", max_length=200)
    text = models.TextField("explication", blank=True, max_length=5000)
    communes = models.ManyToManyField(Territory, verbose_name="communes concernées", blank=True, related_name="+")
    facilities = models.ManyToManyField(
        Facility, verbose_name="équipements concernés", blank=True, related_name="findings"
    )
    contributions = models.ManyToManyField(
        Contribution, verbose_name="contributions", blank=True, related_name="findings"
    )
    position = models.PositiveSmallIntegerField("ordre", default=0)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = FindingQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[communes, facilities, contributions])

    class Meta:
        verbose_name = "constat"
        ordering = ["group__position", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["diagnosis", "key"], name="finding_unique_key")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("diagnostic:finding", args=[self.diagnosis.ctg.slug, self.pk])


class Idea(DiagnosisPart):
    """An idea for improvement (piste d’amélioration) of a group, born of a finding or not."""

    diagnosis = models.ForeignKey(Diagnosis, verbose_name="diagnostic", on_delete=models.CASCADE, related_name="ideas")
    group = models.ForeignKey(ThematicGroup, verbose_name="groupe", on_delete=models.PROTECT, related_name="ideas")
    finding = models.ForeignKey(
        Finding, verbose_name="constat", null=True, blank=True, on_delete=models.SET_NULL, related_name="ideas"
    )
    text = models.CharField("piste", max_length=300)
    position = models.PositiveSmallIntegerField("ordre", default=0)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    class Meta:
        verbose_name = "piste d’amélioration"
        verbose_name_plural = "pistes d’amélioration"
        ordering = ["group__position", "position", "pk"]

    def __str__(self) -> str:
        return self.text
