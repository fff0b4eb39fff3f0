from copy import copy
from typing import Self

from django.db import models
from django.db.models import Q

from ctg_site.lib.conditions import Check
from diagnostic.models.diagnosis import Diagnosis, DiagnosisPart
from diagnostic.models.findings import Finding
from territory.models import Ctg, Indicator, Source, Value
from territory.secrecy import PublicValue, State

STATES = [
    (State.SHOWN.value, "montré"),
    (State.MASKED.value, "secret statistique"),
    (State.MISSING.value, "non disponible"),
    (State.NOT_APPLICABLE.value, "sans objet"),
]


class PhotographQuerySet(models.QuerySet["Photograph"]):
    def visible_to(self, user) -> Self:
        return self.filter(diagnosis__ctg__in=Ctg.objects.visible_to(user))

    def for_reading(self) -> Self:
        return self.select_related("indicator").order_by("indicator__position", "label", "pk")


class Photograph(DiagnosisPart):
    """A figure as it was shown that day, with what it was compared with: copied, so that no later release moves it.

    Of a finding, or of the whole diagnosis, taken when it is validated.
    """

    diagnosis = models.ForeignKey(
        Diagnosis, verbose_name="diagnostic", on_delete=models.CASCADE, related_name="photographs"
    )
    finding = models.ForeignKey(
        Finding, verbose_name="constat", null=True, blank=True, on_delete=models.CASCADE, related_name="photographs"
    )
    indicator = models.ForeignKey(Indicator, verbose_name="indicateur", on_delete=models.PROTECT, related_name="+")
    taken_on = models.DateField("photographié le")
    label = models.CharField("libellé", max_length=200)
    unit = models.CharField("unité", max_length=8, choices=Indicator.Unit)
    decimals = models.PositiveSmallIntegerField("décimales", default=0)
    is_key = models.BooleanField("indicateur clé", default=False)
    perimeter = models.CharField("périmètre", max_length=200)
    state = models.CharField("état", max_length=7, choices=STATES)
    number = models.DecimalField("valeur", max_digits=16, decimal_places=4, null=True, blank=True)
    text = models.CharField("valeur montrée", max_length=60)
    year = models.PositiveSmallIntegerField("année", null=True, blank=True)
    start_year = models.PositiveSmallIntegerField("année de départ", null=True, blank=True)
    quality = models.CharField("qualité", max_length=9, choices=Value.Quality, blank=True)
    source = models.CharField("source", max_length=150, blank=True)
    producer = models.CharField("producteur", max_length=120, blank=True)
    caveat = models.TextField("à savoir", blank=True)
    release = models.CharField("livraison", max_length=200, blank=True)
    department = models.CharField("département", max_length=200, blank=True)
    department_state = models.CharField("état, département", max_length=7, choices=STATES, default=State.MISSING)
    department_number = models.DecimalField(
        "valeur, département", max_digits=16, decimal_places=4, null=True, blank=True
    )
    department_text = models.CharField("valeur montrée, département", max_length=60, blank=True)
    department_year = models.PositiveSmallIntegerField("année, département", null=True, blank=True)
    department_start_year = models.PositiveSmallIntegerField("année de départ, département", null=True, blank=True)
    france = models.CharField("France", max_length=200, blank=True)
    france_state = models.CharField("état, France", max_length=7, choices=STATES, default=State.MISSING)
    france_number = models.DecimalField("valeur, France", max_digits=16, decimal_places=4, null=True, blank=True)
    france_text = models.CharField("valeur montrée, France", max_length=60, blank=True)
    france_year = models.PositiveSmallIntegerField("année, France", null=True, blank=True)
    france_start_year = models.PositiveSmallIntegerField("année de départ, France", null=True, blank=True)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = PhotographQuerySet.as_manager()

    class Meta:
        verbose_name = "chiffre photographié"
        verbose_name_plural = "chiffres photographiés"
        ordering = ["label", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["finding", "indicator"],
                name="photograph_unique_in_finding",
                violation_error_message="Ce chiffre est déjà photographié pour ce constat.",
            ),
            models.UniqueConstraint(
                fields=["diagnosis", "indicator"],
                condition=Q(finding=None),
                name="photograph_unique_in_diagnosis",
                violation_error_message="Ce chiffre est déjà photographié pour ce diagnostic.",
            ),
            Check(
                name="photograph_number_only_when_shown",
                condition=(Q(state="shown", number__isnull=False) | (~Q(state="shown") & Q(number=None)))
                & (Q(department_state="shown") | Q(department_number=None))
                & (Q(france_state="shown") | Q(france_number=None)),
                violation_error_message="Un chiffre secret ou non disponible n’a pas de nombre.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.year})" if self.year else self.label

    def get_absolute_url(self) -> str:
        """Where its value is read, masked if it has to be."""
        return (self.finding or self.diagnosis).get_absolute_url()

    @property
    def here(self) -> PublicValue:
        return self._value("", self.source)

    @property
    def in_department(self) -> PublicValue:
        return self._value("department_")

    @property
    def in_france(self) -> PublicValue:
        return self._value("france_")

    @property
    def measure(self) -> Indicator:
        """The indicator in the words of that day."""
        measure = copy(self.indicator)
        measure.label, measure.unit, measure.decimals, measure.is_key = (
            self.label,
            self.unit,
            self.decimals,
            self.is_key,
        )
        return measure

    @property
    def origin(self) -> Source:
        """The source in the words of that day; not a row of the catalogue."""
        return Source(name=self.source, producer=self.producer, caveat=self.caveat)

    def _value(self, place: str, source: str = "") -> PublicValue:
        known = {name: getattr(self, place + name) for name in ("number", "text", "year", "start_year")}
        quality = "" if place else self.quality
        return PublicValue(
            State(getattr(self, f"{place}state")), unit=self.unit, source=source, quality=quality, **known
        )
