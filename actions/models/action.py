"""The fiche action: who does what, for whom, where, when, with whom; its money and its indicators have their own rows."""

import uuid
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.urls import reverse
from simple_history.models import HistoricalRecords

from actions.models.library import ModelAction
from actions.models.objectives import Objective
from actions.models.plan import ActionPart, ActionPlan, PlanPart
from ctg_site.lib.conditions import Check
from ctg_site.lib.text import search_key
from diagnostic.models import Finding, Idea, Priority, ThematicGroup
from territory.models import Ctg, Membership, Organisation, Role, Territory


class ActionQuerySet(models.QuerySet["Action"]):
    def visible_to(self, user) -> Self:
        return self.filter(plan__diagnosis__ctg__in=Ctg.objects.visible_to(user))

    def open_to(self, user) -> Self:
        """Their own Ctgs' actions; for everyone else, what a published plan retains."""
        mine = Q(plan__diagnosis__ctg__in=Ctg.objects.visible_to(user))
        return self.filter(mine | Q(plan__published_at__isnull=False, verdict=Action.Verdict.RETAINED))

    def readable_by(self, user) -> Self:
        """What is open to them, without the actions of others in the unpublished plan of a Ctg where they only lead some."""
        if not user.is_authenticated or user.is_superuser:
            return self.open_to(user)
        roles = Membership.objects.filter(user=user)
        other = roles.exclude(role=Role.ACTION_LEAD)
        only_lead = roles.filter(role=Role.ACTION_LEAD, ctg__isnull=False)
        only_lead = only_lead.exclude(ctg__in=other.filter(ctg__isnull=False).values("ctg"))
        only_lead = only_lead.exclude(ctg__caf__in=other.filter(caf__isnull=False).values("caf"))
        closed = Q(plan__published_at=None) & ~Q(plan__previous__published_at__isnull=False)
        not_theirs = ~Q(lead_user=user) | Q(lead_user=None)
        hidden = Action.objects.filter(closed, not_theirs, plan__diagnosis__ctg__in=only_lead.values("ctg"))
        return self.open_to(user).exclude(pk__in=hidden.values("pk"))

    def last_versions(self) -> Self:
        """Without what a more recent version of the plan says again."""
        return self.exclude(plan__next__isnull=False)

    def retained(self) -> Self:
        return self.filter(verdict=Action.Verdict.RETAINED)

    def for_page(self) -> Self:
        ctg = "plan__diagnosis__ctg"
        related = [
            f"{ctg}__caf__territory",
            "plan__previous",
            "objective__parent__parent",
            "lead",
            "co_lead",
            "lead_user",
        ]
        related += ["priority", "idea", "model", "copied_from"]
        return self.select_related(*related).prefetch_related(f"{ctg}__facts")

    def concerning(self, commune: str) -> Self:
        """Says of each (``concerns``) whether it is named for this commune, or for the whole territory."""
        named = Action.communes.through.objects.filter(action=models.OuterRef("pk"))
        here = ~models.Exists(named) | models.Exists(named.filter(territory__code=commune))
        return self.annotate(concerns=models.ExpressionWrapper(here, models.BooleanField()))

    def with_money(self, *, without: Collection[str] = ()) -> Self:
        """The lines that the balance and the budget add up; a funder is read once, whatever they finance."""
        lines = [name for name in ("costs", "financings") if name not in without]
        if "financings" in lines and "funders" not in without:
            lines.append("financings__funder")
        return self.prefetch_related(*lines)


