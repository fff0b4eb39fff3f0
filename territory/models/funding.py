from decimal import Decimal

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from territory.models.geography import Territory
from territory.models.people import Caf


class ServiceKind(models.Model):
    """What the money supports: EAJE, ALSH, RPE… A dated list: the Ram became the RPE in 2021."""

    code = models.SlugField("code", max_length=30, unique=True)
    label = models.CharField("libellé", max_length=120)
    valid_from = models.DateField("depuis le", null=True, blank=True)
    valid_to = models.DateField("jusqu’au", null=True, blank=True)
    successor = models.ForeignKey(
        "self", verbose_name="devient", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_project = models.BooleanField("aide à un projet", default=False, help_text="Hors du total des services.")
    position = models.PositiveSmallIntegerField("ordre", default=0)

    class Meta:
        verbose_name = "nature de service"
        verbose_name_plural = "natures de service"
        ordering = ["position", "label"]

    def __str__(self) -> str:
        return self.label


class Scheme(models.Model):
    """How the Caf pays: prestation de service, contrat enfance jeunesse, bonus territoire…"""

    code = models.SlugField("code", max_length=30, unique=True)
    label = models.CharField("libellé", max_length=120)
    position = models.PositiveSmallIntegerField("ordre", default=0)

    class Meta:
        verbose_name = "dispositif de financement"
        verbose_name_plural = "dispositifs de financement"
        ordering = ["position", "label"]

    def __str__(self) -> str:
        return self.label


class Rounding(models.IntegerChoices):
    """How an amount was rounded before it came to us, in euros."""

    EXACT = 0, "exact"
    TEN = 10, "arrondi à 10 €"
    HUNDRED = 100, "arrondi à 100 €"
    THOUSAND = 1000, "arrondi à 1 000 €"


class FundingQuerySet(models.QuerySet["FundingLine"]):
    def services(self) -> "FundingQuerySet":
        return self.filter(service__is_project=False)

    def projects(self) -> "FundingQuerySet":
        return self.filter(service__is_project=True)

    def for_list(self) -> "FundingQuerySet":
        return self.select_related("service", "scheme").order_by("-amount", "pk")


class FundingLine(models.Model):
    """What the Caf pays in a year, on a territory, for a service. Euros, to the cent."""

    class State(models.TextChoices):
        PLANNED = "planned", "Prévisionnel"
        UPDATED = "updated", "Actualisé"
        ACTUAL = "actual", "Réel"

    class Nature(models.TextChoices):
        RUNNING = "running", "Fonctionnement"
        INVESTMENT = "investment", "Investissement"
        EITHER = "either", "Fonctionnement ou investissement, non ventilé"

    caf = models.ForeignKey(Caf, verbose_name="Caf", on_delete=models.PROTECT, related_name="funding_lines")
    territory = models.ForeignKey(
        Territory, verbose_name="territoire", on_delete=models.PROTECT, related_name="funding_lines"
    )
    year = models.PositiveSmallIntegerField("année")
    service = models.ForeignKey(ServiceKind, verbose_name="nature", on_delete=models.PROTECT, related_name="lines")
    label = models.CharField("objet", max_length=250)
    scheme = models.ForeignKey(Scheme, verbose_name="dispositif", on_delete=models.PROTECT, related_name="lines")
    state = models.CharField("état", max_length=8, choices=State)
    nature = models.CharField("section", max_length=10, choices=Nature, default=Nature.RUNNING)
    quantity = models.DecimalField("quantité", max_digits=9, decimal_places=2, null=True, blank=True)
    unit = models.CharField("unité", max_length=30, blank=True)
    amount = models.DecimalField("montant (€)", max_digits=12, decimal_places=2)
    rounding = models.PositiveSmallIntegerField("précision", choices=Rounding, default=Rounding.EXACT)
    source = models.CharField("source", max_length=200)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = FundingQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "ligne de financement"
        verbose_name_plural = "lignes de financement"
        ordering = ["-year", "-amount", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["caf", "territory", "year", "label", "scheme", "state"],
                name="funding_line_unique",
                violation_error_message="Cette ligne existe déjà pour cette année.",
            ),
            models.CheckConstraint(
                name="funding_line_amount_not_negative",
                condition=Q(amount__gte=Decimal(0)),
                violation_error_message="Le montant ne peut pas être négatif.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} – {self.year}"


class ControlTotal(models.Model):
    """A total that a document states; kept beside the sum of the lines, never forced onto it."""

    caf = models.ForeignKey(Caf, verbose_name="Caf", on_delete=models.PROTECT, related_name="control_totals")
    territory = models.ForeignKey(
        Territory, verbose_name="territoire", on_delete=models.PROTECT, related_name="control_totals"
    )
    year = models.PositiveSmallIntegerField("année")
    scheme = models.ForeignKey(
        Scheme, verbose_name="dispositif", on_delete=models.PROTECT, related_name="control_totals"
    )
    amount = models.DecimalField("montant annoncé (€)", max_digits=12, decimal_places=2)
    rounding = models.PositiveSmallIntegerField("précision", choices=Rounding, default=Rounding.EXACT)
    source = models.CharField("source", max_length=200)

    class Meta:
        verbose_name = "total annoncé"
        verbose_name_plural = "totaux annoncés"
        ordering = ["-year", "scheme", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["caf", "territory", "year", "scheme"],
                name="control_total_unique",
                violation_error_message="Ce total est déjà saisi pour cette année.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} – {self.year}"
