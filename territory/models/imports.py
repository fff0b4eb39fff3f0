from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from territory.models.people import Caf


class FundingImport(models.Model):
    """A workbook of lines sent by the Caf: kept as it came, shown before it is applied, applied once."""

    caf = models.ForeignKey(Caf, verbose_name="Caf", on_delete=models.PROTECT, related_name="funding_imports")
    name = models.CharField("fichier", max_length=200)
    content = models.BinaryField("contenu")
    sha256 = models.CharField("empreinte", max_length=64)
    created_at = models.DateTimeField("reçu le", default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="envoyé par", null=True, on_delete=models.PROTECT, related_name="+"
    )
    applied_at = models.DateTimeField("appliqué le", null=True, blank=True)
    added = models.PositiveIntegerField("lignes ajoutées", default=0)
    changed = models.PositiveIntegerField("lignes modifiées", default=0)

    class Meta:
        verbose_name = "import de lignes"
        verbose_name_plural = "imports de lignes"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="funding_import_counts_when_applied",
                condition=Q(applied_at__isnull=False) | Q(added=0, changed=0),
                violation_error_message="Un import qui n’est pas appliqué n’a rien changé.",
            )
        ]

    def __str__(self) -> str:
        return self.name