class Action(PlanPart):
    """A fiche action: what will be done, by whom, for whom, when."""

    class Verdict(models.TextChoices):
        DRAFT = "draft", "Brouillon"
        PENDING = "pending", "À étudier"
        RETAINED = "retained", "Retenue"
        REWORK = "rework", "À retravailler"
        POSTPONED = "postponed", "Reportée"
        DROPPED = "dropped", "Écartée"

    class Importance(models.TextChoices):
        HIGH = "high", "Haute"
        MEDIUM = "medium", "Moyenne"
        LOW = "low", "Basse"

    class Novelty(models.TextChoices):
        NEW = "new", "Nouvelle action"
        STRONGER = "stronger", "Renforcement de l’existant"
        CONTINUED = "continued", "Poursuite de l’existant"

    GIVEN = (Verdict.RETAINED, Verdict.REWORK, Verdict.POSTPONED, Verdict.DROPPED)
    SET_ASIDE = (Verdict.POSTPONED, Verdict.DROPPED)
    UNDECIDED = (Verdict.DRAFT, Verdict.PENDING, Verdict.REWORK)

    concerns: bool  # on the rows of ``concerning``

    plan = models.ForeignKey(ActionPlan, verbose_name="plan", on_delete=models.CASCADE, related_name="actions")
    key = models.UUIDField("identifiant", default=uuid.uuid4, editable=False)
    objective = models.ForeignKey(Objective, verbose_name="objectif", on_delete=models.PROTECT, related_name="actions")
    code = models.CharField("numéro", max_length=12)
    title = models.CharField("intitulé", max_length=200)
    novelty = models.CharField("nature", max_length=9, choices=Novelty, default=Novelty.NEW)
    importance = models.CharField("priorité", max_length=6, choices=Importance, default=Importance.MEDIUM)
    themes = models.ManyToManyField(ThematicGroup, verbose_name="thématiques", blank=True, related_name="actions")

    priority = models.ForeignKey(
        Priority,
        verbose_name="née de la priorité",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="actions",
    )
    idea = models.ForeignKey(
        Idea, verbose_name="née de la piste", null=True, blank=True, on_delete=models.SET_NULL, related_name="actions"
    )
    model = models.ForeignKey(
        ModelAction,
        verbose_name="née de l’action type",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    copied_from = models.ForeignKey(
        "self", verbose_name="reprise de l’action", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    findings = models.ManyToManyField(Finding, verbose_name="constats", blank=True, related_name="actions")

    description = models.TextField("description", blank=True, max_length=10000)
    audience = models.CharField("public", max_length=200, blank=True)
    age_from = models.PositiveSmallIntegerField(
        "à partir de (ans)", null=True, blank=True, validators=[MaxValueValidator(120)]
    )
    age_to = models.PositiveSmallIntegerField(
        "jusqu’à (ans)", null=True, blank=True, validators=[MaxValueValidator(120)]
    )
    expected_results = models.TextField("résultats attendus", blank=True, max_length=5000)
    success_factors = models.TextField("conditions de réussite", blank=True, max_length=5000)
    obstacles = models.TextField("freins", blank=True, max_length=5000)
    other_plans = models.CharField("lien avec d’autres schémas", max_length=300, blank=True)

    lead = models.ForeignKey(
        Organisation,
        verbose_name="porteur",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="led_actions",
    )
    co_lead = models.ForeignKey(
        Organisation, verbose_name="co-porteur", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lead_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="pilote",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="led_actions",
    )
    contact_name = models.CharField("référent : nom et fonction", max_length=150, blank=True)
    contact_email = models.EmailField("référent : adresse électronique", blank=True)
    partners = models.ManyToManyField(
        Organisation, verbose_name="partenaires", blank=True, through="Partnership", related_name="+"
    )
    communes = models.ManyToManyField(
        Territory,
        verbose_name="communes",
        blank=True,
        related_name="actions",
        help_text="Aucune : tout le territoire.",
    )

    starts_on = models.DateField("début", null=True, blank=True)
    ends_on = models.DateField("fin", null=True, blank=True)
    staff_fte = models.DecimalField("moyens humains (ETP)", max_digits=5, decimal_places=2, null=True, blank=True)
    staff_means = models.TextField("qui y travaille", blank=True, max_length=2000)
    material_means = models.TextField("moyens matériels", blank=True, max_length=2000)

    verdict = models.CharField("état", max_length=10, choices=Verdict, default=Verdict.DRAFT)
    verdict_reason = models.TextField("motif", blank=True, max_length=2000)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = ActionQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[themes, findings, communes])

    class Meta:
        verbose_name = "action"
        ordering = ["code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                name="action_unique_code",
                violation_error_message="Ce numéro est déjà pris dans le plan.",
            ),
            Check(
                name="action_dates_in_order",
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="La fin de l’action précède son début.",
            ),
            Check(
                name="action_refusal_has_a_reason",
                condition=Q(verdict__in=["draft", "pending", "retained"]) | ~Q(verdict_reason=""),
                violation_error_message="Dites pourquoi l’action est écartée, reportée ou à retravailler.",
            ),
            Check(
                name="action_lead_leaves_draft",
                condition=Q(verdict="draft") | Q(lead__isnull=False),
                violation_error_message="Une fiche sans porteur reste un brouillon : désignez le porteur, ou remettez d’abord la fiche en brouillon.",
            ),
            Check(
                name="action_ages_in_order",
                condition=Q(age_from=None) | Q(age_to=None) | Q(age_to__gte=F("age_from")),
                violation_error_message="L’âge de fin est inférieur à l’âge de début.",
            ),
            Check(
                name="action_fte_not_negative",
                condition=Q(staff_fte=None) | Q(staff_fte__gte=Decimal(0)),
                violation_error_message="Les moyens humains ne peuvent pas être négatifs.",
            ),
            models.UniqueConstraint(fields=["plan", "key"], name="action_unique_key"),
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
    def has_cost_range(self) -> bool:
        return any(cost.has_range for cost in self.costs.all())

    @property
    def lowest_cost(self) -> Decimal:
        return sum((cost.lowest for cost in self.costs.all()), Decimal("0.00"))

    @property
    def highest_cost(self) -> Decimal:
        return sum((cost.highest for cost in self.costs.all()), Decimal("0.00"))

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

    def linked_names(self) -> dict[str, list[str]]:
        """The names of its themes, findings and communes, in one query."""
        rows = [
            getattr(self, link).order_by().values_list(Value(link, models.CharField()), field)
            for link, field in (("themes", "name"), ("findings", "title"), ("communes", "name"))
        ]
        names: dict[str, list[str]] = {"themes": [], "findings": [], "communes": []}
        for link, name in rows[0].union(*rows[1:], all=True):
            names[link].append(name)
        return {link: sorted(found, key=search_key) for link, found in names.items()}

    @property
    def is_draft(self) -> bool:
        return self.verdict == self.Verdict.DRAFT

    @property
    def ages(self) -> str:
        """« 0 à 3 ans », « à partir de 11 ans », « jusqu’à 3 ans », or nothing."""
        if self.age_from is not None and self.age_to is not None:
            return f"{self.age_from} à {self.age_to} ans"
        if self.age_from is not None:
            return f"à partir de {self.age_from} ans"
        return f"jusqu’à {self.age_to} ans" if self.age_to is not None else ""


class Partnership(ActionPart):
    """An organisation that takes part in an action, and what it does there."""

    class State(models.TextChoices):
        SOUGHT = "sought", "À mobiliser"
        COMMITTED = "committed", "Mobilisé"

    action = models.ForeignKey(Action, verbose_name="action", on_delete=models.CASCADE, related_name="partnerships")
    organisation = models.ForeignKey(
        Organisation, verbose_name="partenaire", on_delete=models.PROTECT, related_name="+"
    )
    role = models.CharField("rôle", max_length=200, blank=True, help_text="« Prête la salle et forme les équipes »")
    state = models.CharField("mobilisation", max_length=9, choices=State, default=State.SOUGHT)

    class Meta:
        verbose_name = "partenaire"
        verbose_name_plural = "partenaires"
        ordering = ["organisation__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "organisation"],
                name="partnership_unique",
                violation_error_message="Ce partenaire figure déjà dans la fiche.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} ({self.get_state_display().lower()})"


class Step(ActionPart):
    """A step of an action, with the day it is due; the day it was done is recorded all along the convention."""

    FREE_ONCE_FROZEN = frozenset({"done_on", "reminded_on"})

    action = models.ForeignKey(Action, verbose_name="action", on_delete=models.CASCADE, related_name="steps")
    title = models.CharField("étape", max_length=200)
    starts_on = models.DateField("début", null=True, blank=True)
    due_on = models.DateField("échéance")
    done_on = models.DateField("faite le", null=True, blank=True)
    reminded_on = models.DateField("relance envoyée le", null=True, blank=True, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "étape"
        ordering = ["due_on", "pk"]
        constraints = [
            Check(
                name="step_dates_in_order",
                condition=Q(starts_on=None) | Q(due_on__gte=F("starts_on")),
                violation_error_message="L’échéance de l’étape précède son début.",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def is_late_on(self, on: date) -> bool:
        return self.done_on is None and self.due_on < on
