from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Prefetch, Q
from simple_history.models import HistoricalRecords

from ctg_site.lib.conditions import Check
from territory.models.ctg import Ctg
from territory.models.geography import Territory
from territory.models.people import Caf, Organisation
from territory.models.schemes import ServiceKind


class CapacityUnit(models.TextChoices):
    PLACES = "places", "places"
    HOURS = "hours", "heures"
    FTE = "fte", "ETP"
    GROUPS = "groups", "groupes"


class FacilityQuerySet(models.QuerySet["Facility"]):
    def visible_to(self, user) -> "FacilityQuerySet":
        return self.filter(caf__in=Caf.objects.visible_to(user).values("pk"))

    def of(self, ctg: Ctg) -> "FacilityQuerySet":
        """Those of the Caf that have their seat in, or serve, a commune of this Ctg."""
        communes = ctg.communes.order_by().values("pk")
        served = Facility.served.through.objects.filter(territory__in=communes).values("facility")
        return self.filter(Q(seat__in=communes) | Q(pk__in=served), caf=ctg.caf_id)

    def open_on(self, day: date) -> "FacilityQuerySet":
        return self.filter(Q(closed_on=None) | Q(closed_on__gt=day), Q(opened_on=None) | Q(opened_on__lte=day))

    def supported_in(self, ctg: Ctg, on: date) -> "FacilityQuerySet":
        """Those open that day which the collectivity co-funds then: annex 2 of the convention."""
        lasting = Q(until=None) | Q(until__gte=on)
        facts = FacilityFact.objects.filter(lasting, Q(ctg=None) | Q(ctg=ctg), kind="cofunded", on__lte=on)
        return self.of(ctg).open_on(on).filter(pk__in=facts.values("facility"))

    def for_list(self) -> "FacilityQuerySet":
        served = Prefetch("served", queryset=Territory.objects.order_by("name", "pk"))
        return self.select_related("kind__successor", "manager", "seat").prefetch_related(served).order_by("name", "pk")


class Facility(models.Model):
    """An equipment or a service that the Caf supports: who runs it, where, for how many."""

    caf = models.ForeignKey(Caf, verbose_name="Caf", on_delete=models.PROTECT, related_name="facilities")
    code = models.CharField(
        "code",
        max_length=20,
        validators=[RegexValidator(r"^[0-9A-Za-z][0-9A-Za-z._/-]*$", "Lettres, chiffres, tiret, point ou barre.")],
        help_text="Le numéro de l’équipement à la Caf : il le désigne d’un import à l’autre.",
    )
    name = models.CharField("nom", max_length=200)
    kind = models.ForeignKey(ServiceKind, verbose_name="nature", on_delete=models.PROTECT, related_name="facilities")
    manager = models.ForeignKey(
        Organisation, verbose_name="gestionnaire", on_delete=models.PROTECT, related_name="managed_facilities"
    )
    seat = models.ForeignKey(Territory, verbose_name="commune du siège", on_delete=models.PROTECT, related_name="+")
    served = models.ManyToManyField(
        Territory, verbose_name="communes desservies", blank=True, related_name="serving_facilities"
    )
    address = models.CharField("adresse", max_length=250, blank=True)
    capacity = models.DecimalField("capacité", max_digits=9, decimal_places=2, null=True, blank=True)
    capacity_unit = models.CharField("unité", max_length=6, choices=CapacityUnit, default=CapacityUnit.PLACES)
    opened_on = models.DateField("ouvert le", null=True, blank=True)
    closed_on = models.DateField("fermé le", null=True, blank=True)
    approval = models.CharField("agrément", max_length=200, blank=True, help_text="Référence et date de l’agrément.")
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = FacilityQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[served])

    class Meta:
        verbose_name = "équipement ou service"
        verbose_name_plural = "équipements et services"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["caf", "code"],
                name="facility_unique_code_per_caf",
                violation_error_message="Ce code désigne déjà un équipement de la Caf.",
            ),
            Check(
                name="facility_capacity_not_negative",
                condition=Q(capacity=None) | Q(capacity__gte=Decimal(0)),
                violation_error_message="La capacité ne peut pas être négative.",
            ),
            Check(
                name="facility_dates_in_order",
                condition=Q(opened_on=None) | Q(closed_on=None) | Q(closed_on__gt=F("opened_on")),
                violation_error_message="La fermeture précède l’ouverture.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.manager_id and self.manager.caf_id != self.caf_id:
            raise ValidationError({"manager": "Choisissez un gestionnaire de l’annuaire de cette Caf."})
        if self.seat_id and self.seat.kind != Territory.Kind.COMMUNE:
            raise ValidationError({"seat": "Le siège est dans une commune."})


class FacilityFact(models.Model):
    """What opens the bonus territoire to an equipment, with its day: later steps state it, the money only reads it."""

    class Kind(models.TextChoices):
        ANNEXED = "annexed", "Inscrit à l’annexe 2 de la convention"
        COFUNDED = "cofunded", "Cofinancé par la collectivité compétente"
        ELIGIBLE = "eligible", "Éligible à la prestation de service"

    facility = models.ForeignKey(Facility, verbose_name="équipement", on_delete=models.CASCADE, related_name="facts")
    ctg = models.ForeignKey(
        Ctg, verbose_name="Ctg", null=True, blank=True, on_delete=models.PROTECT, related_name="facility_facts"
    )
    kind = models.CharField("fait", max_length=8, choices=Kind)
    on = models.DateField("depuis le")
    until = models.DateField("jusqu’au", null=True, blank=True)

    class Meta:
        verbose_name = "condition du bonus"
        verbose_name_plural = "conditions du bonus"
        ordering = ["facility", "kind", "on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "ctg", "kind", "on"],
                name="facility_fact_unique",
                violation_error_message="Ce fait est déjà enregistré.",
            ),
            models.UniqueConstraint(
                fields=["facility", "kind", "on"],
                condition=Q(ctg=None),
                name="facility_fact_unique_everywhere",
                violation_error_message="Ce fait est déjà enregistré.",
            ),
            Check(
                name="facility_fact_dates_in_order",
                condition=Q(until=None) | Q(until__gte=F("on")),
                violation_error_message="La date de fin précède la date de début.",
            ),
            Check(
                name="facility_fact_annex_names_ctg",
                condition=~Q(kind="annexed") | Q(ctg__isnull=False),
                violation_error_message="L’annexe 2 est celle d’une Ctg : dites laquelle.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility} : {self.get_kind_display()}"

    def holds_on(self, day: date) -> bool:
        return self.on <= day and (self.until is None or day <= self.until)
