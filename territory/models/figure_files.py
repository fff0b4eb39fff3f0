from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ctg_site.lib.conditions import Check
from ctg_site.lib.dates import PARIS
from territory.models.indicators import Indicator, Release, Source
from territory.models.people import Caf, Membership

if TYPE_CHECKING:
    from ctg_site.accounts.models import User


class FigureFileQuerySet(models.QuerySet["FigureFile"]):
    def visible_to(self, user: "User") -> "FigureFileQuerySet":
        """The files of one's Caf; open data are brought by the administrators of the site."""
        if user.is_superuser:
            return self
        return self.filter(caf__in=Membership.objects.filter(user_id=user.pk, caf__isnull=False).values("caf"))


class FigureFile(models.Model):
    """A file of figures that somebody brought: read by a guarded process, shown, then applied whole, and undone if need be."""

    class State(models.TextChoices):
        WAITING = "waiting", "En attente de lecture"
        READING = "reading", "Lecture en cours"
        ASKING = "asking", "Attend une réponse"
        READ = "read", "À vérifier"
        APPLYING = "applying", "Application en cours"
        REFUSED = "refused", "Refusé"
        APPLIED = "applied", "Appliqué"
        UNDOING = "undoing", "Annulation en cours"
        UNDONE = "undone", "Annulé"

    caf = models.ForeignKey(
        Caf,
        verbose_name="Caf",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="figure_files",
        help_text="Vide : données ouvertes, montrées à tous.",
    )
    name = models.CharField("fichier", max_length=200)
    sha256 = models.CharField("empreinte", max_length=64)
    size = models.PositiveBigIntegerField("taille")
    content = models.FileField("contenu", upload_to="chiffres/recus/", blank=True)
    prepared = models.FileField("chiffres lus", upload_to="chiffres/lus/", blank=True)
    state = models.CharField("état", max_length=8, choices=State, default=State.WAITING)
    progress = models.PositiveSmallIntegerField("avancement (%)", default=0)
    year = models.PositiveSmallIntegerField(
        "année", null=True, blank=True, help_text="Seulement si le fichier ne la dit pas."
    )
    source = models.ForeignKey(
        Source, verbose_name="source", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answers = models.JSONField("réponses", default=dict, blank=True)
    report = models.JSONField("compte rendu", default=dict, blank=True)
    refusal = models.TextField("motif du refus", blank=True)
    release = models.OneToOneField(
        Release, verbose_name="livraison", null=True, blank=True, on_delete=models.SET_NULL, related_name="file"
    )
    created_at = models.DateTimeField("reçu le", default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="déposé par", null=True, on_delete=models.PROTECT, related_name="+"
    )
    applied_at = models.DateTimeField("appliqué le", null=True, blank=True)

    objects = FigureFileQuerySet.as_manager()

    class Meta:
        verbose_name = "fichier de chiffres"
        verbose_name_plural = "fichiers de chiffres"
        ordering = ["-created_at", "-pk"]
        constraints = [
            Check(
                name="figure_file_refusal_says_why",
                condition=~Q(state="refused") | ~Q(refusal=""),
                violation_error_message="Un fichier refusé dit pourquoi.",
            ),
            Check(
                name="figure_file_applied_on",
                condition=Q(state__in=["applied", "undoing", "undone"], applied_at__isnull=False)
                | (~Q(state__in=["applied", "undoing", "undone"]) & Q(applied_at=None)),
                violation_error_message="La date d’application suit l’état du fichier.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def latest_year(self) -> int:
        """The year when it came: a later one in it is a mistake, or a projection."""
        return self.created_at.astimezone(PARIS).year

    @property
    def is_busy(self) -> bool:
        return self.is_written or self.state in (self.State.WAITING, self.State.READING)

    @property
    def is_written(self) -> bool:
        """The worker writes its figures, or takes them out."""
        return self.state in (self.State.APPLYING, self.State.UNDOING)


class ConsistencyRule(models.Model):
    """What figures of one territory owe each other; where it fails, the page and the import say so."""

    class Relation(models.TextChoices):
        RATIO = "ratio", "est le rapport, en %, du premier terme au second"
        AT_MOST = "at_most", "ne dépasse pas"
        SUM = "sum", "est la somme de"

    code = models.SlugField("code", max_length=60, unique=True)
    indicator = models.ForeignKey(Indicator, verbose_name="indicateur", on_delete=models.PROTECT, related_name="rules")
    relation = models.CharField("relation", max_length=8, choices=Relation)
    first = models.ForeignKey(Indicator, verbose_name="premier terme", on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(
        Indicator, verbose_name="second terme", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    third = models.ForeignKey(
        Indicator, verbose_name="troisième terme", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    tolerance = models.DecimalField(
        "écart admis", max_digits=8, decimal_places=2, default=0, help_text="Dans l’unité de l’indicateur."
    )
    sentence = models.CharField("phrase", max_length=250)

    class Meta:
        verbose_name = "règle de cohérence"
        verbose_name_plural = "règles de cohérence"
        ordering = ["code"]
        constraints = [
            Check(
                name="consistency_rule_terms",
                condition=Q(relation="at_most", second=None, third=None)
                | Q(relation="ratio", second__isnull=False, third=None)
                | Q(relation="sum", second__isnull=False),
                violation_error_message="Un plafond a un terme, un rapport deux, une somme deux ou trois.",
            )
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def terms(self) -> list[Indicator]:
        return [term for term in (self.first, self.second, self.third) if term]
