"""The money of an action: what it costs, who pays, what is given in kind, what the Caf could bring. Euros, to the cent."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from actions.models.action import Action
from actions.models.plan import ActionPart
from ctg_site.lib.conditions import Check
from territory.models import Organisation, Scheme

NOT_NEGATIVE = "Le montant ne peut pas être négatif."


def _at_least_zero(field: str) -> Q:
    return Q(**{field: None}) | Q(**{f"{field}__gte": Decimal(0)})


class Cost(ActionPart):
    """What an action costs in a year; ``amount`` is the retained hypothesis, between the low and the high one."""

    class Nature(models.TextChoices):
        RUNNING = "running", "Fonctionnement"
        INVESTMENT = "investment", "Investissement"

    FREE_ONCE_FROZEN = frozenset({"spent"})

    action = models.ForeignKey(Action, verbose_name="action", on_delete=models.CASCADE, related_name="costs")
    year = models.PositiveSmallIntegerField("année")
    nature = models.CharField("section", max_length=10, choices=Nature, default=Nature.RUNNING)
    label = models.CharField("poste", max_length=150)
    amount = models.DecimalField("coût (€)", max_digits=12, decimal_places=2)
    low = models.DecimalField("hypothèse basse (€)", max_digits=12, decimal_places=2, null=True, blank=True)
    high = models.DecimalField("hypothèse haute (€)", max_digits=12, decimal_places=2, null=True, blank=True)
    spent = models.DecimalField("réalisé (€)", max_digits=12, decimal_places=2, null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "dépense"
        ordering = ["year", "nature", "pk"]
        constraints = [
            Check(
                name="cost_amount_not_negative",
                condition=Q(amount__gte=Decimal(0)) & _at_least_zero("low") & _at_least_zero("spent"),
                violation_error_message=NOT_NEGATIVE,
            ),
            Check(
                name="cost_between_low_and_high",
                condition=(Q(low=None) | Q(low__lte=F("amount"))) & (Q(high=None) | Q(high__gte=F("amount"))),
                violation_error_message="Le coût retenu se place entre l’hypothèse basse et l’hypothèse haute.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} – {self.year}"

    @property
    def has_range(self) -> bool:
        return self.low is not None or self.high is not None

    @property
    def lowest(self) -> Decimal:
        return self.amount if self.low is None else self.low

    @property
    def highest(self) -> Decimal:
        return self.amount if self.high is None else self.high


class Financing(ActionPart):
    """Who pays for an action in a year; what was planned stays beside what was committed and what was paid."""

    FREE_ONCE_FROZEN = frozenset({"committed", "paid"})

    action = models.ForeignKey(Action, verbose_name="action", on_delete=models.CASCADE, related_name="financings")
    year = models.PositiveSmallIntegerField("année")
    nature = models.CharField("section", max_length=10, choices=Cost.Nature, default=Cost.Nature.RUNNING)
    funder = models.ForeignKey(
        Organisation, verbose_name="financeur", on_delete=models.PROTECT, related_name="financings"
    )
    planned = models.DecimalField("prévu (€)", max_digits=12, decimal_places=2)
    committed = models.DecimalField("engagé (€)", max_digits=12, decimal_places=2, null=True, blank=True)
    paid = models.DecimalField("réalisé (€)", max_digits=12, decimal_places=2, null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "financement"
        ordering = ["year", "nature", "funder__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "year", "nature", "funder"],
                name="financing_unique",
                violation_error_message="Ce financeur a déjà une ligne pour cette année et cette section : complétez-la.",
            ),
            Check(
                name="financing_amounts_not_negative",
                condition=Q(planned__gte=Decimal(0)) & _at_least_zero("committed") & _at_least_zero("paid"),
                violation_error_message=NOT_NEGATIVE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.funder} – {self.year}"

    @property
    def is_overpaid(self) -> bool:
        """More was paid than committed, or than planned when nobody committed: said, never refused (R31)."""
        expected = self.planned if self.committed is None else self.committed
        return self.paid is not None and self.paid > expected


class InKind(ActionPart):
    """A contribution in kind, valued: premises, staff lent, volunteers. Shown beside the money, never added to it."""

    action = models.ForeignKey(Action, verbose_name="action", on_delete=models.CASCADE, related_name="in_kind")
    year = models.PositiveSmallIntegerField("année")
    giver = models.ForeignKey(Organisation, verbose_name="qui apporte", on_delete=models.PROTECT, related_name="+")
    label = models.CharField("apport", max_length=150, help_text="« Salle mise à disposition 40 jours »")
    amount = models.DecimalField("valeur (€)", max_digits=12, decimal_places=2)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "apport en nature"
        verbose_name_plural = "apports en nature"
        ordering = ["year", "giver__name", "pk"]
        constraints = [
            Check(
                name="in_kind_amount_not_negative",
                condition=Q(amount__gte=Decimal(0)),
                violation_error_message=NOT_NEGATIVE,
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} – {self.year}"


class Lever(ActionPart):
    """A Caf scheme that the action may call on, and what it would bring a year; no amount: « à chiffrer »."""

    action = models.ForeignKey(Action, verbose_name="action", on_delete=models.CASCADE, related_name="levers")
    scheme = models.ForeignKey(Scheme, verbose_name="dispositif", on_delete=models.PROTECT, related_name="+")
    units = models.DecimalField(
        "unités nouvelles", max_digits=10, decimal_places=2, null=True, blank=True, help_text="Places, heures, ETP…"
    )
    yearly_amount = models.DecimalField(
        "montant attendu par an (€)", max_digits=12, decimal_places=2, null=True, blank=True
    )
    note = models.CharField("à quelles conditions", max_length=300, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "levier de la Caf"
        verbose_name_plural = "leviers de la Caf"
        ordering = ["scheme__label", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "scheme"],
                name="lever_unique",
                violation_error_message="Ce dispositif figure déjà dans la fiche.",
            ),
            Check(
                name="lever_amount_not_negative",
                condition=_at_least_zero("yearly_amount") & _at_least_zero("units"),
                violation_error_message=NOT_NEGATIVE,
            ),
        ]

    def __str__(self) -> str:
        return str(self.scheme)
