from django.db import models
from django.db.models import F, Q

from ctg_site.lib.conditions import Check
from territory.models.geography import Territory
from territory.models.indicators import Indicator, Source
from territory.models.people import Caf


class RankQuerySet(models.QuerySet["Rank"]):
    def visible_to_caf(self, caf: Caf | None) -> "RankQuerySet":
        """Ranks among open data, and among the Caf's own figures: another Caf's never count."""
        return self.filter(Q(caf=None) | Q(caf=caf)) if caf else self.filter(caf=None)


class Rank(models.Model):
    """Where the figure of an EPCI or a département stands, the highest being first: computed when figures arrive or leave.

    Only figures of one source, one owner and the same years are ranked together, and only those that may be shown.
    A count is 0 where too few places are known for the rank to mean anything.
    """

    indicator = models.ForeignKey(Indicator, verbose_name="indicateur", on_delete=models.CASCADE, related_name="ranks")
    territory = models.ForeignKey(Territory, verbose_name="territoire", on_delete=models.CASCADE, related_name="ranks")
    year = models.PositiveSmallIntegerField("année")
    start_year = models.PositiveSmallIntegerField("année de départ")
    source = models.ForeignKey(Source, verbose_name="source", on_delete=models.CASCADE, related_name="+")
    caf = models.ForeignKey(Caf, verbose_name="Caf", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    in_department = models.PositiveSmallIntegerField("rang dans le département")
    department_count = models.PositiveSmallIntegerField("classés dans le département")
    in_country = models.PositiveSmallIntegerField("rang en France")
    country_count = models.PositiveSmallIntegerField("classés en France")

    objects = RankQuerySet.as_manager()

    class Meta:
        verbose_name = "rang"
        ordering = ["indicator", "territory", "-year"]
        indexes = [models.Index(fields=["territory", "year", "indicator"], name="rank_of_territory")]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "territory", "year", "start_year", "source"],
                condition=Q(caf=None),
                name="rank_unique_open",
            ),
            models.UniqueConstraint(
                fields=["indicator", "territory", "year", "start_year", "source", "caf"], name="rank_unique_caf"
            ),
            Check(
                name="rank_within_count",
                condition=Q(in_department__lte=F("department_count"), in_country__lte=F("country_count")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.territory} : {self.in_department} sur {self.department_count}"
