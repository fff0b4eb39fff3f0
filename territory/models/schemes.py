from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ctg_site.lib.conditions import Check


class Scheme(models.Model):
    """How the Caf pays: prestation de service, contrat enfance jeunesse, bonus territoire…"""

    class Family(models.TextChoices):
        SERVICE = "service", "Prestation de service"
        CONTRACT = "contract", "Contrat enfance jeunesse"
        MIXED = "mixed", "Non ventilé"
        BONUS = "bonus", "Bonus territoire"
        SUPPLEMENT = "supplement", "Autre bonus"
        GRANT = "grant", "Aide sur projet"
        INVESTMENT = "investment", "Investissement"
        PARTNER = "partner", "Autre financeur"

    code = models.SlugField("code", max_length=30, unique=True)
    label = models.CharField("libellé", max_length=120)
    position = models.PositiveSmallIntegerField("ordre", default=0)
    family = models.CharField("famille", max_length=10, choices=Family, default=Family.SERVICE)
    unit = models.CharField("unité d’œuvre", max_length=60, blank=True)
    formula = models.CharField("règle de calcul", max_length=300, blank=True)
    school_year = models.BooleanField("par année scolaire", default=False)
    valid_from = models.DateField("depuis le", null=True, blank=True)
    valid_to = models.DateField("jusqu’au", null=True, blank=True)
    to_verify = models.BooleanField("à vérifier sur le texte officiel", default=False)

    class Meta:
        verbose_name = "dispositif de financement"
        verbose_name_plural = "dispositifs de financement"
        ordering = ["position", "label"]

    def __str__(self) -> str:
        return self.label

    @property
    def is_bonus(self) -> bool:
        return self.family == self.Family.BONUS


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
    bonus = models.ForeignKey(
        Scheme, verbose_name="bonus territoire", null=True, blank=True, on_delete=models.PROTECT, related_name="kinds"
    )

    class Meta:
        verbose_name = "nature de service"
        verbose_name_plural = "natures de service"
        ordering = ["position", "label"]

    def __str__(self) -> str:
        return self.label

    def on(self, day: date) -> "ServiceKind":
        """The kind that this one has become by that day: a Ram of 2019 is a relais petite enfance in 2022."""
        kind = self
        while kind.valid_to and kind.valid_to < day and kind.successor:
            kind = kind.successor
        return kind


class WealthClass(models.TextChoices):
    """The forfait of a new place depends on how rich the territory is (potentiel financier, revenu par habitant)."""

    ANY = "", "Toutes les classes"
    LOW = "low", "Richesse la plus faible, ou QPV, ou zone de revitalisation"
    MIDDLE = "middle", "Richesse intermédiaire"
    HIGH = "high", "Richesse la plus élevée"


class RateQuerySet(models.QuerySet["Rate"]):
    def valid_on(self, day: date) -> "RateQuerySet":
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)

    def for_list(self) -> "RateQuerySet":
        return self.select_related("scheme").order_by(
            "scheme__position", "scheme__label", "measure", "-valid_from", "pk"
        )


class Rate(models.Model):
    """A rate, a ceiling or a percentage of a scheme, from a day on. Never edited: a new dated row takes over.

    ``value`` is None when the official text remains to be read: what depends on it is « à chiffrer », never 0.
    """

    class Measure(models.TextChoices):
        NEW_UNIT = "new_unit", "Forfait par unité nouvelle (€)"
        FLOOR = "floor", "Plancher par unité existante (€)"
        CEILING = "ceiling", "Plafond par unité (€)"
        CEILING_LOW = "ceiling_low", "Plafond par unité quand le taux de facturation est élevé (€)"
        COST_SHARE = "cost_share", "Part du coût plafonné prise en charge (%)"
        YEARLY_RISE = "yearly_rise", "Revalorisation annuelle du montant figé (%)"
        GROWTH_CAP = "growth_cap", "Développement annuel maximal de l’offre (%)"
        BILLING_LOW = "billing_low", "Taux de facturation jusqu’auquel le plafond est entier (%)"
        RANGE_LOW = "range_low", "Fourchette publiée, le bas (€)"
        RANGE_HIGH = "range_high", "Fourchette publiée, le haut (€)"
        FAMILY_CAP = "family_cap", "Plafond de ressources pour la participation des familles (€ par mois)"
        BILLING_HIGH = "billing_high", "Taux de facturation à partir duquel le plafond est réduit (%)"

    scheme = models.ForeignKey(Scheme, verbose_name="dispositif", on_delete=models.PROTECT, related_name="rates")
    measure = models.CharField("mesure", max_length=12, choices=Measure)
    wealth = models.CharField("classe de richesse", max_length=6, choices=WealthClass, blank=True)
    value = models.DecimalField("valeur", max_digits=12, decimal_places=4, null=True, blank=True)
    unit = models.CharField("unité", max_length=60)
    valid_from = models.DateField("à partir du")
    valid_to = models.DateField("jusqu’au", null=True, blank=True)
    source = models.CharField("source", max_length=300)
    to_verify = models.BooleanField("à vérifier sur le texte officiel", default=False)
    is_demo = models.BooleanField("donnée de démonstration", default=False)
    entered_at = models.DateTimeField("saisi le", default=timezone.now, editable=False)

    objects = RateQuerySet.as_manager()

    class Meta:
        verbose_name = "barème"
        verbose_name_plural = "barèmes"
        ordering = ["scheme", "measure", "-valid_from", "pk"]
        constraints = [
            Check(
                name="rate_not_negative",
                condition=Q(value=None) | Q(value__gte=Decimal(0)),
                violation_error_message="Un barème ne peut pas être négatif.",
            ),
            Check(
                name="rate_dates_in_order",
                condition=Q(valid_to=None) | Q(valid_to__gte=models.F("valid_from")),
                violation_error_message="La date de fin précède la date de début.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme}, {self.get_measure_display()}, {self.valid_from:%d/%m/%Y}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Un barème ne se modifie pas : ajoutez une nouvelle ligne, avec sa date de début.")
        super().save(*args, **kwargs)
