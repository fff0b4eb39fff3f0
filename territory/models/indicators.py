from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ctg_site.lib.conditions import Check
from territory.models.geography import Territory
from territory.models.people import Caf

TOWN_INHABITANTS = 10_000  # up to there, some sources publish nothing of a commune


class Source(models.Model):
    """Who produces a figure and what must be said beside it; its rules of secrecy are dated rows."""

    code = models.SlugField("code", max_length=40, unique=True)
    name = models.CharField("nom", max_length=150)
    producer = models.CharField("producteur", max_length=120)
    caveat = models.TextField("à savoir", blank=True, help_text="Affiché à côté du chiffre.")
    blank_means = models.CharField(
        "une cellule vide veut dire",
        max_length=7,
        choices=[("masked", "secret ou absent : tenu pour secret"), ("missing", "non disponible")],
        default="missing",
    )
    url = models.URLField("adresse", blank=True)
    licence = models.CharField("licence", max_length=80, blank=True, help_text="« Licence Ouverte 2.0 ».")

    class Meta:
        verbose_name = "source"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Indicator(models.Model):
    """What is measured: its definition decides the computation."""

    class Theme(models.TextChoices):
        PORTRAIT = "portrait", "Portrait"
        EARLY_CHILDHOOD = "petite-enfance", "Petite enfance"
        YOUTH = "enfance-jeunesse", "Enfance-Jeunesse"
        PARENTING = "parentalite", "Parentalité"
        RIGHTS = "droits", "Accès aux droits / Jeunes adultes"
        SOCIAL_LIFE = "avs-logement", "Animation de la vie sociale / Logement"

    class Unit(models.TextChoices):
        COUNT = "count", "nombre"
        PERCENT = "percent", "%"
        RATE = "rate", "pour 100"
        EURO = "euro", "€"
        FTE = "fte", "ETP"

    class Direction(models.TextChoices):
        HIGHER = "higher", "Plus haut est mieux"
        LOWER = "lower", "Plus bas est mieux"
        NEITHER = "neither", "Ni l’un ni l’autre"

    class Level(models.TextChoices):
        IRIS = "iris", "IRIS (quartier)"
        COMMUNE = "commune", "Commune"
        TOWN = "town", "Commune de plus de 10 000 habitants"
        EPCI = "epci", "Intercommunalité"
        DEPARTEMENT = "departement", "Département"

    code = models.SlugField("code", max_length=60, unique=True)
    label = models.CharField("libellé", max_length=200)
    theme = models.CharField("thème", max_length=20, choices=Theme)
    unit = models.CharField("unité", max_length=8, choices=Unit)
    unit_name = models.CharField(
        "unité en toutes lettres",
        max_length=60,
        blank=True,
        help_text="Ce qui est compté (« foyers », « enfants »), ou la période d’une somme (« € par mois »).",
    )
    decimals = models.PositiveSmallIntegerField("décimales", default=0)
    definition = models.TextField("définition")
    phrase = models.CharField(
        "phrase",
        max_length=200,
        blank=True,
        help_text=(
            "Ce qui suit un pourcentage (« des allocataires {of} sont à bas revenus »), ou le sujet de la phrase "
            "(« le niveau de vie médian {of} ») ; {of} devient « de Prades »."
        ),
    )
    source = models.ForeignKey(
        Source, verbose_name="source habituelle", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    finest_level = models.CharField(
        "niveau le plus fin", max_length=12, choices=Level, default=Level.COMMUNE, help_text="Publié par la source."
    )
    direction = models.CharField("sens", max_length=8, choices=Direction, default=Direction.NEITHER)
    numerator = models.ForeignKey(
        "self", verbose_name="numérateur", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    denominator = models.ForeignKey(
        "self", verbose_name="dénominateur", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    tied_to = models.ForeignKey(
        "self",
        verbose_name="effectif lié",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="L’effectif qui reçoit ce montant, ou dont c’est l’évolution : quand il est masqué, ce chiffre l’est aussi.",
    )
    is_key = models.BooleanField(
        "indicateur clé", default=False, help_text="Montré dans le tableau comparé du portrait."
    )
    is_evolution = models.BooleanField(
        "évolution entre deux années", default=False, help_text="Le chiffre a une année de départ et une d’arrivée."
    )
    counts_people = models.BooleanField(
        "compte des personnes ou des foyers", default=False, help_text="Soumis au secret statistique."
    )
    is_additive = models.BooleanField(
        "s’additionne", default=False, help_text="Le total d’un ensemble est la somme de ses communes."
    )
    position = models.PositiveSmallIntegerField("ordre", default=0)

    class Meta:
        verbose_name = "indicateur"
        ordering = ["position", "label", "pk"]
        constraints = [
            Check(
                name="indicator_ratio_has_both_terms",
                condition=Q(numerator=None, denominator=None) | Q(numerator__isnull=False, denominator__isnull=False),
                violation_error_message="Un rapport a un numérateur et un dénominateur.",
            ),
            Check(
                name="indicator_ratio_is_a_share_or_a_rate",
                condition=Q(numerator=None) | Q(unit__in=["percent", "rate"], is_additive=False),
                violation_error_message="Un rapport est un pourcentage ou un taux pour 100, et ne s’additionne pas.",
            ),
            Check(
                name="indicator_only_quantities_add_up",
                condition=Q(is_additive=False) | Q(unit__in=["count", "euro", "fte"], is_evolution=False),
                violation_error_message="Une part, un taux ou une évolution ne s’additionne pas.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def unit_words(self) -> str:
        """« foyers », « € par mois », « % »."""
        return self.unit_name or self.get_unit_display()

    @property
    def is_head_count(self) -> bool:
        """People or households, one by one: what statistical secrecy is about."""
        return self.counts_people and self.unit == self.Unit.COUNT


class Release(models.Model):
    """One delivery of a source: a file, a deck, a typed correction. Open data belong to nobody (no Caf)."""

    source = models.ForeignKey(Source, verbose_name="source", on_delete=models.PROTECT, related_name="releases")
    name = models.CharField("nom", max_length=200)
    published_on = models.DateField("publié le", null=True, blank=True)
    caf = models.ForeignKey(
        Caf, verbose_name="Caf", null=True, blank=True, on_delete=models.PROTECT, related_name="releases"
    )
    loaded_at = models.DateTimeField("chargé le", default=timezone.now, editable=False)
    loaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="chargé par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    class Meta:
        verbose_name = "livraison"
        ordering = ["-loaded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "name"],
                condition=Q(caf=None),
                name="release_unique_open",
                violation_error_message="Cette livraison existe déjà.",
            ),
            models.UniqueConstraint(
                fields=["source", "name", "caf"],
                name="release_unique_caf",
                violation_error_message="Cette livraison existe déjà.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ValueQuerySet(models.QuerySet["Value"]):
    def visible_to_caf(self, caf: Caf) -> "ValueQuerySet":
        """Open data and the Caf's own releases: another Caf's figures never show."""
        return self.filter(Q(release__caf=None) | Q(release__caf=caf))


class Value(models.Model):
    """One figure. ``number`` is in the unit of the indicator (43 for 43 %), never a float; None says why in ``quality``."""

    class Quality(models.TextChoices):
        EXACT = "exact", "exact"
        ROUNDED = "rounded", "arrondi par le producteur"
        ESTIMATED = "estimated", "estimé"
        MASKED = "masked", "secret statistique"
        MISSING = "missing", "non disponible"
        NOT_APPLICABLE = "na", "sans objet"

    WITHOUT_NUMBER = (Quality.MASKED, Quality.MISSING, Quality.NOT_APPLICABLE)

    # Millions of rows arrive at once: their keys are checked by set (imports/staging.py, check_figures), since as
    # constraints of the database they would cost three to five times the load itself.
    indicator = models.ForeignKey(
        Indicator,
        verbose_name="indicateur",
        on_delete=models.PROTECT,
        related_name="values",
        db_constraint=False,
        db_index=False,  # first of the unique key
    )
    territory = models.ForeignKey(
        Territory,
        verbose_name="territoire",
        on_delete=models.PROTECT,
        related_name="values",
        db_constraint=False,
        db_index=False,  # first of the index of a page
    )
    year = models.PositiveSmallIntegerField("année")
    start_year = models.PositiveSmallIntegerField("année de départ", help_text="La même, sauf pour une évolution.")
    release = models.ForeignKey(
        Release, verbose_name="livraison", on_delete=models.CASCADE, related_name="values", db_constraint=False
    )
    number = models.DecimalField("valeur", max_digits=16, decimal_places=4, null=True, blank=True)
    quality = models.CharField("qualité", max_length=9, choices=Quality, default=Quality.EXACT)
    is_withheld = models.BooleanField(
        "masqué",
        default=True,
        db_default=True,  # what nobody has judged does not leave (withholding.py)
        help_text="Couvert par le secret statistique, ou masqué pour qu’un autre chiffre le reste.",
    )

    objects = ValueQuerySet.as_manager()

    class Meta:
        verbose_name = "chiffre"
        ordering = ["indicator", "territory", "-year", "-release_id"]
        indexes = [
            # Every column: a page of a territory is answered by this index, without a look at the table (bench/national_figures.py).
            models.Index(
                fields=[
                    "territory",
                    "year",
                    "release",
                    "start_year",
                    "quality",
                    "is_withheld",
                    "indicator",
                    "number",
                    "id",
                ],
                name="value_of_territory",
            ),
            # The few figures that are secret: what an import must look at again, without a scan of all the others.
            models.Index(
                fields=["indicator", "year", "territory"],
                condition=Q(is_withheld=True) | Q(quality="masked"),
                name="value_secret",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "territory", "year", "start_year", "release"],
                name="value_unique",
                violation_error_message="Ce chiffre existe déjà dans cette livraison.",
            ),
            Check(
                name="value_number_matches_quality",
                condition=Q(number=None, quality__in=["masked", "missing", "na"])
                | Q(number__isnull=False, quality__in=["exact", "rounded", "estimated"]),
                violation_error_message="Une valeur secrète ou non disponible n’a pas de nombre, les autres en ont un.",
            ),
            Check(
                name="value_years_in_order",
                condition=Q(start_year__lte=F("year")),
                violation_error_message="L’année de départ suit l’année du chiffre.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} – {self.territory} – {self.year}"

    def clean(self) -> None:
        if self.number is not None and not isinstance(self.number, Decimal):
            raise ValidationError({"number": "Un chiffre est un nombre décimal exact."})
