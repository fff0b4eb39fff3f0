from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ctg_site.lib.conditions import Check
from territory.models.geography import Territory
from territory.models.indicators import Indicator, Source
from territory.models.people import Caf


class SecrecyRule(models.Model):
    """From which year of figures, below how many and by what means a source keeps its statistical secrecy.

    Dated rows: one is added, never written over. A source without a rule is held to be our own count, below 5.
    """

    class Method(models.TextChoices):
        OURS = "ours", "masqué par l’application sous le seuil"
        PRODUCER = "producer", "masqué par son producteur"
        ROUNDED = "rounded", "arrondi par son producteur"
        NONE = "none", "hors du secret statistique"

    source = models.ForeignKey(Source, verbose_name="source", on_delete=models.CASCADE, related_name="secrecy_rules")
    first_year = models.PositiveSmallIntegerField(
        "à partir des chiffres de l’année", default=1900, help_text="Jusqu’à la règle suivante de la même source."
    )
    method = models.CharField("méthode", max_length=8, choices=Method, default=Method.OURS)
    threshold = models.PositiveSmallIntegerField(
        "seuil", default=5, help_text="Un effectif non nul inférieur à ce seuil n’est pas montré."
    )
    base = models.PositiveSmallIntegerField("arrondi", default=1, help_text="1 : pas d’arrondi ; 5 : multiples de 5.")
    reference = models.CharField("texte", max_length=250, blank=True, help_text="Le texte ou la notice qui le dit.")

    class Meta:
        verbose_name = "règle du secret"
        verbose_name_plural = "règles du secret"
        ordering = ["source", "-first_year"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "first_year"],
                name="secrecy_rule_unique",
                violation_error_message="Cette source a déjà une règle à partir de cette année.",
            ),
            Check(
                name="secrecy_rule_threshold",
                condition=Q(method="none", threshold=0) | (~Q(method="none") & Q(threshold__gte=2)),
                violation_error_message="Le seuil est d’au moins 2 ; il est de 0 hors du secret statistique.",
            ),
            Check(
                name="secrecy_rule_base",
                condition=Q(method="rounded", base__gte=2) | (~Q(method="rounded") & Q(base=1)),
                violation_error_message="L’arrondi est d’au moins 2 si le producteur arrondit, sinon de 1.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}, depuis {self.first_year} : {self.get_method_display()}"

    @property
    def is_ours(self) -> bool:
        return self.method == self.Method.OURS


class Withholding(models.Model):
    """A figure that a Caf chose to mask, so that no other one gives a small count away; whatever its delivery."""

    caf = models.ForeignKey(Caf, verbose_name="Caf", on_delete=models.CASCADE, related_name="withholdings")
    indicator = models.ForeignKey(Indicator, verbose_name="indicateur", on_delete=models.CASCADE, related_name="+")
    territory = models.ForeignKey(Territory, verbose_name="territoire", on_delete=models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField("année")
    decided_at = models.DateTimeField("décidé le", default=timezone.now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="décidé par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = "chiffre masqué par la Caf"
        verbose_name_plural = "chiffres masqués par la Caf"
        ordering = ["caf", "indicator", "territory", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["caf", "indicator", "territory", "year"],
                name="withholding_unique",
                violation_error_message="Ce chiffre est déjà masqué.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator} – {self.territory} – {self.year}"
