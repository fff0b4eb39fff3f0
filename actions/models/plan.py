from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from actions import missing
from ctg_site.lib.conditions import Check
from ctg_site.lib.errors import RuleBroken
from diagnostic.models import Diagnosis
from territory.models import Ctg

FROZEN = "Le plan est adopté : il ne se modifie plus. Seuls les montants réalisés s’enregistrent encore."


def _chain(earlier: str, later: str) -> Q:
    """A closure needs the one before it, no later than itself."""
    return Q(**{later: None}) | (Q(**{f"{earlier}__isnull": False}) & Q(**{f"{later}__gte": F(earlier)}))


class ActionPlanQuerySet(models.QuerySet["ActionPlan"]):
    def visible_to(self, user) -> Self:
        return self.filter(diagnosis__ctg__in=Ctg.objects.visible_to(user))

    def open_to(self, user) -> Self:
        return self.filter(Q(diagnosis__ctg__in=Ctg.objects.visible_to(user)) | Q(published_at__isnull=False))

    def for_page(self) -> Self:
        return self.select_related("diagnosis__ctg__caf__territory", "previous").prefetch_related(
            "diagnosis__ctg__facts"
        )

    def current(self) -> Self:
        """The last version of each Ctg."""
        later = ActionPlan.objects.filter(
            diagnosis__ctg=models.OuterRef("diagnosis__ctg"), version__gt=models.OuterRef("version")
        )
        return self.filter(~models.Exists(later))


class ActionPlan(models.Model):
    """Steps 2 to 5: the axes, the actions, their cost, the final plan. Each closure has its day and its decision."""

    MOST_LEVELS = 3
    CLOSURES = ("axes_fixed", "formalised", "costed", "adopted")

    diagnosis = models.ForeignKey(Diagnosis, verbose_name="diagnostic", on_delete=models.PROTECT, related_name="plans")
    version = models.PositiveSmallIntegerField("version", default=1)
    previous = models.OneToOneField(
        "self",
        verbose_name="version précédente",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="next",
    )
    reopened_on = models.DateField("rouvert le", null=True, blank=True, editable=False)
    reopening_reason = models.TextField("motif de la réouverture", blank=True, max_length=2000, editable=False)
    introduction = models.TextField(
        "projet de territoire", blank=True, help_text="Ce que le territoire veut, en quelques phrases."
    )
    level_names = models.JSONField(
        "noms des niveaux", default=list, blank=True, help_text='Par exemple : ["Axe", "Objectif"].'
    )
    axes_fixed_on = models.DateField("axes fixés le", null=True, blank=True, editable=False)
    axes_fixed_decision = models.CharField(max_length=120, blank=True, editable=False)
    formalised_on = models.DateField("formalisé le", null=True, blank=True, editable=False)
    formalised_decision = models.CharField(max_length=120, blank=True, editable=False)
    costed_on = models.DateField("chiffré le", null=True, blank=True, editable=False)
    costed_decision = models.CharField(max_length=120, blank=True, editable=False)
    adopted_on = models.DateField("adopté le", null=True, blank=True, editable=False)
    adopted_decision = models.CharField(max_length=120, blank=True, editable=False)
    signed_on = models.DateField("signé le", null=True, blank=True, editable=False)
    published_at = models.DateTimeField("publié le", null=True, blank=True, editable=False)

    objects = ActionPlanQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "plan d’actions"
        verbose_name_plural = "plans d’actions"
        ordering = ["diagnosis", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["diagnosis", "version"], name="plan_unique_version"),
            Check(
                name="plan_reopened_for_a_reason",
                condition=Q(previous=None) | (Q(reopened_on__isnull=False) & ~Q(reopening_reason="")),
                violation_error_message="Dites pourquoi le plan est rouvert.",
            ),
            Check(
                name="plan_closures_in_order",
                condition=_chain("axes_fixed_on", "formalised_on")
                & _chain("formalised_on", "costed_on")
                & _chain("costed_on", "adopted_on")
                & _chain("adopted_on", "signed_on"),
                violation_error_message="Les étapes du plan se valident dans l’ordre : axes, plan formalisé, chiffrage, adoption, signature.",
            ),
            *(
                Check(
                    name=f"plan_{closure}_by_a_decision",
                    condition=Q(**{f"{closure}_on": None, f"{closure}_decision": ""})
                    | (Q(**{f"{closure}_on__isnull": False}) & ~Q(**{f"{closure}_decision": ""})),
                    violation_error_message="Chaque étape validée porte la décision qui la valide.",
                )
                for closure in ("axes_fixed", "formalised", "costed", "adopted")
            ),
        ]

    def __str__(self) -> str:
        return f"Plan d’actions de {self.diagnosis.ctg}"

    def get_absolute_url(self) -> str:
        return reverse("actions:plan", args=[self.ctg.slug])

    @property
    def ctg(self) -> Ctg:
        return self.diagnosis.ctg

    @property
    def is_public(self) -> bool:
        """Published, or the new version of what was and still is, until it is published in turn."""
        return bool(self.published_at or (self.previous and self.previous.published_at))

    @property
    def is_adopted(self) -> bool:
        return self.adopted_on is not None

    def level_name(self, level: int) -> str:
        """The name the territory gives to this level of its tree (0 is the highest)."""
        names = self.level_names or ["Axe", "Objectif"]
        return names[min(level, len(names) - 1)]

    @property
    def depth(self) -> int:
        """As many levels as the territory named; three at most while it named none."""
        return len(self.level_names) or self.MOST_LEVELS

    @property
    def axis_name(self) -> str:
        return self.level_name(0)

    @property
    def objective_name(self) -> str:
        return self.level_name(1)

    @property
    def next_closure(self) -> str | None:
        """The closure to obtain now; None once adopted."""
        return next((closure for closure in self.CLOSURES if getattr(self, f"{closure}_on") is None), None)

    def missing_before_axes(self) -> list[str]:
        return missing.texts_before(self, "axes_fixed")

    def missing_before_formalisation(self) -> list[str]:
        return missing.texts_before(self, "formalised")

    def missing_before_costing(self) -> list[str]:
        return missing.texts_before(self, "costed")

    def missing_before_adoption(self) -> list[str]:
        return missing.texts_before(self, "adopted")


class PlanPart(models.Model):
    """What a plan is made of: once it is adopted, nothing of it is written or removed, whatever the door.

    ``FREE_ONCE_FROZEN`` names the fields that are still recorded all along the convention.
    """

    FREE_ONCE_FROZEN: frozenset[str] = frozenset()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        fields = kwargs.get("update_fields")
        if not self.pk or not fields or not set(fields) <= self.FREE_ONCE_FROZEN:
            self._refuse_if_frozen()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._refuse_if_frozen()
        return super().delete(*args, **kwargs)

    def _refuse_if_frozen(self) -> None:
        if ActionPlan.objects.filter(**self._plan_filter(), adopted_on__isnull=False).exists():
            raise RuleBroken(FROZEN)

    def _plan_filter(self) -> dict[str, Any]:
        return {"pk": self.plan_id}  # type: ignore[attr-defined]


class ActionPart(PlanPart):
    class Meta:
        abstract = True

    def _plan_filter(self) -> dict[str, Any]:
        return {"actions": self.action_id}  # type: ignore[attr-defined]
