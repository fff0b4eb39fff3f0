from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ctg_site.lib.conditions import Check


class VintageFile(models.Model):
    """A vintage of the official geography, kept as it came: what it changes is shown, then it is applied whole, once.

    ``preview`` is what reading it gave: for each sort of change, how many and the first of them.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "En attente de lecture"
        READING = "reading", "Lecture en cours"
        READ = "read", "À vérifier"
        APPLYING = "applying", "Application en cours"
        APPLIED = "applied", "Appliqué"
        REFUSED = "refused", "Refusé"

    name = models.CharField("fichier", max_length=200)
    content = models.BinaryField("contenu")
    sha256 = models.CharField("empreinte", max_length=64)
    scope = models.CharField(
        "limité à",
        max_length=200,
        blank=True,
        help_text="Départements ou SIREN d’intercommunalités, avec des virgules.",
    )
    state = models.CharField("état", max_length=8, choices=State, default=State.WAITING)
    preview = models.JSONField("aperçu", default=dict, blank=True)
    refusal = models.TextField("motif du refus", blank=True)
    created_at = models.DateTimeField("reçu le", default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="déposé par", null=True, on_delete=models.PROTECT, related_name="+"
    )
    applied_at = models.DateTimeField("appliqué le", null=True, blank=True)

    class Meta:
        verbose_name = "millésime géographique"
        verbose_name_plural = "millésimes géographiques"
        ordering = ["-created_at", "-pk"]
        constraints = [
            Check(
                name="vintage_file_refusal_says_why",
                condition=~Q(state="refused") | ~Q(refusal=""),
                violation_error_message="Un fichier refusé dit pourquoi.",
            ),
            Check(
                name="vintage_file_applied_on",
                condition=Q(state="applied", applied_at__isnull=False) | (~Q(state="applied") & Q(applied_at=None)),
                violation_error_message="La date d’application suit l’état du fichier.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_busy(self) -> bool:
        return self.state in (self.State.WAITING, self.State.READING, self.State.APPLYING)

    @property
    def scopes(self) -> set[str]:
        return {code for code in self.scope.replace(" ", "").split(",") if code}

    @property
    def parts(self) -> list[dict[str, Any]]:
        """Title, count, first of them, and whether applying writes them."""
        return self.preview.get("parts", [])
