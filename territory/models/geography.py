import re
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, F, Q, When

from ctg_site.lib.conditions import Check
from ctg_site.lib.numbers import has_luhn_key
from ctg_site.lib.text import search_key

_CODES = {  # what the official code writes for each level, in the words of a refusal
    "commune": (re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}"), "cinq signes, par exemple 01004 ou 2A004"),
    "epci": (re.compile(r"[0-9]{9}"), "un SIREN de neuf chiffres, par exemple 200049211"),
    "departement": (re.compile(r"[0-9]{2}|2[AB]|97[0-9]"), "par exemple 66, 2A ou 971"),
    "region": (re.compile(r"[0-9]{2}"), "deux chiffres, par exemple 76"),
}
BAR = "|"  # around each name in the text searched; no key holds one
_LOOKS_LIKE_A_CODE = re.compile(r"[0-9][0-9ab]?[0-9]*")  # « 66 », « 2a004 », « 200049211 »


class TerritoryQuerySet(models.QuerySet["Territory"]):
    def valid_on(self, on: date) -> "TerritoryQuerySet":
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)

    def communes(self) -> "TerritoryQuerySet":
        return self.filter(kind=Territory.Kind.COMMUNE)

    def epcis(self) -> "TerritoryQuerySet":
        return self.filter(kind=Territory.Kind.EPCI)

    def matching(self, text: str) -> "TerritoryQuerySet":
        """By the beginning of the code or any part of a name; accents, hyphens and "St" do not matter.

        What is called so comes first (« Eu » before « Beaulieu »), then what begins so, then the rest by level and name.
        """
        key = search_key(text)
        if not key:
            return self.none()
        if _LOOKS_LIKE_A_CODE.fullmatch(code := key.replace(" ", "")):
            return self.filter(search_text__startswith=f"{BAR}{code}").order_by("code", "kind", "-valid_from", "pk")
        nearness = Case(
            When(search_text__contains=f"{BAR}{key}{BAR}", then=0),
            When(search_text__contains=f"{BAR}{key}", then=1),
            default=2,
        )
        found = self.filter(search_text__contains=f"{BAR}{key}" if len(key) == 1 else key)
        return found.order_by(nearness, "kind", "name", "pk")

    def reference(self) -> "TerritoryQuerySet":
        """What everyone sees: the official geography, without the custom perimeters of a Caf."""
        return self.exclude(kind=Territory.Kind.PERIMETER)


