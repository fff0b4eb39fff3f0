from decimal import Decimal

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from ctg_site.lib import numbers
from ctg_site.lib.conditions import Check
from ctg_site.lib.dates import FIRST_YEAR, LAST_YEAR
from territory.models.facilities import Facility
from territory.models.geography import Territory
from territory.models.payments import FundingAgreement
from territory.models.people import Caf, Organisation
from territory.models.schemes import Scheme, ServiceKind


class Rounding(models.IntegerChoices):
    """How an amount was rounded before it came to us, in euros."""

    EXACT = 0, "exact"
    TEN = 10, "arrondi à 10 €"
    HUNDRED = 100, "arrondi à 100 €"
    THOUSAND = 1000, "arrondi à 1 000 €"


class FundingQuerySet(models.QuerySet["FundingLine"]):
    def visible_to(self, user) -> "FundingQuerySet":
        return self.filter(caf__in=Caf.objects.visible_to(user).values("pk"))

    def services(self) -> "FundingQuerySet":
        return self.filter(service__is_project=False)

    def projects(self) -> "FundingQuerySet":
        return self.filter(service__is_project=True)

    def for_list(self) -> "FundingQuerySet":
        related = self.select_related("service", "scheme", "facility", "payee")
        return related.order_by(models.F("amount").desc(nulls_last=True), "pk")


