"""Workbooks sent for a plan, kept as they came, and the headings a Caf has already explained."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from actions.models.plan import ActionPlan
from ctg_site.lib.conditions import Check
from territory.models import Caf, Ctg


class PlanImportQuerySet(models.QuerySet["PlanImport"]):
    def visible_to(self, user) -> "PlanImportQuerySet":
        return self.filter(plan__diagnosis__ctg__in=Ctg.objects.visible_to(user))


class PlanImport(models.Model):
    """A workbook sent for a plan: shown before it is applied, applied once, whole or not at all."""

    plan = models.ForeignKey(ActionPlan, verbose_name="plan", on_delete=models.CASCADE, related_name="imports")
    name = models.CharField("fichier", max_length=200)
    sha256 = models.CharField("empreinte", max_length=64)
    book = models.JSONField("cellules lues", default=list)
    layout = models.JSONField("correspondance des colonnes", default=dict, blank=True)
    report = models.JSONField("aperçu", default=dict, blank=True)
    created_at = models.DateTimeField("reçu le", default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="envoyé par", null=True, on_delete=models.PROTECT, related_name="+"
    )
    applied_at = models.DateTimeField("appliqué le", null=True, blank=True, editable=False)
    added = models.PositiveIntegerField("lignes ajoutées", default=0, editable=False)
    changed = models.PositiveIntegerField("lignes modifiées", default=0, editable=False)

    objects = PlanImportQuerySet.as_manager()

    class Meta:
        verbose_name = "import de classeur"
        verbose_name_plural = "imports de classeur"
        ordering = ["-created_at", "-pk"]
        constraints = [
            Check(
                name="plan_import_counts_when_applied",
                condition=Q(applied_at__isnull=False) | Q(added=0, changed=0),
                violation_error_message="Un import qui n’est pas appliqué n’a rien changé.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_ready(self) -> bool:
        """Something to write, and nothing that prevents it."""
        report = self.report
        blocked = report.get("errors") or report.get("missing")
        return self.applied_at is None and not blocked and bool(report.get("added") or report.get("changed"))


class HeadingChoice(models.Model):
    """What a heading of theirs means among ours: said once on a page, remembered for the next file of the Caf."""

    caf = models.ForeignKey(Caf, verbose_name="Caf", on_delete=models.CASCADE, related_name="heading_choices")
    sheet = models.CharField("feuille", max_length=40)
    heading = models.CharField("intitulé, sans accents", max_length=200)
    field = models.CharField("colonne", max_length=40, blank=True, help_text="Vide : ne pas importer.")

    class Meta:
        verbose_name = "intitulé expliqué"
        verbose_name_plural = "intitulés expliqués"
        ordering = ["caf", "sheet", "heading"]
        constraints = [models.UniqueConstraint(fields=["caf", "sheet", "heading"], name="heading_choice_unique")]

    def __str__(self) -> str:
        return f"{self.heading} → {self.field or 'ne pas importer'}"
