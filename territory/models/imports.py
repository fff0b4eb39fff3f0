from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ctg_site.lib.conditions import Check
from territory.models.people import Caf


class FundingImport(models.Model):
    """A workbook of lines sent by the Caf: kept as it came, shown before it is applied, applied once.

    ``report`` is what reading it gave: the page shows it without opening the file again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "En attente de lecture"
        READING = "reading", "Lecture en cours"
        READ = "read", "À vérifier"
        APPLYING = "applying", "Application en cours"
        APPLIED = "applied", "Appliqué"
        REFUSED = "refused", "Refusé"

    caf = models.ForeignKey(Caf, verbose_name="Caf", on_delete=models.PROTECT, related_name="funding_imports")
    name = models.CharField("fichier", max_length=200)
    content = models.BinaryField("contenu")
    sha256 = models.CharField("empreinte", max_length=64)
    state = models.CharField("état", max_length=8, choices=State, default=State.WAITING)
    progress = models.PositiveSmallIntegerField("avancement (%)", default=0)
    report = models.JSONField("compte rendu", default=dict, blank=True)
    refusal = models.TextField("motif du refus", blank=True)
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
            Check(
                name="funding_import_counts_when_applied",
                condition=Q(applied_at__isnull=False) | Q(added=0, changed=0),
                violation_error_message="Un import qui n’est pas appliqué n’a rien changé.",
            ),
            Check(
                name="funding_import_applied_on",
                condition=Q(state="applied", applied_at__isnull=False) | (~Q(state="applied") & Q(applied_at=None)),
                violation_error_message="La date d’application suit l’état du fichier.",
            ),
            Check(
                name="funding_import_refusal_says_why",
                condition=~Q(state="refused") | ~Q(refusal=""),
                violation_error_message="Un fichier refusé dit pourquoi.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state_label(self) -> str:
        """« À corriger » rather than « À vérifier » when cells are refused."""
        refused = self.state == self.State.READ and self.report["error_count"]
        return "À corriger" if refused else str(self.get_state_display())

    @property
    def is_busy(self) -> bool:
        return self.state in (self.State.WAITING, self.State.READING, self.State.APPLYING)

    @property
    def is_ready(self) -> bool:
        """Read, nothing refused, something to change."""
        report = self.report
        return self.state == self.State.READ and not report["error_count"] and bool(report["added"] + report["changed"])
