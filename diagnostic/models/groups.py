from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q, Subquery
from django.db.models.functions import Coalesce
from simple_history.models import HistoricalRecords

from ctg_site.lib.conditions import Check
from ctg_site.lib.dates import french_date
from diagnostic.models.diagnosis import Diagnosis
from territory.models import Ctg, Indicator, Organisation


class GroupQuerySet(models.QuerySet["ThematicGroup"]):
    def visible_to(self, user) -> Self:
        return self.filter(ctg__in=Ctg.objects.visible_to(user))

    def open_to(self, user) -> Self:
        """The groups of their own Ctgs, and those whose findings are published."""
        published = Diagnosis.objects.filter(published_at__isnull=False)
        return self.filter(Q(ctg__in=Ctg.objects.visible_to(user)) | Q(ctg__in=published.values("ctg")))

    def for_page(self) -> Self:
        """With what the header of every page of a Ctg reads."""
        return self.select_related("ctg__caf__territory", "lead").prefetch_related("ctg__facts")

    def with_counts(self) -> Self:
        """The findings and ideas of the last version, and the contributions, counted apart so that they do not multiply."""
        diagnoses = Diagnosis.objects.current().values("pk")
        return self.annotate(
            finding_count=_count("findings", findings__diagnosis__in=diagnoses),
            idea_count=_count("ideas", ideas__diagnosis__in=diagnoses),
            contribution_count=_count("contributions"),
        ).order_by("position", "pk")


def _count(parts: str, **only: Any) -> Coalesce:
    counted = ThematicGroup.objects.filter(pk=models.OuterRef("pk"), **only).order_by().values("pk")
    return Coalesce(Subquery(counted.annotate(n=Count(parts)).values("n")), 0)


class ThematicGroup(models.Model):
    """A working group of partners on a theme; its meetings are governance meetings like all the others."""

    class Colour(models.TextChoices):
        EARLY_CHILDHOOD = "petite-enfance", "rouille"
        YOUTH = "enfance-jeunesse", "bleu"
        PARENTING = "parentalite", "prune"
        RIGHTS = "droits", "vert"
        SOCIAL_LIFE = "avs-logement", "violet"

    ctg = models.ForeignKey(Ctg, verbose_name="Ctg", on_delete=models.CASCADE, related_name="groups")
    name = models.CharField("nom", max_length=100)
    audience = models.CharField("public", max_length=80, blank=True, help_text="« 0 – moins de 3 ans »")
    colour = models.CharField("couleur", max_length=20, choices=Colour, default=Colour.EARLY_CHILDHOOD)
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="animateur ou animatrice",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="led_groups",
    )
    contributions_open_on = models.DateField("contributions à partir du", null=True, blank=True)
    contributions_close_on = models.DateField("contributions jusqu’au", null=True, blank=True)
    indicators = models.ManyToManyField(
        Indicator,
        verbose_name="indicateurs",
        blank=True,
        related_name="+",
        help_text="Les chiffres que le groupe suit.",
    )
    position = models.PositiveSmallIntegerField("ordre", default=0)

    objects = GroupQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "groupe thématique"
        verbose_name_plural = "groupes thématiques"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ctg", "name"],
                name="group_unique_name",
                violation_error_message="Ce groupe existe déjà dans cette Ctg.",
            ),
            Check(
                name="group_contribution_dates_in_order",
                condition=Q(contributions_close_on=None)
                | Q(contributions_open_on=None)
                | Q(contributions_close_on__gte=F("contributions_open_on")),
                violation_error_message="La clôture des contributions précède leur ouverture.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def contribution_dates(self) -> str:
        """When partners may speak, as a letter says it."""
        opens, closes = self.contributions_open_on, self.contributions_close_on
        if opens is None:
            return "les dates vous seront annoncées"
        if closes is None:
            return f"à partir du {french_date(opens)}"
        return f"du {french_date(opens)} au {french_date(closes)}"

    def listens_from(self, on: date) -> bool:
        """That day or later: a link sent now will open something."""
        opens, closes = self.contributions_open_on, self.contributions_close_on
        return opens is not None and (closes is None or closes >= on)

    def takes_contributions_on(self, on: date) -> bool:
        return self.why_closed_on(on) == ""

    def why_closed_on(self, on: date) -> str:
        """Why nobody can contribute that day; empty when they can. Both dates are part of the period."""
        opens, closes = self.contributions_open_on, self.contributions_close_on
        if opens is None:
            return "Les contributions de ce groupe ne sont pas encore ouvertes : leurs dates seront annoncées."
        if on < opens:
            return f"Les contributions ouvriront le {french_date(opens)} : revenez à partir de ce jour."
        if closes is not None and on > closes:
            return f"Les contributions sont closes depuis le {french_date(closes)}. Écrivez à l’équipe de la Ctg si vous avez encore à dire."
        return ""


class MemberQuerySet(models.QuerySet["GroupMember"]):
    def seated(self) -> Self:
        return self.filter(left_on=None)


class GroupMember(models.Model):
    """An organisation that takes part in a group, through a person with an account or not yet."""

    group = models.ForeignKey(ThematicGroup, verbose_name="groupe", on_delete=models.CASCADE, related_name="members")
    organisation = models.ForeignKey(Organisation, verbose_name="organisme", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="personne",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="group_seats",
    )
    joined_on = models.DateField("depuis le", null=True, blank=True)
    left_on = models.DateField("jusqu’au", null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = "membre de groupe"
        verbose_name_plural = "membres de groupe"
        ordering = ["organisation__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "organisation", "user"],
                condition=Q(left_on=None),
                name="group_member_unique",
                violation_error_message="Ce membre est déjà dans le groupe.",
            ),
            Check(
                name="group_member_dates_in_order",
                condition=Q(left_on=None) | Q(joined_on=None) | Q(left_on__gte=F("joined_on")),
                violation_error_message="Ce membre quitterait le groupe avant d’y être entré.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} – {self.group}"