class Territory(models.Model):
    """An entity of the official geography, or a custom perimeter of a Caf; identified by (kind, code, valid from).

    ``parent`` is the level above: commune and EPCI → département, département → région, région → France.
    """

    class Kind(models.TextChoices):
        COMMUNE = "commune", "Commune"
        EPCI = "epci", "Intercommunalité (EPCI)"
        DEPARTEMENT = "departement", "Département"
        REGION = "region", "Région"
        FRANCE = "france", "France"
        PERIMETER = "perimeter", "Périmètre de Ctg"

    kind = models.CharField("niveau", max_length=12, choices=Kind)
    code = models.CharField("code", max_length=40, help_text="Code Insee, SIREN ou code propre au périmètre.")
    name = models.CharField("nom", max_length=200)
    aliases = models.JSONField("autres noms", default=list, blank=True)
    nature = models.CharField("forme juridique", max_length=80, blank=True)
    valid_from = models.DateField("existe depuis le", default=date(1943, 1, 1))
    valid_to = models.DateField("jusqu’au", null=True, blank=True)
    parent = models.ForeignKey(
        "self",
        verbose_name="niveau supérieur",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    caf = models.ForeignKey(
        "territory.Caf", verbose_name="Caf", null=True, blank=True, on_delete=models.PROTECT, related_name="perimeters"
    )
    members = models.ManyToManyField(
        "self", through="Belonging", through_fields=("group", "commune"), symmetrical=False, related_name="groups"
    )
    search_text = models.CharField(max_length=500, editable=False, db_index=True)

    objects = TerritoryQuerySet.as_manager()

    class Meta:
        verbose_name = "territoire"
        ordering = ["name", "code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "code", "valid_from"],
                name="territory_unique_kind_code_valid_from",
                violation_error_message="Ce territoire existe déjà à cette date.",
            ),
            Check(
                name="territory_dates_in_order",
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                violation_error_message="La date de fin précède la date de début.",
            ),
            Check(
                name="territory_perimeter_has_caf",
                condition=Q(kind="perimeter", caf__isnull=False) | (~Q(kind="perimeter") & Q(caf=None)),
                violation_error_message="Un périmètre, et lui seul, appartient à une Caf.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_text = self.key()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        form = _CODES.get(self.kind)
        if form and not form[0].fullmatch(self.code):
            raise ValidationError({"code": f"Ce n’est pas un code de cette nature : {form[1]}."})
        if self.kind == self.Kind.EPCI and not has_luhn_key(self.code):
            raise ValidationError({"code": "Ce SIREN est faux : vérifiez ses neuf chiffres."})

    def key(self) -> str:
        """« |66149|prades| »: the text that a search looks into; a bulk load must set it as ``search_text``."""
        names = [search_key(name) for name in [self.code, self.name, *self.aliases]]
        return f"{BAR}{BAR.join(names)}"[:499] + BAR

    def communes_on(self, on: date) -> "models.QuerySet[Territory]":
        """The communes of this territory on that day, itself if it is a commune."""
        communes = Territory.objects.communes()
        if self.kind == self.Kind.COMMUNE:
            return communes.filter(pk=self.pk)
        if self.kind == self.Kind.DEPARTEMENT:
            return communes.filter(parent=self).valid_on(on)
        if self.kind == self.Kind.REGION:
            return communes.filter(parent__parent=self).valid_on(on)
        if self.kind == self.Kind.FRANCE:
            return communes.filter(Q(parent__parent__parent=self) | Q(parent__parent__parent__parent=self)).valid_on(on)
        is_open = Q(belongings__valid_to=None) | Q(belongings__valid_to__gte=on)
        return communes.filter(is_open, belongings__group=self, belongings__valid_from__lte=on)


class BelongingQuerySet(models.QuerySet["Belonging"]):
    def valid_on(self, on: date) -> "BelongingQuerySet":
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)


class Belonging(models.Model):
    """A commune is part of an EPCI or of a custom perimeter, from a day to another."""

    commune = models.ForeignKey(Territory, verbose_name="commune", on_delete=models.PROTECT, related_name="belongings")
    group = models.ForeignKey(Territory, verbose_name="ensemble", on_delete=models.CASCADE, related_name="+")
    valid_from = models.DateField("depuis le")
    valid_to = models.DateField("jusqu’au", null=True, blank=True)

    objects = BelongingQuerySet.as_manager()

    class Meta:
        verbose_name = "appartenance"
        ordering = ["group", "commune", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["commune", "group", "valid_from"],
                name="belonging_unique",
                violation_error_message="Cette commune fait déjà partie de cet ensemble à cette date.",
            ),
            Check(
                name="belonging_dates_in_order",
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                violation_error_message="La date de fin précède la date de début.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commune} dans {self.group}"


class Succession(models.Model):
    """A commune became part of another, or came out of it, on a day that the official code knows."""

    class Kind(models.TextChoices):
        MERGE = "merge", "Fusion"
        SPLIT = "split", "Scission"

    before = models.ForeignKey(Territory, verbose_name="avant", on_delete=models.CASCADE, related_name="successors")
    after = models.ForeignKey(Territory, verbose_name="après", on_delete=models.CASCADE, related_name="predecessors")
    kind = models.CharField("changement", max_length=5, choices=Kind)
    on = models.DateField("le")

    class Meta:
        verbose_name = "fusion ou scission"
        verbose_name_plural = "fusions et scissions"
        ordering = ["on", "before", "after"]
        constraints = [
            models.UniqueConstraint(
                fields=["before", "after", "on"],
                name="succession_unique",
                violation_error_message="Ce changement est déjà enregistré.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} : {self.before} → {self.after}, {self.on:%d/%m/%Y}"


class Outline(models.Model):
    """The outline of a territory for maps: GeoJSON geometry in longitude and latitude (WGS 84), simplified."""

    territory = models.OneToOneField(
        Territory, verbose_name="territoire", on_delete=models.CASCADE, related_name="outline"
    )
    geometry = models.JSONField("géométrie GeoJSON")
    source = models.CharField("source", max_length=200)

    class Meta:
        verbose_name = "contour"

    def __str__(self) -> str:
        return f"Contour de {self.territory}"
