from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ctg_site.lib.conditions import Check
from territory.models.ctg import Ctg
from territory.models.facilities import Facility
from territory.models.legacy import LegacyContract
from territory.models.people import Membership
from territory.models.schemes import Scheme, WealthClass


class ScenarioQuerySet(models.QuerySet["Scenario"]):
    def visible_to(self, user) -> "ScenarioQuerySet":
        """All those of one's Caf; on a Ctg, those that the Caf has shared."""
        if user.is_superuser:
            return self
        roles = Membership.objects.filter(user_id=user.pk)
        own = Q(ctg__caf__in=roles.filter(caf__isnull=False).values("caf"))
        return self.filter(own | Q(ctg__in=roles.filter(ctg__isnull=False).values("ctg"), shared_at__isnull=False))


class Scenario(models.Model):
    """« What becomes of our Cej »: the bonuses of a Ctg over its years, under assumptions that are written down.

    The amounts are kept as they were computed: a rate entered later changes nothing here until somebody computes again.
    """

    ctg = models.ForeignKey(Ctg, verbose_name="Ctg", on_delete=models.CASCADE, related_name="scenarios")
    contract = models.ForeignKey(
        LegacyContract,
        verbose_name="Cej de départ",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="scenarios",
    )
    name = models.CharField("nom", max_length=80)
    note = models.CharField("en une phrase", max_length=250, blank=True)
    wealth = models.CharField("classe de richesse du territoire", max_length=6, choices=WealthClass, blank=True)
    yearly_rise = models.DecimalField(
        "revalorisation annuelle supposée (%)",
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Employée les années où le barème n’en donne pas. Vide : aucune.",
    )
    local_adjusts = models.BooleanField(
        "la collectivité ajuste sa participation du montant du bonus",
        default=True,
        help_text="Le bonus va au gestionnaire : la collectivité, qui recevait le Cej, verse d’autant moins.",
    )
    shared_at = models.DateTimeField("partagé le", null=True, blank=True)
    saved_at = models.DateTimeField("calculé le", default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="créé par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        verbose_name = "scénario"
        ordering = ["ctg", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ctg", "name"],
                name="scenario_unique_name",
                violation_error_message="Un scénario porte déjà ce nom.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ScenarioLine(models.Model):
    """The bonus of one equipment in one year: what was assumed, what it gives, and how, in words."""

    scenario = models.ForeignKey(Scenario, verbose_name="scénario", on_delete=models.CASCADE, related_name="lines")
    facility = models.ForeignKey(Facility, verbose_name="équipement", on_delete=models.PROTECT, related_name="+")
    scheme = models.ForeignKey(Scheme, verbose_name="bonus", on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("année")
    existing_units = models.DecimalField("unités existantes", max_digits=9, decimal_places=2, default=Decimal(0))
    new_units = models.DecimalField("unités nouvelles", max_digits=9, decimal_places=2, default=Decimal(0))
    existing_amount = models.DecimalField("pour l’existant (€)", max_digits=12, decimal_places=2, null=True)
    new_amount = models.DecimalField("pour le nouveau (€)", max_digits=12, decimal_places=2, null=True)
    before = models.DecimalField("Cej de la dernière année (€)", max_digits=12, decimal_places=2, default=Decimal(0))
    local_before = models.DecimalField("collectivité avant (€)", max_digits=12, decimal_places=2, null=True)
    local_after = models.DecimalField("collectivité après (€)", max_digits=12, decimal_places=2, null=True)
    steps = models.JSONField("calcul expliqué", default=list)
    to_verify = models.BooleanField("repose sur un barème à vérifier", default=False)

    class Meta:
        verbose_name = "ligne de scénario"
        verbose_name_plural = "lignes de scénario"
        ordering = ["scenario", "facility__name", "year", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["scenario", "facility", "scheme", "year"], name="scenario_line_unique"),
            Check(
                name="scenario_line_units_not_negative",
                condition=Q(existing_units__gte=0, new_units__gte=0),
                violation_error_message="Le nombre d’unités ne peut pas être négatif.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility} – {self.year}"

    @property
    def amount(self) -> Decimal | None:
        """None as soon as one half is à chiffrer."""
        if self.existing_amount is None or self.new_amount is None:
            return None
        return self.existing_amount + self.new_amount
