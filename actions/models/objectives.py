import uuid
from typing import Self

from django.db import models
from simple_history.models import HistoricalRecords

from actions.models.plan import ActionPlan, PlanPart
from diagnostic.models import Priority
from territory.models import Ctg


class ObjectiveQuerySet(models.QuerySet["Objective"]):
    def visible_to(self, user) -> Self:
        return self.filter(plan__diagnosis__ctg__in=Ctg.objects.visible_to(user))


class Objective(PlanPart):
    """A node of the tree of the territory project: an axis when it has no parent, an objective below. 2 or 3 levels."""

    plan = models.ForeignKey(ActionPlan, verbose_name="plan", on_delete=models.CASCADE, related_name="objectives")
    key = models.UUIDField("identifiant", default=uuid.uuid4, editable=False)
    parent = models.ForeignKey(
        "self", verbose_name="dans", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    code = models.CharField("numéro", max_length=12)
    title = models.CharField("intitulé", max_length=200)
    text = models.TextField("texte", blank=True, max_length=5000)
    priorities = models.ManyToManyField(Priority, verbose_name="priorités", blank=True, related_name="objectives")
    position = models.PositiveSmallIntegerField("ordre", default=0)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = ObjectiveQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "axe ou objectif"
        verbose_name_plural = "axes et objectifs"
        ordering = ["position", "code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                name="objective_unique_code",
                violation_error_message="Ce numéro est déjà pris dans le plan.",
            ),
            models.UniqueConstraint(fields=["plan", "key"], name="objective_unique_key"),
        ]

    def __str__(self) -> str:
        return f"{self.code}. {self.title}"

    def get_absolute_url(self) -> str:
        return self.plan.get_absolute_url()

    @property
    def level(self) -> int:
        """0 for an axis; read with ``select_related("parent__parent")`` in lists."""
        return 0 if self.parent is None else self.parent.level + 1

    @property
    def axis(self) -> "Objective":
        return self if self.parent is None else self.parent.axis
