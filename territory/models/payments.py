from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from ctg_site.lib.conditions import Check, has_come
from territory.models.facilities import Facility
from territory.models.geography import Territory
from territory.models.people import Caf, Organisation
from territory.models.schemes import Scheme


class FundingAgreementQuerySet(models.QuerySet["FundingAgreement"]):
    def visible_to(self, user) -> "FundingAgreementQuerySet":
        return self.filter(caf__in=Caf.objects.visible_to(user).values("pk"))

    def for_list(self) -> "FundingAgreementQuerySet":
        related = self.select_related("facility", "payee", "scheme", "territory")
        return related.order_by("-ends_on", "reference", "pk")


class FundingAgreement(models.Model):
    """A convention d’objectifs et de financement (COF), signed with the manager: money goes through it, never through the Ctg."""

    caf = models.ForeignKey(Caf, verbose_name="Caf", on_delete=models.PROTECT, related_name="funding_agreements")
    territory = models.ForeignKey(Territory, verbose_name="territoire", on_delete=models.PROTECT, related_name="+")
    reference = models.CharField("référence", max_length=60)
    facility = models.ForeignKey(
        Facility,
        verbose_name="équipement",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="agreements",
        help_text="Vide pour un poste ou un service du territoire.",
    )
    payee = models.ForeignKey(
        Organisation,
        verbose_name="gestionnaire signataire",
        on_delete=models.PROTECT,
        related_name="funding_agreements",
    )
    scheme = models.ForeignKey(Scheme, verbose_name="dispositif", on_delete=models.PROTECT, related_name="agreements")
    signed_on = models.DateField("signée le", null=True, blank=True, validators=[has_come])
    starts_on = models.DateField("début")
    ends_on = models.DateField("fin")
    advance_percent = models.DecimalField(
        "acompte maximal (% du droit prévisionnel)", max_digits=5, decimal_places=2, default=Decimal(70)
    )
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = FundingAgreementQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "convention d’objectifs et de financement"
        verbose_name_plural = "conventions d’objectifs et de financement"
        ordering = ["-ends_on", "reference", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["caf", "reference"],
                name="funding_agreement_unique_reference",
                violation_error_message="Cette référence désigne déjà une convention de la Caf.",
            ),
            Check(
                name="funding_agreement_dates_in_order",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message="La fin de la convention précède son début.",
            ),
            Check(
                name="funding_agreement_advance_at_most_70",
                condition=Q(advance_percent__gte=0, advance_percent__lte=70),
                violation_error_message="L’acompte ne dépasse pas 70 %% du droit prévisionnel.",
            ),
        ]

    def __str__(self) -> str:
        return f"COF {self.reference}"

    def clean(self) -> None:
        if self.payee_id and self.payee.caf_id != self.caf_id:
            raise ValidationError({"payee": "Choisissez un gestionnaire de l’annuaire de cette Caf."})
        if self.facility and self.facility.manager_id != self.payee_id and not self._was_signed_with_them():
            raise ValidationError({"payee": f"La convention se signe avec le gestionnaire : {self.facility.manager}."})

    def _was_signed_with_them(self) -> bool:
        """A convention signed with who ran the equipment then is corrected once another runs it."""
        same = FundingAgreement.objects.filter(pk=self.pk, facility=self.facility_id, payee=self.payee_id)
        return self.pk is not None and same.exists()

    @property
    def years(self) -> range:
        return range(self.starts_on.year, self.ends_on.year + 1)

    @staticmethod
    def justification_due_on(year: int) -> date:
        """The papers of a year are due on 31 May of the next one."""
        return date(year + 1, 5, 31)


class Justification(models.Model):
    """The papers of a year, received: accounts, activity, so that the balance can be paid."""

    agreement = models.ForeignKey(
        FundingAgreement, verbose_name="convention", on_delete=models.CASCADE, related_name="justifications"
    )
    year = models.PositiveSmallIntegerField("année justifiée")
    received_on = models.DateField("reçue le", validators=[has_come])

    class Meta:
        verbose_name = "pièces justificatives"
        verbose_name_plural = "pièces justificatives"
        ordering = ["agreement", "year"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "year"],
                name="justification_unique",
                violation_error_message="Les pièces de cette année sont déjà reçues.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.agreement} – {self.year}"


class Payment(models.Model):
    """One movement of money under a COF: an advance, a balance, or what comes back."""

    class Kind(models.TextChoices):
        ADVANCE = "advance", "Acompte"
        BALANCE = "balance", "Solde"
        REGULARISATION = "regularisation", "Régularisation"
        OVERPAID = "overpaid", "Indu"

    agreement = models.ForeignKey(
        FundingAgreement, verbose_name="convention", on_delete=models.PROTECT, related_name="payments"
    )
    year = models.PositiveSmallIntegerField("au titre de l’année")
    kind = models.CharField("nature", max_length=14, choices=Kind)
    amount = models.DecimalField("montant (€)", max_digits=12, decimal_places=2)
    paid_on = models.DateField("payé le", validators=[has_come])
    reason = models.CharField("motif", max_length=200, blank=True)

    class Meta:
        verbose_name = "paiement"
        ordering = ["agreement", "year", "paid_on", "pk"]
        constraints = [
            Check(
                name="payment_negative_only_when_it_comes_back",
                condition=Q(kind__in=["advance", "balance"], amount__gt=Decimal(0))
                | (Q(kind="overpaid") & Q(amount__lt=Decimal(0)))
                | (Q(kind="regularisation") & ~Q(amount=Decimal(0))),
                violation_error_message="Un acompte et un solde sont positifs, un indu est négatif, "
                "une régularisation n’est pas nulle.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.year} – {self.agreement}"
