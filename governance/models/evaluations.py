"""How the plan will be judged, and how each civil year was."""

from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from simple_history.models import HistoricalRecords

from actions.models import Action, Cost, Financing, Target
from ctg_site.lib.conditions import Check, has_come
from governance import missing
from governance.models.agreements import Agreement
from governance.models.closing import ClosedByDecision
from territory.models import Ctg


class EvaluationMethodQuerySet(models.QuerySet["EvaluationMethod"]):
    def visible_to(self, user) -> Self:
        return self.filter(ctg__in=Ctg.objects.visible_to(user))

    def open_to(self, user) -> Self:
        """Annexed to the convention: public when it is signed."""
        signed = Agreement.objects.filter(signed_on__isnull=False).values("plan__diagnosis__ctg")
        return self.filter(Q(ctg__in=Ctg.objects.visible_to(user)) | Q(ctg__in=signed))


class EvaluationMethod(ClosedByDecision):
    """How the plan will be judged: an object of its own, validated by the copil before the signature."""

    CLOSED = "La méthode d’évaluation est validée : elle ne se modifie plus."

    ctg = models.OneToOneField(Ctg, verbose_name="Ctg", on_delete=models.CASCADE, related_name="evaluation_method")
    questions = models.TextField("questions évaluatives", blank=True, max_length=10000)
    criteria = models.TextField("critères et indicateurs", blank=True, max_length=10000)
    organisation = models.TextField("qui évalue, quand, avec qui", blank=True, max_length=10000)
    validated_on = models.DateField("validée le", null=True, blank=True, editable=False)
    validated_by_decision = models.CharField("décision", max_length=120, blank=True, editable=False)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = EvaluationMethodQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "méthode d’évaluation"
        verbose_name_plural = "méthodes d’évaluation"
        constraints = [
            Check(
                name="method_validated_by_a_decision",
                condition=Q(validated_on=None, validated_by_decision="")
                | (Q(validated_on__isnull=False) & ~Q(validated_by_decision="")),
                violation_error_message="Une méthode validée porte la décision qui la valide.",
            )
        ]

    def __str__(self) -> str:
        return f"Méthode d’évaluation de {self.ctg}"

    def is_closed(self) -> bool:
        return EvaluationMethod.objects.filter(pk=self.pk, validated_on__isnull=False).exists()

    def missing_before_validation(self) -> list[str]:
        return missing.texts_before_method(self)


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    def visible_to(self, user) -> Self:
        return self.filter(agreement__plan__diagnosis__ctg__in=Ctg.objects.visible_to(user))

    def open_to(self, user) -> Self:
        mine = Q(agreement__plan__diagnosis__ctg__in=Ctg.objects.visible_to(user))
        return self.filter(mine | Q(published_at__isnull=False))


class Evaluation(ClosedByDecision):
    """Step 7: one civil year of the period, judged by the copil."""

    CLOSED = "L’évaluation de cette année est validée : elle ne se modifie plus."
    FREE_ONCE_CLOSED = frozenset({"published_at"})

    agreement = models.ForeignKey(
        Agreement, verbose_name="convention", on_delete=models.PROTECT, related_name="evaluations"
    )
    year = models.PositiveSmallIntegerField("année")
    summary = models.TextField("bilan de l’année", blank=True, max_length=10000)
    opened_on = models.DateField("ouverte le", editable=False)
    validated_on = models.DateField("validée le", null=True, blank=True, editable=False)
    validated_by_decision = models.CharField("décision", max_length=120, blank=True, editable=False)
    published_at = models.DateTimeField("publiée le", null=True, blank=True, editable=False)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = EvaluationQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "évaluation annuelle"
        verbose_name_plural = "évaluations annuelles"
        ordering = ["agreement", "year"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "year"],
                name="evaluation_unique_year",
                violation_error_message="Cette année a déjà son évaluation.",
            ),
            Check(
                name="evaluation_validated_by_a_decision",
                condition=Q(validated_on=None, validated_by_decision="")
                | (Q(validated_on__isnull=False) & ~Q(validated_by_decision="")),
                violation_error_message="Une évaluation validée porte la décision qui la valide.",
            ),
        ]

    def __str__(self) -> str:
        return f"Évaluation {self.year} – {self.agreement.ctg}"

    @property
    def ctg(self) -> Ctg:
        return self.agreement.ctg

    @property
    def is_validated(self) -> bool:
        return self.validated_on is not None

    def is_closed(self) -> bool:
        return Evaluation.objects.filter(pk=self.pk, validated_on__isnull=False).exists()

    def missing_before_validation(self) -> list[str]:
        return missing.texts_before_validation(self)


