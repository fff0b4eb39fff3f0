from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from ctg_site.lib.conditions import Check
from territory.models.facilities import Facility
from territory.models.geography import Territory
from territory.models.people import Caf, Organisation
from territory.models.schemes import ServiceKind


class LegacyContractQuerySet(models.QuerySet["LegacyContract"]):
    def visible_to(self, user) -> "LegacyContractQuerySet":
        return self.filter(caf__in=Caf.objects.visible_to(user).values("pk"))


class LegacyContract(models.Model):
    """A contrat enfance jeunesse (Cej) that ends, and what it paid in its last year to a collectivity."""

    caf = models.ForeignKey(Caf, verbose_name="Caf", on_delete=models.PROTECT, related_name="legacy_contracts")
    territory = models.ForeignKey(Territory, verbose_name="territoire", on_delete=models.PROTECT, related_name="+")
    name = models.CharField("intitulé", max_length=200)
    payee = models.ForeignKey(
        Organisation, verbose_name="collectivité signataire", on_delete=models.PROTECT, related_name="legacy_contracts"
    )
    starts_on = models.DateField("début", null=True, blank=True)
    ends_on = models.DateField("fin")
    last_amount = models.DecimalField("montant de la dernière année (€)", max_digits=12, decimal_places=2)
    source = models.CharField("source", max_length=200)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = LegacyContractQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "contrat enfance jeunesse"
        verbose_name_plural = "contrats enfance jeunesse"
        ordering = ["-ends_on", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["caf", "name"],
                name="legacy_contract_unique",
                violation_error_message="Ce contrat est déjà enregistré.",
            ),
            Check(
                name="legacy_contract_not_negative",
                condition=Q(last_amount__gte=Decimal(0)),
                violation_error_message="Le montant ne peut pas être négatif.",
            ),
            Check(
                name="legacy_contract_dates_in_order",
                condition=Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="La fin du contrat précède son début.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LegacyAction(models.Model):
    """One action of the Cej, with its amount of the last year."""

    contract = models.ForeignKey(
        LegacyContract, verbose_name="contrat", on_delete=models.CASCADE, related_name="actions"
    )
    service = models.ForeignKey(ServiceKind, verbose_name="nature", on_delete=models.PROTECT, related_name="+")
    label = models.CharField("action", max_length=200)
    amount = models.DecimalField("montant de la dernière année (€)", max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = "action du Cej"
        verbose_name_plural = "actions du Cej"
        ordering = ["contract", "-amount", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "label"],
                name="legacy_action_unique",
                violation_error_message="Cette action est déjà dans le contrat.",
            ),
            Check(
                name="legacy_action_not_negative",
                condition=Q(amount__gte=Decimal(0)),
                violation_error_message="Le montant ne peut pas être négatif.",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class LegacyShare(models.Model):
    """What an equipment keeps of an action: its existing units, and the amount frozen to the cent.

    The amount is what is frozen; a unit amount is only ever shown, rounded.
    """

    action = models.ForeignKey(LegacyAction, verbose_name="action", on_delete=models.CASCADE, related_name="shares")
    facility = models.ForeignKey(
        Facility, verbose_name="équipement", on_delete=models.PROTECT, related_name="legacy_shares"
    )
    units = models.DecimalField("unités existantes", max_digits=9, decimal_places=2)
    amount = models.DecimalField("montant figé (€)", max_digits=12, decimal_places=2)
    local_amount = models.DecimalField(
        "participation de la collectivité la dernière année (€)",
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Ce que la collectivité verse au gestionnaire, aide du Cej comprise. Vide : inconnue.",
    )

    class Meta:
        verbose_name = "part figée"
        verbose_name_plural = "parts figées"
        ordering = ["action", "facility__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "facility"],
                name="legacy_share_unique",
                violation_error_message="Cet équipement a déjà sa part de cette action.",
            ),
            Check(
                name="legacy_share_not_negative",
                condition=Q(units__gte=0, amount__gte=0) & (Q(local_amount=None) | Q(local_amount__gte=0)),
                violation_error_message="Les unités et les montants ne peuvent pas être négatifs.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility} : {self.action}"