class FundingLine(models.Model):
    """What the Caf pays in a year, on a territory, for an equipment or a service. Euros, to the cent.

    ``amount`` is None while a rate is missing: the line is « à chiffrer », never 0.
    """

    class State(models.TextChoices):
        PLANNED = "planned", "Prévisionnel"
        UPDATED = "updated", "Actualisé"
        ACTUAL = "actual", "Réel"

    class Nature(models.TextChoices):
        RUNNING = "running", "Fonctionnement"
        INVESTMENT = "investment", "Investissement"
        EITHER = "either", "Fonctionnement ou investissement, non ventilé"

    class Period(models.TextChoices):
        CIVIL = "civil", "Année civile"
        SCHOOL = "school", "Année scolaire"

    caf = models.ForeignKey(Caf, verbose_name="Caf", on_delete=models.PROTECT, related_name="funding_lines")
    territory = models.ForeignKey(
        Territory, verbose_name="territoire", on_delete=models.PROTECT, related_name="funding_lines"
    )
    year = models.PositiveSmallIntegerField("année")
    period = models.CharField(
        "rattachement",
        max_length=6,
        choices=Period,
        default=Period.CIVIL,
        help_text="L’année scolaire 2021 est celle qui s’ouvre en septembre 2021.",
    )
    facility = models.ForeignKey(
        Facility,
        verbose_name="équipement",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="funding_lines",
        help_text="Vide pour un service du territoire sans équipement unique (« 2 EAJE », Bafa, séjours).",
    )
    service = models.ForeignKey(ServiceKind, verbose_name="nature", on_delete=models.PROTECT, related_name="lines")
    label = models.CharField("objet", max_length=250)
    scheme = models.ForeignKey(Scheme, verbose_name="dispositif", on_delete=models.PROTECT, related_name="lines")
    state = models.CharField("état", max_length=8, choices=State)
    nature = models.CharField("section", max_length=10, choices=Nature, default=Nature.RUNNING)
    payee = models.ForeignKey(
        Organisation,
        verbose_name="versé à",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="funding_lines",
    )
    agreement = models.ForeignKey(
        FundingAgreement,
        verbose_name="convention d’objectifs et de financement",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="lines",
    )
    quantity = models.DecimalField("quantité", max_digits=9, decimal_places=2, null=True, blank=True)
    unit = models.CharField("unité", max_length=30, blank=True)
    amount = models.DecimalField(
        "montant (€)",
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Vide : calculé sur le coût par unité quand il est donné, à chiffrer sinon.",
    )
    rounding = models.PositiveSmallIntegerField("précision", choices=Rounding, default=Rounding.EXACT)
    source = models.CharField("source", max_length=200)
    unit_cost = models.DecimalField(
        "coût réel par unité (€)",
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Prestation de service : le montant laissé vide se calcule sur ce coût, dans la limite du plafond.",
    )
    billing = models.DecimalField(
        "taux de facturation (%)",
        max_digits=6,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Heures facturées pour 100 heures réalisées : le plafond de la PSU en dépend depuis 2025.",
    )
    family_share = models.DecimalField(
        "participation des familles par unité (€)", max_digits=12, decimal_places=2, null=True, blank=True
    )
    general_scheme = models.DecimalField(
        "taux de régime général (%)",
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Vide : 100.",
    )
    explanation = models.JSONField("calcul expliqué", default=list, blank=True)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = FundingQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "ligne de financement"
        verbose_name_plural = "lignes de financement"
        ordering = ["-year", "-amount", "pk"]
        indexes = [
            models.Index(fields=["caf", "territory", "year"], name="funding_line_place"),
            # Each holds all that a summary reads: its sum never opens the lines themselves.
            models.Index(fields=["caf", "state", "year", "scheme", "territory", "amount"], name="funding_line_of_caf"),
            models.Index(fields=["state", "scheme", "year", "amount"], name="funding_line_national"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["caf", "territory", "year", "service", "label", "scheme", "state", "nature"],
                condition=Q(facility=None),
                name="funding_line_unique",
                violation_error_message="Cette ligne existe déjà pour cette année. Modifiez-la plutôt que d’en ajouter une.",
            ),
            models.UniqueConstraint(
                fields=["facility", "year", "scheme", "state", "nature"],
                condition=Q(facility__isnull=False),
                name="funding_line_unique_facility",
                violation_error_message="Cet équipement a déjà une ligne pour cette année, ce dispositif et cet état : "
                "modifiez-la plutôt que d’en ajouter une.",
            ),
            Check(
                name="funding_line_year_of_our_time",
                condition=Q(year__gte=FIRST_YEAR, year__lte=LAST_YEAR),
                violation_error_message="Écrivez l’année en quatre chiffres, par exemple 2024.",
            ),
            Check(
                name="funding_line_amount_not_negative",
                condition=Q(amount=None) | Q(amount__gte=Decimal(0)),
                violation_error_message="Le montant ne peut pas être négatif : "
                "une somme à reprendre s’enregistre comme paiement, régularisation ou indu.",
            ),
            Check(
                name="funding_line_actual_has_amount",
                condition=~Q(state="actual") | Q(amount__isnull=False),
                violation_error_message="Une dépense réelle a un montant : seul le prévisionnel peut rester à chiffrer.",
            ),
            Check(
                name="funding_line_quantity_not_negative",
                condition=Q(quantity=None) | Q(quantity__gte=Decimal(0)),
                violation_error_message="La quantité ne peut pas être négative.",
            ),
            Check(
                name="funding_line_cost_not_negative",
                condition=(Q(unit_cost=None) | Q(unit_cost__gte=Decimal(0)))
                & (Q(family_share=None) | Q(family_share__gte=Decimal(0)))
                & (Q(billing=None) | Q(billing__gte=Decimal(0))),
                violation_error_message="Un coût, une participation et un taux de facturation ne sont pas négatifs.",
            ),
            Check(
                name="funding_line_general_scheme_is_a_share",
                condition=Q(general_scheme=None) | Q(general_scheme__gte=Decimal(0), general_scheme__lte=Decimal(100)),
                violation_error_message="Le taux de régime général est compris entre 0 et 100 %%.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} – {self.period_label}"

    @property
    def period_label(self) -> str:
        """« 2019 », or « année scolaire 2019-2020 »: a school year is never read as a civil one."""
        return f"année scolaire {self.year}-{self.year + 1}" if self.period == self.Period.SCHOOL else str(self.year)

    @property
    def per_unit(self) -> Decimal | None:
        """Euros per unit, to the cent: 44 400 € for 2,5 ETP make 17 760 €."""
        if self.amount is None or not self.quantity:
            return None
        return numbers.rounded(self.amount / self.quantity, 2)


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
            Check(
                name="control_total_year_of_our_time",
                condition=Q(year__gte=FIRST_YEAR, year__lte=LAST_YEAR),
                violation_error_message="Écrivez l’année en quatre chiffres, par exemple 2024.",
            ),
            Check(
                name="control_total_not_negative",
                condition=Q(amount__gte=Decimal(0)),
                violation_error_message="Le total annoncé ne peut pas être négatif.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} – {self.year}"


class FundingRollup(models.Model):
    """The lines of a Caf summed by scheme, year and state, refreshed in the transaction that changes them.

    A row per Caf, so that two Cafs never wait for each other; France is the sum of the rows.
    """

    caf = models.ForeignKey(Caf, verbose_name="Caf", on_delete=models.CASCADE, related_name="+")
    scheme = models.ForeignKey(Scheme, verbose_name="dispositif", on_delete=models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField("année")
    state = models.CharField("état", max_length=8, choices=FundingLine.State)
    amount = models.DecimalField("montant (€)", max_digits=14, decimal_places=2, default=Decimal(0))
    lines = models.PositiveIntegerField("lignes", default=0)
    unpriced = models.PositiveIntegerField("lignes à chiffrer", default=0)

    class Meta:
        verbose_name = "total par Caf"
        verbose_name_plural = "totaux par Caf"
        ordering = ["caf", "year", "scheme", "state"]
        constraints = [
            models.UniqueConstraint(fields=["caf", "scheme", "year", "state"], name="funding_rollup_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.caf}, {self.scheme}, {self.year}"