class EvaluationPart(ClosedByDecision):
    """What a validated evaluation is made of."""

    CLOSED = Evaluation.CLOSED

    class Meta:
        abstract = True

    def is_closed(self) -> bool:
        return Evaluation.objects.filter(pk=self.evaluation_id, validated_on__isnull=False).exists()  # type: ignore[attr-defined]


class ActionReviewQuerySet(models.QuerySet["ActionReview"]):
    def visible_to(self, user) -> Self:
        return self.filter(evaluation__in=Evaluation.objects.visible_to(user))

    def for_year(self) -> Self:
        """With the axis, the cost of the action over the period, and what was planned and paid for it in the year."""
        return (
            self.select_related(
                "action__objective__parent__parent", "action__lead", "evaluation__agreement__plan__diagnosis__ctg__caf"
            )
            .annotate(
                total_cost=_sum_over_action(Cost.objects.all(), "amount"),
                year_planned=_sum_over_action(
                    Financing.objects.filter(year=models.OuterRef("evaluation__year")), "planned"
                ),
                year_paid=_sum_or_none(Financing.objects.filter(year=models.OuterRef("evaluation__year")), "paid"),
            )
            .order_by("action__code", "pk")
        )


def _sum_or_none(rows: models.QuerySet, field: str) -> Subquery:
    """A sum of its own for each column, so that lines of money do not multiply one another; None when nobody wrote an amount."""
    summed = (
        rows.filter(action=models.OuterRef("action"))
        .order_by()
        .values("action")
        .annotate(total=Sum(field))
        .values("total")
    )
    return Subquery(summed, output_field=models.DecimalField(max_digits=14, decimal_places=2))


def _sum_over_action(rows: models.QuerySet, field: str) -> Coalesce:
    return Coalesce(
        _sum_or_none(rows, field), Value(Decimal(0)), output_field=models.DecimalField(max_digits=14, decimal_places=2)
    )


class ActionReview(EvaluationPart):
    """The year of one action: where it stands, and what we do with it."""

    class Progress(models.TextChoices):
        NOT_STARTED = "not_started", "Non démarrée"
        PREPARING = "preparing", "En préparation"
        ONGOING = "ongoing", "En cours"
        DONE = "done", "Réalisée"
        POSTPONED = "postponed", "Reportée"
        SUSPENDED = "suspended", "Suspendue"
        DROPPED = "dropped", "Abandonnée"

    class Outlook(models.TextChoices):
        CONTINUE = "continue", "Poursuivre"
        ADAPT = "adapt", "Adapter"
        STOP = "stop", "Arrêter"

    evaluation = models.ForeignKey(
        Evaluation, verbose_name="évaluation", on_delete=models.CASCADE, related_name="reviews"
    )
    action = models.ForeignKey(Action, verbose_name="action", on_delete=models.PROTECT, related_name="reviews")
    progress = models.CharField("avancement", max_length=12, choices=Progress, blank=True)
    percent = models.PositiveSmallIntegerField("réalisé (%)", null=True, blank=True)
    comment = models.TextField("bilan", blank=True, max_length=5000)
    outlook = models.CharField("suite", max_length=8, choices=Outlook, blank=True)

    objects = ActionReviewQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "bilan d’action"
        verbose_name_plural = "bilans d’action"
        ordering = ["action__code", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "action"], name="review_unique_action"),
            Check(
                name="review_percent_up_to_100",
                condition=Q(percent=None) | Q(percent__lte=100),
                violation_error_message="Le pourcentage va de 0 à 100.",
            ),
            Check(
                name="review_stop_has_a_reason",
                condition=~Q(progress__in=["postponed", "suspended", "dropped"]) | ~Q(comment=""),
                violation_error_message="Dites pourquoi l’action est reportée, suspendue ou abandonnée.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} – {self.evaluation.year}"


class Measurement(EvaluationPart):
    """The value of an evaluation indicator in a year, against its baseline and its target; None says why."""

    evaluation = models.ForeignKey(
        Evaluation, verbose_name="évaluation", on_delete=models.CASCADE, related_name="measurements"
    )
    target = models.ForeignKey(Target, verbose_name="indicateur", on_delete=models.PROTECT, related_name="measurements")
    value = models.DecimalField("valeur", max_digits=12, decimal_places=2, null=True, blank=True)
    missing_reason = models.CharField("pourquoi pas de valeur", max_length=200, blank=True)
    measured_on = models.DateField("mesurée le", null=True, blank=True, validators=[has_come])

    class Meta:
        verbose_name = "mesure"
        ordering = ["target", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "target"], name="measurement_unique_target"),
            Check(
                name="measurement_value_or_reason",
                condition=Q(value=None) | Q(missing_reason=""),
                violation_error_message="Donnez une valeur de l’indicateur, ou la raison de son absence, pas les deux.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target} – {self.evaluation.year}"
