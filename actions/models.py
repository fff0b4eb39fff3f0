from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from actions import missing
from ctg_site.lib.errors import RuleBroken
from diagnostic.models import Diagnosis, Priority
from territory.models import Ctg, Organisation, Territory

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
        return self.select_related("diagnosis__ctg__caf__territory").prefetch_related("diagnosis__ctg__facts")

    def current(self) -> Self:
        """The last version of each Ctg."""
        later = ActionPlan.objects.filter(
            diagnosis__ctg=models.OuterRef("diagnosis__ctg"), version__gt=models.OuterRef("version")
        )
        return self.filter(~models.Exists(later))


class ActionPlan(models.Model):
    """Steps 2 to 5: the axes, the actions, their cost, the final plan. Each closure has its day and its decision."""

    CLOSURES = ("axes_fixed", "formalised", "costed", "adopted")

    diagnosis = models.ForeignKey(Diagnosis, verbose_name="diagnostic", on_delete=models.PROTECT, related_name="plans")
    version = models.PositiveSmallIntegerField("version", default=1)
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
            models.CheckConstraint(
                name="plan_closures_in_order",
                condition=_chain("axes_fixed_on", "formalised_on")
                & _chain("formalised_on", "costed_on")
                & _chain("costed_on", "adopted_on")
                & _chain("adopted_on", "signed_on"),
                violation_error_message="Les étapes du plan se valident dans l’ordre : axes, plan formalisé, chiffrage, adoption, signature.",
            ),
            *(
                models.CheckConstraint(
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
    def is_adopted(self) -> bool:
        return self.adopted_on is not None

    def level_name(self, level: int) -> str:
        """The name the territory gives to this level of its tree (0 is the highest)."""
        names = self.level_names or ["Axe", "Objectif"]
        return names[min(level, len(names) - 1)]

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
    """What a plan is made of: once it is adopted, nothing of it is written or removed, whatever the door."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
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


class ObjectiveQuerySet(models.QuerySet["Objective"]):
    def visible_to(self, user) -> Self:
        return self.filter(plan__diagnosis__ctg__in=Ctg.objects.visible_to(user))


class Objective(PlanPart):
    """A node of the tree of the territory project: an axis when it has no parent, an objective below. 2 or 3 levels."""

    MAX_LEVELS = 3

    plan = models.ForeignKey(ActionPlan, verbose_name="plan", on_delete=models.CASCADE, related_name="objectives")
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
            )
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


class ActionQuerySet(models.QuerySet["Action"]):
    def visible_to(self, user) -> Self:
        return self.filter(plan__diagnosis__ctg__in=Ctg.objects.visible_to(user))

    def open_to(self, user) -> Self:
        """Their own Ctgs' actions; for everyone else, what a published plan retains."""
        mine = Q(plan__diagnosis__ctg__in=Ctg.objects.visible_to(user))
        return self.filter(mine | Q(plan__published_at__isnull=False, verdict=Action.Verdict.RETAINED))

    def retained(self) -> Self:
        return self.filter(verdict=Action.Verdict.RETAINED)

    def for_page(self) -> Self:
        ctg = "plan__diagnosis__ctg"
        related = [f"{ctg}__caf__territory", "objective__parent__parent", "lead", "lead_user"]
        return self.select_related(*related).prefetch_related(f"{ctg}__facts")

    def with_money(self) -> Self:
        """The lines that the balance and the budget add up."""
        return self.prefetch_related("costs", models.Prefetch("financings", Financing.objects.select_related("funder")))


class Action(PlanPart):
    """A fiche action: what will be done, by whom, for whom, when."""

    class Verdict(models.TextChoices):
        PENDING = "pending", "À étudier"
        RETAINED = "retained", "Retenue"
        REWORK = "rework", "À retravailler"
        POSTPONED = "postponed", "Reportée"
        DROPPED = "dropped", "Écartée"

    SET_ASIDE = (Verdict.POSTPONED, Verdict.DROPPED)
    UNDECIDED = (Verdict.PENDING, Verdict.REWORK)

    plan = models.ForeignKey(ActionPlan, verbose_name="plan", on_delete=models.CASCADE, related_name="actions")
    objective = models.ForeignKey(Objective, verbose_name="objectif", on_delete=models.PROTECT, related_name="actions")
    code = models.CharField("numéro", max_length=12)
    title = models.CharField("intitulé", max_length=200)
    description = models.TextField("description", blank=True, max_length=10000)
    audience = models.CharField("public", max_length=200, blank=True)
    lead = models.ForeignKey(
        Organisation,
        verbose_name="porteur",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="led_actions",
    )
    lead_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="pilote",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="led_actions",
    )
    partners = models.ManyToManyField(Organisation, verbose_name="partenaires", blank=True, related_name="+")
    communes = models.ManyToManyField(
        Territory, verbose_name="communes", blank=True, related_name="+", help_text="Aucune : tout le territoire."
    )
    starts_on = models.DateField("début", null=True, blank=True)
    ends_on = models.DateField("fin", null=True, blank=True)
    verdict = models.CharField("avis de faisabilité", max_length=10, choices=Verdict, default=Verdict.PENDING)
    verdict_reason = models.TextField("motif", blank=True, max_length=2000)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = ActionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "action"
        ordering = ["code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                name="action_unique_code",
                violation_error_message="Ce numéro est déjà pris dans le plan.",
            ),
            models.CheckConstraint(
                name="action_dates_in_order",
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="La fin de l’action précède son début.",
            ),
            models.CheckConstraint(
                name="action_refusal_has_a_reason",
                condition=Q(verdict__in=["pending", "retained"]) | ~Q(verdict_reason=""),
                violation_error_message="Dites pourquoi l’action est écartée, reportée ou à retravailler.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} – {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("actions:action", args=[self.plan.ctg.slug, self.pk])

    @property
    def cost_total(self) -> Decimal:
        """Adds the lines that a list has prefetched."""
        return sum((cost.amount for cost in self.costs.all()), Decimal("0.00"))

    @property
    def is_retained(self) -> bool:
        return self.verdict == self.Verdict.RETAINED

    @property
    def is_set_aside(self) -> bool:
        """Postponed or dropped: still read in the plan, no longer counted in it."""
        return self.verdict in self.SET_ASIDE

    @property
    def is_undecided(self) -> bool:
        return self.verdict in self.UNDECIDED


class Cost(ActionPart):
    """What an action costs in a year. Euros, to the cent."""

    class Nature(models.TextChoices):
        RUNNING = "running", "Fonctionnement"
        INVESTMENT = "investment", "Investissement"

    action = models.ForeignKey(Action, verbose_name="action", on_delete=models.CASCADE, related_name="costs")
    year = models.PositiveSmallIntegerField("année")
    nature = models.CharField("section", max_length=10, choices=Nature, default=Nature.RUNNING)
    label = models.CharField("poste", max_length=150)
    amount = models.DecimalField("coût (€)", max_digits=12, decimal_places=2)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "dépense"
        ordering = ["year", "nature", "pk"]
        constraints = [
            models.CheckConstraint(
                name="cost_amount_not_negative",
                condition=Q(amount__gte=Decimal(0)),
                violation_error_message="Le montant ne peut pas être négatif.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} – {self.year}"


class Financing(ActionPart):
    """Who pays for an action in a year; what was planned stays beside what was paid. Euros, to the cent."""

    action = models.ForeignKey(Action, verbose_name="action", on_delete=models.CASCADE, related_name="financings")
    year = models.PositiveSmallIntegerField("année")
    nature = models.CharField("section", max_length=10, choices=Cost.Nature, default=Cost.Nature.RUNNING)
    funder = models.ForeignKey(
        Organisation, verbose_name="financeur", on_delete=models.PROTECT, related_name="financings"
    )
    planned = models.DecimalField("prévu (€)", max_digits=12, decimal_places=2)
    paid = models.DecimalField("réalisé (€)", max_digits=12, decimal_places=2, null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "financement"
        ordering = ["year", "nature", "funder__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "year", "nature", "funder"],
                name="financing_unique",
                violation_error_message="Ce financeur a déjà une ligne pour cette année.",
            ),
            models.CheckConstraint(
                name="financing_amounts_not_negative",
                condition=Q(planned__gte=Decimal(0)) & (Q(paid=None) | Q(paid__gte=Decimal(0))),
                violation_error_message="Le montant ne peut pas être négatif.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.funder} – {self.year}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """What is paid is recorded all along the convention, so after the freeze."""
        if self.pk and set(kwargs.get("update_fields") or ()) == {"paid"}:
            models.Model.save(self, *args, **kwargs)
        else:
            super().save(*args, **kwargs)

    @property
    def is_overpaid(self) -> bool:
        """More was paid than planned: said, never refused (R31)."""
        return self.paid is not None and self.paid > self.planned


class TargetQuerySet(models.QuerySet["Target"]):
    def visible_to(self, user) -> Self:
        return self.filter(action__plan__diagnosis__ctg__in=Ctg.objects.visible_to(user))


class Target(ActionPart):
    """An evaluation indicator of an action: where we start from, where we want to go."""

    class Direction(models.TextChoices):
        HIGHER = "higher", "augmenter"
        LOWER = "lower", "baisser"

    action = models.ForeignKey(Action, verbose_name="action", on_delete=models.CASCADE, related_name="targets")
    label = models.CharField("indicateur", max_length=200)
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
            models.CheckConstraint(
                name="target_baseline_or_reason",
                condition=Q(baseline__isnull=False) | ~Q(baseline_reason=""),
                violation_error_message="Donnez la valeur de départ, ou dites pourquoi elle n’est pas disponible.",
            ),
            models.CheckConstraint(
                name="target_goal_follows_direction",
                condition=Q(baseline=None)
                | Q(direction="higher", goal__gt=F("baseline"))
                | Q(direction="lower", goal__lt=F("baseline")),
                violation_error_message="La cible doit s’écarter de la valeur de départ, dans le sens voulu.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def attainment(self, value: Decimal | None) -> Decimal | None:
        """Share of the way done, in %, not clamped; None without baseline or when the target is the baseline (R64)."""
        if value is None or self.baseline is None or self.goal == self.baseline:
            return None
        return (value - self.baseline) / (self.goal - self.baseline) * 100
